"""`python -m snowbuild`."""

from snowbuild.cli import main

if __name__ == "__main__":
    main()

"""`python -m snowbuild.resolve.child`."""

from snowbuild.resolve.child.main import main

main()

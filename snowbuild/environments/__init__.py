"""Python environments that are built from a lockfile, and what runs in them."""

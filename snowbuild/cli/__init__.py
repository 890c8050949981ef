"""The command line: the only place that prints, takes settings from the environment or exits."""

from snowbuild.cli.app import main

__all__ = ["main"]

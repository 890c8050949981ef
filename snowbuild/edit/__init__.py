"""Editing snowbuild.toml: text → text, everything that is not meant staying as it is. Pure, but for the files read."""

from snowbuild.edit.document import Key, add, remove
from snowbuild.edit.names import name_of
from snowbuild.edit.pyproject import read_pyproject
from snowbuild.edit.requirements_file import Wanted, read_requirements_file

__all__ = [
    "Key",
    "Wanted",
    "add",
    "name_of",
    "read_pyproject",
    "read_requirements_file",
    "remove",
]

"""Editing snowbuild.toml: text → text, everything that is not meant staying as it is. Pure, but for the files read."""

from snowbuild.edit.document import Key, add, names_in, remove
from snowbuild.edit.names import name_of
from snowbuild.edit.pyproject import read_pyproject
from snowbuild.edit.requirements_file import Wanted, from_root, read_requirements_file

__all__ = [
    "Key",
    "Wanted",
    "add",
    "from_root",
    "name_of",
    "names_in",
    "read_pyproject",
    "read_requirements_file",
    "remove",
]

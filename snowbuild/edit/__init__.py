"""Editing snowbuild.toml: text → text, leaving everything else as it is. Pure, apart from reading files."""

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

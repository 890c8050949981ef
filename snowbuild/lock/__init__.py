"""The Lock and its TOML form."""

from snowbuild.lock.document import to_document
from snowbuild.lock.file import document_text, lock_text, parse_lock, read_lock, write_lock
from snowbuild.lock.values import Inputs, Lock, LockedFunction, LockedModule

__all__ = [
    "Inputs",
    "Lock",
    "LockedFunction",
    "LockedModule",
    "document_text",
    "lock_text",
    "parse_lock",
    "read_lock",
    "to_document",
    "write_lock",
]

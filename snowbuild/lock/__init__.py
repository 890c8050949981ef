"""The Lock, its TOML form, and whether it is still fresh."""

from snowbuild.lock.file import lock_text, parse_lock, read_lock, write_lock
from snowbuild.lock.values import Inputs, Lock, LockedFunction, LockedModule

__all__ = [
    "Inputs",
    "Lock",
    "LockedFunction",
    "LockedModule",
    "lock_text",
    "parse_lock",
    "read_lock",
    "write_lock",
]

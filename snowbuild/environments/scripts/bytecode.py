"""Writes bytecode beside the sources in a folder; run by the Python that will import them.

    python bytecode.py FOLDER

The bytes depend only on the sources and on that Python's compiler; before Python 3.11 this requires PYTHONHASHSEED=0,
which determines the order of sets among the constants.
"""

from __future__ import annotations

import importlib.util
import marshal
import sys
from pathlib import Path
from types import CodeType

LONGEST_NAME = 255
"""In bytes, on the file systems in use."""

# PEP 552: the digest identifies the source, which is not checked again; a time would differ from place to place.
UNCHECKED_HASH = (1).to_bytes(4, "little")

# Older versions write a set among the constants in the order of its hashes; that of None is an address, which differs
# from process to process.
SORTS_SETS = sys.version_info >= (3, 11)

# From version 3 on, marshal records which objects had other references at that moment. Python 3.14 has constants that
# only the newest version supports.
MARSHAL_VERSION = 2 if sys.version_info < (3, 14) else marshal.version


def main(folder: str) -> None:
    """Compile every module; one that cannot be compiled, such as a template, is left as it is."""
    for path in sorted(path for path in Path(folder).rglob("*.py") if path.is_file()):
        target = Path(importlib.util.cache_from_source(str(path), optimization=""))
        if not can_be_written(target):
            continue
        source = path.read_bytes()
        try:
            # The name is replaced by the real path when the module is imported.
            code = compile(source, path.relative_to(folder).as_posix(), "exec", dont_inherit=True, optimize=0)
            if not is_determined(code):
                continue
            bytecode = marshal.dumps(code, MARSHAL_VERSION)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        target.parent.mkdir(exist_ok=True)
        head = importlib.util.MAGIC_NUMBER + UNCHECKED_HASH + importlib.util.source_hash(source)
        target.write_bytes(head + bytecode)


def can_be_written(target: Path) -> bool:
    """Whether the file can be written: the wheel may contain something else under its name or its folder's name."""
    if len(target.name.encode()) > LONGEST_NAME or target.is_dir():
        return False
    return target.parent.is_dir() or not target.parent.exists()


def is_determined(code: CodeType) -> bool:
    """Whether a code object is written as the same bytes each time."""
    return SORTS_SETS or all(has_order(constant) for constant in code.co_consts)


def has_order(constant: object) -> bool:
    """Whether a constant and its content are written in the same order each time."""
    if isinstance(constant, CodeType):
        return is_determined(constant)
    if isinstance(constant, frozenset):
        return all(isinstance(value, (str, bytes, int, float)) for value in constant)
    return not isinstance(constant, tuple) or all(map(has_order, constant))


if __name__ == "__main__":
    main(sys.argv[1])

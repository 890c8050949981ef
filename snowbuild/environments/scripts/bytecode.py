"""Puts bytecode beside the sources of a folder; run by the Python that is to import them.

    python bytecode.py FOLDER

The bytes depend on the sources and on that Python's compiler alone; before Python 3.11 that needs PYTHONHASHSEED=0,
which the order of a set among the constants follows.
"""

from __future__ import annotations

import importlib.util
import marshal
import sys
from pathlib import Path
from types import CodeType

LONGEST_NAME = 255
"""In bytes, on the file systems in use."""

# PEP 552: the source is known by its digest, and is not looked at again; a time would differ from place to place.
UNCHECKED_HASH = (1).to_bytes(4, "little")

# Before, a set among the constants is written in the order of its hashes; that of None is an address, and so differs
# from process to process.
SORTS_SETS = sys.version_info >= (3, 11)

# From the third version on, marshal writes down which objects somebody else referred to at that moment. Python 3.14 has
# constants that only the newest version knows.
MARSHAL_VERSION = 2 if sys.version_info < (3, 14) else marshal.version


def main(folder: str) -> None:
    """Compile every module; one that cannot be, such as a template, is left to whoever imports it."""
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
    """Whether a wheel leaves room for a file: it may hold whatever it likes under that name or that of its folder."""
    if len(target.name.encode()) > LONGEST_NAME or target.is_dir():
        return False
    return target.parent.is_dir() or not target.parent.exists()


def is_determined(code: CodeType) -> bool:
    """Whether the bytes of some code are the same each time."""
    return SORTS_SETS or all(has_order(constant) for constant in code.co_consts)


def has_order(constant: object) -> bool:
    """Whether a constant, and what is in it, is written in the same order each time."""
    if isinstance(constant, CodeType):
        return is_determined(constant)
    if isinstance(constant, frozenset):
        return all(isinstance(value, (str, bytes, int, float)) for value in constant)
    return not isinstance(constant, tuple) or all(map(has_order, constant))


if __name__ == "__main__":
    main(sys.argv[1])

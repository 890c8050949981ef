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

# PEP 552: the source is known by its digest, and is not looked at again; a time would differ from place to place.
UNCHECKED_HASH = (1).to_bytes(4, "little")

# From the third version on, marshal writes down which objects somebody else referred to at that moment. Python 3.14 has
# constants that only the newest version knows.
MARSHAL_VERSION = 2 if sys.version_info < (3, 14) else marshal.version


def main(folder: str) -> None:
    """Compile every module; one that cannot be, such as a template, is left to whoever imports it."""
    for path in sorted(Path(folder).rglob("*.py")):
        source = path.read_bytes()
        try:
            # The name is replaced by the real path when the module is imported.
            code = compile(source, path.relative_to(folder).as_posix(), "exec", dont_inherit=True, optimize=0)
            bytecode = marshal.dumps(code, MARSHAL_VERSION)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        target = Path(importlib.util.cache_from_source(str(path), optimization=""))
        target.parent.mkdir(exist_ok=True)
        head = importlib.util.MAGIC_NUMBER + UNCHECKED_HASH + importlib.util.source_hash(source)
        target.write_bytes(head + bytecode)


if __name__ == "__main__":
    main(sys.argv[1])

"""The beginnings of statements that create or drop something."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from snowbuild.local.values.tokens import Reader


def begin_create(reader: Reader, kind: str) -> tuple[bool, bool]:
    """CREATE [OR REPLACE] [TRANSIENT] kind [IF NOT EXISTS]: whether to replace, and whether to keep an existing one."""
    reader.expect("CREATE")
    replacing = reader.accept("OR", "REPLACE")
    reader.accept("TRANSIENT")
    reader.expect(kind)
    return replacing, reader.accept("IF", "NOT", "EXISTS")


def begin_drop(reader: Reader, *kind: str) -> bool:
    """DROP kind [IF EXISTS]: whether it need not exist."""
    reader.expect("DROP", *kind)
    return reader.accept("IF", "EXISTS")

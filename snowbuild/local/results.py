"""What a statement gives back, and the errors that clients see. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

TEXT, WHOLE, TIME = "VARCHAR", "BIGINT", "TIMESTAMP WITH TIME ZONE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A table: columns with their DuckDB type, and rows of Python values."""

    columns: tuple[tuple[str, str], ...]
    rows: tuple[tuple[Any, ...], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """The answer to PUT or GET: the client moves the bytes itself."""

    data: dict[str, Any]


class Refused(Exception):  # noqa: N818  The name says what happens to the statement.
    """A statement that Snowflake would refuse."""

    def __init__(self, message: str, *, errno: int, sqlstate: str) -> None:
        self.message = message
        self.errno = errno
        self.sqlstate = sqlstate
        super().__init__(message)


def status(message: str) -> Result:
    """The one-row answer of most statements."""
    return Result(columns=(("status", TEXT),), rows=((message,),))


def text_table(names: str, rows: list[tuple[str | None, ...]]) -> Result:
    """A table of text columns; `names` are separated by spaces."""
    return Result(columns=tuple((name, TEXT) for name in names.split()), rows=tuple(rows))


def compilation(message: str, *, errno: int = 1003, sqlstate: str = "42000") -> Refused:
    """An error found before anything was done."""
    return Refused(f"SQL compilation error:\n{message}", errno=errno, sqlstate=sqlstate)


def missing(kind: str, name: str) -> Refused:
    """Nothing of that name."""
    return compilation(f"{kind} '{name}' does not exist or not authorized.", errno=2003, sqlstate="02000")


def exists(name: str) -> Refused:
    """Something of that name is there already."""
    return compilation(f"Object '{name}' already exists.", errno=2002, sqlstate="42710")

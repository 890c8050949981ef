"""The results of statements, and the errors that clients see. Pure."""

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
    """The answer to PUT or GET: the client transfers the bytes itself."""

    data: dict[str, Any]


class Refused(Exception):  # noqa: N818  The name says what happens to the statement.
    """A statement that Snowflake would refuse."""

    def __init__(self, message: str, *, errno: int, sqlstate: str) -> None:
        self.message = message
        self.errno = errno
        self.sqlstate = sqlstate
        super().__init__(message)


def status(message: str = "Statement executed successfully.") -> Result:
    """The one-row answer of most statements."""
    return Result(columns=(("status", TEXT),), rows=((message,),))


def already_there(name: str) -> Result:
    """The answer of a CREATE … IF NOT EXISTS that had nothing to do."""
    return status(f"{name} already exists, statement succeeded.")


def already_dropped(name: str) -> Result:
    """The answer of a DROP … IF EXISTS that had nothing to do."""
    return status(f"Drop statement executed successfully ({name} already dropped).")


def dropped(name: str) -> Result:
    """The answer of a DROP."""
    return status(f"{name} successfully dropped.")


def text_table(names: str, rows: list[tuple[str | None, ...]]) -> Result:
    """A table of text columns; `names` are separated by spaces."""
    return Result(columns=tuple((name, TEXT) for name in names.split()), rows=tuple(rows))


def compilation(
    message: str, *, at: tuple[int, int] | None = None, errno: int = 1003, sqlstate: str = "42000"
) -> Refused:
    """An error found before anything is done; `at` is the line, from 1, and the position in it, from 0."""
    where = "" if at is None else f" error line {at[0]} at position {at[1]}"
    return Refused(f"SQL compilation error:{where}\n{message}", errno=errno, sqlstate=sqlstate)


def missing(kind: str, name: str) -> Refused:
    """Nothing of that name."""
    return compilation(f"{kind} '{name}' does not exist or not authorized.", errno=2003, sqlstate="02000")


def exists(name: str) -> Refused:
    """An object of that name exists already."""
    return compilation(f"Object '{name}' already exists.", errno=2002, sqlstate="42710")


def invalid(parameter: str, value: str) -> Refused:
    """A parameter cannot have that value."""
    return compilation(f"invalid value [{value}] for parameter '{parameter}'", errno=1008, sqlstate="22023")


def unsupported(what: str = "run this statement") -> Refused:
    """Something that Snowflake may support."""
    return compilation(f"Unsupported feature: the local Snowflake cannot {what}.", errno=2, sqlstate="0A000")

"""Defaults of arguments: values that the arguments' types can hold. Pure."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from snowbuild import sql
from snowbuild.config.expectations import MOST_DIGITS, json_value
from snowbuild.config.reader import shown
from snowbuild.errors import ConfigError

if TYPE_CHECKING:
    from snowbuild.config.values import Json

TAKES: dict[str, tuple[type, ...]] = {
    **dict.fromkeys(("NUMBER", "FLOAT"), (int, float)),
    "BOOLEAN": (bool,),
    "ARRAY": (list,),
    "OBJECT": (dict,),
    "VARIANT": (bool, int, float, str, list, dict),
}
"""How a type's values are written in TOML; the values of all other types are text."""

DAY = r"\d{4}-\d\d-\d\d"
CLOCK = r"\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?"
MOMENT = (rf"{DAY}(?:[ T]{CLOCK}(?:Z|[+-]\d\d:\d\d)?)?", "2026-01-31 12:30:00")

# Only those of Snowflake's formats that mean the same whatever the parameters of a session are.
FORMS = {
    "DATE": (DAY, "2026-01-31"),
    "TIME": (CLOCK, "12:30:00"),
    **dict.fromkeys(("TIMESTAMP_NTZ", "TIMESTAMP_LTZ", "TIMESTAMP_TZ"), MOMENT),
    "BINARY": (r"(?:[0-9A-Fa-f]{2})*", "00FF"),
}
"""Type → the form of its text, and an example."""


def default_expression(value: object, type_: str) -> str:
    """A default as an SQL expression.

    Raises:
        ConfigError: it is not a value of the type.
    """
    plain, kind = json_value(value), sql.SqlType.parse(type_)
    if plain is not None:
        _require_kind(plain, kind)
        if isinstance(plain, str):
            _require_form(plain, kind)
        _require_room(plain, kind)
    return sql.value(plain, type_)


def _require_kind(plain: Json, kind: sql.SqlType) -> None:
    takes = TAKES.get(kind.name, (str,))
    if not isinstance(plain, takes) or (isinstance(plain, bool) and bool not in takes):
        is_text = takes == (str,)
        quotes = f"write it {'in double' if is_text else 'without'} quotes"
        raise ConfigError(f"the default is not a {kind}", hint=quotes if is_text != isinstance(plain, str) else None)


def _require_form(text: str, kind: sql.SqlType) -> None:
    if kind.name not in FORMS:
        return
    form, example = FORMS[kind.name]
    if not re.fullmatch(form, text, re.ASCII) or not _exists(text, kind.name):
        raise ConfigError(f"the default is not a {kind}: {shown(text)}", hint=f'write it like "{example}"')


def _exists(text: str, type_name: str) -> bool:
    """Whether text in the form of a date or a time is a real one."""
    try:
        if type_name != "BINARY":
            datetime.fromisoformat(f"2026-01-31 {text}" if type_name == "TIME" else text)
    except ValueError:
        return False
    return True


def _require_room(plain: Json, kind: sql.SqlType) -> None:
    match kind.name, plain:
        case "NUMBER", int() | float():
            needed = _number(Decimal(repr(plain)), kind)
        case (("VARCHAR" | "BINARY"), str()) if kind.parameters:
            length = len(plain) if kind.name == "VARCHAR" else len(plain) // 2
            needed = sql.SqlType(kind.name, (max(length, kind.parameters[0]),))
        case _:
            return
    if needed != kind:
        written = shown(plain) if isinstance(plain, str) else plain
        there_is = kind.name != "NUMBER" or needed.parameters[0] <= MOST_DIGITS
        raise ConfigError(f"{kind} cannot hold {written}", hint=f'write "{needed}"' if there_is else None)


def _number(value: Decimal, kind: sql.SqlType) -> sql.SqlType:
    """The type that can hold a number, at least as wide as `kind` before and after the decimal point."""
    precision, scale = kind.parameters
    exponent = value.normalize().as_tuple().exponent
    decimals = max(scale, -exponent if isinstance(exponent, int) else 0)
    digits = max(precision - scale, value.adjusted() + 1 if value else 0)
    return sql.SqlType("NUMBER", (digits + decimals, decimals))

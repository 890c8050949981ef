"""Writes the expected results of test rows into the text of a snowbuild.toml; comments, order and style stay."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from snowbuild.codec import parse_toml
from snowbuild.config.expectations import NULL, json_value
from snowbuild.config.reader import spelled
from snowbuild.edit.array import quoted
from snowbuild.edit.rewriting import not_editable, plain, rewritten
from snowbuild.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from snowbuild.config.values import Json

WHERE = "functions.*.tests"

Place = tuple[str, int]
"""A function's name as in snowbuild.toml, and the index of a row among its tests."""


def unwritable(value: Json) -> str | None:
    """Why a value would not be read back unchanged; None if it would."""
    try:
        text = f"value = {_toml(value)}"
        text.encode()
        back = json_value(parse_toml(text)["value"])
    except ConfigError as exc:
        return exc.problems[0].message
    except (ValueError, RecursionError):
        return "not a TOML value"
    return None if back == value else "{ null = true } stands for NULL in snowbuild.toml"


def record(text: str, changes: Mapping[Place, Mapping[str, Json]]) -> str:
    """Write keys of test rows, such as `expect`; every value must be writable.

    Raises:
        ConfigError: the text cannot be edited without changing other parts of it.
    """
    if not changes:
        return text
    wanted = plain(text)

    def change(document: Any) -> None:
        import tomlkit

        for (function, index), values in changes.items():
            row = document["functions"][function]["tests"][index]
            for key, value in values.items():
                written = _toml(value)
                _put(row, key, tomlkit.value(written))
                wanted["functions"][function]["tests"][index][key] = parse_toml(f"value = {written}")["value"]

    edited = rewritten(text, change, where=WHERE)
    if plain(edited) != wanted:
        raise not_editable(WHERE)
    return edited


def _put(row: Any, key: str, value: Any) -> None:
    from tomlkit import key as named
    from tomlkit.items import InlineTable, Table, Whitespace

    if key in row:
        row[key] = value
    elif isinstance(row, Table):
        # A new key would go to the end, which is below the empty line before the next table.
        row.value._insert_after("arguments", named(key), value)
    else:
        last = row.value.body[-1][1] if isinstance(row, InlineTable) and row.value.body else None
        row[key] = value
        # The space before the brace is now before the new key.
        if isinstance(last, Whitespace) and not last.s.strip():
            row.append(None, Whitespace(last.s))


def _toml(value: Json) -> str:
    """A JSON value as TOML, on one line; TOML has no null."""
    match value:
        case None:
            return _toml(dict(NULL))
        case bool():
            return "true" if value else "false"
        case str():
            return quoted(value)
        case list():
            return f"[{', '.join(map(_toml, value))}]"
        case dict():
            pairs = ", ".join(f"{spelled(key)} = {_toml(inner)}" for key, inner in value.items())
            return f"{{ {pairs} }}" if pairs else "{}"
    return repr(value)

"""What the rows of a snowbuild.toml should give, written into its text; comments, order and style stay."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from snowbuild.edit.rewriting import not_editable, plain, rewritten

if TYPE_CHECKING:
    from collections.abc import Mapping

    from snowbuild.config.values import Json

WHERE = "functions.*.tests"

Place = tuple[str, int]
"""A function's name as in snowbuild.toml, and the index of a row among its tests."""


def record(text: str, results: Mapping[Place, Json]) -> str:
    """Write results as `expect` of their rows; a row that checks its class alone gets another `class` instead.

    Raises:
        ConfigError: the text cannot be edited without changing more than that.
    """
    if not results:
        return text
    wanted = plain(text)

    def change(document: Any) -> None:
        for (function, index), result in results.items():
            row = document["functions"][function]["tests"][index]
            key = "expect" if "expect" in row or "class" not in row else "class"
            value = _toml(result)
            _put(row, key, _inline(value))
            wanted["functions"][function]["tests"][index][key] = value

    edited = rewritten(text, change, where=WHERE)
    if plain(edited) != wanted:
        raise not_editable(WHERE)
    return edited


def _put(row: Any, key: str, value: Any) -> None:
    from tomlkit import key as named
    from tomlkit.items import Table

    if isinstance(row, Table) and key not in row:
        # A new key would go to the end, and that is below the empty line before the next table.
        row.value._insert_after("arguments", named(key), value)
    else:
        row[key] = value


def _inline(value: Any) -> Any:
    """A TOML value on one line."""
    import tomlkit

    if isinstance(value, dict):
        table = tomlkit.inline_table()
        for key, inner in value.items():
            table[key] = _inline(inner)
        return table
    if isinstance(value, list):
        array = tomlkit.array()
        for inner in value:
            array.append(_inline(inner))
        return array
    return tomlkit.item(value)


def _toml(value: Json) -> Any:
    """A value of JSON in TOML, which has no null."""
    match value:
        case None:
            return {"null": True}
        case list():
            return [_toml(item) for item in value]
        case dict():
            return {key: _toml(item) for key, item in value.items()}
    return value

"""What the rows of a snowbuild.toml should give, written into its text; comments, order and style stay."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any

from snowbuild.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from snowbuild.config.values import Json

Place = tuple[str, int]
"""A function's name as in snowbuild.toml, and the index of a row among its tests."""


def record(text: str, results: Mapping[Place, Json]) -> str:
    """Write results as `expect` of their rows; a row that checks its class alone gets another `class` instead.

    Raises:
        ConfigError: the text cannot be edited without changing more than that.
    """
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    if not results:
        return text
    # tomlkit keeps the line ends that are there, and ends new lines in its own way.
    crlf = "\r\n" in text and "\n" not in text.replace("\r\n", "")
    try:
        before = tomllib.loads(text)
        document: Any = tomlkit.parse(text.replace("\r\n", "\n") if crlf else text)
        for (function, index), result in results.items():
            row = document["functions"][function]["tests"][index]
            key = "expect" if "expect" in row or "class" not in row else "class"
            plain = _toml(result)
            _put(row, key, _inline(plain))
            before["functions"][function]["tests"][index][key] = plain
        edited = tomlkit.dumps(document)
        after = tomllib.loads(edited)
    except (TOMLKitError, tomllib.TOMLDecodeError, AttributeError, LookupError, TypeError, ValueError) as exc:
        raise _not_editable() from exc
    if before != after:
        raise _not_editable()
    return edited.replace("\n", "\r\n") if crlf else edited


def _put(row: Any, key: str, value: Any) -> None:
    from tomlkit import key as named
    from tomlkit.items import Table

    if isinstance(row, Table) and key not in row:
        # A new key would go to the end, and that is below the empty line before the next table.
        row.value._insert_after("arguments", named(key), value)
    else:
        row[key] = value


def _inline(plain: Any) -> Any:
    """A TOML value on one line."""
    import tomlkit

    if isinstance(plain, dict):
        table = tomlkit.inline_table()
        for key, value in plain.items():
            table[key] = _inline(value)
        return table
    if isinstance(plain, list):
        array = tomlkit.array()
        for value in plain:
            array.append(_inline(value))
        return array
    return tomlkit.item(plain)


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


def _not_editable() -> ConfigError:
    return ConfigError(
        "cannot be edited without changing more than that", where="functions.*.tests", hint="edit the file yourself"
    )

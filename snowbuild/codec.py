"""Immutable values ↔ plain data for TOML and JSON; errors name the place that does not fit."""

from __future__ import annotations

import json
import tomllib
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")
Plain = dict[str, Any]

TOO_DEEP = "nested too deeply"


class CodecError(ValueError):
    """Plain data that does not have the shape of the value."""

    def __init__(self, message: str, place: str) -> None:
        self.message = message
        self.place = place
        """Keys and indices from the root of the data, such as `wheels[0].sha256`; empty for the root itself."""
        super().__init__(f"{place}: {message}" if place else message)


def parse_json(data: str | bytes) -> Any:
    """Plain data from JSON.

    Raises:
        ValueError: not JSON, or nested too deeply for Python.
    """
    try:
        return json.loads(data)
    except RecursionError as exc:
        raise ValueError(TOO_DEEP) from exc


def parse_toml(text: str) -> Plain:
    """Plain data from TOML.

    Raises:
        ValueError: not TOML, nested too deeply for Python, or a number with too many digits.
    """
    try:
        return tomllib.loads(text)
    except RecursionError as exc:
        raise ValueError(TOO_DEEP) from exc


def encode(value: object) -> Plain:
    """Turn a dataclass into tables and arrays with kebab-case keys; None and empty values are left out.

    So a field that may be None or an empty tuple needs that as its default, or it cannot be read back.
    """
    plain: Plain = _without_empty(_kebab(msgspec.to_builtins(value)))
    return plain


def decode(kind: type[T], plain: object) -> T:
    """Turn what `encode` gave back into a value.

    Raises:
        CodecError: a key is missing or unknown, or a value has another type.
    """
    try:
        value = msgspec.convert(_snake(plain), kind)
    except RecursionError as exc:
        raise CodecError(TOO_DEEP, "") from exc
    except msgspec.ValidationError as exc:
        message, _, place = str(exc).partition(" - at `")
        keys = place.rstrip("`").removeprefix("$").removeprefix(".").replace("_", "-")
        raise CodecError(message.replace("`", "").replace("_", "-"), keys) from exc
    # msgspec ignores unknown keys; in a file that people merge, they are mistakes.
    _refuse_unknown(plain, _kebab(msgspec.to_builtins(value)), "")
    return value


def _kebab(value: Any) -> Any:
    match value:
        case dict():
            return {k.replace("_", "-"): _kebab(v) for k, v in value.items()}
        case list() | tuple():
            return [_kebab(item) for item in value]
    return value


def _snake(value: Any) -> Any:
    match value:
        case dict():
            return {str(k).replace("-", "_"): _snake(v) for k, v in value.items()}
        case list():
            return [_snake(item) for item in value]
    return value


def _without_empty(value: Any) -> Any:
    match value:
        case dict():
            return {k: _without_empty(v) for k, v in value.items() if v is not None and v != []}
        case list():
            return [_without_empty(item) for item in value]
    return value


def _refuse_unknown(given: Any, known: Any, place: str) -> None:
    match given, known:
        case dict(), dict():
            for key, value in given.items():
                inner = f"{place}.{key}" if place else key
                if key not in known:
                    raise CodecError("unknown key", inner)
                _refuse_unknown(value, known[key], inner)
        case list(), list():
            for index, (left, right) in enumerate(zip(given, known, strict=True)):
                _refuse_unknown(left, right, f"{place}[{index}]")

"""Requirements in the text of a snowbuild.toml: added, replaced and removed; comments, order and style stay."""

from __future__ import annotations

import re
import tomllib
from contextlib import suppress
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from snowbuild.edit.names import name_of
from snowbuild.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from tomlkit.items import Array, String

TABLE = "dependencies"
WIDEST = 100
"""A new array that is wider has a line for each item."""

# Strings first, so that a sign inside of one is none of the array's.
TOKEN = re.compile(r'"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'|#[^\n]*|[^\s]')


class Key(StrEnum):
    """The arrays of [dependencies] that hold requirements."""

    REQUIREMENTS = "requirements"
    CONSTRAINTS = "constraints"


def add(text: str, requirements: Iterable[str], key: Key = Key.REQUIREMENTS) -> str:
    """Put requirements into an array of [dependencies]; both are made where they are missing.

    A requirement takes the place, and the comment, of the one about the same distribution. Several about one
    distribution, as with markers, replace together what was there about it.

    Raises:
        ConfigError: a requirement cannot be read, or the text is not TOML.
    """
    wanted: dict[str, list[str]] = {}
    for requirement in requirements:
        texts = wanted.setdefault(name_of(requirement), [])
        texts += [requirement] if requirement not in texts else []

    def edit(array: Array) -> None:
        for name, texts in wanted.items():
            _put(array, name, texts)

    return _edited(text, key, edit) if wanted else text


def remove(text: str, names: Collection[str], key: Key = Key.REQUIREMENTS) -> tuple[str, frozenset[str]]:
    """Take all requirements about some distributions out; also gives the normalized names that were found.

    Raises:
        ConfigError: the text is not TOML.
    """
    array = _plain(text).get(TABLE, {}).get(key, [])
    found = frozenset(_names(array)) & frozenset(names)

    def edit(items: Array) -> None:
        for index in reversed(range(len(items))):
            if _name(items[index]) in found:
                del items[index]

    return (_edited(text, key, edit) if found else text), found


def _put(array: Array, name: str, texts: list[str]) -> None:
    places = [i for i in range(len(array)) if _name(array[i]) == name]
    for place, text in zip(places, texts, strict=False):
        if array[place] != text:
            array[place] = _string(text, like=array[place])
    for place in reversed(places[len(texts) :]):
        del array[place]
    for text in texts[len(places) :]:
        _append(array, text)


def _append(array: Array, text: str) -> None:
    like = array[len(array) - 1] if len(array) else None
    written = array.as_string()
    line = re.search(r"\n([ \t]*)[^\s\]]", written)
    if like is not None and line is not None and _tokens(written)[-2] == ",":
        # `append` would leave the new last item without the comma that the others have.
        array.add_line(_string(text, like=like), indent=line[1])
    else:
        array.append(_string(text, like=like))


def _string(text: str, like: String | None) -> String:
    import tomlkit

    # A marker is full of quotation marks, which a basic string would have to escape.
    literal = '"' in text or (like is not None and like.as_string().startswith("'"))
    return tomlkit.string(text, literal=literal and "'" not in text)


def _tokens(written: str) -> list[str]:
    """The signs and strings of an array, without its comments."""
    return [token for token in TOKEN.findall(written) if not token.startswith("#")]


def _edited(text: str, key: Key, edit: Callable[[Array], None]) -> str:
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    before = _plain(text)
    # tomlkit keeps the line ends that are there, and ends new lines in its own way.
    crlf = "\r\n" in text and "\n" not in text.replace("\r\n", "")
    try:
        document = tomlkit.parse(text.replace("\r\n", "\n") if crlf else text)
        if TABLE not in document:
            document.add(TABLE, tomlkit.table())
        table: Any = document[TABLE]
        if key not in table:
            table.add(key.value, tomlkit.array())
        edit(table[key])
        if len(tomlkit.dumps({key.value: table[key]})) > WIDEST and "\n" not in table[key].as_string():
            table[key].multiline(True)
        edited = tomlkit.dumps(document)
    except (TOMLKitError, AttributeError, TypeError) as exc:
        raise _not_editable(key) from exc
    edited = edited.replace("\n", "\r\n") if crlf else edited
    _check(before, edited, key)
    return edited


def _check(before: dict[str, Any], edited: str, key: Key) -> None:
    """Nothing else has changed: whatever a library makes of an unusual file, it is not to be lost."""
    try:
        after = tomllib.loads(edited)
        for document in (before, after):
            document.setdefault(TABLE, {}).pop(key, None)
    except (tomllib.TOMLDecodeError, AttributeError) as exc:
        raise _not_editable(key) from exc
    if before != after:
        raise _not_editable(key)


def _plain(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as exc:
        raise ConfigError(f"not TOML: {exc}") from exc


def _names(array: Iterable[object]) -> Iterable[str]:
    return filter(None, map(_name, array))


def _name(item: object) -> str | None:
    """None for what is no requirement: the loader says so, later and better."""
    with suppress(ConfigError):
        return name_of(item) if isinstance(item, str) else None
    return None


def _not_editable(key: Key) -> ConfigError:
    return ConfigError(
        "cannot be edited without changing more than that", where=f"{TABLE}.{key}", hint="edit the file yourself"
    )

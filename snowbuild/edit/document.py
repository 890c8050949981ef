"""Requirements in the text of a snowbuild.toml: added, replaced and removed; comments, order and style stay."""

from __future__ import annotations

from contextlib import suppress
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from snowbuild.edit.array import ArrayText, quoted
from snowbuild.edit.names import name_of
from snowbuild.edit.rewriting import not_editable, plain, rewritten
from snowbuild.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

TABLE = "dependencies"
WIDEST = 100
"""In characters; a new array that would be wider on one line gets a line for each item."""


class Key(StrEnum):
    """The arrays in [dependencies] that hold requirements."""

    REQUIREMENTS = "requirements"
    CONSTRAINTS = "constraints"


def add(text: str, requirements: Iterable[str], key: Key = Key.REQUIREMENTS) -> str:
    """Add requirements to an array of [dependencies]; both are created if missing.

    A requirement takes the place, and the comment, of the existing one for the same distribution. Several for one
    distribution, as with markers, together replace all existing ones for it.

    Raises:
        ConfigError: a requirement cannot be read, or the text is not TOML.
    """
    wanted: dict[str, list[str]] = {}
    for requirement in requirements:
        texts = wanted.setdefault(name_of(requirement), [])
        texts += [requirement] if requirement not in texts else []

    def edit(array: ArrayText) -> None:
        for name, texts in wanted.items():
            _put(array, name, texts)

    return _edited(text, key, edit) if wanted else text


def remove(text: str, names: Collection[str], key: Key = Key.REQUIREMENTS) -> tuple[str, frozenset[str]]:
    """Remove all requirements for some distributions; also gives the normalized names that were found.

    Raises:
        ConfigError: the text is not TOML.
    """
    found = names_in(text, key) & frozenset(names)

    def edit(array: ArrayText) -> None:
        for place, value in reversed(list(enumerate(array.values))):
            if _name(value) in found:
                array.remove(place)

    return (_edited(text, key, edit) if found else text), found


def names_in(text: str, key: Key) -> frozenset[str]:
    """The normalized names of the distributions in an array of [dependencies].

    Raises:
        ConfigError: the text is not TOML.
    """
    table = plain(text).get(TABLE)
    array = table.get(key) if isinstance(table, dict) else None
    return frozenset(filter(None, map(_name, array if isinstance(array, list) else ())))


def _put(array: ArrayText, name: str, texts: list[str]) -> None:
    values = array.values
    places = [place for place, value in enumerate(values) if _name(value) == name]
    for place, text in zip(places, texts, strict=False):
        if values[place] != text:
            array.replace(place, text)
    for place in reversed(places[len(texts) :]):
        array.remove(place)
    for text in texts[len(places) :]:
        array.append(text)


def _edited(text: str, key: Key, edit: Callable[[ArrayText], None]) -> str:
    import tomlkit

    before, where = plain(text), f"{TABLE}.{key}"

    def change(document: Any) -> None:
        if TABLE not in document:
            document.add(TABLE, tomlkit.table())
        table = document[TABLE]
        if key not in table:
            table.add(key.value, tomlkit.array())
        array = ArrayText(table[key].as_string())
        is_new = not array.values
        edit(array)
        if key is Key.CONSTRAINTS and not array.values and "#" not in array.text + table[key].trivia.comment:
            # `add --constraint` has written the key; a project without requirements still has the one of those.
            del table[key]
        else:
            table[key] = tomlkit.value(_spread(array.text) if is_new else array.text)

    edited = rewritten(text, change, where=where)
    # Whatever tomlkit does to an unusual file, nothing else may be lost.
    if _without(before, key) != _without(plain(edited), key):
        raise not_editable(where)
    return edited


def _spread(array: str) -> str:
    """A line for each item, if a single line would be too wide."""
    if len(array) <= WIDEST or "\n" in array:
        return array
    return "\n".join(["[", *(f"    {quoted(str(value))}," for value in ArrayText(array).values), "]"])


def _without(document: dict[str, Any], key: Key) -> dict[str, Any]:
    return {**document, TABLE: {k: v for k, v in document.get(TABLE, {}).items() if k != key}}


def _name(item: object) -> str | None:
    """None for what is not a requirement, which the loader reports better."""
    with suppress(ConfigError):
        return name_of(item) if isinstance(item, str) else None
    return None

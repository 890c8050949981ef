"""Reading a TOML document with one short call per key.

A reader asks a `Table` for each key that it knows; problems are collected in a `Report`, and a default takes the place
of a bad value, so that one pass finds all problems.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import TYPE_CHECKING, TypeVar

from snowbuild.config.suggest import suggestion
from snowbuild.errors import ConfigError, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

T = TypeVar("T")

BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
USERINFO = re.compile(r"(?:(?<=://)|(?<=^//))[^/?#\s]*@")
"""The `user:password@` of a URL."""
CONTROL_CHARACTER = re.compile(r"[\x00-\x1f\x7f]")

# The longest piece of the user's text that a message repeats.
SHOWN = 80


@dataclass(frozen=True, slots=True)
class Report:
    """What was found while a document was read."""

    problems: list[Problem] = field(default_factory=list)
    """In the order of reading."""
    known: set[str] = field(default_factory=set)
    """Every key that a reader asked for, as a pattern such as functions.*.returns."""
    found: set[str] = field(default_factory=set)
    """Those of them that the document holds."""
    notes: list[Problem] = field(default_factory=list)
    """What is valid but deserves a look."""


class Table:
    """A TOML table, and its place in the document.

    The functions passed as `read` turn a value into what it means; they raise `ConfigError` (its message and hint are
    reported with the key path) or `ValueError`.
    """

    def __init__(self, content: Mapping[str, object], report: Report, path: str = "", pattern: str = "") -> None:
        self._content = content
        self._report = report
        self._path = path
        self._pattern = pattern
        # In the order of asking, which is also that of suggestions.
        self._known: dict[str, None] = {}
        self._refused: set[str] = set()

    def __iter__(self) -> Iterator[str]:
        """The keys, as written."""
        return iter(self._content)

    def __contains__(self, key: object) -> bool:
        return key in self._content

    def is_empty(self, key: str) -> bool:
        """Whether the key is missing or an empty table."""
        return self._content.get(key, {}) == {}

    def size(self, key: str) -> int:
        """How many keys a table has; 0 if it is missing or not a table."""
        content = self._content.get(key)
        return len(content) if isinstance(content, dict) else 0

    @property
    def notes(self) -> list[Problem]:
        """The notes on the whole document, so far."""
        return self._report.notes

    def problem(self, key: str | None, message: str, hint: str | None = None) -> None:
        """Report a problem with a key, or with the table itself if `key` is None."""
        self._report.problems.append(Problem(message=message, where=self._where(key), hint=hint))

    def note(self, key: str | None, message: str, hint: str | None = None) -> None:
        """Report a decision that was made for the user."""
        self._report.notes.append(Problem(message=message, where=self._where(key), hint=hint))

    def refuse(self, key: str, message: str, hint: str | None = None) -> None:
        """Report a key that must not be here, in better words than "unknown key"."""
        self._refused.add(key)
        self.problem(key, message, hint)

    def missing(self, key: str, example: str) -> None:
        """Report a key that must be here; `example` is its value in TOML."""
        place = f" to [{self._path}]" if self._path else ""
        self.problem(key, "missing", f"add {spelled(key)} = {example}{place}")

    def finish(self) -> None:
        """Report every key that no reader asked for."""
        for key in self._content:
            if key not in self._known and key not in self._refused:
                self.problem(key, "unknown key", suggestion(key, self._known))

    def value(self, key: str, read: Callable[[object], T], default: T) -> T:
        """What `read` makes of a value; `default` if it is missing or invalid."""
        return self._read(self._where(key), self._content[key], read, default) if self._ask(key) else default

    def text(self, key: str, read: Callable[[str], T], default: T) -> T:
        """What `read` makes of a string."""
        return self.value(key, texts(read), default)

    def texts(self, key: str, read: Callable[[str], T]) -> tuple[T, ...]:
        """What `read` makes of each string of an array; invalid ones are left out."""
        items = [self._read(where, item, _boxed(texts(read)), None) for where, item in self._items(key)]
        return tuple(item[0] for item in items if item is not None)

    def required(self, key: str, read: Callable[[str], T], stand_in: T, example: str) -> T:
        """Like `text`, for a key that must be here; `example` is a value in TOML, for the hint."""
        if key not in self:
            self.missing(key, example)
        return self.text(key, read, stand_in)

    def flag(self, key: str, default: bool) -> bool:
        """A boolean."""
        return self.value(key, _boolean, default)

    def values_by_name(
        self, key: str, read: Callable[[object], T], stand_in: T, identity: Callable[[str], str]
    ) -> tuple[tuple[str, T], ...]:
        """Like `texts_by_name`, for values of any type."""

        def all_of(parent: Table) -> tuple[tuple[str, T], ...]:
            content = parent._content
            return tuple(
                (name, parent._read(parent._where(name), content[name], read, stand_in))
                for name in parent._names(identity)
            )

        return self.section(key, all_of)

    def section(self, key: str, read: Callable[[Table], T]) -> T:
        """What `read` makes of a table and its keys; a missing table counts as empty."""
        return self._table(self._where(key), self.value(key, _mapping, {}), self._pattern_of(key), read)

    def sections(
        self, key: str, read: Callable[[str, Table], T], identity: Callable[[str], str] = str
    ) -> tuple[T, ...]:
        """What `read` makes of each table in a table of tables; sorted by their names.

        `identity` turns a name into what must be unique among them.
        """

        def all_of(parent: Table) -> tuple[T, ...]:
            return tuple(parent._section(name, read) for name in sorted(parent._names(identity)))

        return self.section(key, all_of)

    def array(self, key: str, read: Callable[[Table], T]) -> tuple[T, ...]:
        """What `read` makes of each table in an array of tables, in their order."""
        tables = [(where, self._read(where, item, _mapping, None)) for where, item in self._items(key)]
        pattern = self._pattern_of(key)
        return tuple(self._table(where, content, pattern, read) for where, content in tables if content is not None)

    def texts_by_name(
        self, key: str, read: Callable[[str], T], stand_in: T, identity: Callable[[str], str]
    ) -> tuple[tuple[str, T], ...]:
        """What `read` makes of each string in a table whose keys the user chooses, in the order of the file.

        `stand_in` takes the place of an invalid one; `identity` is as for `sections`.
        """

        return self.values_by_name(key, texts(read), stand_in, identity)

    def _names(self, identity: Callable[[str], str]) -> tuple[str, ...]:
        """The keys of a table whose keys the user chooses; reports bad names and those that mean the same."""
        first: dict[str | None, str] = {}
        for name in self._content:
            meant = self._read(self._where(name), name, texts(identity), None)
            if meant is not None and first.setdefault(meant, name) != name:
                self.problem(name, f"is the same name as {spelled(first[meant])}", "keep one of them")
        self._known |= dict.fromkeys(self._content)
        return tuple(self._content)

    def _section(self, name: str, read: Callable[[str, Table], T]) -> T:
        """What `read` makes of a table whose name the user chose."""
        where, nothing = self._where(name), dict[str, object]()
        content = self._read(where, self._content[name], _mapping, nothing)
        return self._table(where, content, f"{self._pattern}.*", lambda table: read(name, table))

    def _table(self, where: str, content: Mapping[str, object], pattern: str, read: Callable[[Table], T]) -> T:
        table = Table(content, self._report, where, pattern)
        result = read(table)
        table.finish()
        return result

    def _ask(self, key: str) -> bool:
        """Record that a reader knows the key; returns whether the document has it."""
        self._known[key] = None
        self._report.known.add(self._pattern_of(key))
        if key in self._content:
            self._report.found.add(self._pattern_of(key))
        return key in self._content

    def _items(self, key: str) -> Iterator[tuple[str, object]]:
        """The items of an array, each with its place."""
        nothing: list[object] = []
        for index, item in enumerate(self.value(key, _array, nothing)):
            yield f"{self._where(key)}[{index}]", item

    def _read(self, where: str, value: object, read: Callable[[object], T], default: T) -> T:
        problems = self._report.problems
        try:
            return read(value)
        except ConfigError as error:
            problems += [Problem(message=p.message, where=where, hint=p.hint) for p in error.problems]
        except ValueError as error:
            problems.append(Problem(message=str(error), where=where))
        return default

    def _where(self, key: str | None) -> str:
        if key is None:
            return self._path
        return f"{self._path}.{spelled(key)}" if self._path else spelled(key)

    def _pattern_of(self, key: str) -> str:
        return f"{self._pattern}.{key}" if self._pattern else key


def texts(read: Callable[[str], T]) -> Callable[[object], T]:
    """A reader of strings: refuses other types, empty text and control characters before it calls `read`."""

    def read_text(value: object) -> T:
        if not isinstance(value, str):
            quotable = isinstance(value, int | float | date | time) and not isinstance(value, bool)
            raise wrong_type(value, "a string", "write it in double quotes" if quotable else None)
        if not value.strip():
            raise ConfigError("empty")
        if CONTROL_CHARACTER.search(value):
            raise ConfigError(f"contains a control character: {shown(value)}")
        return read(value)

    return read_text


def wrong_type(value: object, expected: str, hint: str | None = None) -> ConfigError:
    """The error that says which TOML type was found, and which was expected."""
    return ConfigError(f"expected {expected}, found {kind(value)}", hint=hint)


def kind(value: object) -> str:
    """The name of a value's type in the TOML specification, with its article."""
    if isinstance(value, datetime):
        return "a local date-time" if value.tzinfo is None else "an offset date-time"
    names: dict[type, str] = {
        bool: "a boolean", int: "an integer", float: "a float", str: "a string", list: "an array",
        dict: "a table", date: "a local date", time: "a local time",
    }  # fmt: skip
    return names[type(value)]


def shown(text: str) -> str:
    """The user's text as messages repeat it: in quotes, shortened if it is long, and without a URL's password."""
    text = USERINFO.sub("***@", text)
    return json.dumps(text if len(text) <= SHOWN else text[: SHOWN - 1] + "…", ensure_ascii=False)


def spelled(key: str) -> str:
    """Write a key as TOML does: in quotes if necessary."""
    return key if BARE_KEY.fullmatch(key) else json.dumps(key, ensure_ascii=False)


def _boxed(read: Callable[[object], T]) -> Callable[[object], tuple[T] | None]:
    """Distinguish what was read from the default: None is a value like any other."""
    return lambda value: (read(value),)


def _boolean(value: object) -> bool:
    if not isinstance(value, bool):
        raise wrong_type(value, "a boolean", "write true or false")
    return value


def _array(value: object) -> list[object]:
    if not isinstance(value, list):
        raise wrong_type(value, "an array", "put it in brackets" if isinstance(value, str) else None)
    return value


def _mapping(value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise wrong_type(value, "a table")
    return value

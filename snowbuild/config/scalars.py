"""Readers of single values: names, paths, versions and types. Each raises `ConfigError` or `ValueError`."""

from __future__ import annotations

import keyword
import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, TypeVar

from snowbuild.config.reader import shown, spelled, wrong_type
from snowbuild.config.suggest import nearest, suggestion
from snowbuild.errors import ConfigError
from snowbuild.sql import PARAMETERS, SYNONYMS, SqlType

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

E = TypeVar("E", bound=StrEnum)

FOLDER_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
FUNCTION_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
QUOTED_NAME = re.compile(r'"(?:[^"]|"")+"')
DOTTED_NAME = re.compile(r'(?:"(?:[^"]|"")+"|[^\s".]+)(?:\.(?:"(?:[^"]|"")+"|[^\s".]+)){0,2}')
DRIVE = re.compile(r"[A-Za-z]:")

# docs.snowflake.com/en/sql-reference/identifiers
LONGEST_SQL_NAME = 255

MOST_ROWS = 2**31 - 1

EXAMPLE_HANDLER = 'write it like "src/mine.py:predict"'


def anything(text: str) -> str:
    """Any text."""
    return text


def one_of(kinds: type[E]) -> Callable[[str], E]:
    """A reader of one of an enum's values."""
    options = [member.value for member in kinds]

    def read(text: str) -> E:
        if text not in options:
            near = nearest(text, options)
            raise ConfigError(
                f"expected one of {', '.join(options)}, found {shown(text)}", hint=near and f"did you mean {near}?"
            )
        return kinds(text)

    return read


def known(what: str, options: Iterable[str]) -> Callable[[str], str]:
    """A reader of the name of something that must exist; `what` is the kind of thing."""
    names = tuple(options)

    def read(text: str) -> str:
        if text not in names:
            hint = suggestion(text, names) if names else f"add [{what}s.{spelled(text)}]"
            raise ConfigError(f"no such {what}: {shown(text)}", hint=hint)
        return text

    return read


def folder_name(text: str) -> str:
    """A name that a folder or a file can have on the stage and on every operating system."""
    if not FOLDER_NAME.fullmatch(text):
        raise ConfigError(
            f"not usable as a folder name: {shown(text)}",
            hint="use letters, digits, '.', '_' and '-', and begin with a letter or a digit",
        )
    return text


def function_name(text: str) -> str:
    """A function's name in SQL: a plain one, or any other in double quotes."""
    if QUOTED_NAME.fullmatch(text):
        return sql_name(text)
    if not FUNCTION_NAME.fullmatch(text):
        raise ConfigError(
            f"not usable as a function name: {shown(text)}",
            hint="use letters, digits and '_', and do not begin with a digit; or put the name in double quotes: "
            "[functions.'\"My Function\"']",
        )
    return text


def sql_name(text: str) -> str:
    """One SQL name, without the names of what contains it."""
    if len(text) > LONGEST_SQL_NAME:
        raise ConfigError(f"a name can have at most {LONGEST_SQL_NAME} characters: {shown(text)}")
    if QUOTED_NAME.fullmatch(text):
        return text
    if '"' in text:
        raise ConfigError(
            f"a misplaced double quote: {shown(text)}",
            hint="put the whole name in double quotes, and double the quotes inside it",
        )
    if set(text) & set("@./"):
        raise ConfigError(
            f"expected one name, found {shown(text)}",
            hint="write no path and no dots; if the name really contains them, put it in double quotes",
        )
    return text


def argument_name(text: str) -> str:
    """A feature's name, whatever its characters, as the name of an argument."""
    if len(text) > LONGEST_SQL_NAME or not text.strip():
        raise ConfigError(f"a name must have 1 to {LONGEST_SQL_NAME} characters: {shown(text)}")
    return text


def dotted_name(what: str) -> Callable[[str], str]:
    """A reader of a name that up to two others may qualify."""

    def read(text: str) -> str:
        if not DOTTED_NAME.fullmatch(text):
            raise ConfigError(f"not the name of {what}: {shown(text)}", hint="write database.schema.name")
        return text

    return read


def sql_type(text: str) -> str:
    """A type of Snowflake's SQL, under its canonical name."""
    try:
        return str(SqlType.parse(text))
    except ValueError as exc:
        written = text.partition("(")[0].strip().upper()
        name = SYNONYMS.get(written, written)
        known_name = name in PARAMETERS
        hint = f'write "{name}" for Snowflake\'s default' if known_name else suggestion(name, PARAMETERS)
        raise ConfigError(str(exc), hint=hint) from exc


def glibc_version(text: str) -> tuple[int, int]:
    """The C library's version."""
    match = re.fullmatch(r"2\.([0-9]{1,2})", text)
    if match is None:
        raise ConfigError(f"not a version of glibc: {shown(text)}", hint='write it like "2.28"')
    return 2, int(match[1])


def relative_path(text: str) -> str:
    """A path relative to the folder of snowbuild.toml, in its normal form."""
    if "\\" in text:
        raise ConfigError(f"contains a backslash: {shown(text)}", hint="use forward slashes on every operating system")
    if text.startswith("/") or DRIVE.match(text):
        raise ConfigError(f"an absolute path: {shown(text)}", hint="make it relative to the folder of snowbuild.toml")
    return PurePosixPath(text).as_posix()


def inner_path(text: str) -> str:
    """A relative path that stays in the folder of snowbuild.toml."""
    path = relative_path(text)
    if ".." in PurePosixPath(path).parts:
        raise ConfigError(f"leaves the folder of snowbuild.toml: {shown(text)}", hint="move the files into that folder")
    if path == ".":
        raise ConfigError("the folder of snowbuild.toml itself", hint="name a folder or a file in it")
    return path


def is_file(path: Path) -> bool:
    """Whether the file exists; False if the path cannot be checked."""
    try:
        return path.is_file()
    except OSError:
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """The files that snowbuild.toml names."""

    root: Path
    """Its folder, which their paths are relative to."""
    must_exist: bool = True

    def named(self, path: str) -> str:
        """The path of a file, which must exist if files must."""
        if self.is_missing(path):
            raise ConfigError(f"no such file: {shown(path)}", hint="paths are relative to the folder of snowbuild.toml")
        return path

    def is_missing(self, path: str) -> bool:
        """Whether a file must exist but does not."""
        return self.must_exist and not is_file(self.root / path)


def positive(value: object) -> int:
    """A number of rows, or of threads."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise wrong_type(value, "an integer")
    if not 1 <= value <= MOST_ROWS:
        raise ConfigError("expected a positive integer" if value < 1 else f"expected at most {MOST_ROWS}")
    return value


def handler(files: Files) -> Callable[[str], str]:
    """A reader of `path/of/file.py:function`."""

    def read(text: str) -> str:
        file, colon, function = text.rpartition(":")
        if not colon or not file.endswith(".py"):
            raise ConfigError(f"not a handler: {shown(text)}", hint=EXAMPLE_HANDLER)
        path = files.named(inner_path(file))
        if not function.isidentifier() or keyword.iskeyword(function):
            raise ConfigError(f"not the name of a Python function: {shown(function)}", hint=EXAMPLE_HANDLER)
        return f"{path}:{function}"

    return read

"""Readers for [dependencies] and [packages]: requirements, wheels, indexes and names."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, NamedTuple, Self
from urllib.parse import unquote, urlsplit

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import InvalidName, InvalidWheelFilename, canonicalize_name, parse_wheel_filename

from snowbuild.config.reader import shown, wrong_type
from snowbuild.config.scalars import Files, relative_path
from snowbuild.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable

EXAMPLE_INSTANT = "2026-11-01T00:00:00Z"
URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
LOCAL_WHEEL = re.compile(r"(?P<path>[^\[\]]+\.whl)\s*(?:\[(?P<extras>[^\]]*)\])?")
PATTERN = re.compile(r"[A-Za-z0-9._*?!\[\]-]+")


class LocalWheelPath(NamedTuple):
    """A wheel given by its path, such as `wheels/mine-1.0-py3-none-any.whl[fast]`."""

    path: str
    extras: tuple[str, ...]
    """Normalized, sorted."""

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Parse a requirement; None if it is not the path of a wheel."""
        match = None if URL.search(text) else LOCAL_WHEEL.fullmatch(text.strip())
        if match is None:
            return None
        extras = {canonicalize_name(extra.strip()) for extra in (match["extras"] or "").split(",") if extra.strip()}
        return cls(match["path"].strip(), tuple(sorted(extras)))

    def __str__(self) -> str:
        return f"{self.path}[{','.join(self.extras)}]" if self.extras else self.path


def requirement(files: Files) -> Callable[[str], str]:
    """A reader of a PEP 508 requirement, of a local wheel's path, or of a wheel's URL."""

    def read(text: str) -> str:
        if URL.match(text):
            return wheel_url(text)
        if wheel := LocalWheelPath.parse(text):
            path = relative_path(wheel.path)
            wheel_name(PurePosixPath(path).name)
            return str(wheel._replace(path=files.named(path)))
        return pep_508(text)

    return read


def pep_508(text: str) -> str:
    """A PEP 508 requirement, as written."""
    try:
        parsed = Requirement(text)
    except InvalidRequirement as exc:
        reason = str(exc).splitlines()[0]
        raise ConfigError(
            f"not a requirement: {shown(text)}: {reason}", hint='write it like "name>=1.0" (PEP 508)'
        ) from exc
    if parsed.url is not None:
        wheel_url(parsed.url)
    return text


def constraint(text: str) -> str:
    """A PEP 508 requirement without extras: it only narrows what others require."""
    if Requirement(pep_508(text)).extras:
        raise ConfigError(
            f"a constraint cannot have extras: {shown(text)}", hint="put it under dependencies.requirements"
        )
    return text


def wheel_url(text: str) -> str:
    """A wheel's URL; `file:` is refused, because a lockfile contains no absolute paths."""
    if text.lower().startswith("file:"):
        raise ConfigError(
            f"a file: URL is an absolute path: {shown(text)}", hint="write the wheel's path relative to snowbuild.toml"
        )
    wheel_name(unquote(_url(text, "example-1.0-py3-none-any.whl")).rpartition("/")[2])
    return text


def wheel_name(text: str) -> str:
    """A wheel's file name (PEP 427)."""
    try:
        parse_wheel_filename(text)
    except InvalidWheelFilename as exc:
        raise ConfigError(
            f"not the file name of a wheel: {shown(text)}", hint="a wheel is named like example-1.0-py3-none-any.whl"
        ) from exc
    return text


def index_url(text: str) -> str:
    """The URL of an index."""
    _url(text, "simple/")
    return text


def _url(text: str, example: str) -> str:
    """The path of an http or https URL; `example` is such a path, for the hint."""
    hint = f"write it like https://packages.example.com/{example}"
    try:
        parts = urlsplit(text)
        usable = parts.port is None or parts.port > 0
        host = parts.hostname
    except ValueError as exc:
        raise ConfigError(f"not a URL: {shown(text)}", hint=hint) from exc
    if parts.scheme not in ("http", "https"):
        raise ConfigError(f"expected a URL with http:// or https://, found {shown(text)}", hint=hint)
    if " " in text or not usable or not host:
        raise ConfigError(f"not a URL with a host: {shown(text)}", hint=hint)
    return parts.path


def distribution_name(text: str) -> str:
    """A distribution's name, normalized (PEP 503)."""
    try:
        return canonicalize_name(text, validate=True)
    except InvalidName as exc:
        raise ConfigError(
            f"not the name of a distribution: {shown(text)}", hint="write only the name, without version or extras"
        ) from exc


def distribution_pattern(text: str) -> str:
    """A pattern (fnmatch) over normalized names."""
    if not PATTERN.fullmatch(text):
        raise ConfigError(f"not a pattern for distribution names: {shown(text)}", hint='write it like "autogluon-*"')
    return re.sub(r"[-_.]+", "-", text).lower()


def service_name(text: str) -> str:
    """A literal name in PACKAGES, kept as written."""
    distribution_name(text)
    return text


def instant(value: object) -> datetime:
    """A point in time, in UTC."""
    moment = _from_text(value) if isinstance(value, str) else value
    if not isinstance(moment, datetime):
        day = f"{moment.isoformat()}T00:00:00Z" if isinstance(moment, date) else EXAMPLE_INSTANT
        raise wrong_type(moment, "an offset date-time", f"write it like {day}")
    if moment.utcoffset() is None:
        raise ConfigError("a point in time needs a time zone", hint=f"write {moment.isoformat()}Z if it is in UTC")
    try:
        return moment.astimezone(UTC)
    except OverflowError as exc:
        raise ConfigError(f"out of range: {moment.isoformat()}") from exc


def _from_text(text: str) -> datetime | date:
    """Parse ISO 8601; a date without a time stays a date."""
    for read in (date.fromisoformat, datetime.fromisoformat):
        try:
            return read(text)
        except ValueError:
            continue
    raise ConfigError(f"not a point in time: {shown(text)}", hint=f"write it like {EXAMPLE_INSTANT}")

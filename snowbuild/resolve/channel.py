"""channel.json ↔ Channel, and what a channel offers to one runtime."""

from __future__ import annotations

import json
import os
from functools import cached_property
from typing import TYPE_CHECKING, Any

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from snowbuild.errors import ConfigError, Problem
from snowbuild.resolve.values import Channel, ChannelRelease

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

SCHEMA = "snowbuild.channel/1"

ANY_PYTHON = "*"
"""Stands in the file for a version whose Pythons the channel does not tell."""


def make_channel(origin: str, releases: Iterable[ChannelRelease]) -> Channel:
    """Sort the releases and merge those that differ in their Pythons only. Pure."""
    pythons: dict[tuple[str, str], set[str]] = {}
    unknown: set[tuple[str, str]] = set()
    for release in releases:
        key = (release.name, release.version)
        pythons.setdefault(key, set()).update(release.pythons)
        if not release.pythons:
            unknown.add(key)
    merged = (
        ChannelRelease(
            name=name,
            version=version,
            pythons=() if (name, version) in unknown else tuple(sorted(found, key=_numbers)),
        )
        for (name, version), found in pythons.items()
    )
    return Channel(origin=origin, releases=tuple(sorted(merged, key=lambda r: (r.name, *_order(r.version)))))


def load_channel(path: Path) -> Channel:
    """Read a channel file.

    Raises:
        ConfigError: it is missing, is no JSON, or does not have the shape that `dump_channel` gives.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as exc:
        raise ConfigError("no such file", where=path.name, hint="write it with: snowbuild channel update") from exc
    except (OSError, UnicodeDecodeError) as exc:
        reason = exc.strerror if isinstance(exc, OSError) else "it is not UTF-8"
        raise ConfigError(f"cannot be read: {reason}", where=path.name) from exc
    try:
        plain = json.loads(text, object_pairs_hook=_unique)
    except json.JSONDecodeError as exc:
        raise ConfigError(f"no valid JSON: {exc.msg}", where=f"{path.name}:{exc.lineno}:{exc.colno}") from exc
    except (_DuplicateKeyError, RecursionError) as exc:
        raise ConfigError(str(exc), where=path.name) from exc
    problems = list(_problems(plain))
    if problems:
        raise ConfigError.of(
            Problem(message=message, where=": ".join(filter(None, (path.name, place))), hint=None)
            for place, message in problems
        )
    return make_channel(
        plain["origin"],
        (
            ChannelRelease(name=name, version=version, pythons=tuple(p for p in pythons if p != ANY_PYTHON))
            for name, versions in plain["packages"].items()
            for version, pythons in versions.items()
        ),
    )


def dump_channel(channel: Channel) -> str:
    """Write a channel as JSON with one version a line, so that differences read well. Pure."""
    packages: dict[str, list[str]] = {}
    for release in channel.releases:
        pythons = json.dumps(list(release.pythons) or [ANY_PYTHON])
        packages.setdefault(release.name, []).append(f"      {json.dumps(release.version)}: {pythons}")
    body = ",\n".join(
        "\n".join((f"    {json.dumps(name)}: {{", ",\n".join(lines), "    }")) for name, lines in packages.items()
    )
    head = f'{{\n  "schema": {json.dumps(SCHEMA)},\n  "origin": {json.dumps(channel.origin, ensure_ascii=False)},\n'
    return f'{head}  "packages": {{\n{body}\n  }}\n}}\n' if body else f'{head}  "packages": {{}}\n}}\n'


def save_channel(channel: Channel, path: Path) -> None:
    """Write a channel file in one step.

    Raises:
        OSError: the folder cannot be written.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.write_text(dump_channel(channel), encoding="utf-8", newline="\n")
    beside.replace(path)


class Offers:
    """What a channel offers to a runtime, by the distributions' names. Pure."""

    def __init__(self, channel: Channel, python: str, names: Iterable[tuple[str, str]]) -> None:
        """`python` is major and minor; `names` maps distributions to names on the channel."""
        self._releases = tuple(r for r in channel.releases if not r.pythons or python in r.pythons)
        self._names = dict(names)

    @cached_property
    def _by_name(self) -> Mapping[str, tuple[ChannelRelease, ...]]:
        found: dict[str, list[ChannelRelease]] = {}
        for release in self._releases:
            found.setdefault(canonicalize_name(release.name), []).append(release)
        return {name: tuple(releases) for name, releases in found.items()}

    def releases(self, name: str) -> tuple[ChannelRelease, ...]:
        """All versions of a distribution, those that PEP 440 cannot read included; empty when there is none."""
        elsewhere = self._names.get(name)
        return (self._by_name.get(canonicalize_name(elsewhere), ()) if elsewhere else ()) or self._by_name.get(name, ())

    def versions(self, name: str) -> Mapping[Version, ChannelRelease]:
        """Public version → the release to ask Snowflake for.

        Wheels on an index have no local part, so that `2.9.0post0+snowflake1` stands for 2.9.0.post0. Where
        several literal versions share a public one, the highest by PEP 440 counts.
        """
        readable: dict[Version, tuple[Version, ChannelRelease]] = {}
        for release in self.releases(name):
            try:
                version = Version(release.version)
            except InvalidVersion:
                continue
            public = Version(version.public)
            if public not in readable or readable[public][0] < version:
                readable[public] = (version, release)
        return {public: release for public, (_, release) in readable.items()}


class _DuplicateKeyError(ValueError):
    pass


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise _DuplicateKeyError(f"the key {json.dumps(twice)} stands there twice")
    return table


def _problems(plain: Any) -> Iterator[tuple[str, str]]:
    if not isinstance(plain, dict):
        yield "", "expected an object"
        return
    if plain.get("schema") != SCHEMA:
        yield "schema", f"expected {json.dumps(SCHEMA)}, found {json.dumps(plain.get('schema'))}"
    if not isinstance(plain.get("origin"), str):
        yield "origin", "expected a text that says where the list comes from"
    for key in sorted(plain.keys() - {"schema", "origin", "packages"}):
        yield key, "unknown key"
    packages = plain.get("packages")
    if not isinstance(packages, dict):
        yield "packages", "expected an object of names"
        return
    for name, versions in packages.items():
        if not isinstance(versions, dict) or not versions:
            yield f"packages.{name}", "expected an object of versions"
            continue
        for version, pythons in versions.items():
            if not isinstance(pythons, list) or not pythons or not all(_is_python(p) for p in pythons):
                yield f"packages.{name}.{version}", f'expected a list of Pythons such as ["3.11"], or ["{ANY_PYTHON}"]'


def _is_python(value: object) -> bool:
    if not isinstance(value, str):
        return False
    major, dot, minor = value.partition(".")
    return value == ANY_PYTHON or (major.isdecimal() and bool(dot) and minor.isdecimal())


def _numbers(python: str) -> tuple[int, ...]:
    return tuple(int(part) for part in python.split("."))


def _order(version: str) -> tuple[bool, Version, str]:
    """Versions of PEP 440 in their order, then the others by their letters."""
    try:
        return (False, Version(version), version)
    except InvalidVersion:
        return (True, Version("0"), version)

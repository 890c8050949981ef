"""channel.json ↔ Channel.

    {
      "schema": "snowbuild.channel/1",
      "origin": "where the list comes from, in words",
      "date": "2026-11-23",
      "packages": {
        "numpy": {
          "1.26.4": ["3.10", "3.11", "3.12 x86_64"],
          "2.0.1": {"builds": ["3.12"], "requires": []}
        }
      }
    }

A build is for a minor version of Python, or `*` for any, on one architecture or on all. `requires` is PEP 508, with
the names of distributions; it is missing if the channel does not say.
"""

from __future__ import annotations

import json
import re
from functools import cache
from typing import TYPE_CHECKING, Any

from packaging.version import InvalidVersion, Version

from snowbuild.channel.values import Channel, ChannelBuild, ChannelRelease
from snowbuild.errors import ConfigError, Problem
from snowbuild.files.atomic import write_atomically
from snowbuild.runtime import Architecture

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

SCHEMA = "snowbuild.channel/1"

ANY_PYTHON = "*"
"""Written for a version if the channel does not say which Pythons it is for."""

_BUILD = re.compile(rf"(?P<python>\*|\d+\.\d+)(?: (?P<architecture>{'|'.join(Architecture)}))?")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def make_channel(origin: str, releases: Iterable[ChannelRelease], *, date: str | None = None) -> Channel:
    """Sort the releases, and merge those that differ only in their builds. Pure."""
    same: dict[tuple[str, str], list[ChannelRelease]] = {}
    for release in releases:
        same.setdefault((release.name, release.version), []).append(release)
    merged = sorted(map(_merged, same.values()), key=lambda r: (r.name, *_order(r.version)))
    return Channel(origin=origin, date=date, releases=tuple(merged))


def minimal_builds(builds: Iterable[ChannelBuild]) -> tuple[ChannelBuild, ...]:
    """The fewest builds that fit the same runtimes, sorted; empty if any runtime fits. Pure."""
    kept = set(builds)
    for python in {build.python for build in kept}:
        if all(ChannelBuild(python=python, architecture=a) in kept for a in Architecture):
            kept.add(ChannelBuild(python=python))
    if ChannelBuild() in kept:
        return ()
    whole = {b for b in kept if b.architecture is None or ChannelBuild(python=b.python) not in kept}
    needed = (b for b in whole if b.python is None or ChannelBuild(architecture=b.architecture) not in whole)
    return tuple(sorted(needed, key=_build_order))


def load_channel(path: Path) -> Channel:
    """Read a channel file; its order is kept, which is that of `make_channel` unless it was edited by hand.

    Raises:
        ConfigError: it is missing, is not JSON, or does not have the shape that `dump_channel` gives.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as exc:
        raise ConfigError("no such file", where=path.name, hint="run `snowbuild channel update`") from exc
    except (OSError, UnicodeDecodeError) as exc:
        reason = exc.strerror if isinstance(exc, OSError) else "it is not UTF-8"
        raise ConfigError(f"cannot be read: {reason}", where=path.name) from exc
    try:
        plain = json.loads(text, object_pairs_hook=_unique)
    except json.JSONDecodeError as exc:
        raise ConfigError(f"not valid JSON: {exc.msg}", where=f"{path.name}:{exc.lineno}:{exc.colno}") from exc
    except (_DuplicateKeyError, RecursionError) as exc:
        raise ConfigError(str(exc), where=path.name) from exc
    problems = list(_problems(plain))
    if problems:
        raise ConfigError.of(
            Problem(message=message, where=": ".join(filter(None, (path.name, place))), hint=None)
            for place, message in problems
        )
    # A whole channel has tens of thousands of versions; sorting them would take longer than everything else.
    releases = tuple(
        _release(name, version, entry)
        for name, versions in plain["packages"].items()
        for version, entry in versions.items()
    )
    return Channel(origin=plain["origin"], date=plain.get("date"), releases=releases)


def dump_channel(channel: Channel) -> str:
    """Write a channel as JSON with one version per line, so that diffs are readable. Pure."""
    packages: dict[str, list[str]] = {}
    for release in channel.releases:
        packages.setdefault(release.name, []).append(f"      {_text(release.version)}: {_text(_entry(release))}")
    body = ",\n".join(
        "\n".join((f"    {_text(name)}: {{", ",\n".join(lines), "    }")) for name, lines in packages.items()
    )
    head = {"schema": SCHEMA, "origin": channel.origin} | ({"date": channel.date} if channel.date else {})
    lines = [f"  {_text(key)}: {_text(value)}," for key, value in head.items()]
    lines.append(f'  "packages": {{\n{body}\n  }}' if body else '  "packages": {}')
    return "\n".join(("{", *lines, "}")) + "\n"


def save_channel(channel: Channel, path: Path) -> None:
    """Write a channel file in one step.

    Raises:
        ConfigError: the folder cannot be written.
    """
    try:
        write_atomically(path, dump_channel(channel).encode())
    except OSError as exc:
        raise ConfigError(f"cannot be written: {exc.strerror}", where=path.name) from exc


def build_text(build: ChannelBuild) -> str:
    """`3.11`, `3.11 x86_64` or `*`."""
    return " ".join(filter(None, (build.python or ANY_PYTHON, build.architecture)))


def _merged(releases: list[ChannelRelease]) -> ChannelRelease:
    requires = {requirement for release in releases for requirement in release.requires or ()}
    known = any(release.requires is not None for release in releases)
    everywhere = not all(release.builds for release in releases)
    builds = () if everywhere else minimal_builds(build for release in releases for build in release.builds)
    return ChannelRelease(
        name=releases[0].name,
        version=releases[0].version,
        builds=builds,
        requires=tuple(sorted(requires)) if known else None,
    )


def _release(name: str, version: str, entry: Any) -> ChannelRelease:
    builds, requires = (entry["builds"], tuple(entry["requires"])) if isinstance(entry, dict) else (entry, None)
    return ChannelRelease(name=name, version=version, builds=_builds(tuple(builds)), requires=requires)


def _entry(release: ChannelRelease) -> Any:
    builds = [build_text(build) for build in release.builds] or [ANY_PYTHON]
    return builds if release.requires is None else {"builds": builds, "requires": list(release.requires)}


# Most versions have the same few builds, so each is parsed only once.
@cache
def _builds(texts: tuple[str, ...]) -> tuple[ChannelBuild, ...]:
    return () if ANY_PYTHON in texts else tuple(map(_build, texts))


def _build(text: str) -> ChannelBuild:
    python, _, architecture = text.partition(" ")
    return ChannelBuild(
        python=None if python == ANY_PYTHON else python,
        architecture=Architecture(architecture) if architecture else None,
    )


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


class _DuplicateKeyError(ValueError):
    pass


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise _DuplicateKeyError(f"duplicate key {json.dumps(twice)}")
    return table


def _problems(plain: Any) -> Iterator[tuple[str, str]]:
    if not isinstance(plain, dict):
        yield "", "expected an object"
        return
    if plain.get("schema") != SCHEMA:
        yield "schema", f"expected {json.dumps(SCHEMA)}, found {json.dumps(plain.get('schema'))}"
    if not isinstance(plain.get("origin"), str):
        yield "origin", "expected text that says where the list comes from"
    if "date" in plain and not (isinstance(plain["date"], str) and _DATE.fullmatch(plain["date"])):
        yield "date", "expected a day such as 2026-11-23"
    for key in sorted(plain.keys() - {"schema", "origin", "date", "packages"}):
        yield key, "unknown key"
    yield from _package_problems(plain.get("packages"))


def _package_problems(packages: Any) -> Iterator[tuple[str, str]]:
    if not isinstance(packages, dict):
        yield "packages", "expected an object of names"
        return
    for name, versions in packages.items():
        if not isinstance(versions, dict) or not versions:
            yield f"packages.{name}", "expected an object of versions"
            continue
        for version, entry in versions.items():
            if not _is_entry(entry):
                yield from _entry_problems(f"packages.{name}.{version}", entry)


def _is_entry(entry: Any) -> bool:
    if isinstance(entry, dict):
        return entry.keys() == {"builds", "requires"} and _are_builds(entry["builds"]) and _are_texts(entry["requires"])
    return _are_builds(entry)


def _entry_problems(place: str, entry: Any) -> Iterator[tuple[str, str]]:
    plain = entry if isinstance(entry, dict) else {"builds": entry, "requires": []}
    if not _are_builds(plain.get("builds")):
        example = f'["3.11", "3.12 {Architecture.X86_64}"], or ["{ANY_PYTHON}"]'
        yield f"{place}.builds" if plain is entry else place, f"expected a list of builds such as {example}"
    if not _are_texts(plain.get("requires")):
        yield f"{place}.requires", "expected a list of requirements"
    for key in sorted(plain.keys() - {"builds", "requires"}):
        yield f"{place}.{key}", "unknown key"


def _are_builds(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(map(_is_build, value))


def _are_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(text, str) for text in value)


def _is_build(value: object) -> bool:
    return isinstance(value, str) and _is_build_text(value)


@cache
def _is_build_text(text: str) -> bool:
    return _BUILD.fullmatch(text) is not None


def _build_order(build: ChannelBuild) -> tuple[tuple[int, ...], str]:
    return (tuple(map(int, build.python.split("."))) if build.python else (), build.architecture or "")


def _order(version: str) -> tuple[bool, Version, str]:
    """PEP 440 versions in order, then the others alphabetically."""
    try:
        return (False, Version(version), version)
    except InvalidVersion:
        return (True, Version("0"), version)

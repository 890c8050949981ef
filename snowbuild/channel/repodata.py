"""conda's repodata.json → the releases of a channel. Pure.

https://docs.conda.io/projects/conda-build/en/stable/concepts/generating-index.html
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from snowbuild.channel.conda import parse_spec
from snowbuild.channel.file import minimal_builds
from snowbuild.channel.names import distribution_name
from snowbuild.channel.values import ChannelBuild, ChannelRelease
from snowbuild.errors import ConfigError
from snowbuild.runtime import PATCH_LEVELS, Architecture

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

SUBDIRS: Mapping[str, Architecture | None] = {
    "linux-64": Architecture.X86_64,
    "linux-aarch64": Architecture.AARCH64,
    "noarch": None,
}
"""The platforms of a channel that a Snowflake runtime installs from."""

PYTHONS = tuple(f"3.{minor}" for minor in sorted(PATCH_LEVELS))

INTERPRETER = frozenset({"python", "python-abi"})
"""Normalized names that every Python package requires."""


class Record(NamedTuple):
    """One build, as in repodata.json."""

    name: str
    version: str
    number: int
    """The build number: later builds have higher ones."""
    build: str
    """The build string, such as `py311hf175353_0`."""
    architecture: Architecture | None
    depends: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """The combined content of several repodata.json."""

    releases: tuple[ChannelRelease, ...]
    """Python packages, unordered."""
    others: frozenset[str]
    """Literal names of packages that are not for Python, such as C libraries."""
    missing: tuple[str, ...]
    """Names that packages require but no file has; sorted. Nothing is known about them, so they are left out of
    all requirements."""


def read_repodata(documents: Iterable[tuple[str, object]]) -> Content:
    """Read all builds for Snowflake's runtimes.

    `documents` are parsed repodata.json, each with its name for errors.

    Raises:
        ConfigError: a document is not shaped like a repodata.json, or has no builds for Linux.
    """
    return _Reader([record for where, document in documents for record in _records(where, document)]).content()


class _Reader:
    def __init__(self, records: list[Record]) -> None:
        self._records = records
        self._missing: set[str] = set()

    @cached_property
    def _by_name(self) -> Mapping[str, list[Record]]:
        found: dict[str, list[Record]] = {}
        for record in self._records:
            found.setdefault(canonicalize_name(record.name), []).append(record)
        return found

    @cached_property
    def _for_python(self) -> frozenset[str]:
        """Normalized names of Python packages, including those that only wrap another."""
        depends = {
            name: {canonicalize_name(parse_spec(text).name) for record in records for text in record.depends}
            for name, records in self._by_name.items()
        }
        found = {name for name, needed in depends.items() if needed & INTERPRETER and name not in INTERPRETER}
        # xgboost requires py-xgboost but not Python; on some channels tensorflow requires only tensorflow-base.
        wrappers = {
            name
            for name, needed in depends.items()
            if any(part in found and distribution_name(part) == distribution_name(name) for part in needed)
        }
        return frozenset(found | (wrappers - INTERPRETER))

    def content(self) -> Content:
        """Everything that was read."""
        newest: dict[tuple[str, str], dict[ChannelBuild, Record]] = {}
        for record in sorted(self._records, key=_age):
            if canonicalize_name(record.name) in self._for_python:
                builds = newest.setdefault((record.name, record.version), {})
                # A later build of the same version is a fix, so its requirements count.
                builds |= dict.fromkeys(self._builds(record), record)
        releases = tuple(
            ChannelRelease(
                name=name, version=version, builds=minimal_builds(builds), requires=tuple(self._requires(builds))
            )
            for (name, version), builds in newest.items()
            if builds
        )
        others = frozenset(r.name for r in self._records if canonicalize_name(r.name) not in self._for_python)
        return Content(releases=releases, others=others, missing=tuple(sorted(self._missing)))

    def _builds(self, record: Record) -> list[ChannelBuild]:
        """The runtimes that a record is for; empty if Snowflake runs none of its Pythons."""
        if any(spec.build.endswith("t") for text in record.depends if (spec := parse_spec(text)).name == "python_abi"):
            return []  # Free-threaded, as in `python_abi 3.13.* *_cp313t`.
        specifier = self._python(record, frozenset())
        allowed = [p for p in PYTHONS if specifier.contains(p) or specifier.contains(f"{p}.99")]
        if len(allowed) == len(PYTHONS):
            return [ChannelBuild(architecture=record.architecture)]
        return [ChannelBuild(python=python, architecture=record.architecture) for python in allowed]

    def _python(self, record: Record, seen: frozenset[str]) -> SpecifierSet:
        specifier = SpecifierSet()
        for text in record.depends:
            spec = parse_spec(text)
            name = canonicalize_name(spec.name)
            if name in INTERPRETER:
                specifier &= SpecifierSet(spec.specifier)
            elif name not in seen and (part := self._part(record, text)) is not None:
                specifier &= self._python(part, seen | {name})
        return specifier

    def _part(self, record: Record, text: str) -> Record | None:
        """The build of another part of the same distribution that a record requires, if any."""
        spec = parse_spec(text)
        name = canonicalize_name(spec.name)
        same = distribution_name(spec.name) == distribution_name(record.name)
        if not same or name == canonicalize_name(record.name) or name not in self._for_python:
            return None
        fitting = (
            part
            for part in self._by_name[name]
            if record.architecture in (None, part.architecture) or part.architecture is None
            if _contains(spec.specifier, part.version) and fnmatchcase(part.build, spec.build or "*")
        )
        return max(fitting, key=_age, default=None)

    def _requires(self, builds: Mapping[ChannelBuild, Record]) -> Iterator[str]:
        """Requirements, with a marker if only some of the builds have them; sorted."""
        having: dict[str, list[ChannelBuild]] = {}
        for build, record in builds.items():
            for requirement in set(self._requirements(record, frozenset())):
                having.setdefault(requirement, []).append(build)
        for requirement, some in sorted(having.items()):
            marker = "" if len(some) == len(builds) else _marker(some, builds)
            yield f"{requirement}; {marker}" if marker else requirement

    def _requirements(self, record: Record, seen: frozenset[str]) -> Iterator[str]:
        for text in record.depends:
            spec = parse_spec(text)
            name = canonicalize_name(spec.name)
            if name in INTERPRETER or name in seen or spec.name.startswith("__"):
                continue
            if name not in self._by_name:
                self._missing.add(spec.name)
            elif (part := self._part(record, text)) is not None:
                yield from self._requirements(part, seen | {name})
            elif name in self._for_python and distribution_name(spec.name) != distribution_name(record.name):
                yield f"{distribution_name(spec.name)}{spec.specifier}"


def _records(where: str, document: object) -> Iterator[Record]:
    if not isinstance(document, dict) or not isinstance(document.get("packages", document.get("packages.conda")), dict):
        raise ConfigError("not a repodata.json: expected an object with packages", where=where)
    info = document.get("info")
    subdir = info.get("subdir") if isinstance(info, dict) else None
    removed = document.get("removed") or []
    if not isinstance(removed, list):
        raise ConfigError("expected an array", where=f"{where}: removed")
    found = [
        record
        for key in ("packages", "packages.conda")
        for filename, plain in (document.get(key) or {}).items()
        if filename not in removed and (record := _record(f"{where}: {key}.{filename}", plain, subdir)) is not None
    ]
    if not found and subdir not in SUBDIRS:
        raise ConfigError(
            f"no builds that Snowflake could install: {subdir or 'no platform'}",
            where=where,
            hint=f"use the repodata.json of {', '.join(SUBDIRS)}",
        )
    yield from found


def _record(where: str, plain: Any, subdir: object) -> Record | None:
    """One build; None if it is for another platform."""
    try:
        place = str(plain.get("subdir") or subdir)
        if place not in SUBDIRS:
            return None
        return Record(
            name=str(plain["name"]),
            version=str(plain["version"]),
            number=int(plain.get("build_number") or 0),
            build=str(plain.get("build") or ""),
            architecture=SUBDIRS[place],
            depends=tuple(map(str, plain.get("depends") or ())),
        )
    except (AttributeError, KeyError, TypeError, ValueError) as exc:
        raise ConfigError("not a build: expected an object with name, version and depends", where=where) from exc


def _age(record: Record) -> tuple[int, str, str]:
    return record.number, record.build, record.architecture or ""


def _contains(specifier: str, version: str) -> bool:
    try:
        return SpecifierSet(specifier).contains(Version(version), prereleases=True)
    except InvalidVersion:
        return not specifier


def _marker(some: Iterable[ChannelBuild], builds: Iterable[ChannelBuild]) -> str:
    """A PEP 508 marker for "one of these builds"; empty if it always holds."""
    conditions = []
    for build in minimal_builds(_told_apart(set(some), set(builds))):
        parts = [f"python_version == '{build.python}'"] if build.python else []
        parts += [f"platform_machine == '{build.architecture}'"] if build.architecture else []
        conditions.append(" and ".join(parts))
    return " or ".join(conditions)


def _told_apart(some: set[ChannelBuild], builds: set[ChannelBuild]) -> set[ChannelBuild]:
    """Builds without their Python or their architecture, if the other one alone sets them apart."""
    for without in ("python", "architecture"):
        shorter, rest = ({replace(b, **{without: None}) for b in found} for found in (some, builds - some))
        if ChannelBuild() not in shorter and not shorter & rest:
            return shorter
    return some

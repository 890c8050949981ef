"""Config → ResolveRequest, and the digest that shows whether anything has changed."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote, urlsplit

import msgspec
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from snowbuild.channel.names import CHANNEL_NAMES, spellings
from snowbuild.channel.offers import Offers
from snowbuild.config.requirements import LocalWheelPath
from snowbuild.config.values import Service
from snowbuild.digest import sha256_file, sha256_plain
from snowbuild.errors import ConfigError, Problem, ResolutionError
from snowbuild.resolve.redact import without_credentials
from snowbuild.resolve.sources import is_staged_by_name
from snowbuild.resolve.values import LocalWheel, ResolveRequest
from snowbuild.wheels.filename import Fit, parse_wheel_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from snowbuild.channel.values import Channel
    from snowbuild.config.values import Config
    from snowbuild.runtime import Runtime

# Part of every digest; raised whenever the same request may give a different answer than before.
RESOLVER_VERSION = 2

_URL = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)


def request_of(
    config: Config, *, preferred: Mapping[str, str] | None = None, channel: Channel | None = None
) -> ResolveRequest:
    """The parts of the configuration that a resolution depends on. Pure: no file is opened.

    `preferred` maps normalized names to versions to try first, usually those of the last lock.

    Raises:
        ConfigError: a requirement or constraint cannot be read, or the channel is missing.
    """
    if config.packages.service is Service.CHANNEL and channel is None:
        raise ConfigError(
            "the service is the channel, but its content is not known",
            where="packages.channel",
            hint="run `snowbuild channel update`",
        )
    fit = Fit(config.runtime)
    requirements, problems = _read(config.dependencies.requirements, "dependencies.requirements", config.root, fit)
    constraints, more = _read(config.dependencies.constraints, "dependencies.constraints", config.root, fit)
    problems += [*more, *_unusable(constraints), *_unreachable(config.dependencies.index_urls)]
    if problems:
        raise ConfigError.of(problems)
    if config.packages.service is not Service.CHANNEL:
        channel = None
    # `canonicalize_name` normalizes as PEP 503 says, which leaves the wildcards of a pattern alone.
    stage = tuple(sorted({canonicalize_name(pattern) for pattern in config.packages.stage}))
    names = {**(CHANNEL_NAMES if channel is not None else {}), **dict(config.packages.names)}
    used = _spellings(channel, config.runtime, names, {r.name for r in requirements}, stage)
    excluded = {canonicalize_name(name) for name in config.dependencies.exclude}
    return ResolveRequest(
        runtime=config.runtime,
        native_wheels=config.native_wheels,
        requirements=_texts(requirements, used),
        local_wheels=tuple(sorted({r.local for r in requirements if r.local}, key=lambda w: (w.path, w.extras))),
        constraints=_texts(constraints, used),
        exclude=tuple(sorted({*excluded, *(used.get(name, name) for name in excluded)})),
        index_urls=config.dependencies.index_urls,
        prereleases=config.dependencies.prereleases,
        as_of=config.dependencies.as_of,
        service=config.packages.service,
        stage=stage,
        names=tuple(sorted(names.items())),
        spellings=tuple(sorted(used.items())),
        channel=channel,
        preferred=tuple(sorted((canonicalize_name(n), v) for n, v in (preferred or {}).items())),
        root=str(config.root),
    )


def inputs_digest(request: ResolveRequest) -> str:
    """Sha256 of everything that may change the result, as 64 hex digits; the same on every host.

    Preferred versions do not count (they are results), nor do credentials (the index is the same); local wheels
    count by content.

    Raises:
        ResolutionError: a local wheel is missing.
    """
    # A whole channel is large, and most of it is for other runtimes.
    plain = msgspec.to_builtins(replace(request, channel=None))
    for key in ("preferred", "root", "channel", "names", "spellings"):
        del plain[key]
    plain["index_urls"] = [without_credentials(url) for url in request.index_urls]
    plain["requirements"] = sorted(map(without_credentials, request.requirements))
    plain["local_wheels"] = [
        {**msgspec.to_builtins(wheel), "sha256": local_wheel_digest(request, wheel)} for wheel in request.local_wheels
    ]
    plain["names"] = dict(request.names)
    if request.channel is not None:
        plain["channel"] = sorted(
            (r.name, r.version, r.requires or (), r.requires is None)
            for r in request.channel.releases
            if r.fits(request.runtime)
        )
    plain["resolver"] = RESOLVER_VERSION
    return sha256_plain(plain)


def local_wheel_digest(request: ResolveRequest, wheel: LocalWheel) -> str:
    """Sha256 of a local wheel's content.

    Raises:
        ResolutionError: it cannot be read.
    """
    try:
        return sha256_file(Path(request.root, wheel.path))
    except OSError as exc:
        raise ResolutionError(
            f"the wheel cannot be read: {exc.strerror}",
            where=wheel.path,
            hint="paths are relative to the folder of snowbuild.toml",
        ) from exc


class _Read(NamedTuple):
    place: str
    requirement: Requirement | None = None
    local: LocalWheel | None = None

    @property
    def name(self) -> str:
        """Normalized; empty when there is neither."""
        named = self.requirement or self.local
        return canonicalize_name(named.name) if named else ""


def _read(texts: Iterable[str], key: str, root: Path, fit: Fit) -> tuple[list[_Read], list[Problem]]:
    found: list[_Read] = []
    problems: list[Problem] = []
    for index, text in enumerate(texts):
        place = f"{key}[{index}]"
        try:
            found.append(_read_one(text.strip(), place, root, fit))
        except (ValueError, InvalidRequirement) as exc:
            problems.append(Problem(message=f"{without_credentials(text)}: {exc}", where=place))
    return found, problems


def _read_one(text: str, place: str, root: Path, fit: Fit) -> _Read:
    if wheel := LocalWheelPath.parse(text):
        return _Read(place, local=_local_wheel(wheel, root, fit))
    if text.startswith(("./", "../", "/", ".\\")):
        raise ValueError("only wheels can be given by path; build one first")
    if _URL.match(text):
        text = f"{_url_name(text, fit)} @ {text}"
    requirement = Requirement(text)
    if requirement.url is not None and _url_name(requirement.url, fit) != canonicalize_name(requirement.name):
        raise ValueError(f"the wheel is for {_url_name(requirement.url, fit)}, not for {requirement.name}")
    return _Read(place, requirement=requirement)


def _local_wheel(wheel: LocalWheelPath, root: Path, fit: Fit) -> LocalWheel:
    name = _wheel_name(PurePosixPath(wheel.path.replace(os.sep, "/")).name, fit)
    try:
        relative = Path(os.path.relpath(Path(root, wheel.path), root)).as_posix()
    except ValueError as exc:
        raise ValueError("it must be on the same drive as snowbuild.toml") from exc
    return LocalWheel(name=name, extras=wheel.extras, path=relative)


def _url_name(url: str, fit: Fit) -> str:
    parts = urlsplit(url)
    if parts.scheme.lower() not in {"http", "https"}:
        raise ValueError("only http and https URLs of wheels can be used")
    return _wheel_name(unquote(parts.path).rpartition("/")[2], fit)


def _wheel_name(filename: str, fit: Fit) -> str:
    wheel = parse_wheel_name(filename)
    if wheel is None:
        raise ValueError("it is not the file name of a wheel; source archives are never built")
    if fit.rank(wheel) is None:
        raise ValueError("the wheel does not fit the runtime's Python and architecture")
    return wheel.name


def _unusable(constraints: Iterable[_Read]) -> Iterable[Problem]:
    for constraint in constraints:
        requirement = constraint.requirement
        if requirement is None or requirement.url is not None or requirement.extras:
            message = "a constraint takes only a name and versions, not a URL, a path or extras"
            yield Problem(message=message, where=constraint.place)


def _unreachable(index_urls: Iterable[str]) -> Iterable[Problem]:
    for index, url in enumerate(index_urls):
        if not url.lower().startswith(("http://", "https://")):
            message = f"{without_credentials(url)}: expected an http or https URL"
            yield Problem(message=message, where=f"dependencies.index-urls[{index}]")


def _spellings(
    channel: Channel | None, runtime: Runtime, names: Mapping[str, str], wanted: set[str], stage: Iterable[str]
) -> Mapping[str, str]:
    if channel is None:
        return {}
    offered = Offers(channel, runtime, ()).packages
    spelled = {*names, *map(canonicalize_name, names.values())}
    staged = {name for name in spelled if is_staged_by_name(name, stage)}
    return spellings(names, offered, wanted, staged)


def _texts(read: Iterable[_Read], used: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(sorted({_text(r.requirement, used.get(r.name)) for r in read if r.requirement is not None}))


def _text(requirement: Requirement, used: str | None) -> str:
    if used is not None and requirement.url is None:
        requirement.name = used
    return str(requirement)

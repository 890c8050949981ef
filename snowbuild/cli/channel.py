"""`snowbuild channel`: what the account's Anaconda channel offers."""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
from packaging.utils import canonicalize_name

from snowbuild.channel.file import build_text, load_channel, make_channel, save_channel
from snowbuild.channel.listing import changes, channel_of
from snowbuild.channel.names import CHANNEL_NAMES
from snowbuild.channel.offers import Offers
from snowbuild.channel.repodata import PYTHONS, read_repodata
from snowbuild.cli import console
from snowbuild.cli.console import paint
from snowbuild.cli.options import common, formatted, on_target
from snowbuild.cli.workspace import choose_target, open_target
from snowbuild.codec import parse_json
from snowbuild.config import load
from snowbuild.config.suggest import nearest
from snowbuild.config.values import TargetConfig
from snowbuild.errors import ConfigError, SnowbuildError, SqlError
from snowbuild.runtime import Architecture, Runtime
from snowbuild.wording import counted, listed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from snowbuild.channel.listing import NameChange
    from snowbuild.channel.repodata import Content
    from snowbuild.channel.values import Channel, ChannelRelease
    from snowbuild.config.values import Config
    from snowbuild.snowflake.target import SnowflakeTarget

SHOWN_MISSING = 6
"""How many missing names a warning lists."""


@click.group("channel")
def channel_command() -> None:
    """Update or query the list of what the Anaconda channel offers."""


@channel_command.command("update")
@common
@on_target
@click.option("--connection", metavar="NAME", help="A connection from connections.toml, instead of a target.")
@click.option("--from", "files", type=click.Path(path_type=Path), multiple=True, metavar="REPODATA.JSON",
              help="conda's repodata.json instead of an account; repeat for each platform.")  # fmt: skip
def update_command(file: Path, target: str | None, connection: str | None, files: tuple[Path, ...]) -> None:
    """Write what an account offers to channel.json, and print what has changed."""
    if sum((target is not None, connection is not None, bool(files))) > 1:
        raise click.UsageError("--target, --connection and --from cannot be combined")
    config = load(file, files_must_exist=False)
    path = _path(config)
    before = _before(path)
    if files:
        after = _from_files(files)
    else:
        with _opened(config, target, connection) as opened:
            after = _from_account(opened, before, _served(config, target, connection))
    found = changes(before or make_channel("", ()), after)
    if before is not None and not found and before.origin == after.origin:
        console.notice(f"{path.name} is up to date: {_totals(before)}")
        return
    save_channel(replace(after, date=datetime.now(UTC).date().isoformat()), path)
    if before is not None:
        for line in map(change_line, found):
            console.result(line)
    console.notice(f"wrote {path.name}: {_summary(found) if before is not None else _totals(after)}")


@channel_command.command("show")
@common
@formatted("text", "json")
@click.argument("name")
def show_command(file: Path, output: str, name: str) -> None:
    """Show which versions of NAME each runtime is offered."""
    config = load(file)
    channel = load_channel(_path(config))
    names = tuple({**CHANNEL_NAMES, **dict(config.packages.names)}.items())
    offers = {(p, a): Offers(channel, Runtime.parse(p, a), names) for p in PYTHONS for a in Architecture}
    wanted = canonicalize_name(name)
    found = {place: offer.releases(wanted) for place, offer in offers.items()}
    releases = tuple(dict.fromkeys(release for some in found.values() for release in some))
    if not releases:
        known = sorted({package for offer in offers.values() for package in offer.packages})
        near = nearest(wanted, known)
        raise SnowbuildError(
            f"the channel does not offer {name}",
            where=_path(config).name,
            hint=f"did you mean {near}?" if near else "update the list with: snowbuild channel update",
        )
    if output == "json":
        console.result_json(_show_json(channel, releases))
    else:
        console.result("\n".join(show_lines(found)))


def change_line(change: NameChange) -> str:
    """`+ polars 1.0, 1.1`, `- absl-py`, `~ numpy +2.0.1 -1.21.0 (1.26.4: other builds or requirements)`."""
    if change.is_new:
        return f"{paint('+', fg='green')} {change.name} {', '.join(change.added)}"
    if change.is_gone:
        return f"{paint('-', fg='red')} {change.name}"
    words = [*(f"+{version}" for version in change.added), *(f"-{version}" for version in change.removed)]
    if change.altered:
        words.append(f"({', '.join(change.altered)}: other builds or requirements)")
    return f"{paint('~', fg='yellow')} {change.name} {' '.join(words)}"


def show_lines(found: dict[tuple[str, Architecture], tuple[ChannelRelease, ...]]) -> Iterator[str]:
    """The literal name, then a line for each runtime; runtimes that are offered the same share one."""
    releases = [release for some in found.values() for release in some]
    yield ", ".join(sorted({release.name for release in releases}))
    offered = {place: ", ".join(r.version for r in some) or "nothing" for place, some in found.items()}
    lines: dict[str, str] = {}
    for python in dict.fromkeys(python for python, _ in found):
        by_architecture = {architecture: offered[python, architecture] for architecture in Architecture}
        if len(set(by_architecture.values())) == 1:
            lines[python] = by_architecture[Architecture.X86_64]
        else:
            lines |= {f"{python} {architecture}": versions for architecture, versions in by_architecture.items()}
    if len(set(lines.values())) == 1:
        lines = {"any runtime": next(iter(lines.values()))}
    width = max(map(len, lines))
    for runtime, versions in lines.items():
        yield f"{runtime:<{width}}  {versions}"


def _show_json(channel: Channel, releases: Sequence[ChannelRelease]) -> dict[str, object]:
    return {
        "schema": "snowbuild.channel-show/1",
        "origin": channel.origin,
        "date": channel.date,
        "releases": [
            {
                "name": release.name,
                "version": release.version,
                "builds": [build_text(build) for build in release.builds] or ["*"],
                "requires": release.requires,
            }
            for release in releases
        ],
    }


def _path(config: Config) -> Path:
    if config.packages.channel is None:
        raise ConfigError(
            f"the service is {config.packages.service.value}, which needs no channel.json",
            where="packages.service",
            hint='set service = "channel"',
        )
    return config.packages.channel


def _before(path: Path) -> Channel | None:
    """The existing file; None if there is none or it cannot be read, so that it is rewritten."""
    if not path.exists():
        return None
    try:
        return load_channel(path)
    except ConfigError as exc:
        for problem in exc.problems:
            console.warning(f"{problem.where}: {problem.message}; rewriting it")
        return None


def _from_files(files: Sequence[Path]) -> Channel:
    content = read_repodata((path.name, _json(path)) for path in files)
    _warn_of_missing(content)
    return make_channel(f"conda's {', '.join(sorted(path.name for path in files))}", content.releases)


def _json(path: Path) -> object:
    try:
        return parse_json(path.read_bytes())
    except OSError as exc:
        raise ConfigError(f"cannot be read: {exc.strerror}", where=str(path)) from exc
    except ValueError as exc:
        raise ConfigError(f"not valid JSON: {exc}", where=str(path)) from exc


def _from_account(opened: SnowflakeTarget, before: Channel | None, served: Channel | None) -> Channel:
    from snowbuild.snowflake.channel import listed_packages, repodata

    origin = served.origin if served is not None else f"INFORMATION_SCHEMA.PACKAGES of {opened.account()}"
    rows = listed_packages(opened.rows)
    try:
        content = read_repodata(repodata(opened.rows))
    except SqlError as exc:
        if served is None:
            console.notice(f"builds and requirements were not read, because that needs the role ACCOUNTADMIN: {exc}")
        # A published version does not change: what was known about it still holds.
        return channel_of(origin, rows, before.releases if before is not None else ())
    _warn_of_missing(content)
    return channel_of(origin, rows, content.releases, content.others)


def _warn_of_missing(content: Content) -> None:
    if content.missing:
        names = listed(content.missing, SHOWN_MISSING)
        console.warning(f"left out requirements of packages that are in no repodata.json: {names}")


def _served(config: Config, target: str | None, connection: str | None) -> Channel | None:
    """What the local Snowflake serves: the project's own file or the sample; None for an account."""
    if connection is not None or not choose_target(config, target).is_local:
        return None
    from snowbuild.local import SAMPLE_CHANNEL

    path = _path(config)
    return load_channel(path if path.exists() else SAMPLE_CHANNEL)


@contextmanager
def _opened(config: Config, target: str | None, connection: str | None) -> Iterator[SnowflakeTarget]:
    if connection is None:
        with open_target(config, choose_target(config, target)) as opened:
            yield opened
        return
    from snowbuild.snowflake.connection import connect
    from snowbuild.snowflake.target import SnowflakeTarget

    # Database and schema are those of the connection.
    named = TargetConfig(name="", connection=connection, database="", schema="", stage="")
    with connect(named, os.environ) as session:
        yield SnowflakeTarget(session, named)


def _summary(found: Sequence[NameChange]) -> str:
    new = sum(change.is_new for change in found)
    gone = sum(change.is_gone for change in found)
    return f"{counted(new, 'name')} added, {gone} removed, {len(found) - new - gone} updated"


def _totals(channel: Channel) -> str:
    names = len({release.name for release in channel.releases})
    return f"{counted(names, 'name')}, {counted(len(channel.releases), 'version')}"

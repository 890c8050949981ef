"""The account's Anaconda channel: the project's channel.json, or a sample where there is none yet."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from snowbuild.channel.file import load_channel
from snowbuild.local.state.repodata import repodata

SAMPLE_CHANNEL = Path(__file__).with_name("channel.json")

State = tuple[Path, int, int]


def rows(channel: Path | None) -> list[tuple[str, str, str | None]]:
    """What INFORMATION_SCHEMA.PACKAGES shows: name, version and Python; None if the file does not say which.

    Raises:
        ConfigError: the file cannot be read.
    """
    releases = load_channel(_served(channel)).releases
    return [(r.name, r.version, python) for r in releases for python in r.pythons or (None,)]


def repodata_of(channel: Path | None, subdir: str) -> str:
    """What GET_ANACONDA_PACKAGES_REPODATA gives for a platform.

    Raises:
        ConfigError: the file cannot be read.
    """
    return _repodata(state(channel), subdir)


# `channel update` asks for all three platforms in turn.
@lru_cache(maxsize=3)
def _repodata(served: State, subdir: str) -> str:
    return repodata(load_channel(served[0]), subdir)


def state(channel: Path | None) -> State:
    """Changes whenever the served file does."""
    served = _served(channel)
    stat = served.stat()
    return served, stat.st_mtime_ns, stat.st_size


def _served(channel: Path | None) -> Path:
    return channel if channel is not None and channel.exists() else SAMPLE_CHANNEL

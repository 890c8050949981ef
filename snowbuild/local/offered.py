"""What INFORMATION_SCHEMA.PACKAGES shows: the project's channel.json, or a sample where there is none yet."""

from __future__ import annotations

from pathlib import Path

from snowbuild.resolve.channel import load_channel

SAMPLE_CHANNEL = Path(__file__).with_name("channel.json")


def rows(channel: Path | None) -> list[tuple[str, str, str | None]]:
    """Name, version and Python of every row; the Python is None where the file does not say.

    Raises:
        ConfigError: the file cannot be read.
    """
    releases = load_channel(_served(channel)).releases
    return [(r.name, r.version, python) for r in releases for python in r.pythons or (None,)]


def state(channel: Path | None) -> tuple[Path, int, int]:
    """Changes when the file that is served does."""
    served = _served(channel)
    stat = served.stat()
    return served, stat.st_mtime_ns, stat.st_size


def _served(channel: Path | None) -> Path:
    return channel if channel is not None and channel.exists() else SAMPLE_CHANNEL

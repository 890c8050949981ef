"""The input of resolution and its digest, without reading a channel that has not changed.

A whole channel has tens of thousands of versions, and a lock depends only on those that fit its runtime, however the
file is laid out. Parsing it to find that nothing has changed took longer than everything else in `snowbuild lock`, so
the digest is remembered for the file's bytes, in the project's state, which may be deleted at any time.
"""

from __future__ import annotations

from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING

from snowbuild import __version__
from snowbuild.channel import Channel, load_channel
from snowbuild.config.values import Service
from snowbuild.digest import sha256_bytes, sha256_file
from snowbuild.files.atomic import write_atomically
from snowbuild.resolve import inputs_digest, request_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from snowbuild.config.values import Config
    from snowbuild.resolve import ResolveRequest

NOTHING = Channel(origin="", releases=())


class DistributionInputs:
    """A configuration's request and its digest, each made on demand."""

    def __init__(self, config: Config, preferred: Mapping[str, str] | None = None) -> None:
        """`preferred` as for `request_of`; the digest does not depend on it."""
        self._config = config
        self._preferred = preferred
        self._channel = config.packages.channel if config.packages.service is Service.CHANNEL else None
        self._known = config.state / "inputs"

    @cached_property
    def request(self) -> ResolveRequest:
        """The request to the resolver.

        Raises:
            ConfigError: the channel file or a requirement cannot be read.
        """
        channel = None if self._channel is None else load_channel(self._channel)
        return request_of(self._config, preferred=self._preferred, channel=channel)

    @cached_property
    def digest(self) -> str:
        """As `inputs_digest`.

        Raises:
            ConfigError: as `request`.
            ResolutionError: a local wheel is missing.
        """
        if self._channel is None:
            return inputs_digest(self.request)
        key = self._key(self._channel)
        found = self._remembered(key)
        if found is None:
            found = inputs_digest(self.request)
            if key is not None:
                self._remember(key, found)
        return found

    def _key(self, channel: Path) -> str | None:
        """Everything that the digest depends on: the request without the channel, and the bytes of the channel file."""
        try:
            content = sha256_file(channel)
        except OSError:
            return None
        rest = inputs_digest(request_of(self._config, channel=NOTHING))
        return sha256_bytes(f"{__version__} {rest} {content}".encode())

    def _remembered(self, key: str | None) -> str | None:
        with suppress(OSError, UnicodeDecodeError):
            known, _, digest = self._known.read_text(encoding="ascii").partition(" ")
            if known == key and len(digest) == len(known):
                return digest
        return None

    def _remember(self, key: str, digest: str) -> None:
        # If it cannot be written, it is computed again each time.
        with suppress(OSError):
            self._known.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(self._known, f"{key} {digest}".encode())

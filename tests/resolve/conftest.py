"""Fixtures: indexes on loopback, and requests to them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

import pytest

from snowbuild.channel import Channel, ChannelRelease, make_channel
from snowbuild.config import Config, Dependencies, NativeWheels, Packages, Service
from snowbuild.resolve import request_of
from snowbuild.resolve import resolve as resolve_request
from snowbuild.runtime import Architecture, Runtime
from tests.resolve.index import Index

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from snowbuild.distribution import Distribution


class Resolve(Protocol):
    """Resolves against the test's index: requirements, then fields of [dependencies] and [packages]."""

    def __call__(
        self,
        *requirements: str,
        service: Service = Service.NONE,
        channel: Channel | None = None,
        runtime: Runtime = ...,
        native: NativeWheels = NativeWheels.ALLOW,
        preferred: Mapping[str, str] | None = None,
        stage: tuple[str, ...] = (),
        names: tuple[tuple[str, str], ...] = (),
        **dependencies: object,
    ) -> dict[str, Distribution]: ...


RUNTIME = Runtime.parse("3.11", Architecture.X86_64)


def channel_of(*releases: str) -> Channel:
    """A channel out of `name==version` texts."""
    pairs = (release.split("==") for release in releases)
    return make_channel("a test", [ChannelRelease(name=name, version=version) for name, version in pairs])


@pytest.fixture
def index() -> Iterator[Index]:
    with Index() as running:
        yield running


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return Config(
        path=tmp_path / "snowbuild.toml",
        name="test",
        runtime=RUNTIME,
        native_wheels=NativeWheels.ALLOW,
        packages=Packages(service=Service.NONE),
    )


@pytest.fixture
def resolve(index: Index, config: Config, tmp_path: Path) -> Resolve:
    def call(
        *requirements: str,
        service: Service = Service.NONE,
        channel: Channel | None = None,
        runtime: Runtime = RUNTIME,
        native: NativeWheels = NativeWheels.ALLOW,
        preferred: Mapping[str, str] | None = None,
        stage: tuple[str, ...] = (),
        names: tuple[tuple[str, str], ...] = (),
        **dependencies: object,
    ) -> dict[str, Distribution]:
        fields: dict[str, object] = {"index_urls": (index.url,), "requirements": requirements, **dependencies}
        wanted = replace(
            config,
            runtime=runtime,
            native_wheels=native,
            dependencies=replace(Dependencies(), **fields),  # type: ignore[arg-type]  # Checked by the dataclass.
            packages=Packages(service=Service.CHANNEL if channel else service, stage=stage, names=names),
        )
        request = request_of(wanted, channel=channel, preferred=preferred)
        return {d.name: d for d in resolve_request(request, cache=tmp_path / "cache")}

    return call

"""The digest of what distributions are resolved from, without reading an unchanged channel."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from snowbuild.channel import Channel, ChannelBuild, ChannelRelease, make_channel, save_channel
from snowbuild.config import Config, Dependencies, NativeWheels, Packages, Service
from snowbuild.errors import ConfigError, ResolutionError
from snowbuild.pipeline.inputs import DistributionInputs
from snowbuild.resolve import inputs_digest
from snowbuild.runtime import Architecture, Runtime

if TYPE_CHECKING:
    from pathlib import Path


def channel(*versions: str, python: str | None = None) -> Channel:
    builds = (ChannelBuild(python=python),) if python else ()
    return make_channel("a test", [ChannelRelease(name="numpy", version=v, builds=builds) for v in versions])


@pytest.fixture
def config(tmp_path: Path) -> Config:
    save_channel(channel("1.0", "2.0"), tmp_path / "channel.json")
    return Config(
        path=tmp_path / "snowbuild.toml",
        name="test",
        runtime=Runtime.parse("3.11", Architecture.X86_64),
        native_wheels=NativeWheels.ALLOW,
        dependencies=Dependencies(requirements=("numpy",)),
        packages=Packages(service=Service.CHANNEL, channel=tmp_path / "channel.json"),
    )


def test_it_is_the_digest_of_the_request_the_first_time_and_later(config: Config) -> None:
    expected = inputs_digest(DistributionInputs(config).request)

    assert [DistributionInputs(config).digest for _ in range(3)] == [expected] * 3
    assert DistributionInputs(config, {"numpy": "1.0"}).digest == expected


def test_an_unchanged_channel_is_not_read(config: Config) -> None:
    assert DistributionInputs(config).digest != "f" * 64
    key = (config.state / "inputs").read_text().partition(" ")[0]

    (config.state / "inputs").write_text(f"{key} {'f' * 64}")

    assert DistributionInputs(config).digest == "f" * 64


def test_the_layout_of_the_channel_file_does_not_count(config: Config) -> None:
    path = config.root / "channel.json"
    before = DistributionInputs(config).digest

    path.write_text(json.dumps(json.loads(path.read_text()), indent=8))
    assert DistributionInputs(config).digest == before
    save_channel(
        make_channel("a test", (*channel("1.0", "2.0").releases, *channel("3.0", python="3.9").releases)), path
    )
    assert DistributionInputs(config).digest == before
    save_channel(channel("1.0", "2.0", "3.0"), path)
    assert DistributionInputs(config).digest != before


def test_whatever_else_counts_still_does(config: Config) -> None:
    dependencies = config.dependencies
    others = [
        config,
        replace(config, runtime=Runtime.parse("3.12", Architecture.X86_64)),
        replace(config, native_wheels=NativeWheels.DENY),
        replace(config, dependencies=replace(dependencies, requirements=("numpy>1",))),
        replace(config, dependencies=replace(dependencies, constraints=("numpy<3",))),
        replace(config, dependencies=replace(dependencies, exclude=("pandas",))),
        replace(config, dependencies=replace(dependencies, prereleases=True)),
        replace(config, packages=replace(config.packages, stage=("numpy",))),
        replace(config, packages=replace(config.packages, names=(("numpy", "numpy-base"),))),
    ]

    digests = [DistributionInputs(other).digest for other in others]

    assert len(set(digests)) == len(others)
    assert digests == [inputs_digest(DistributionInputs(other).request) for other in others]


@pytest.mark.parametrize("content", [b"", b"\xff", b"nothing", b"a b c"])
def test_what_is_remembered_may_be_damaged_or_out_of_reach(config: Config, content: bytes) -> None:
    expected = DistributionInputs(config).digest
    (config.state / "inputs").write_bytes(content)
    assert DistributionInputs(config).digest == expected

    (config.state / "inputs").unlink()
    (config.state / "inputs").mkdir()
    assert DistributionInputs(config).digest == expected


def test_a_missing_channel_and_a_missing_wheel_are_told(config: Config) -> None:
    missing = replace(config, dependencies=Dependencies(requirements=("./mine-1.0-py3-none-any.whl",)))
    with pytest.raises(ResolutionError, match="the wheel cannot be read"):
        _ = DistributionInputs(missing).digest

    (config.root / "channel.json").unlink()
    with pytest.raises(ConfigError) as caught:
        _ = DistributionInputs(config).digest
    assert str(caught.value) == "channel.json: no such file\nhint: run `snowbuild channel update`"

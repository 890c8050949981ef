"""What the channel's data says of builds, requirements, versions and names, in the resolver."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from snowbuild.channel import Channel, ChannelBuild, ChannelRelease, make_channel
from snowbuild.distribution import Rule, Source
from snowbuild.errors import ResolutionError
from snowbuild.runtime import Architecture, Runtime
from tests.resolve.conftest import channel_of
from tests.resolve.index import Index, build_wheel

if TYPE_CHECKING:
    from snowbuild.distribution import Distribution
    from tests.resolve.conftest import Resolve

pytestmark = pytest.mark.integration

X86, ARM = Architecture.X86_64, Architecture.AARCH64


def with_data(name: str, version: str, *requires: str, builds: tuple[ChannelBuild, ...] = ()) -> ChannelRelease:
    return ChannelRelease(name=name, version=version, builds=builds, requires=tuple(sorted(requires)))


def channel(*releases: ChannelRelease) -> Channel:
    return make_channel("a test", releases)


def versions(found: dict[str, Distribution]) -> dict[str, str | None]:
    return {name: d.service_version for name, d in found.items()}


def test_a_version_of_the_channel_alone_has_the_requirements_of_its_data(resolve: Resolve, index: Index) -> None:
    index.add(
        build_wheel("pandas", "2.1.3", requires=["surprise"]),
        build_wheel("surprise"),
        build_wheel("pytz", "2024.1"),
        build_wheel("numpy", "1.26.4"),
    )
    data = channel(
        with_data(
            "pandas", "2.1.4", "numpy>=1.26", "pytz; python_version == '3.11'", "tomli; python_version == '3.10'"
        ),
        with_data("numpy", "1.26.4"),
    )

    found = resolve("pandas", channel=data)

    assert {d.name: (d.source, d.rule, d.service_version) for d in found.values()} == {
        "numpy": (Source.CHANNEL, Rule.SERVICE, "1.26.4"),
        "pandas": (Source.CHANNEL, Rule.SERVICE, "2.1.4"),
        "pytz": (Source.CHANNEL, Rule.IMPLIED, None),
    }
    assert found["pandas"].requires == ("numpy>=1.26", "pytz")
    # The nearest version would bring something else along, so that nothing stands in.
    assert found["pandas"].wheels == ()


def test_what_no_index_has_brings_what_its_data_says(resolve: Resolve) -> None:
    data = channel(with_data("conda_only", "1.0", "part==2.*"), with_data("part", "2.1"), with_data("part", "3.0"))

    found = resolve("conda-only", channel=data)

    assert versions(found) == {"conda-only": "1.0", "part": "2.1"}
    assert found["part"].required_by == ("conda-only",)


def test_wheels_of_the_version_tell_more_than_the_data(resolve: Resolve, index: Index) -> None:
    index.add(build_wheel("app", "1.0", requires=["foo"]), build_wheel("foo"), build_wheel("bar"))

    assert sorted(resolve("app", channel=channel(with_data("app", "1.0", "bar")))) == ["app", "foo"]


def test_requirements_that_cannot_be_read(resolve: Resolve) -> None:
    with pytest.raises(ResolutionError) as caught:
        resolve("odd", channel=channel(with_data("odd", "1.0", "no way!")))

    assert str(caught.value) == (
        "odd 1.0: the channel lists an invalid requirement: no way!\n"
        "hint: rewrite channel.json with `snowbuild channel update`"
    )


@pytest.mark.parametrize(
    ("python", "architecture", "version"), [("3.11", X86, "2.0"), ("3.11", ARM, "1.0"), ("3.12", X86, "3.0")]
)
def test_builds_are_for_a_python_and_an_architecture(
    resolve: Resolve, python: str, architecture: Architecture, version: str
) -> None:
    data = channel(
        with_data("a", "1.0"),
        with_data("a", "2.0", builds=(ChannelBuild(python="3.11", architecture=X86),)),
        with_data("a", "3.0", builds=(ChannelBuild(python="3.12"),)),
    )

    assert versions(resolve("a", channel=data, runtime=Runtime.parse(python, architecture))) == {"a": version}


@pytest.mark.parametrize(
    ("requirement", "version"),
    [
        ("python-dateutil", "2.9.0post0+snowflake2"),
        ("python-dateutil==2.9.0.post0", "2.9.0post0+snowflake2"),
        ("python-dateutil==2.9.0post0+snowflake1", "2.9.0post0+snowflake1"),
        ("python-dateutil==2.9.0.post0+snowflake1", "2.9.0post0+snowflake1"),
        ("python-dateutil<2.9", "2.8.2"),
    ],
)
def test_local_versions_can_be_named(resolve: Resolve, index: Index, requirement: str, version: str) -> None:
    index.add(build_wheel("python-dateutil", "2.9.0.post0", requires=["six"]), build_wheel("python-dateutil", "2.8.2"))
    index.add(build_wheel("six"))
    data = channel_of(
        "python-dateutil==2.9.0post0+snowflake1",
        "python-dateutil==2.9.0post0+snowflake2",
        "python-dateutil==2.8.2",
        "python-dateutil==not a version",
    )

    found = resolve(requirement, channel=data)["python-dateutil"]

    assert found.service_version == version
    assert found.version == version.partition("+")[0].replace("0post", "0.post")
    assert len(found.wheels) == 1


def test_a_locked_local_version_is_kept(resolve: Resolve) -> None:
    data = channel_of("a==1.0+snowflake1", "a==1.0+snowflake2", "a==2.0")

    assert versions(resolve("a", channel=data, preferred={"a": "1.0+snowflake1"})) == {"a": "1.0+snowflake1"}
    assert versions(resolve("a", channel=data, preferred={"a": "1.0"})) == {"a": "1.0+snowflake2"}


def test_two_spellings_are_one_package(resolve: Resolve, index: Index) -> None:
    index.add(
        build_wheel("app", requires=["torch>=2", "xgboost-cpu<3", "boost; extra == 'boost'"], extras=["boost"]),
        build_wheel("boost", requires=["XGBoost_CPU<2.1", "xgboost>=2", "opencv-python"]),
        build_wheel("torch", "2.5.1"),
        build_wheel("xgboost", "2.0.3"),
        build_wheel("opencv-python-headless", "4.10.0.84"),
    )
    data = channel_of("pytorch==2.5.1", "pytorch==3.0", "xgboost==2.0.3", "xgboost==2.1.4", "opencv==4.10.0")

    found = resolve("app[boost]", "pytorch<3", channel=data, stage=("app", "boost"))

    assert {d.name: (d.service_name, d.service_version) for d in found.values()} == {
        "app": (None, None),
        "boost": (None, None),
        "opencv-python-headless": ("opencv", "4.10.0"),
        "torch": ("pytorch", "2.5.1"),
        "xgboost": ("xgboost", "2.0.3"),
    }
    assert found["app"].requires == ("boost", "torch>=2", "xgboost<3")


def test_the_spelling_of_the_project_is_used(resolve: Resolve, index: Index) -> None:
    index.add(build_wheel("app", requires=["xgboost"]), build_wheel("xgboost-cpu", "2.1.4"))

    found = resolve("app", "xgboost-cpu", channel=channel_of("xgboost==2.1.4"))

    assert {d.name: d.service_name for d in found.values()} == {"app": None, "xgboost-cpu": "xgboost"}


def test_an_excluded_package_is_so_by_all_its_names(resolve: Resolve, index: Index) -> None:
    index.add(build_wheel("app", requires=["xgboost", "opencv-python"]))

    found = resolve("app", channel=channel_of("xgboost==2.1.4", "opencv==4.10"), exclude=("xgboost-cpu", "opencv"))

    assert sorted(found) == ["app"]

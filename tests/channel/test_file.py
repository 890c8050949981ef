"""channel.json and what a channel offers."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snowbuild.channel import (
    Channel,
    ChannelBuild,
    ChannelRelease,
    dump_channel,
    load_channel,
    make_channel,
    save_channel,
)
from snowbuild.channel.file import minimal_builds
from snowbuild.channel.offers import Offers
from snowbuild.errors import ConfigError
from snowbuild.runtime import Architecture, Runtime

SAMPLE = Path(__file__).parents[2] / "examples" / "insurance" / "channel.json"

X86, ARM = Architecture.X86_64, Architecture.AARCH64
RUNTIME = Runtime.parse("3.11", X86)
RUNTIMES = [Runtime.parse(python, architecture) for python in ("3.10", "3.11", "3.12") for architecture in (X86, ARM)]

builds = st.builds(
    ChannelBuild, python=st.sampled_from([None, "3.10", "3.11", "3.12"]), architecture=st.sampled_from([None, X86, ARM])
)
releases = st.builds(
    ChannelRelease,
    name=st.text(min_size=1, max_size=8),
    version=st.sampled_from(["1.0", "1.10", "1.9", "2.9.0post0+snowflake1", "2021a_1", "odd version"]),
    builds=st.lists(builds).map(tuple),
    requires=st.none() | st.lists(st.sampled_from(["numpy>=1.21", "six", "pytz; python_version == '3.11'"])).map(tuple),
)


def pythons(*versions: str) -> tuple[ChannelBuild, ...]:
    return tuple(ChannelBuild(python=version) for version in versions)


@given(st.builds(make_channel, st.text(), st.lists(releases), date=st.sampled_from([None, "2026-11-23"])))
def test_the_file_gives_the_channel_back(tmp_path_factory: pytest.TempPathFactory, channel: Channel) -> None:
    path = tmp_path_factory.mktemp("channel") / "channel.json"
    save_channel(channel, path)

    assert load_channel(path) == channel
    assert path.read_text(encoding="utf-8") == dump_channel(channel)


@given(st.lists(releases))
def test_the_order_of_the_releases_does_not_matter(found: list[ChannelRelease]) -> None:
    assert make_channel("x", found) == make_channel("x", reversed(found))


def test_one_version_a_line() -> None:
    channel = make_channel(
        "somewhere",
        [
            ChannelRelease(name="numpy", version="1.26.4", builds=pythons("3.11", "3.9")),
            ChannelRelease(name="numpy", version="1.9"),
            ChannelRelease(name="numpy", version="1.26.4", builds=pythons("3.10")),
        ],
    )

    assert dump_channel(channel) == (
        '{\n  "schema": "snowbuild.channel/1",\n  "origin": "somewhere",\n  "packages": {\n    "numpy": {\n'
        '      "1.9": ["*"],\n      "1.26.4": ["3.9", "3.10", "3.11"]\n    }\n  }\n}\n'
    )


@given(st.lists(builds))
def test_minimal_builds_fit_the_same_runtimes(found: list[ChannelBuild]) -> None:
    minimal = minimal_builds(found)

    for runtime in RUNTIMES:
        fits = any(build.fits(runtime) for build in found)
        assert any(build.fits(runtime) for build in minimal) == fits or (minimal == () and fits)
    assert minimal_builds(reversed(minimal)) == minimal
    assert len(minimal) <= len(set(found))


def test_builds_and_requirements_stand_beside_the_plain_lists() -> None:
    only_x86 = ChannelBuild(python="3.12", architecture=X86)
    channel = make_channel(
        "somewhere",
        [
            ChannelRelease(name="a", version="1.0", builds=(only_x86, *pythons("3.11"))),
            ChannelRelease(name="a", version="1.1", builds=pythons("3.11"), requires=("six", "b>=1")),
            ChannelRelease(name="a", version="1.2", requires=()),
            ChannelRelease(name="a", version="1.3", builds=(only_x86, ChannelBuild(python="3.12", architecture=ARM))),
        ],
        date="2026-11-23",
    )

    assert dump_channel(channel) == (
        '{\n  "schema": "snowbuild.channel/1",\n  "origin": "somewhere",\n  "date": "2026-11-23",\n'
        '  "packages": {\n    "a": {\n'
        '      "1.0": ["3.11", "3.12 x86_64"],\n'
        '      "1.1": {"builds": ["3.11"], "requires": ["b>=1", "six"]},\n'
        '      "1.2": {"builds": ["*"], "requires": []},\n'
        '      "1.3": ["3.12"]\n    }\n  }\n}\n'
    )
    offered = {str(r): [o.version for o in Offers(channel, r, ()).releases("a")] for r in RUNTIMES[2:]}
    assert list(offered.values()) == [["1.0", "1.1", "1.2"]] * 2 + [["1.0", "1.2", "1.3"], ["1.2", "1.3"]]


def test_a_library_of_the_same_name_is_no_distribution() -> None:
    channel = make_channel(
        "x", [ChannelRelease(name="graphviz", version="2.50"), ChannelRelease(name="x", version="1")]
    )

    assert Offers(channel, RUNTIME, (("graphviz", "python-graphviz"),)).releases("graphviz") == ()
    assert [r.version for r in Offers(channel, RUNTIME, (("graphviz", "graphviz"),)).releases("graphviz")] == ["2.50"]


def test_the_sample_is_called_one() -> None:
    channel = load_channel(SAMPLE)

    assert channel.origin.startswith("a sample, not the whole channel: ")
    assert SAMPLE.read_text(encoding="utf-8") == dump_channel(channel)
    offers = Offers(channel, RUNTIME, (("torch", "pytorch"),))
    assert [r.version for r in offers.releases("torch")] == ["2.5.1"]
    assert [r.name for r in offers.releases("importlib-resources")] == ["importlib_resources"]


def test_offers_go_by_python_and_by_public_version() -> None:
    channel = make_channel(
        "x",
        [
            ChannelRelease(name="importlib_metadata", version="7.0", builds=pythons("3.11")),
            ChannelRelease(name="importlib-metadata", version="8.0"),
            ChannelRelease(name="importlib-metadata", version="9.0", builds=pythons("3.12")),
            ChannelRelease(name="six", version="1.16"),
            ChannelRelease(name="six", version="1.16+snowflake2"),
            ChannelRelease(name="six", version="1.16+snowflake1"),
        ],
    )
    offers = Offers(channel, RUNTIME, ())

    assert {str(v): (r.name, r.version) for v, r in offers.versions("importlib-metadata").items()} == {
        "7.0": ("importlib_metadata", "7.0"),
        "8.0": ("importlib-metadata", "8.0"),
    }
    assert {str(v): r.version for v, r in offers.versions("six").items()} == {
        "1.16": "1.16",
        "1.16+snowflake1": "1.16+snowflake1",
        "1.16+snowflake2": "1.16+snowflake2",
    }
    assert offers.versions("absent") == {}


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load_channel(tmp_path / "channel.json")

    assert str(caught.value) == "channel.json: no such file\nhint: run `snowbuild channel update`"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "channel.json:1:2: not valid JSON: Expecting property name enclosed in double quotes"),
        ("[]", "channel.json: expected an object"),
        ('{"a": 1, "a": 2}', 'channel.json: duplicate key "a"'),
        (
            '{"schema": "snowbuild.channel/2", "more": 1}',
            'channel.json: schema: expected "snowbuild.channel/1", found "snowbuild.channel/2"\n'
            "channel.json: origin: expected text that says where the list comes from\n"
            "channel.json: more: unknown key\n"
            "channel.json: packages: expected an object of names",
        ),
        (
            '{"schema": "snowbuild.channel/1", "origin": "", "date": 3, "packages": {"a": [], "b": {"1": ["3"]}, '
            '"c": {"1": [], "2": {"builds": ["3.11 mips"], "extra": 1}, "3": {"requires": [1]}}}}',
            "channel.json: date: expected a day such as 2026-11-23\n"
            "channel.json: packages.a: expected an object of versions\n"
            'channel.json: packages.b.1: expected a list of builds such as ["3.11", "3.12 x86_64"], or ["*"]\n'
            'channel.json: packages.c.1: expected a list of builds such as ["3.11", "3.12 x86_64"], or ["*"]\n'
            'channel.json: packages.c.2.builds: expected a list of builds such as ["3.11", "3.12 x86_64"], or ["*"]\n'
            "channel.json: packages.c.2.requires: expected a list of requirements\n"
            "channel.json: packages.c.2.extra: unknown key\n"
            'channel.json: packages.c.3.builds: expected a list of builds such as ["3.11", "3.12 x86_64"], or ["*"]\n'
            "channel.json: packages.c.3.requires: expected a list of requirements",
        ),
    ],
)
def test_problems_are_all_reported_with_their_places(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "channel.json"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(ConfigError) as caught:
        load_channel(path)

    assert str(caught.value) == message

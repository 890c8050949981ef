"""channel.json and what a channel offers."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.version import Version

from snowbuild.errors import ConfigError
from snowbuild.resolve import Channel, ChannelRelease, dump_channel, load_channel, make_channel, save_channel
from snowbuild.resolve.channel import Offers

SAMPLE = Path(__file__).parents[2] / "examples" / "insurance" / "channel.json"

releases = st.builds(
    ChannelRelease,
    name=st.text(min_size=1, max_size=8),
    version=st.sampled_from(["1.0", "1.10", "1.9", "2.9.0post0+snowflake1", "2021a_1", "odd version"]),
    pythons=st.lists(st.sampled_from(["3.9", "3.10", "3.11"]), unique=True).map(tuple),
)


@given(st.builds(make_channel, st.text(), st.lists(releases)))
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
            ChannelRelease(name="numpy", version="1.26.4", pythons=("3.11", "3.9")),
            ChannelRelease(name="numpy", version="1.9"),
            ChannelRelease(name="numpy", version="1.26.4", pythons=("3.10",)),
        ],
    )

    assert dump_channel(channel) == (
        '{\n  "schema": "snowbuild.channel/1",\n  "origin": "somewhere",\n  "packages": {\n    "numpy": {\n'
        '      "1.9": ["*"],\n      "1.26.4": ["3.9", "3.10", "3.11"]\n    }\n  }\n}\n'
    )


def test_the_sample_is_called_one() -> None:
    channel = load_channel(SAMPLE)

    assert channel.origin.startswith("a sample, not the whole channel: ")
    assert SAMPLE.read_text(encoding="utf-8") == dump_channel(channel)
    offers = Offers(channel, "3.11", (("torch", "pytorch"),))
    assert [r.version for r in offers.releases("torch")] == ["2.5.1"]
    assert [r.name for r in offers.releases("importlib-resources")] == ["importlib_resources"]


def test_offers_go_by_python_and_by_public_version() -> None:
    channel = make_channel(
        "x",
        [
            ChannelRelease(name="importlib_metadata", version="7.0", pythons=("3.11",)),
            ChannelRelease(name="importlib-metadata", version="8.0"),
            ChannelRelease(name="importlib-metadata", version="9.0", pythons=("3.12",)),
            ChannelRelease(name="six", version="1.16"),
            ChannelRelease(name="six", version="1.16+snowflake2"),
            ChannelRelease(name="six", version="1.16+snowflake1"),
        ],
    )
    offers = Offers(channel, "3.11", ())

    assert {str(v): (r.name, r.version) for v, r in offers.versions("importlib-metadata").items()} == {
        "7.0": ("importlib_metadata", "7.0"),
        "8.0": ("importlib-metadata", "8.0"),
    }
    assert offers.versions("six")[Version("1.16")].version == "1.16+snowflake2"
    assert offers.versions("absent") == {}


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load_channel(tmp_path / "channel.json")

    assert str(caught.value) == "channel.json: no such file\nhint: write it with: snowbuild channel update"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "channel.json:1:2: no valid JSON: Expecting property name enclosed in double quotes"),
        ("[]", "channel.json: expected an object"),
        ('{"a": 1, "a": 2}', 'channel.json: the key "a" stands there twice'),
        (
            '{"schema": "snowbuild.channel/2", "more": 1}',
            'channel.json: schema: expected "snowbuild.channel/1", found "snowbuild.channel/2"\n'
            "channel.json: origin: expected a text that says where the list comes from\n"
            "channel.json: more: unknown key\n"
            "channel.json: packages: expected an object of names",
        ),
        (
            '{"schema": "snowbuild.channel/1", "origin": "", "packages": {"a": [], "b": {"1": ["3"]}, "c": {"1": []}}}',
            "channel.json: packages.a: expected an object of versions\n"
            'channel.json: packages.b.1: expected a list of Pythons such as ["3.11"], or ["*"]\n'
            'channel.json: packages.c.1: expected a list of Pythons such as ["3.11"], or ["*"]',
        ),
    ],
)
def test_problems_are_all_reported_with_their_places(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "channel.json"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(ConfigError) as caught:
        load_channel(path)

    assert str(caught.value) == message

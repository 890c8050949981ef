"""What the channel's file knows, as conda's index and back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from snowbuild.channel import load_channel
from snowbuild.channel.file import make_channel
from snowbuild.channel.listing import Listed, channel_of
from snowbuild.channel.repodata import SUBDIRS, read_repodata
from snowbuild.channel.values import ChannelBuild, ChannelRelease
from snowbuild.errors import SqlError
from snowbuild.local.state import offered
from snowbuild.local.state.repodata import repodata
from snowbuild.runtime import Architecture
from snowbuild.snowflake.channel import listed_packages
from snowbuild.snowflake.channel import repodata as served
from tests.local.test_offered import target

if TYPE_CHECKING:
    from snowflake.snowpark import Session

    from snowbuild.channel.values import Channel

CONDA = Path(__file__).parents[1] / "channel" / "repodata"


def again(channel: Channel) -> Channel:
    """A channel after its way through repodata.json."""
    content = read_repodata((subdir, json.loads(repodata(channel, subdir))) for subdir in SUBDIRS)
    assert content.missing == ()
    return make_channel(channel.origin, content.releases)


def test_nothing_gets_lost() -> None:
    content = read_repodata((file.name, json.loads(file.read_bytes())) for file in CONDA.iterdir())
    channel = make_channel("conda", content.releases)

    assert len(channel.releases) > 10
    assert again(channel) == channel


def test_what_only_some_builds_require_is_required_by_them() -> None:
    channel = make_channel(
        "mine",
        [
            ChannelRelease(name="pytorch", version="2.5.1", requires=()),
            ChannelRelease(
                name="a",
                version="1",
                builds=(ChannelBuild(python="3.11"), ChannelBuild(python="3.12", architecture=Architecture.X86_64)),
                requires=("torch>=2; python_version == '3.12'",),
            ),
            ChannelRelease(name="b", version="1.0post1", requires=("a==1; platform_machine == 'aarch64'",)),
        ],
    )

    assert again(channel) == channel
    found = json.loads(repodata(channel, "linux-64"))["packages.conda"]
    assert {name: build["depends"] for name, build in found.items() if build["name"] == "a"} == {
        "a-1-py311_0.conda": ["python >=3.11,<3.12.0a0"],
        "a-1-py312_0.conda": ["python >=3.12,<3.13.0a0", "pytorch >=2"],
    }


def test_nothing_is_claimed_where_requirements_are_unknown() -> None:
    assert json.loads(repodata(load_channel(offered.SAMPLE_CHANNEL), "noarch")) == {
        "info": {"subdir": "noarch"},
        "packages": {},
        "packages.conda": {},
        "removed": [],
        "repodata_version": 1,
    }


@pytest.mark.integration
def test_the_adapter_reads_it(session: Session) -> None:
    opened = target(session)

    content = read_repodata(served(opened.rows))

    found = channel_of("x", listed_packages(opened.rows), content.releases, content.others)
    assert found.releases == load_channel(offered.SAMPLE_CHANNEL).releases
    assert Listed(name="numpy", version="1.26.4") in listed_packages(opened.rows)


@pytest.mark.integration
def test_who_may_ask_for_what(session: Session) -> None:
    opened = target(session)
    call = "SELECT SNOWFLAKE.SNOWPARK.GET_ANACONDA_PACKAGES_REPODATA('{}')"

    ((name, document),) = opened.rows(call.format("linux-64"))[0].items()
    assert name == "SNOWFLAKE.SNOWPARK.GET_ANACONDA_PACKAGES_REPODATA('LINUX-64')"
    assert json.loads(document)["info"] == {"subdir": "linux-64"}
    with pytest.raises(SqlError, match=r"invalid value \[win-64\] for parameter 'architecture'"):
        opened.rows(call.format("win-64"))
    with pytest.raises(SqlError, match=r"Unknown user-defined function SNOWFLAKE\.SNOWPARK\.NOSUCH\."):
        opened.rows("SELECT snowflake.snowpark.nosuch('x')")
    session.sql("USE ROLE PUBLIC").collect()
    unknown = r"Unknown user-defined function SNOWFLAKE\.SNOWPARK\.GET_ANACONDA_PACKAGES_REPODATA\."
    with pytest.raises(SqlError, match=unknown):
        opened.rows(call.format("noarch"))

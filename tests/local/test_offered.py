"""What INFORMATION_SCHEMA.PACKAGES shows, and what is installed, as the adapter of real accounts reads them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from snowbuild.channel import load_channel
from snowbuild.channel.listing import channel_of
from snowbuild.config import Service, TargetConfig
from snowbuild.distribution import Distribution, Rule, Source
from snowbuild.local.state import offered
from snowbuild.lock import Inputs, Lock
from snowbuild.plan.installed import installed_differences
from snowbuild.snowflake.channel import listed_packages
from snowbuild.snowflake.target import SnowflakeTarget
from snowbuild.sql import Signature
from tests.local.servers import PANDAS

if TYPE_CHECKING:
    from pathlib import Path

    from snowflake.snowpark import Session


def target(session: Session) -> SnowflakeTarget:
    schema = (session.get_current_schema() or "").strip('"')
    return SnowflakeTarget(session, TargetConfig(name="local", database="LOCAL", schema=schema, stage="FILES"))


def test_rows_have_a_python_where_the_file_says_one(tmp_path: Path) -> None:
    path = tmp_path / "channel.json"
    path.write_text(
        '{"schema": "snowbuild.channel/1", "origin": "mine", "packages": {"a": {"1": ["3.11", "3.12 x86_64"], "2": '
        '{"builds": ["* aarch64"], "requires": []}}}}'
    )

    assert offered.rows(path) == [("a", "1", "3.11"), ("a", "1", "3.12"), ("a", "2", None)]


def test_without_a_file_it_is_the_sample_and_a_new_file_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "channel.json"
    sample = offered.rows(None)

    assert len(sample) == 52
    assert offered.rows(path) == sample
    before = offered.state(path)
    path.write_text('{"schema": "snowbuild.channel/1", "origin": "mine", "packages": {}}')
    written = offered.state(path)
    os.utime(path, ns=(1, 1))
    assert len({before, written, offered.state(path)}) == 3


@pytest.mark.integration
def test_the_adapter_reads_the_sample(session: Session) -> None:
    opened = target(session)

    found = channel_of("x", listed_packages(opened.rows))

    assert found.releases == load_channel(offered.SAMPLE_CHANNEL).releases
    assert opened.account() == "LOCAL-LOCAL"


@pytest.mark.integration
def test_what_is_installed_is_compared_with_the_lock(session: Session) -> None:
    session.sql(
        "CREATE FUNCTION f(a FLOAT) RETURNS FLOAT LANGUAGE PYTHON RUNTIME_VERSION = '3.11' "
        f"PACKAGES = ('{PANDAS}') HANDLER = 'f' AS 'def f(a):\n    return a\n'"
    ).collect()
    name, _, version = PANDAS.partition("==")

    installed = target(session).installed_packages(Signature("F", ("FLOAT",)))

    assert PANDAS in installed
    pins = [("pandas", "0.1"), ("absent", "1.0"), *(p.split("==") for p in installed if p != PANDAS)]
    lock = Lock(
        inputs=Inputs(distributions="", functions=""),
        python="3.11.9",
        architecture="x86_64",
        service=Service.REPOSITORY,
        distributions=tuple(
            Distribution(
                name=n, version=v, source=Source.REPOSITORY, rule=Rule.SERVICE, service_name=n, service_version=v
            )
            for n, v in pins
        ),
    )
    assert list(map(str, installed_differences(lock, installed))) == [
        "absent 1.0 is locked, but not installed",
        f"{name} {version} is installed, but 0.1 is locked",
    ]

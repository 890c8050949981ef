"""`snowbuild channel`, against the local Snowflake and against files."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from snowbuild.channel import load_channel
from snowbuild.local import SAMPLE_CHANNEL
from tests.cli.runner import snowbuild

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.integration

REPODATA = Path(__file__).parents[1] / "channel" / "repodata"
EXAMPLE = Path(__file__).parents[2] / "examples" / "insurance" / "channel.json"
PROJECT = """
[project]
name = "p"
[runtime]
python = "3.11"
"""
FROM = [option for subdir in ("linux-64", "linux-aarch64", "noarch") for option in ("--from", f"{subdir}.json")]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "snowbuild.toml").write_text(PROJECT)
    for file in REPODATA.iterdir():
        shutil.copy(file, tmp_path)
    return tmp_path


@pytest.fixture
def local_folder(folder: Path) -> Iterator[Path]:
    yield folder
    snowbuild(folder, "local", "down")


@pytest.mark.slow
def test_the_local_snowflake_serves_a_sample_and_then_the_file(local_folder: Path) -> None:
    path = local_folder / "channel.json"

    ran = snowbuild(local_folder, "channel", "update")
    assert (ran.code, ran.out, ran.err) == (0, "", "wrote channel.json: 52 names, 52 versions\n")
    assert load_channel(path).releases == load_channel(SAMPLE_CHANNEL).releases
    assert load_channel(path).origin == load_channel(SAMPLE_CHANNEL).origin

    # What is known of builds and requirements does not get lost on its way through SQL.
    assert snowbuild(local_folder, "channel", "update", *FROM).code == 0
    written = path.read_bytes()
    ran = snowbuild(local_folder, "channel", "update", "--target", "local")
    assert (ran.code, ran.err) == (0, "channel.json is up to date: 15 names, 16 versions\n")
    assert path.read_bytes() == written


def test_changes_are_printed(folder: Path) -> None:
    path = folder / "channel.json"
    path.write_text(
        '{"schema": "snowbuild.channel/1", "origin": "mine", "packages": {"absl-py": {"1.4.0": ["*"]}, '
        '"numpy": {"1.21": ["3.11"], "1.26.4": ["3.11"]}, "six": {"1.16.0": ["*"]}}}'
    )

    ran = snowbuild(folder, "channel", "update", "--from", "noarch.json")

    assert ran.code == 0, ran.err
    assert ran.out.splitlines() == [
        "- absl-py",
        "- numpy",
        "+ python-dateutil 2.9.0post0+snowflake1",
        "+ python-tzdata 2023.3",
        "+ pytz 2024a, odd version",
        "~ six (1.16.0: other builds or requirements)",
        "+ typing_extensions 4.11.0",
    ]
    assert ran.err == "wrote channel.json: 4 names added, 2 removed, 1 updated\n"
    assert load_channel(path).origin == "conda's noarch.json"
    assert load_channel(path).date is not None


def test_a_damaged_file_is_written_anew(folder: Path) -> None:
    (folder / "channel.json").write_text("{")

    ran = snowbuild(folder, "channel", "update", *FROM)

    assert (ran.code, ran.out) == (0, "")
    assert ran.err.splitlines() == [
        "warning: channel.json:1:2: not valid JSON: Expecting property name enclosed in double quotes; rewriting it",
        "warning: left out requirements of packages that are in no repodata.json: bottleneck, sympy",
        "wrote channel.json: 15 names, 16 versions",
    ]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--from", "absent.json"], "error: absent.json: cannot be read: No such file or directory\n"),
        (
            ["--from", "snowbuild.toml"],
            "error: snowbuild.toml: not valid JSON: Expecting value: line 2 column 2 (char 2)\n",
        ),
        (
            ["--target", "prod"],
            "error: --target: no such target: prod\nhint: known targets: local\n",
        ),
    ],
)
def test_nothing_is_written_when_there_is_nothing_to_write(folder: Path, options: list[str], message: str) -> None:
    ran = snowbuild(folder, "channel", "update", *options)

    assert (ran.code, ran.out, ran.err) == (1, "", message)
    assert not (folder / "channel.json").exists()


def test_options_exclude_each_other(folder: Path) -> None:
    ran = snowbuild(folder, "channel", "update", "--connection", "c", "--from", "noarch.json")

    assert ran.code == 1
    assert ran.err.endswith("Error: --target, --connection and --from cannot be combined\n")


def test_a_connection_that_is_not_there(folder: Path) -> None:
    ran = snowbuild(folder, "channel", "update", "--connection", "nowhere", SNOWFLAKE_HOME=str(folder))

    assert (ran.code, ran.out) == (1, "")
    assert ran.err == (
        "error: --connection: no connection 'nowhere' in connections.toml; known: none\n"
        "hint: run `snow connection add`, or set SNOWFLAKE_ACCOUNT, SNOWFLAKE_USER and your credentials\n"
    )


def test_another_service_needs_no_channel(folder: Path) -> None:
    (folder / "snowbuild.toml").write_text(PROJECT + '[packages]\nservice = "repository"\n')

    ran = snowbuild(folder, "channel", "update", "--from", "noarch.json")

    assert (ran.code, ran.err) == (
        1,
        "error: packages.service: the service is repository, which needs no channel.json\n"
        'hint: set service = "channel"\n',
    )


def test_show(folder: Path) -> None:
    assert snowbuild(folder, "channel", "update", *FROM).code == 0

    assert snowbuild(folder, "channel", "show", "torch").out.splitlines() == [
        "pytorch",
        "3.10          nothing",
        "3.11 x86_64   2.5.1",
        "3.11 aarch64  nothing",
        "3.12          nothing",
        "3.13          nothing",
        "3.14          nothing",
    ]
    assert snowbuild(folder, "channel", "show", "tzdata").out == "python-tzdata\nany runtime  2023.3\n"
    assert json.loads(snowbuild(folder, "channel", "show", "scipy", "--format", "json").out) == {
        "schema": "snowbuild.channel-show/1",
        "origin": "conda's linux-64.json, linux-aarch64.json, noarch.json",
        "date": load_channel(folder / "channel.json").date,
        "releases": [
            {"name": "scipy", "version": "1.11.3", "builds": ["3.11 x86_64"], "requires": ["numpy<1.28,>=1.21.6"]}
        ],
    }
    ran = snowbuild(folder, "channel", "show", "numpi")
    assert (ran.code, ran.err) == (
        1,
        "error: channel.json: the channel does not offer numpi\nhint: did you mean numpy?\n",
    )


def test_the_local_snowflakes_sample_is_the_examples() -> None:
    assert SAMPLE_CHANNEL.read_bytes() == EXAMPLE.read_bytes()

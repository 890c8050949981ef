"""`snowbuild explain`, from a lockfile alone."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import click
import pytest

from snowbuild.cli.explain import distribution_text, tree_text
from snowbuild.lock import write_lock
from snowbuild.lock.explain import Explanation
from tests.cli.runner import snowbuild
from tests.lock.samples import LOCK

if TYPE_CHECKING:
    from pathlib import Path

SAMPLE = Explanation(LOCK)


def about(name: str) -> str:
    return click.unstyle(distribution_text(SAMPLE, SAMPLE.find(name)))


def digest(name: str, number: int = 0) -> str:
    return SAMPLE[name].wheels[number].sha256


def test_tree() -> None:
    assert click.unstyle(tree_text(SAMPLE)) == (
        "snowbuild.toml\n"
        "├── app 1.0  stage  app[fast]==1.0\n"
        "│   ├── helper 1.0  stage  helper>=1\n"
        "│   │   ├── deep 1.0  stage  deep\n"
        "│   │   └── shared 1.0  stage  shared>1\n"
        "│   ├── pandas 2.1.4  channel  pandas<3\n"
        "│   │   ├── pytz 2026.6  channel, implied  pytz>=2020.1\n"
        "│   │   └── shared 1.0  stage  shared\n"
        "│   └── psutil 5.9.0  channel  psutil<7\n"
        "├── mine 2.0  stage  wheels/mine-2.0-py3-none-any.whl\n"
        "└── only-there 1.5  channel  only-there\n"
        "\n"
        "channel    4 distributions   12.3 MB  (installed by Snowflake; these wheels stand in locally)\n"
        "stage      5 distributions     27 kB"
    )


def test_sources_have_their_colours() -> None:
    text = tree_text(SAMPLE)
    assert click.style("psutil 5.9.0", fg="cyan") in text
    assert click.style("app 1.0", fg="magenta") in text


def test_empty_lock() -> None:
    assert tree_text(Explanation(replace(LOCK, requirements=(), distributions=()))) == "snowbuild.toml requires nothing"


def test_on_the_stage() -> None:
    assert about("helper") == (
        "helper 1.0\n"
        "  source    stage: not offered by the package service\n"
        "  licence   BSD License\n"
        "  index     https://index.invalid/simple\n"
        "  wheel     helper-1.0-py3-none-any.whl (pure Python)\n"
        "  size      5 kB\n"
        f"  digest    sha256:{digest('helper')}\n"
        "  required by\n"
        "    └── app 1.0  helper>=1\n"
        "        └── snowbuild.toml  app[fast]==1.0\n"
        "  if excluded\n"
        "    also removed: deep\n"
        "    no longer shipped, because Snowflake installs it: shared\n"
        "    26 kB less on the stage"
    )


def test_another_version_stands_in_locally() -> None:
    assert about("psutil") == (
        "psutil 5.9.0\n"
        "  source    channel: offered by the package service, as psutil 5.9.0\n"
        "  locally   5.9.4 stands in: no index has a wheel of 5.9.0 that fits\n"
        "  licence   not declared\n"
        "  index     https://index.invalid/simple\n"
        "  wheel     psutil-5.9.4-cp36-abi3-manylinux_2_12_x86_64.whl (compiled code)\n"
        "  size      280 kB\n"
        f"  digest    sha256:{digest('psutil')}\n"
        "  required by\n"
        "    └── app 1.0  psutil<7\n"
        "        └── snowbuild.toml  app[fast]==1.0\n"
        "  if excluded\n"
        "    no other distribution would be removed"
    )


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("only-there", "  locally   not available: no index has a wheel of it"),
        ("pytz", "  locally   2026.6; Snowflake's own solver chooses the version there"),
        ("pandas", "  also      1 wheel for other platforms"),
        ("mine", "  source    stage: given by its path or URL"),
        ("app", "app[fast] 1.0"),
        ("shared", "        └── app 1.0  pandas<3  (see above)"),
    ],
)
def test_particulars(name: str, line: str) -> None:
    assert line in about(name).splitlines()


@pytest.mark.integration
def test_nothing_but_the_lockfile_is_needed(tmp_path: Path) -> None:
    write_lock(tmp_path / "pylock.other.toml", LOCK)
    ran = snowbuild(tmp_path, "explain", "PSutil", "--file", "other.toml")
    assert (ran.code, ran.out) == (0, about("psutil") + "\n")
    ran = snowbuild(tmp_path, "explain", "--file", "other.toml")
    assert (ran.code, ran.out) == (0, click.unstyle(tree_text(SAMPLE)) + "\n")


@pytest.mark.integration
def test_as_json(tmp_path: Path) -> None:
    write_lock(tmp_path / "pylock.snowbuild.toml", LOCK)
    whole = json.loads(snowbuild(tmp_path, "explain", "--format", "json").out)
    assert (whole["schema"], whole["name"]) == ("snowbuild.explain/1", None)
    assert [d["name"] for d in whole["distributions"]] == [d.name for d in LOCK.distributions]
    assert [node["name"] for node in whole["tree"]] == ["app", "mine", "only-there"]
    assert whole["sources"]["stage"] == {"distributions": 5, "bytes": 27_007}
    one = json.loads(snowbuild(tmp_path, "explain", "psutil", "--format", "json").out)
    [psutil] = one["distributions"]
    assert (psutil["version"], psutil["local-version"], psutil["source"]) == ("5.9.0", "5.9.4", "channel")
    assert psutil["required-by"] == [{"name": "app", "requirement": "psutil<7"}]
    assert psutil["wheel"]["digest"] == f"sha256:{digest('psutil')}"
    assert one["tree"][0]["nodes"] == [
        {"name": "snowbuild.toml", "requirement": "app[fast]==1.0", "repeated": False, "nodes": []}
    ]


@pytest.mark.integration
def test_unknown_name_and_no_lockfile(tmp_path: Path) -> None:
    ran = snowbuild(tmp_path, "explain", "psutil")
    assert (ran.code, ran.err) == (1, "error: pylock.snowbuild.toml: no such file\nhint: run `snowbuild lock`\n")
    write_lock(tmp_path / "pylock.snowbuild.toml", LOCK)
    ran = snowbuild(tmp_path, "explain", "psutl")
    assert (ran.code, ran.out, ran.err) == (
        1, "", "error: no such distribution in the lockfile: psutl\nhint: did you mean psutil?\n",
    )  # fmt: skip

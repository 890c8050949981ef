"""conda's repodata.json as a channel."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.requirements import Requirement

from snowbuild.channel import ChannelBuild, ChannelRelease, dump_channel, make_channel
from snowbuild.channel.repodata import SUBDIRS, Content, read_repodata
from snowbuild.errors import ConfigError
from snowbuild.runtime import Architecture, Runtime

if TYPE_CHECKING:
    from collections.abc import Callable

SAMPLES = Path(__file__).with_name("repodata")
GOLDEN = Path(__file__).with_name("golden")
PYTHON = "python >=3.11,<3.12.0a0"


def sample(*subdirs: str) -> Content:
    return read_repodata((s, json.loads((SAMPLES / f"{s}.json").read_text(encoding="utf-8"))) for s in subdirs)


def build(name: str, *depends: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "version": "1.0", "build": "0", "build_number": 0, "depends": list(depends), **more}


def read(*builds: dict[str, Any], subdir: str = "linux-64") -> Content:
    packages = {f"{i}.conda": plain for i, plain in enumerate(builds)}
    return read_repodata([("repodata.json", {"info": {"subdir": subdir}, "packages": {}, "packages.conda": packages})])


def only(content: Content, name: str) -> ChannelRelease:
    (release,) = [r for r in content.releases if r.name == name]
    return release


def test_the_sample(golden: Callable[[Path, str], None]) -> None:
    content = sample("linux-64", "linux-aarch64", "noarch")

    golden(
        GOLDEN / "channel-of-repodata.json", dump_channel(make_channel("tests", content.releases, date="2026-11-23"))
    )
    assert content.missing == ("bottleneck", "sympy")
    assert content.others >= {"blas", "libgcc-ng", "libxgboost", "mkl", "python", "tzdata"}


def test_the_order_of_files_and_builds_does_not_matter() -> None:
    subdirs = ("linux-64", "linux-aarch64", "noarch")
    documents = [(s, json.loads((SAMPLES / f"{s}.json").read_text(encoding="utf-8"))) for s in subdirs]
    backwards = [
        (s, {**plain, "packages.conda": dict(reversed(plain["packages.conda"].items()))})
        for s, plain in reversed(documents)
    ]

    assert make_channel("x", read_repodata(backwards).releases) == make_channel("x", read_repodata(documents).releases)


def test_requirements_of_some_builds_have_markers() -> None:
    content = read(
        build("a", PYTHON, "b", "c"),
        build("a", "python >=3.12,<3.13.0a0", "b", subdir="linux-64"),
        build("a", "python >=3.12,<3.13.0a0", "b", "d", subdir="linux-aarch64"),
        *(build(name, "python") for name in "bcd"),
    )

    assert only(content, "a").requires == (
        "b",
        "c; python_version == '3.11'",
        "d; platform_machine == 'aarch64'",
    )


@given(
    st.dictionaries(
        st.tuples(st.sampled_from(["3.10", "3.11", "3.12"]), st.sampled_from(["linux-64", "linux-aarch64"])),
        st.sets(st.sampled_from("bcd")),
        min_size=1,
    )
)
def test_every_runtime_gets_the_requirements_of_its_build(depends: dict[tuple[str, str], set[str]]) -> None:
    builds = [
        build("a", f"python {python}.*", *sorted(needed), subdir=subdir) for (python, subdir), needed in depends.items()
    ]
    found = only(read(*builds, *(build(name, "python") for name in "bcd")), "a")

    for python in ("3.10", "3.11", "3.12"):
        for subdir, architecture in SUBDIRS.items():
            if architecture is not None:
                runtime = Runtime.parse(python, architecture)
                needed = depends.get((python, subdir))
                assert found.fits(runtime) == (needed is not None)
                assert needed is None or needed == {
                    requirement.name
                    for requirement in map(Requirement, found.requires or ())
                    if requirement.marker is None or requirement.marker.evaluate(runtime.marker_environment())
                }


def test_builds_for_other_pythons_and_platforms_do_not_count() -> None:
    content = read(
        build("a", "python >=3.13,<3.14.0a0", "python_abi 3.13.* *_cp313", "b"),
        build("a", "python >=3.13,<3.14.0a0", "python_abi 3.13.* *_cp313t", build_number=7),
        build("a", "python >=3.9,<3.10.0a0", build_number=7),
        build("a", "python", subdir="win-64", build_number=7),
        build("b", "python >=3.9,<3.10.0a0"),
    )

    assert content.releases == (
        ChannelRelease(
            name="a",
            version="1.0",
            builds=(ChannelBuild(python="3.13", architecture=Architecture.X86_64),),
            requires=("b",),
        ),
    )


def test_a_platform_may_have_nothing() -> None:
    assert read(subdir="linux-aarch64") == Content(releases=(), others=frozenset(), missing=())


def test_a_circle_of_parts_ends() -> None:
    content = read(build("xgboost", "py-xgboost"), build("py-xgboost", "xgboost", PYTHON, "b"), build("b", "python"))

    assert only(content, "xgboost").requires == ("b",)


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ([], "here: not a repodata.json: expected an object with packages"),
        ({"packages": []}, "here: not a repodata.json: expected an object with packages"),
        (
            {"packages": {"a.conda": {"version": "1"}}, "info": {"subdir": "noarch"}},
            "here: packages.a.conda: not a build: expected an object with name, version and depends",
        ),
        (
            {"packages": {"a": build("a")}, "info": {"subdir": "win-64"}},
            "here: no builds that Snowflake could install: win-64\n"
            "hint: use the repodata.json of linux-64, linux-aarch64, noarch",
        ),
    ],
)
def test_other_documents(document: object, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_repodata([("here", document)])

    assert str(caught.value) == message

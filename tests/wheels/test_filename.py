"""File names of wheels against tags."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snowbuild.runtime import Architecture, Runtime
from snowbuild.wheels.filename import Fit, parse_wheel_name

FIT = Fit(Runtime.parse("3.11", Architecture.X86_64))


def test_the_parts_of_a_name() -> None:
    wheel = parse_wheel_name("Foo.Bar_baz-1!2.0+local.1-3b-py2.py3-none-manylinux1_x86_64.manylinux2014_x86_64.whl")

    assert wheel is not None
    assert (wheel.name, wheel.version, wheel.build) == ("foo-bar-baz", "1!2.0+local.1", "3b")
    assert (wheel.pythons, wheel.abis) == (("py2", "py3"), ("none",))
    assert wheel.platforms == ("manylinux1_x86_64", "manylinux2014_x86_64")
    assert wheel.is_native


@pytest.mark.parametrize(
    "filename",
    [
        "foo-1.0.tar.gz",
        "foo-1.0-py3-none.whl",
        "../foo-1.0-py3-none-any.whl",
        "foo-1.0-py3-none-any.whl\n",
        "",
        "a b.whl",
    ],
)
def test_what_is_no_wheel(filename: str) -> None:
    assert parse_wheel_name(filename) is None


@given(st.text())
def test_any_text_is_a_wheel_or_none(text: str) -> None:
    wheel = parse_wheel_name(text)
    assert wheel is None or ("/" not in text and "\\" not in text and text.endswith(".whl"))


@pytest.mark.parametrize(
    ("tags", "installs", "loads"),
    [
        ("py3-none-any", True, True),
        ("py2.py3-none-any", True, True),
        ("cp311-cp311-manylinux_2_28_x86_64", True, True),
        ("cp311-cp311-manylinux_2_29_x86_64", False, True),
        ("cp39-abi3-manylinux1_x86_64", True, True),
        ("cp311-none-any", True, True),
        ("cp311-cp311-musllinux_1_2_x86_64", False, True),
        ("cp311-cp311-win_amd64", False, True),
        ("py3-none-macosx_11_0_arm64", False, True),
        ("cp312-abi3-manylinux1_x86_64", False, False),
        ("cp312-cp312-manylinux_2_28_x86_64", False, False),
        ("cp311-cp311t-manylinux_2_28_x86_64", False, False),
        ("pp311-pypy311_pp73-manylinux_2_28_x86_64", False, False),
        ("py2-none-any", False, False),
    ],
)
def test_what_fits(tags: str, installs: bool, loads: bool) -> None:
    wheel = parse_wheel_name(f"foo-1.0-{tags}.whl")

    assert wheel is not None
    assert (FIT.rank(wheel) is not None) is installs
    assert FIT.python_fits(wheel) is loads


def test_the_best_wheel_is_the_most_specific_of_the_highest_build() -> None:
    names = [
        "py3-none-any",
        "2-cp311-cp311-manylinux2014_x86_64",
        "10-cp311-cp311-manylinux2014_x86_64",
        "cp39-abi3-linux_x86_64",
    ]
    wheels = tuple(w for name in names if (w := parse_wheel_name(f"foo-1.0-{name}.whl")) is not None)
    assert len(wheels) == len(names)

    best, pure = FIT.best(wheels, prefer_pure=False), FIT.best(wheels, prefer_pure=True)

    assert best is not None
    assert best.filename == "foo-1.0-10-cp311-cp311-manylinux2014_x86_64.whl"
    assert pure is not None
    assert pure.filename == "foo-1.0-py3-none-any.whl"
    assert FIT.best((), prefer_pure=False) is None

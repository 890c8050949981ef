"""Runtimes, compared with what pip and packaging say on such a machine."""

from __future__ import annotations

import platform
from datetime import date

import pytest
from packaging import _manylinux
from packaging.markers import Marker, default_environment
from packaging.tags import cpython_tags
from pip._internal.utils.compatibility_tags import get_supported

from snowbuild.errors import ConfigError
from snowbuild.runtime import PATCH_LEVELS, PROFILES, Architecture, Runtime

RUNTIMES = [Runtime.parse(f"3.{minor}", architecture) for minor in PATCH_LEVELS for architecture in Architecture]


def name(runtime: Runtime) -> str:
    return f"{runtime.version}-{runtime.architecture}"


@pytest.mark.parametrize("glibc", [(2, 28), (2, 17), (2, 36)])
@pytest.mark.parametrize("architecture", Architecture)
def test_platforms_are_what_packaging_finds_on_such_a_machine(
    monkeypatch: pytest.MonkeyPatch, architecture: Architecture, glibc: tuple[int, int]
) -> None:
    monkeypatch.setattr(_manylinux, "_get_glibc_version", lambda: glibc)
    monkeypatch.setattr(_manylinux, "_have_compatible_abi", lambda *_: True)
    expected = (*_manylinux.platform_tags([architecture.value]), f"linux_{architecture.value}")
    assert Runtime(python=(3, 11, 9), architecture=architecture, glibc=glibc).platforms() == expected


@pytest.mark.parametrize("runtime", RUNTIMES, ids=name)
def test_tags_are_what_pip_supports_there(runtime: Runtime) -> None:
    expected = get_supported(version=runtime.version.replace(".", ""), platforms=list(runtime.platforms()), impl="cp")
    # As text, because pip has a copy of packaging and so another Tag; in any order, because pip puts the older
    # profiles right behind manylinux2014 when it is told the platforms. The order is compared with packaging's above.
    assert set(map(str, runtime.tags())) == set(map(str, expected))


@pytest.mark.parametrize("runtime", RUNTIMES, ids=name)
def test_tags_are_unique_and_the_best_comes_first(runtime: Runtime) -> None:
    tags = runtime.tags()
    assert len(set(tags)) == len(tags)
    best = f"cp3{runtime.python[1]}-cp3{runtime.python[1]}-manylinux_2_28_{runtime.architecture}"
    assert str(tags[0]) == best
    assert tags[0] == next(iter(cpython_tags(runtime.python[:2], platforms=runtime.platforms())))
    assert str(tags[-1]) == "py30-none-any"


@pytest.mark.parametrize(
    ("architecture", "fits", "does_not"),
    [
        (Architecture.X86_64, ["manylinux1_x86_64", "manylinux2014_x86_64", "manylinux_2_28_x86_64"],
         ["manylinux_2_29_x86_64", "musllinux_1_2_x86_64", "manylinux_2_28_aarch64", "win_amd64"]),
        (Architecture.AARCH64, ["manylinux2014_aarch64", "manylinux_2_17_aarch64", "linux_aarch64"],
         ["manylinux1_aarch64", "manylinux_2_12_aarch64", "manylinux_2_28_x86_64", "macosx_11_0_arm64"]),
    ],
)  # fmt: skip
def test_which_wheels_fit(architecture: Architecture, fits: list[str], does_not: list[str]) -> None:
    platforms = {tag.platform for tag in Runtime.parse("3.11", architecture).tags()}
    assert platforms >= {*fits, "any"}
    assert not platforms & set(does_not)


@pytest.mark.parametrize("runtime", RUNTIMES, ids=name)
def test_the_marker_environment_has_the_eleven_variables_of_pep_508(runtime: Runtime) -> None:
    environment = runtime.marker_environment()
    assert environment.keys() == default_environment().keys()
    assert len(environment) == 11
    assert environment == {
        "implementation_name": "cpython",
        "implementation_version": runtime.full_version,
        "os_name": "posix",
        "platform_machine": runtime.architecture.value,
        "platform_python_implementation": "CPython",
        "platform_release": "0",
        "platform_system": "Linux",
        "platform_version": "0",
        "python_full_version": runtime.full_version,
        "python_version": runtime.version,
        "sys_platform": "linux",
    }


def test_markers_are_judged_for_the_runtime_and_not_for_the_host() -> None:
    other = "aarch64" if platform.machine() == "x86_64" else "x86_64"
    environment = Runtime.parse("3.14.2", Architecture(other)).marker_environment()
    assert Marker(f"platform_machine == '{other}'").evaluate(environment)
    assert Marker("python_full_version >= '3.14.1' and python_version < '3.15'").evaluate(environment)
    assert not Marker("sys_platform == 'win32' or platform_system == 'Darwin'").evaluate(environment)


@pytest.mark.parametrize(
    ("written", "python"),
    [("3.10", (3, 10, 14)), ("3.11", (3, 11, 9)), ("3.11.9", (3, 11, 9)), ("3.13.12", (3, 13, 12))],
)
def test_a_patch_level_may_be_left_out(written: str, python: tuple[int, int, int]) -> None:
    runtime = Runtime.parse(written, Architecture.X86_64)
    assert runtime.python == python
    assert written.startswith(runtime.version)
    assert runtime.full_version == ".".join(map(str, python))


@pytest.mark.parametrize(
    "written", ["3.8", "3.15", "2.7", "3", "3.11.", "3.11.9.1", "3.11rc1", " 3.11", "", "3.\u0661\u0661"]
)
def test_what_snowflake_does_not_run_is_refused(written: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Runtime.parse(written, Architecture.X86_64)
    assert (
        str(caught.value) == f"not a Python that Snowflake runs: {written}\n"
        "hint: use one of 3.10, 3.11, 3.12, 3.13, 3.14"
    )


def test_what_snowflake_has_decommissioned_is_refused() -> None:
    with pytest.raises(ConfigError) as caught:
        Runtime.parse("3.9.19", Architecture.X86_64)
    assert (
        str(caught.value)
        == "Snowflake decommissioned Python 3.9 on 2026-04-30: functions can no longer be created for it\n"
        "hint: use one of 3.10, 3.11, 3.12, 3.13, 3.14"
    )


def test_a_deprecated_python_is_told_from_its_day_on() -> None:
    old = Runtime.parse("3.10", Architecture.X86_64)
    assert old.notice(date(2026, 10, 3)) is None
    assert str(old.notice(date(2026, 10, 4))) == (
        "runtime.python: Snowflake deprecated Python 3.10 on 2026-10-04: existing functions keep running; creating new "
        "ones will be refused later\n"
        "hint: use one of 3.11, 3.12, 3.13, 3.14"
    )


@pytest.mark.parametrize("runtime", RUNTIMES, ids=name)
def test_every_profile_has_its_patch_level_and_glibc(runtime: Runtime) -> None:
    profile = PROFILES[runtime.python[1]]
    assert (runtime.python[2], runtime.glibc) == (profile.patch, profile.glibc)
    assert (runtime.notice(date(2026, 11, 1)) is None) == (runtime.python[1] > 10)
    assert Runtime.parse(runtime.version, runtime.architecture, (2, 34)).glibc == (2, 34)

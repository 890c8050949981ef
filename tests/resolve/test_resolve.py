"""The resolver against a real index: markers, tags, sources, preferences."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from snowbuild.config import NativeWheels, Service
from snowbuild.distribution import Rule, Source, Wheel
from snowbuild.errors import ResolutionError
from snowbuild.runtime import Architecture, Runtime
from tests.resolve.conftest import channel_of
from tests.resolve.index import Index, build_wheel

if TYPE_CHECKING:
    from pathlib import Path

    from tests.resolve.conftest import Resolve

pytestmark = pytest.mark.integration


def test_markers_are_the_runtimes(resolve: Resolve, index: Index) -> None:
    markers = {
        "windows": "sys_platform == 'win32'",
        "linux": "sys_platform == 'linux'",
        "old": "python_full_version < '3.10.7'",
        "new": "python_full_version >= '3.10.7' and python_version < '3.11'",
        "arm": "platform_machine == 'aarch64'",
        "intel": "platform_machine == 'x86_64'",
    }
    index.add(build_wheel("app", requires=[f"{name}; {marker}" for name, marker in markers.items()]))
    index.add(*(build_wheel(name) for name in markers))
    runtime = Runtime.parse("3.10", Architecture.AARCH64)

    found = resolve("app", runtime=runtime)

    assert sorted(found) == ["app", "arm", "linux", "new"]
    assert found["app"].requires == ("arm", "linux", "new")
    assert found["arm"].required_by == ("app",)
    assert found["app"].required_by == ()


def test_the_wheel_is_the_runtimes_and_all_that_fit_its_python_are_listed(resolve: Resolve, index: Index) -> None:
    tags = [
        "cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64",
        "cp311-cp311-manylinux_2_28_x86_64",
        "cp311-cp311-manylinux_2_34_x86_64",
        "cp311-cp311-manylinux_2_28_aarch64",
        "cp311-cp311-macosx_11_0_arm64",
        "cp311-cp311-win_amd64",
        "cp38-abi3-win_amd64",
        "cp312-cp312-manylinux_2_28_x86_64",
    ]
    wheels = [build_wheel("fast", tag=tag) for tag in tags]
    index.add(*wheels)

    fast = resolve("fast")["fast"]

    assert fast.stage_wheel == "fast-1.0-cp311-cp311-manylinux_2_28_x86_64.whl"
    assert fast.native
    assert fast.source is Source.STAGE
    assert fast.index == index.url
    assert fast.wheels == tuple(
        sorted(
            (
                Wheel(filename=w.filename, url=index.file_url(w), size=len(w.content), sha256=w.sha256)
                for w in wheels
                if "cp312" not in w.filename
            ),
            key=lambda w: w.filename,
        )
    )


@pytest.mark.parametrize(
    ("python", "architecture", "version"),
    [("3.10", "x86_64", "1.0"), ("3.13", "x86_64", "2.0"), ("3.14", "aarch64", "3.0")],
)
def test_every_runtime_gets_the_newest_version_that_has_a_wheel_for_it(
    resolve: Resolve, index: Index, python: str, architecture: str, version: str
) -> None:
    index.add(
        build_wheel("fast", "1.0", tag="cp310-cp310-manylinux2014_x86_64"),
        build_wheel("fast", "2.0", tag="cp39-abi3-manylinux_2_28_x86_64", requires_python=">=3.12"),
        build_wheel("fast", "3.0", tag="cp314-cp314-manylinux_2_28_aarch64"),
        build_wheel("fast", "4.0", tag="cp314-cp314-macosx_11_0_arm64"),
    )

    found = resolve("fast", runtime=Runtime.parse(python, Architecture(architecture)))

    assert found["fast"].version == version


def test_the_channel_decides_on_versions_and_implies_the_rest(resolve: Resolve, index: Index) -> None:
    index.add(
        build_wheel("app", requires=["pandas", "torch", "helper"]),
        build_wheel("helper", requires=["shared"]),
        build_wheel("pandas", "2.1.4", tag="cp311-cp311-manylinux2014_x86_64", requires=["pytz", "shared"]),
        build_wheel("pandas", "3.0"),
        build_wheel("torch", "2.5.1", tag="cp311-cp311-win_amd64"),
        build_wheel("torch", "2.5.0"),
        build_wheel("pytz", "2026.1"),
        build_wheel("shared"),
    )
    channel = channel_of("pandas==2.1.4", "pytorch==2.5.1", "app==1.0", "pandas==not-a-version")

    found = resolve("app", channel=channel, stage=("app",), native=NativeWheels.DENY)

    assert {d.name: (d.source, d.rule, d.service_name, d.service_version) for d in found.values()} == {
        "app": (Source.STAGE, Rule.STAGE, None, None),
        "helper": (Source.STAGE, Rule.REST, None, None),
        "shared": (Source.STAGE, Rule.REST, None, None),
        "pandas": (Source.CHANNEL, Rule.SERVICE, "pandas", "2.1.4"),
        "torch": (Source.CHANNEL, Rule.SERVICE, "pytorch", "2.5.1"),
        "pytz": (Source.CHANNEL, Rule.IMPLIED, None, None),
    }
    assert found["pandas"].native
    assert found["pandas"].stage_wheel is None
    assert found["helper"].stage_wheel == "helper-1.0-py3-none-any.whl"


def test_versions_of_the_channel_are_kept_verbatim(resolve: Resolve, index: Index) -> None:
    index.add(build_wheel("python-dateutil", "2.9.0.post0"), build_wheel("ruamel.yaml", "0.17.21"))
    channel = channel_of("python-dateutil==2.9.0post0+snowflake1", "ruamel.yaml==0.17.21")

    found = resolve("python-dateutil>=2.9", "ruamel-yaml", channel=channel)

    assert found["python-dateutil"].version == "2.9.0.post0"
    assert found["python-dateutil"].service_version == "2.9.0post0+snowflake1"
    assert found["ruamel-yaml"].service_name == "ruamel.yaml"


def test_a_version_of_the_channel_without_wheels_gets_the_nearest_one_locally(resolve: Resolve, index: Index) -> None:
    index.add(
        build_wheel("app", requires=["psutil<7"]),
        build_wheel("psutil", "5.9.0", tag="cp310-cp310-manylinux2014_x86_64"),
        build_wheel("psutil", "5.9.1", requires=["surprise"]),
        build_wheel("psutil", "5.9.4", tag="cp36-abi3-manylinux2014_x86_64"),
        build_wheel("psutil", "5.8.0"),
        build_wheel("surprise"),
    )

    psutil = resolve("app", channel=channel_of("psutil==5.9.0"), native=NativeWheels.DENY)["psutil"]

    assert (psutil.version, psutil.service_version) == ("5.9.4", "5.9.0")
    assert [w.filename for w in psutil.wheels] == ["psutil-5.9.4-cp36-abi3-manylinux2014_x86_64.whl"]


def test_what_no_index_has_can_still_come_from_the_channel(resolve: Resolve) -> None:
    found = resolve("conda-only", channel=channel_of("conda-only==1.5"))

    assert found["conda-only"].service_version == "1.5"
    assert found["conda-only"].wheels == ()
    assert found["conda-only"].index is None


def test_the_projects_own_names_come_before_the_table(resolve: Resolve, index: Index) -> None:
    index.add(build_wheel("torch", "2.0"), build_wheel("mine", "1.0"))
    channel = channel_of("pytorch==2.0", "theirs==1.0")

    found = resolve("torch", "mine", channel=channel, names=(("mine", "theirs"), ("torch", "absent")))

    assert found["mine"].service_name == "theirs"
    assert (found["torch"].source, found["torch"].rule) == (Source.STAGE, Rule.REST)


def test_a_repository_has_everything_but_what_is_staged_by_name(resolve: Resolve, index: Index) -> None:
    index.add(build_wheel("app", requires=["fast"]), build_wheel("fast", tag="cp311-cp311-manylinux2014_x86_64"))

    found = resolve("app", service=Service.REPOSITORY, stage=("a*",), native=NativeWheels.DENY)

    assert {d.name: (d.source, d.rule, d.service_name, d.service_version) for d in found.values()} == {
        "app": (Source.STAGE, Rule.STAGE, None, None),
        "fast": (Source.REPOSITORY, Rule.SERVICE, "fast", "1.0"),
    }


def test_excluded_names_are_in_nobodys_requirements(resolve: Resolve, index: Index) -> None:
    index.add(
        build_wheel("app", requires=["Mat.Plot_Lib>=3", "plot; extra == 'plot'", "helper"], extras=["plot"]),
        build_wheel("helper", requires=["mat-plot-lib"]),
        build_wheel("plot", requires=["mat-plot-lib[fonts]"]),
    )

    found = resolve("app[plot]", exclude=("mat-plot-lib",))

    assert sorted(found) == ["app", "helper", "plot"]
    assert found["app"].extras == ("plot",)
    assert found["app"].requires == ("helper", "plot")
    assert found["helper"].requires == ()


def test_constraints_narrow_and_require_nothing(resolve: Resolve, index: Index) -> None:
    index.add(*(build_wheel("foo", version) for version in ("1.0", "1.5", "2.0")), build_wheel("bar"))

    found = resolve("foo", constraints=("foo<2", "bar==1.0"))

    assert {d.name: d.version for d in found.values()} == {"foo": "1.5"}


@pytest.mark.parametrize(("prereleases", "version"), [(False, "1.0"), (True, "2.0rc1")])
def test_prereleases_have_to_be_asked_for(resolve: Resolve, index: Index, prereleases: bool, version: str) -> None:
    index.add(build_wheel("foo", "1.0"), build_wheel("foo", "2.0rc1"))

    assert resolve("foo", prereleases=prereleases)["foo"].version == version


def test_later_uploads_are_ignored_whatever_the_time_is_written_in(resolve: Resolve, index: Index) -> None:
    index.add(
        build_wheel("foo", "1.0", uploaded="2026-03-01T11:59:59.999999+00:00"),
        # Half past one in Berlin is half past twelve in UTC, although its text is greater than 12:59.
        build_wheel("foo", "1.1", uploaded="2026-03-01T13:30:00+01:00"),
        build_wheel("foo", "1.2", uploaded="2026-03-01T12:59:59.5Z"),
    )

    found = resolve("foo", as_of=datetime(2026, 3, 1, 12, 59, tzinfo=UTC))

    assert found["foo"].version == "1.1"


def test_preferred_versions_are_kept_where_they_still_fit(resolve: Resolve, index: Index) -> None:
    index.add(
        build_wheel("foo", "1.0", requires=["bar"]),
        build_wheel("foo", "2.0", requires=["bar>=2"]),
        *(build_wheel("bar", version) for version in ("1.0", "2.0", "3.0")),
    )

    def versions(*requirements: str, **preferred: str) -> dict[str, str]:
        return {d.name: d.version for d in resolve(*requirements, preferred=preferred).values()}

    assert versions("foo", foo="1.0", bar="1.0") == {"foo": "1.0", "bar": "1.0"}
    assert versions("foo>=2", foo="1.0", bar="1.0") == {"foo": "2.0", "bar": "3.0"}
    assert versions("foo>=2", bar="2.0") == {"foo": "2.0", "bar": "2.0"}
    assert versions("foo", foo="9.9") == {"foo": "2.0", "bar": "3.0"}


def test_yanked_files_are_used_when_pinned_only(resolve: Resolve, index: Index) -> None:
    index.add(build_wheel("foo", "1.0"), build_wheel("foo", "1.1", yanked=True))

    assert resolve("foo")["foo"].version == "1.0"
    assert resolve("foo==1.1")["foo"].version == "1.1"


def test_local_wheels_and_wheels_by_url_go_on_the_stage(resolve: Resolve, index: Index, tmp_path: Path) -> None:
    local = build_wheel("mine", "1.0", requires=["helper", "extra-one; extra == 'one'"], extras=["one"])
    remote = build_wheel("theirs", "2.0", requires=["helper"])
    index.add(build_wheel("helper"), build_wheel("extra-one"), build_wheel("mine", "9.0"), build_wheel("theirs", "9.0"))
    index.answers["/elsewhere/theirs-2.0-py3-none-any.whl"] = (200, "application/zip", remote.content)
    (tmp_path / "wheels").mkdir()
    (tmp_path / "wheels" / local.filename).write_bytes(local.content)
    url = f"{index.origin}/elsewhere/{remote.filename}"

    found = resolve(f"./wheels/{local.filename}[one]", url, channel=channel_of("mine==1.0", "helper==1.0"))

    assert sorted(found) == ["extra-one", "helper", "mine", "theirs"]
    assert found["mine"].wheels == (
        Wheel(filename=local.filename, path=f"wheels/{local.filename}", size=len(local.content), sha256=local.sha256),
    )
    assert found["theirs"].wheels == (
        Wheel(filename=remote.filename, url=url, size=len(remote.content), sha256=remote.sha256),
    )
    for name in ("mine", "theirs"):
        assert (found[name].source, found[name].rule, found[name].index) == (Source.STAGE, Rule.REST, None)
    assert found["helper"].source is Source.CHANNEL


def test_the_digest_in_a_url_is_checked(resolve: Resolve, index: Index) -> None:
    wheel = build_wheel("theirs")
    index.add(wheel)
    assert resolve(f"theirs @ {index.file_url(wheel)}#sha256={wheel.sha256}")["theirs"].version == "1.0"
    wrong = hashlib.sha256(b"other").hexdigest()

    with pytest.raises(ResolutionError) as caught:
        resolve(f"theirs @ {index.file_url(wheel)}#sha256={wrong}")

    assert str(caught.value) == (
        f"{index.file_url(wheel)}: the digest differs\n  expected  sha256:{wrong}\n  actual    sha256:{wheel.sha256}"
    )


def test_a_private_name_is_never_mixed_with_a_public_one(resolve: Resolve, index: Index) -> None:
    index.add(build_wheel("secret", "1.0"))
    with Index() as public:
        public.add(build_wheel("secret", "99.0"), build_wheel("common", "2.0"))
        found = resolve("secret", "common", index_urls=(index.url, public.url))

        assert (found["secret"].version, found["secret"].index) == ("1.0", index.url)
        assert (found["common"].version, found["common"].index) == ("2.0", public.url)


def test_the_same_wherever_the_wheels_are_listed(resolve: Resolve, index: Index) -> None:
    wheels = [build_wheel("app", requires=["b", "a"]), build_wheel("a", requires=["b"]), build_wheel("b", "2.0")]
    index.add(*wheels)
    first = resolve("app", "a")
    index.wheels = {name: list(reversed(found)) for name, found in reversed(index.wheels.items())}

    assert resolve("a", "app", "app") == first


def test_compiled_code_is_refused_with_the_ways_out(resolve: Resolve, index: Index) -> None:
    index.add(
        build_wheel("app", requires=["helper"]),
        build_wheel("helper", requires=["fast", "either"]),
        build_wheel("fast", tag="cp311-cp311-manylinux2014_x86_64"),
        build_wheel("either", tag="cp311-cp311-manylinux2014_x86_64"),
        build_wheel("either", tag="py3-none-any"),
    )

    with pytest.raises(ResolutionError) as caught:
        resolve("app", native=NativeWheels.DENY)

    assert str(caught.value) == (
        "fast 1.0: the wheel fast-1.0-cp311-cp311-manylinux2014_x86_64.whl holds compiled code and would go on the "
        "stage; required by helper, which is required by app, which is required by snowbuild.toml\n"
        'hint: leave it out with dependencies.exclude = ["fast"]; or let Snowflake install it with packages.service = '
        '"repository"; or set runtime.native-wheels = "allow", and run the functions on a Snowpark-optimized '
        "warehouse (architecture x86)"
    )
    allowed = resolve("app", native=NativeWheels.ALLOW)
    assert allowed["either"].stage_wheel == "either-1.0-cp311-cp311-manylinux2014_x86_64.whl"
    pure = resolve("either", native=NativeWheels.DENY)["either"]
    assert (pure.stage_wheel, pure.native) == ("either-1.0-py3-none-any.whl", False)
    assert replace(pure, stage_wheel=None, native=True, required_by=("helper",)) == replace(
        allowed["either"], stage_wheel=None
    )

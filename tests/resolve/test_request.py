"""Config → ResolveRequest, and the digest of the inputs."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from snowbuild.config import Config, Dependencies, NativeWheels, Packages, Service
from snowbuild.errors import ConfigError, ResolutionError
from snowbuild.resolve import ResolveRequest, inputs_digest, request_of
from snowbuild.runtime import Architecture, Runtime
from tests.resolve.conftest import channel_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def with_requirements(config: Config, *requirements: str, **fields: Any) -> Config:
    return replace(config, dependencies=Dependencies(requirements=requirements, **fields))


def test_requirements_are_normalized_and_sorted(config: Config) -> None:
    request = request_of(
        with_requirements(config, "foo >= 2", "./w/mine-1.0-py3-none-any.whl[b,a]", "Bar[x]", "foo>=2"),
        preferred={"Foo_Bar": "1.0"},
    )

    assert request.requirements == ("Bar[x]", "foo>=2")
    assert [(w.name, w.path, w.extras) for w in request.local_wheels] == [
        ("mine", "w/mine-1.0-py3-none-any.whl", ("a", "b"))
    ]
    assert request.preferred == (("foo-bar", "1.0"),)


def test_every_problem_is_reported_with_its_place(config: Config) -> None:
    requirements = (
        "fine>=1",
        "not a requirement",
        "./folder",
        "https://alice:secret@example.org/foo-1.0.tar.gz",
        "git+https://example.org/foo.git",
        "foo @ https://example.org/bar-1.0-py3-none-any.whl",
        "wheels/foo-1.0-cp312-cp312-win_amd64.whl",
    )

    with pytest.raises(ConfigError) as caught:
        request_of(with_requirements(config, *requirements, constraints=("foo[extra]<2", "bar<1")))

    lines = str(caught.value).splitlines()
    assert lines[0].startswith("dependencies.requirements[1]: not a requirement: Expected")
    assert [line for line in lines if line.startswith("dependencies.")][1:] == [
        "dependencies.requirements[2]: ./folder: only wheels can be given by path; build one first",
        "dependencies.requirements[3]: https://example.org/foo-1.0.tar.gz: it is not the file name of a wheel; source "
        "archives are never built",
        "dependencies.requirements[4]: git+https://example.org/foo.git: only http and https URLs of wheels can be used",
        "dependencies.requirements[5]: foo @ https://example.org/bar-1.0-py3-none-any.whl: the wheel is for bar, "
        "not for foo",
        "dependencies.requirements[6]: wheels/foo-1.0-cp312-cp312-win_amd64.whl: the wheel does not fit the runtime's "
        "Python and architecture",
        "dependencies.constraints[0]: a constraint takes only a name and versions, not a URL, a path or extras",
    ]


def test_indexes_are_reached_by_http(config: Config) -> None:
    with pytest.raises(ConfigError) as caught:
        request_of(with_requirements(config, index_urls=("http://ok.example/simple", "wheels/")))

    assert str(caught.value) == "dependencies.index-urls[1]: wheels/: expected an http or https URL"


def test_the_channel_has_to_be_known(config: Config) -> None:
    with pytest.raises(ConfigError) as caught:
        request_of(replace(config, packages=Packages(service=Service.CHANNEL)))

    assert str(caught.value) == (
        "packages.channel: the service is the channel, but its content is not known\n"
        "hint: run `snowbuild channel update`"
    )


CHANGES: dict[str, Callable[[ResolveRequest], ResolveRequest]] = {
    "python": lambda r: replace(r, runtime=Runtime.parse("3.12", Architecture.X86_64)),
    "architecture": lambda r: replace(r, runtime=Runtime.parse("3.11", Architecture.AARCH64)),
    "requirements": lambda r: replace(r, requirements=("foo>=3",)),
    "constraints": lambda r: replace(r, constraints=("foo<9",)),
    "exclude": lambda r: replace(r, exclude=("bar",)),
    "index": lambda r: replace(r, index_urls=("https://other.example/simple/",)),
    "prereleases": lambda r: replace(r, prereleases=True),
    "as-of": lambda r: replace(r, as_of=datetime(2026, 1, 1, tzinfo=UTC)),
    "stage": lambda r: replace(r, stage=("foo",)),
    "names": lambda r: replace(r, names=(("foo", "bar"),)),
    "channel": lambda r: replace(r, channel=channel_of("foo==2.0")),
}


@pytest.fixture
def request_with_wheel(config: Config, tmp_path: Path) -> ResolveRequest:
    (tmp_path / "mine-1.0-py3-none-any.whl").write_bytes(b"content")
    dependencies = Dependencies(
        requirements=("foo>=2", "mine-1.0-py3-none-any.whl"), index_urls=("https://alice:one@example.org/simple/",)
    )
    packages = Packages(service=Service.CHANNEL)
    return request_of(replace(config, dependencies=dependencies, packages=packages), channel=channel_of("foo==1.0"))


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_the_digest_changes_with(
    request_with_wheel: ResolveRequest, change: Callable[[ResolveRequest], ResolveRequest]
) -> None:
    assert inputs_digest(change(request_with_wheel)) != inputs_digest(request_with_wheel)


def test_the_digest_stays_with_other_credentials_preferences_folders_and_labels(
    request_with_wheel: ResolveRequest, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "mine-1.0-py3-none-any.whl").write_bytes(b"content")
    assert request_with_wheel.channel is not None
    same = replace(
        request_with_wheel,
        index_urls=("https://bob:two@example.org/simple/",),
        preferred=(("foo", "1.0"),),
        root=str(elsewhere),
        channel=replace(request_with_wheel.channel, origin="another label"),
    )

    assert inputs_digest(same) == inputs_digest(request_with_wheel)
    (elsewhere / "mine-1.0-py3-none-any.whl").write_bytes(b"other content")
    assert inputs_digest(same) != inputs_digest(request_with_wheel)


def test_the_digest_needs_the_local_wheel(request_with_wheel: ResolveRequest, tmp_path: Path) -> None:
    (tmp_path / "mine-1.0-py3-none-any.whl").unlink()

    with pytest.raises(ResolutionError) as caught:
        inputs_digest(request_with_wheel)

    assert str(caught.value) == (
        "mine-1.0-py3-none-any.whl: the wheel cannot be read: No such file or directory\n"
        "hint: paths are relative to the folder of snowbuild.toml"
    )


def test_the_digest_is_the_same_on_every_host() -> None:
    request = ResolveRequest(
        runtime=Runtime.parse("3.11", Architecture.X86_64),
        native_wheels=NativeWheels.DENY,
        requirements=("foo>=2",),
        service=Service.NONE,
    )

    assert inputs_digest(request) == "78e23a1cdf1b671c409f60e1d7c542beba5ced09d6b8b014d3b23b037f7718aa"


def test_importing_the_package_imports_no_pip() -> None:
    code = "import sys, snowbuild.resolve; print([m for m in ('pip', 'piptools', 'requests') if m in sys.modules])"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "[]\n"

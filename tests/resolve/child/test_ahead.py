"""Looking into wheels while the resolver still works."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from packaging.version import Version
from pip._internal.network.session import PipSession

from snowbuild.config import NativeWheels, Service
from snowbuild.resolve import ResolveRequest
from snowbuild.resolve.child.ahead import LookAhead
from snowbuild.resolve.child.metadata import Metadata
from snowbuild.resolve.child.pages import IndexFile
from snowbuild.resolve.child.projects import Release
from snowbuild.resolve.child.remote import Remote
from snowbuild.wheels.filename import parse_wheel_name
from tests.resolve.child.test_native import ELF
from tests.resolve.conftest import RUNTIME
from tests.resolve.index import BuiltWheel, Index, build_wheel

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.integration


def release_of(index: Index, *wheels: BuiltWheel, sha256: str | None = None) -> Release:
    """What an index has of a version, as the resolver sees it."""
    index.add(*wheels)
    files = []
    for wheel in wheels:
        name = parse_wheel_name(wheel.filename)
        assert name is not None
        files.append(
            IndexFile(
                wheel=name,
                version=Version(wheel.version),
                url=index.file_url(wheel),
                sha256=sha256 or wheel.sha256,
                size=len(wheel.content),
                requires_python=None,
                yanked=False,
                metadata=True,
                upload_time=None,
            )
        )
    return Release(wheels[0].name, Version(wheels[0].version), tuple(files), tuple(files), yanked=False)


def request(service: Service = Service.NONE, native: NativeWheels = NativeWheels.ALLOW) -> ResolveRequest:
    return ResolveRequest(runtime=RUNTIME, native_wheels=native, requirements=(), service=service, stage=("staged-*",))


@pytest.fixture
def metadata(tmp_path: Path) -> Metadata:
    return Metadata(Remote(PipSession(retries=0), pause_s=0.001), tmp_path)


def until(done: Callable[[], bool]) -> bool:
    """Wait, 10 seconds at most."""
    deadline = time.monotonic() + 10
    while not done() and time.monotonic() < deadline:
        time.sleep(0.01)
    return done()


def kept(folder: Path) -> int:
    return sum(path.is_file() for path in (folder / "compiled-2").rglob("*"))


def test_what_was_found_need_not_be_fetched_again(index: Index, metadata: Metadata, tmp_path: Path) -> None:
    release = release_of(index, build_wheel("app", modules={"app/table.dat": ELF}))

    LookAhead(request(), metadata).tried(release)

    assert until(lambda: kept(tmp_path) == 1)
    index.log.clear()
    assert metadata.compiled(release.wheels[0]) == "app/table.dat, ELF"
    assert index.log == []


def test_only_the_first_version_that_goes_on_the_stage_anyway(index: Index, metadata: Metadata, tmp_path: Path) -> None:
    ahead = LookAhead(request(Service.REPOSITORY), metadata)

    ahead.tried(release_of(index, build_wheel("served")))
    ahead.tried(release_of(index, build_wheel("staged-fast", tag="cp311-cp311-manylinux2014_x86_64")))
    ahead.tried(release_of(index, build_wheel("staged-a", "2.0")))
    ahead.tried(release_of(index, build_wheel("staged-a", "1.0")))
    ahead.tried(release_of(index, build_wheel("staged-b")))

    assert until(lambda: kept(tmp_path) == 2)
    looked_into = {line.split()[1].rpartition("/")[2] for line in index.log}
    assert looked_into == {"staged_a-2.0-py3-none-any.whl", "staged_b-1.0-py3-none-any.whl"}


def test_the_wheel_is_the_one_that_the_policy_wants(index: Index, metadata: Metadata, tmp_path: Path) -> None:
    both = release_of(index, build_wheel("app"), build_wheel("app", tag="cp311-cp311-manylinux2014_x86_64"))

    LookAhead(request(native=NativeWheels.ALLOW), metadata).tried(both)
    LookAhead(request(native=NativeWheels.DENY), metadata).tried(both)

    assert until(lambda: kept(tmp_path) == 1)
    assert {line.split()[1].rpartition("/")[2] for line in index.log} == {"app-1.0-py3-none-any.whl"}


def test_what_goes_wrong_is_not_told_before_it_counts(index: Index, metadata: Metadata, tmp_path: Path) -> None:
    index.ranges = False
    ahead = LookAhead(request(), metadata)

    ahead.tried(release_of(index, build_wheel("app"), sha256="0" * 64))
    ahead.tried(release_of(index, build_wheel("other")))

    assert until(lambda: kept(tmp_path) == 1)


def test_nothing_is_begun_once_it_has_stopped(index: Index, metadata: Metadata) -> None:
    ahead = LookAhead(request(), metadata)
    ahead.stop()

    ahead.tried(release_of(index, build_wheel("app")))

    assert index.log == []

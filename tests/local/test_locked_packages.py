"""Functions whose packages come from the lockfile, hashes and all, while nothing else is reachable."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from snowbuild.config.values import Service
from snowbuild.distribution import Distribution, Rule, Source, Wheel
from snowbuild.errors import DigestMismatchError
from snowbuild.local.functions.packages import function_environment, installed
from snowbuild.lock import Inputs, Lock, write_lock
from tests.environments.test_build import make_wheel

if TYPE_CHECKING:
    from pathlib import Path


def lock_of(digest: str) -> Lock:
    """A lock with one distribution of the channel, under a name and version of the channel's own."""
    wheel = Wheel(filename="sample-1.0-py3-none-any.whl", path="sample-1.0-py3-none-any.whl", sha256=digest, size=1)
    sample = Distribution(
        name="sample", version="1.0", source=Source.CHANNEL, rule=Rule.SERVICE,
        service_name="Sample_Pkg", service_version="1.0post0+snowflake1", wheels=(wheel,),
    )  # fmt: skip
    return Lock(
        inputs=Inputs(distributions="0" * 64, functions="0" * 64),
        python="3.11.9", architecture="x86_64", service=Service.CHANNEL, repository=None, distributions=(sample,),
    )  # fmt: skip


def test_a_locked_package(tmp_path: Path) -> None:
    lock = tmp_path / "pylock.snowbuild.toml"
    write_lock(lock, lock_of(make_wheel(tmp_path)))
    environment = function_environment(
        tmp_path / "e", runtime="3.11", packages=["sample-pkg==1.0post0+snowflake1"], lock=lock
    )
    assert installed(environment, lock) == ("Sample_Pkg==1.0post0+snowflake1",)


def test_a_locked_package_of_another_digest(tmp_path: Path) -> None:
    lock = tmp_path / "pylock.snowbuild.toml"
    actual = make_wheel(tmp_path)
    write_lock(lock, lock_of("0" * 64))
    with pytest.raises(DigestMismatchError) as caught:
        function_environment(tmp_path / "e", runtime="3.11", packages=["Sample_Pkg==1.0post0+snowflake1"], lock=lock)
    assert (caught.value.expected, caught.value.actual) == ("0" * 64, actual)

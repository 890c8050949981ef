"""The service `repository`: what a function asks it for."""

from __future__ import annotations

from pathlib import Path

from snowbuild.config import Argument, Config, FunctionConfig, Packages, Service, TargetConfig
from snowbuild.distribution import Distribution, Rule, Source
from snowbuild.lock import Inputs, Lock, LockedFunction, LockedModule
from snowbuild.plan import desired_of
from snowbuild.render import create_function
from snowbuild.runtime import Architecture, Runtime
from tests.lock.samples import staged

REPOSITORY = "snowflake.snowpark.pypi_shared_repository"


def pinned(name: str, version: str, *required_by: str) -> Distribution:
    return Distribution(
        name=name,
        version=version,
        source=Source.REPOSITORY,
        rule=Rule.SERVICE,
        service_name=name,
        service_version=version,
        required_by=required_by,
    )


def test_every_distribution_that_snowflake_installs_is_pinned() -> None:
    config = Config(
        path=Path("snowbuild.toml").absolute(),
        name="p",
        runtime=Runtime.parse("3.11", Architecture.X86_64),
        packages=Packages(service=Service.REPOSITORY),
        functions=(FunctionConfig(name="f", handler="f.py:f", arguments=(Argument(name="A", type="FLOAT"),)),),
    )
    lock = Lock(
        inputs=Inputs(distributions="", functions=""),
        python="3.11.9",
        architecture="x86_64",
        service=Service.REPOSITORY,
        repository=REPOSITORY,
        distributions=(
            staged("mine", size=1),
            pinned("numpy", "1.26.4", "pandas"),
            pinned("pandas", "2.1.4"),
            pinned("pytz", "2024.1", "pandas"),
        ),
        modules=(LockedModule(filename="f.py", sha256="0" * 64, size=1, template="f.py", template_sha256="0" * 64),),
        functions=(LockedFunction(name="f", handler="f.f", modules=("f.py",)),),
    )
    target = TargetConfig(name="t", database="DB", schema="SC", stage="ST")

    (function,) = desired_of(config, lock, target, lock_sha256="0" * 64).functions

    assert function.definition.packages == ("numpy==1.26.4", "pandas==2.1.4", "pytz==2024.1")
    statement = create_function(function.definition)
    assert 'ARTIFACT_REPOSITORY = "SNOWFLAKE"."SNOWPARK"."PYPI_SHARED_REPOSITORY"' in statement
    assert "PACKAGES = (\n  'numpy==1.26.4',\n  'pandas==2.1.4',\n  'pytz==2024.1'\n)" in statement

"""What goes into a function's environment."""

from __future__ import annotations

from snowbuild.distribution import Distribution, Rule, Source, Wheel
from snowbuild.local.functions.packages import Selection, select


def distribution(name: str, version: str, source: Source, *requires: str, service: str | None = None) -> Distribution:
    return Distribution(
        name=name,
        version=version,
        source=source,
        rule=Rule.SERVICE,
        service_name=service or name,
        service_version=version,
        requires=requires,
        wheels=(Wheel(filename=f"{name}-{version}-py3-none-any.whl", sha256="0" * 64),),
    )


NUMPY = distribution("numpy", "1.26.4", Source.CHANNEL)
PANDAS = distribution("pandas", "2.1.4", Source.CHANNEL, "numpy>=1.22", "pytz>=2020.1")
PYTZ = distribution("pytz", "2024.1", Source.CHANNEL)
TORCH = distribution("torch", "2.5.1", Source.CHANNEL, "numpy", "mine", service="pytorch")
MINE = distribution("mine", "1.0", Source.STAGE, "numpy")
LOCKED = (NUMPY, PANDAS, PYTZ, TORCH, MINE)


def test_a_locked_package_brings_what_it_requires() -> None:
    assert select(["pandas==2.1.4"], LOCKED) == Selection(locked=(NUMPY, PANDAS, PYTZ), requirements=())


def test_a_package_has_its_literal_name_and_staged_wheels_are_left_out() -> None:
    assert select(["pytorch==2.5.1"], LOCKED) == Selection(locked=(NUMPY, TORCH), requirements=())


def test_another_version_and_other_forms_are_not_locked() -> None:
    packages = ["pandas==2.0.0", "numpy>=1.0", "six", "mine==1.0"]
    assert select(packages, LOCKED) == Selection(
        locked=(), requirements=("mine==1.0", "numpy>=1.0", "pandas==2.0.0", "six")
    )

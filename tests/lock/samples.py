"""A lock with one of each kind, for those who read locks."""

from __future__ import annotations

import hashlib

from snowbuild.config import Service
from snowbuild.distribution import Distribution, Rule, Source, Wheel
from snowbuild.lock import Inputs, Lock

MINE = "mine-2.0-py3-none-any.whl"
INDEX = "https://index.invalid/simple"


def wheel(filename: str, size: int = 1000) -> Wheel:
    """A wheel on the index, with a digest of its own."""
    digest = hashlib.sha256(filename.encode()).hexdigest()
    return Wheel(filename=filename, url=f"https://index.invalid/files/{filename}", size=size, sha256=digest)


def staged(name: str, version: str = "1.0", size: int = 1000, **fields: object) -> Distribution:
    """A pure wheel for the stage."""
    filename = f"{name.replace('-', '_')}-{version}-py3-none-any.whl"
    plain: dict[str, object] = {"rule": Rule.REST, "index": INDEX, "wheels": (wheel(filename, size),), **fields}
    return Distribution(name=name, version=version, source=Source.STAGE, stage_wheel=filename, **plain)  # type: ignore[arg-type]  # Checked by the dataclass.


def offered(
    name: str, version: str, *wheels: Wheel, service_version: str | None = None, **fields: object
) -> Distribution:
    """What the channel brings."""
    return Distribution(
        name=name,
        version=version,
        source=Source.CHANNEL,
        rule=Rule.SERVICE,
        service_name=name,
        service_version=service_version or version,
        index=INDEX if wheels else None,
        wheels=wheels,
        **fields,  # type: ignore[arg-type]  # Checked by the dataclass.
    )


LOCK = Lock(
    project="sample",
    inputs=Inputs(distributions="1" * 64, functions="2" * 64),
    python="3.11.9",
    architecture="x86_64",
    service=Service.CHANNEL,
    requirements=("app[fast]==1.0", "only-there", "nowhere; sys_platform == 'win32'", f"wheels/{MINE}"),
    distributions=(
        staged("app", requires=("helper>=1", "pandas<3", "psutil<7"), extras=("fast",), license="Apache-2.0"),
        staged("deep", size=20_000, required_by=("helper",), license="MIT OR BSD-3-Clause"),
        staged("helper", size=5000, required_by=("app",), requires=("deep", "shared>1"), license="BSD License"),
        Distribution(
            name="mine",
            version="2.0",
            source=Source.STAGE,
            rule=Rule.REST,
            wheels=(Wheel(filename=MINE, path=f"wheels/{MINE}", size=7, sha256="a" * 64),),
            stage_wheel=MINE,
        ),
        offered("only-there", "1.5"),
        offered(
            "pandas",
            "2.1.4",
            wheel("pandas-2.1.4-cp311-cp311-macosx_11_0_arm64.whl"),
            wheel("pandas-2.1.4-cp311-cp311-manylinux_2_17_x86_64.whl", 12_000_000),
            required_by=("app",),
            requires=("pytz>=2020.1", "shared"),
            native=True,
            license="BSD-3-Clause",
        ),
        offered(
            "psutil",
            "5.9.4",
            wheel("psutil-5.9.4-cp36-abi3-manylinux_2_12_x86_64.whl", 280_000),
            service_version="5.9.0",
            required_by=("app",),
            native=True,
        ),
        Distribution(
            name="pytz",
            version="2026.6",
            source=Source.CHANNEL,
            rule=Rule.IMPLIED,
            required_by=("pandas",),
            index=INDEX,
            wheels=(wheel("pytz-2026.6-py2.py3-none-any.whl"),),
        ),
        staged("shared", required_by=("helper", "pandas")),
    ),
)

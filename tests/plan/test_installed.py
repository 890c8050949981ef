"""What is installed, against what is locked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snowbuild.config import Service
from snowbuild.distribution import Distribution, Rule, Source
from snowbuild.lock import Inputs, Lock
from snowbuild.plan.installed import Difference, installed_differences, read_installed
from snowbuild.render import package_literals

SOURCES = {Service.CHANNEL: Source.CHANNEL, Service.REPOSITORY: Source.REPOSITORY, Service.NONE: Source.STAGE}


def lock_of(service: Service, *packages: str, **more: Source) -> Lock:
    """`name==version` from the service; names in `more` from somewhere else, without a pin."""
    pins = [tuple(package.split("==")) for package in packages]
    distributions = [
        *(
            Distribution(
                name=name.lower(),
                version="0",
                source=SOURCES[service],
                rule=Rule.SERVICE,
                service_name=name,
                service_version=version,
            )
            for name, version in pins
        ),
        *(Distribution(name=name, version="1.0", source=s, rule=Rule.IMPLIED) for name, s in more.items()),
    ]
    return Lock(
        inputs=Inputs(distributions="", functions=""),
        python="3.11.9",
        architecture="x86_64",
        service=service,
        distributions=tuple(distributions),
    )


def test_a_repository_is_compared_as_a_whole() -> None:
    lock = lock_of(Service.REPOSITORY, "numpy==1.26.4", "pandas==2.1.4", "Pytz==2024.1", own=Source.STAGE)

    found = installed_differences(lock, ["numpy==1.26.4.0", "pandas==2.2.0", "six==1.16.0", "python==3.11.8"])

    assert list(map(str, found)) == [
        "pandas 2.2.0 is installed, but 2.1.4 is locked",
        "Pytz 2024.1 is locked, but not installed",
        "six 1.16.0 is installed, but not locked",
    ]
    assert found[0] == Difference(name="pandas", locked="2.1.4", installed="2.2.0")


def test_of_the_channel_only_what_packages_names_is_compared() -> None:
    lock = lock_of(
        Service.CHANNEL, "ruamel.yaml==0.17.21", "odd==2021a_1", "dateutil==2.9.0post0+snowflake1", pytz=Source.CHANNEL
    )

    assert installed_differences(
        lock, ["ruamel-yaml==0.17.21", "odd==2021a_2", "dateutil==2.9.0.post0+snowflake1", "libgcc-ng==11.2.0"]
    ) == (Difference(name="odd", locked="2021a_1", installed="2021a_2"),)


@pytest.mark.parametrize("service", Service)
def test_nothing_differs_where_nothing_is_said(service: Service) -> None:
    assert installed_differences(lock_of(service, "numpy==1.26.4"), []) == ()


def test_without_a_service_nothing_is_locked() -> None:
    assert installed_differences(lock_of(Service.NONE, own=Source.STAGE), ["numpy==1.26.4"]) == ()


@given(st.dictionaries(st.sampled_from(["a", "b", "C.d", "e-f"]), st.sampled_from(["1.0", "2.0+x", "odd 1"])))
def test_what_packages_asks_for_is_what_is_expected(pins: dict[str, str]) -> None:
    lock = lock_of(Service.REPOSITORY, *(f"{name}=={version}" for name, version in pins.items()))

    literals = package_literals(lock.distributions)
    assert installed_differences(lock, literals) == ()
    assert literals == tuple(sorted(literals))
    assert len(literals) == len(pins)


@pytest.mark.parametrize(
    ("value", "packages"),
    [
        ("['numpy==1.26.4','pandas==2.1.4']", ("numpy==1.26.4", "pandas==2.1.4")),
        ("['numpy==1.26.4', \"it's==1\"]", ("numpy==1.26.4", "it's==1")),
        ("[]", ()),
        ("", ()),
        (None, ()),
    ],
)
def test_the_list_of_describe_function(value: str | None, packages: tuple[str, ...]) -> None:
    assert read_installed(value) == packages

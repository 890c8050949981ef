"""The source rule, as data."""

from __future__ import annotations

import pytest

from snowbuild.config import NativeWheels, Service
from snowbuild.distribution import Rule
from snowbuild.resolve import ResolveRequest, requirement_chains
from snowbuild.resolve.sources import is_staged_by_name, place
from snowbuild.resolve.values import Resolved
from snowbuild.runtime import Architecture, Runtime
from tests.resolve.conftest import channel_of


def resolved(name: str, *required_by: str, root: bool = False, direct: bool = False) -> Resolved:
    return Resolved(
        name=name,
        version="1.0",
        wheel_version="1.0",
        root=root,
        direct=direct,
        extras=(),
        required_by=required_by,
        requires=(),
        requires_python=None,
        index=None,
        wheels=(),
    )


# Distributions → rule by name; the channel offers `pandas` and `numpy`, `app*` is named under packages.stage.
CASES: dict[str, tuple[list[Resolved], dict[str, Rule]]] = {
    "only the service requires it": (
        [resolved("pandas", root=True), resolved("pytz", "pandas"), resolved("deep", "pytz")],
        {"pandas": Rule.SERVICE, "pytz": Rule.IMPLIED, "deep": Rule.IMPLIED},
    ),
    "the project requires it as well": (
        [resolved("pandas", root=True), resolved("pytz", "pandas", root=True), resolved("deep", "pytz")],
        {"pandas": Rule.SERVICE, "pytz": Rule.REST, "deep": Rule.REST},
    ),
    "a staged distribution requires it as well": (
        [resolved("app", root=True), resolved("pandas", "app"), resolved("pytz", "app", "pandas")],
        {"app": Rule.STAGE, "pandas": Rule.SERVICE, "pytz": Rule.REST},
    ),
    "a circle below the service": (
        [resolved("numpy", root=True), resolved("a", "b", "numpy"), resolved("b", "a")],
        {"numpy": Rule.SERVICE, "a": Rule.IMPLIED, "b": Rule.IMPLIED},
    ),
    "a circle that the project requires": (
        [resolved("a", "b", root=True), resolved("b", "a"), resolved("numpy", "b")],
        {"a": Rule.REST, "b": Rule.REST, "numpy": Rule.SERVICE},
    ),
    "a wheel of its own is never the service's": (
        [resolved("pandas", root=True, direct=True), resolved("pytz", "pandas")],
        {"pandas": Rule.REST, "pytz": Rule.REST},
    ),
}


@pytest.mark.parametrize(("distributions", "rules"), CASES.values(), ids=CASES.keys())
def test_rules(distributions: list[Resolved], rules: dict[str, Rule]) -> None:
    request = ResolveRequest(
        runtime=Runtime.parse("3.11", Architecture.X86_64),
        native_wheels=NativeWheels.DENY,
        requirements=(),
        service=Service.CHANNEL,
        stage=("app*",),
        channel=channel_of("pandas==1.0", "numpy==1.0", "app==1.0"),
    )

    assert {name: placement.rule for name, placement in place(distributions, request).items()} == rules
    assert place(reversed(distributions), request) == place(distributions, request)


def test_patterns() -> None:
    assert is_staged_by_name("autogluon-core", ("autogluon-*",))
    assert not is_staged_by_name("my-autogluon-core", ("autogluon-*", "autogluon"))


def test_chains_are_the_shortest_from_a_root() -> None:
    distributions = [
        resolved("app", root=True),
        resolved("core", "app"),
        resolved("far", "core", "app"),
        resolved("end", "far", "core"),
    ]

    assert requirement_chains(distributions) == {
        "app": ("app",),
        "core": ("app", "core"),
        "far": ("app", "far"),
        "end": ("app", "core", "end"),
    }

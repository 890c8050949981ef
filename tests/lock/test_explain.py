"""Why a distribution is there, and what hangs on it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snowbuild.config import Service
from snowbuild.distribution import Distribution, Rule, Source
from snowbuild.errors import SnowbuildError
from snowbuild.lock import Inputs, Lock
from snowbuild.lock.explain import ROOT, Edge, Exclusion, Explanation, Node, Total, stands_in, version_of
from tests.lock.samples import LOCK, staged

SAMPLE = Explanation(LOCK)


def test_who_requires_it_with_which_words() -> None:
    assert SAMPLE.required_by("shared") == (
        Edge(requirer="helper", required="shared", requirement="shared>1"),
        Edge(requirer="pandas", required="shared", requirement="shared"),
    )
    assert [e.requirement for e in SAMPLE.requires(ROOT)] == [
        "app[fast]==1.0", "wheels/mine-2.0-py3-none-any.whl", "only-there",
    ]  # fmt: skip


def test_upwards_to_the_roots() -> None:
    app = Node(name="app", requirement="helper>=1", nodes=(Node(name=ROOT, requirement="app[fast]==1.0"),))
    assert SAMPLE.requirers("shared") == (
        Node(name="helper", requirement="shared>1", nodes=(app,)),
        Node(name="pandas", requirement="shared", nodes=(Node(name="app", requirement="pandas<3", repeated=True),)),
    )


def test_downwards_from_the_roots() -> None:
    app, mine, only_there = SAMPLE.tree()
    assert [node.name for node in app.nodes] == ["helper", "pandas", "psutil"]
    assert (mine.nodes, only_there.nodes) == ((), ())


def test_a_marker_that_does_not_hold_makes_no_root() -> None:
    lock = replace(LOCK, requirements=("app", "pytz; python_version < '3.11'", "shared; python_version == '3.11'"))
    explanation = Explanation(lock)
    assert [e.requirement for e in explanation.requires(ROOT)] == ["app", "shared"]


def test_distributions_are_found_by_the_services_name_too() -> None:
    torch = replace(LOCK.distributions[5], name="torch", service_name="pytorch")
    explanation = Explanation(replace(LOCK, distributions=(torch,)))
    assert explanation.find("PyTorch") is explanation.find("torch") is torch


def test_unknown_name() -> None:
    with pytest.raises(SnowbuildError) as refusal:
        SAMPLE.find("panda")
    assert str(refusal.value) == "no such distribution in the lockfile: panda\nhint: did you mean pandas?"
    with pytest.raises(SnowbuildError) as refusal:
        SAMPLE.find("xyz")
    assert str(refusal.value) == (
        "no such distribution in the lockfile: xyz\nhint: `snowbuild explain` shows all of them"
    )


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        # `shared` stays, but only the channel's pandas would need it, so Snowflake would bring it.
        ("helper", Exclusion(gone=("deep",), implied=("shared",), stage_size=5000 + 20_000 + 1000)),
        ("pandas", Exclusion(gone=("pytz",))),
        ("deep", Exclusion(stage_size=20_000)),
        ("psutil", Exclusion()),
        ("app", Exclusion(gone=("deep", "helper", "pandas", "psutil", "pytz", "shared"), stage_size=27_000)),
        ("mine", Exclusion(stage_size=7)),
    ],
)
def test_without(name: str, expected: Exclusion) -> None:
    assert SAMPLE.without(name) == expected


def test_without_a_service_nothing_is_brought() -> None:
    lock = replace(
        LOCK,
        service=Service.NONE,
        requirements=("a",),
        distributions=(
            staged("a", requires=("b", "c")),
            staged("b", required_by=("a",), requires=("c",)),
            staged("c", required_by=("a", "b")),
        ),
    )
    assert Explanation(lock).without("b") == Exclusion(stage_size=1000)


def test_circles_end() -> None:
    circle = (
        staged("a", requires=("b",), required_by=("b",)),
        staged("b", requires=("a",), required_by=("a",)),
    )
    explanation = Explanation(replace(LOCK, requirements=("a",), distributions=circle))
    again = Node(name="a", requirement="a", repeated=True)
    assert explanation.tree() == (
        Node(name="a", requirement="a", nodes=(Node(name="b", requirement="b", nodes=(again,)),)),
    )
    assert explanation.without("b") == Exclusion(stage_size=1000)
    assert explanation.without("a") == Exclusion(gone=("b",), stage_size=2000)


def test_totals() -> None:
    assert SAMPLE.totals() == (
        Total(source=Source.CHANNEL, distributions=4, size=12_000_000 + 280_000 + 1000),
        Total(source=Source.STAGE, distributions=5, size=27_007),
    )


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("app", "not offered by the package service"),
        ("mine", "given by its path or URL"),
        ("pandas", "offered by the package service"),
        ("pytz", "required only by distributions of the package service"),
    ],
)
def test_reason(name: str, reason: str) -> None:
    assert SAMPLE.reason(SAMPLE[name]) == reason


def test_reason_without_a_service() -> None:
    explanation = Explanation(replace(LOCK, service=Service.NONE))
    assert explanation.reason(explanation["app"]) == "no package service is used"


@pytest.mark.parametrize(
    ("version", "service_version", "differs"),
    [
        ("5.9.4", "5.9.0", True),
        ("2.9.0.post0", "2.9.0post0+snowflake1", False),
        ("1.0", "1.0", False),
        ("1.0", "2024a_odd", True),
        ("1.0", None, False),
    ],
)
def test_stand_ins(version: str, service_version: str | None, differs: bool) -> None:
    distribution = replace(SAMPLE["psutil"], version=version, service_version=service_version)
    assert stands_in(distribution) is differs
    assert version_of(distribution) == (service_version or version)


@st.composite
def locks(draw: st.DrawFn) -> Lock:
    """Any graph below one root."""
    names = [f"d{n}" for n in range(draw(st.integers(1, 7)))]
    edges = draw(st.sets(st.tuples(st.sampled_from(names), st.sampled_from(names)), max_size=20))
    pairs = {(a, b) for a, b in edges if a != b} | {(names[n // 2], name) for n, name in enumerate(names) if n}

    def distribution(name: str) -> Distribution:
        return staged(
            name,
            rule=draw(st.sampled_from([Rule.REST, Rule.STAGE])),
            required_by=tuple(sorted(a for a, b in pairs if b == name)),
            requires=tuple(sorted(b for a, b in pairs if a == name)),
        )

    return Lock(
        inputs=Inputs(distributions="", functions=""),
        python="3.11.9",
        architecture="x86_64",
        service=Service.CHANNEL,
        requirements=(names[0],),
        distributions=tuple(map(distribution, names)),
    )


def names_in(nodes: tuple[Node, ...]) -> list[str]:
    return [name for node in nodes for name in (node.name, *names_in(node.nodes))]


@given(locks())
def test_every_distribution_has_its_place_in_the_tree(lock: Lock) -> None:
    explanation = Explanation(lock)
    names = {d.name for d in lock.distributions}
    assert set(names_in(explanation.tree())) == names
    for name in names:
        assert ROOT in names_in(explanation.requirers(name))
        without = explanation.without(name)
        assert name not in without.gone
        assert not set(without.gone) & set(without.implied)
    assert set(explanation.without("d0").gone) == names - {"d0"}

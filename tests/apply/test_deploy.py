"""Plan → deployment: the order of effects, and stopping at each of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from snowbuild.apply import DeploymentStoppedError, Outcome, Status, deploy
from snowbuild.errors import SnowbuildError
from snowbuild.plan import Desired, diff
from tests.apply.fakes import FakeArtifacts, FakeTarget
from tests.plan.cases import desired_from

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from snowbuild.plan import StagedFile

BEFORE: dict[str, Any] = {
    "desired": {
        "files": {"modules/a/f.py": 10},
        "functions": {"F(NUMBER)": {"definition": "a"}, "OLD(NUMBER)": {"definition": "b"}},
    }
}
AFTER: dict[str, Any] = {
    "desired": {
        "files": {"models/c/expense.zip": 1000, "modules/c/f.py": 20},
        "functions": {"F(NUMBER)": {"definition": "c", "grants": ["ANALYST"]}, "G(FLOAT)": {"definition": "d"}},
    }
}


def apply(desired: Desired, target: FakeTarget) -> tuple[Outcome, ...]:
    observed = target.observe(desired.project)
    plan = diff(desired, observed)
    if plan.is_empty:
        return ()
    return deploy(
        plan,
        desired,
        number=observed.deployment + 1,
        target=target,
        artifacts=FakeArtifacts(),
        report=lambda _: None,
    ).outcomes


@pytest.fixture
def before() -> FakeTarget:
    """A target with the first deployment."""
    target = FakeTarget()
    apply(desired_from(BEFORE), target)
    target.steps.clear()
    return target


def words(step: str) -> str:
    return step.split()[0].lower() if not step.startswith("CREATE OR REPLACE") else "create function"


def test_order_of_effects(before: FakeTarget) -> None:
    apply(desired_from(AFTER), before)
    assert [words(step) for step in before.steps] == [
        "create", "upload", "upload", "create function", "create function", "grant", "drop", "write",
    ]  # fmt: skip


def test_grant_is_quoted(before: FakeTarget) -> None:
    apply(desired_from(AFTER), before)
    assert 'GRANT USAGE ON FUNCTION "DB"."SC"."F"(NUMBER) TO ROLE "ANALYST"' in before.steps


def test_second_apply_does_nothing(before: FakeTarget) -> None:
    apply(desired_from(AFTER), before)
    before.steps.clear()
    assert apply(desired_from(AFTER), before) == ()
    assert before.steps == []


@pytest.mark.parametrize("step", range(9))
def test_stopped_anywhere_the_next_apply_converges(before: FakeTarget, step: int) -> None:
    desired = desired_from(AFTER)
    before.fails_at = step
    if step < 8:
        with pytest.raises(DeploymentStoppedError):
            apply(desired, before)
    else:
        apply(desired, before)
    before.fails_at = None
    apply(desired, before)
    assert diff(desired, before.observe(desired.project)).is_empty
    assert set(before.functions) == {"F(NUMBER)", "G(FLOAT)"}


def test_report_says_what_was_done_failed_and_not_started(before: FakeTarget) -> None:
    before.fails_at = 4
    with pytest.raises(DeploymentStoppedError) as stopped:
        apply(desired_from(AFTER), before)
    assert [o.status for o in stopped.value.outcomes] == [
        Status.DONE, Status.DONE, Status.DONE, Status.FAILED, Status.NOT_STARTED, Status.NOT_STARTED,
    ]  # fmt: skip
    assert str(stopped.value) == (
        "target fake: the connection broke\n"
        "the deployment stopped: 3 done, 1 failed, 2 not started\n"
        "hint: mend the cause and run `snowbuild apply` again; it goes on from here"
    )


def test_what_cannot_be_had_is_named_before_anything_is_done() -> None:
    class Nothing:
        def fetch(self, files: Sequence[StagedFile]) -> Mapping[StagedFile, Path]:
            raise SnowbuildError("cannot be downloaded", where=files[0].filename)

    target = FakeTarget()
    desired = desired_from(AFTER)
    plan = diff(desired, target.observe(desired.project))
    with pytest.raises(SnowbuildError, match="cannot be downloaded"):
        deploy(plan, desired, number=1, target=target, artifacts=Nothing(), report=lambda _: None)
    assert target.steps == []

"""Plan → deployment: the order of effects, and stopping at each of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from snowbuild.apply import Deployer, DeploymentStoppedError, Outcome, Status
from snowbuild.calls.verdicts import Verdict
from snowbuild.config import FunctionTest
from snowbuild.errors import SnowbuildError
from snowbuild.plan import Desired, diff
from tests.apply.fakes import FakeArtifacts, FakeTarget
from tests.plan.cases import desired_from, record_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from snowbuild.apply import Trial
    from snowbuild.plan import Function, StagedFile

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


def apply(desired: Desired, target: FakeTarget, trial: Trial | None = None) -> tuple[Outcome, ...]:
    observed = target.observe(desired.project)
    plan = diff(desired, observed)
    if plan.is_empty:
        return ()
    deployer = Deployer(target=target, artifacts=FakeArtifacts(), report=lambda _: None, trial=trial)
    return deployer.deploy(plan, record_of(desired, observed.deployment + 1), observed.record).outcomes


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


def test_report_says_what_was_done_undone_failed_and_not_started(before: FakeTarget) -> None:
    before.fails_on = 'FUNCTION "DB"."SC"."G"'
    with pytest.raises(DeploymentStoppedError) as stopped:
        apply(desired_from(AFTER), before)
    assert [o.status for o in stopped.value.outcomes] == [
        Status.DONE, Status.DONE, Status.UNDONE, Status.FAILED, Status.NOT_STARTED, Status.NOT_STARTED,
    ]  # fmt: skip
    assert str(stopped.value) == (
        "target fake: the connection broke\n"
        "the deployment stopped: 2 done, 1 undone, 1 failed, 2 not started\n"
        "hint: fix the cause and run `snowbuild apply` again; it continues from here"
    )


def test_a_record_that_cannot_be_written_is_not_called_done(before: FakeTarget) -> None:
    before.files = {p: data for p, data in before.files.items() if "/deployments/" not in p}
    before.fails_on = "write"
    with pytest.raises(DeploymentStoppedError) as stopped:
        apply(desired_from(BEFORE), before)
    assert [o.status for o in stopped.value.outcomes] == [Status.FAILED]


def test_when_one_function_fails_those_before_it_are_as_they_were(before: FakeTarget) -> None:
    functions = dict(before.functions)
    before.fails_on = 'FUNCTION "DB"."SC"."G"'
    with pytest.raises(DeploymentStoppedError):
        apply(desired_from(AFTER), before)
    assert before.functions == functions


def test_what_nobody_recorded_stays_replaced() -> None:
    target = FakeTarget()
    apply(desired_from(BEFORE), target)
    target.files = {p: data for p, data in target.files.items() if "/deployments/" not in p}
    target.fails_on = 'FUNCTION "DB"."SC"."G"'
    with pytest.raises(
        DeploymentStoppedError,
        match=r"F\(NUMBER\): stays replaced, because no deployment recorded the previous definition",
    ):
        apply(desired_from(AFTER), target)


def verdicts(*passed: bool) -> Trial:
    def run(function: Function, name: str) -> list[Verdict]:
        assert name.startswith(f'"{function.signature.name}__CANARY_')
        return [
            Verdict(
                function=function.name,
                number=n,
                test=FunctionTest(arguments=(), expect=1.0),
                answer=1.0 if p else 2.0,
            )
            for n, p in enumerate(passed, 1)
        ]

    return run


def test_canaries_are_tried_before_anything_is_replaced(before: FakeTarget) -> None:
    apply(desired_from(AFTER), before, verdicts(True))
    assert [words(step) for step in before.steps] == [
        "create", "upload", "upload", "create function", "drop", "create function", "drop",
        "create function", "create function", "grant", "drop", "write",
    ]  # fmt: skip
    assert set(before.functions) == {"F(NUMBER)", "G(FLOAT)"}


def test_a_failing_canary_leaves_every_function_as_it_was(before: FakeTarget) -> None:
    functions = dict(before.functions)
    with pytest.raises(DeploymentStoppedError) as stopped:
        apply(desired_from(AFTER), before, verdicts(True, False))
    assert before.functions == functions
    assert str(stopped.value) == (
        "functions.f.tests[1]: the canary failed: expected 1.0, got 2.0\n"
        "hint: no function was changed; --no-canary deploys without these tests\n"
        "the deployment stopped: 2 done, 4 not started\n"
        "hint: fix the cause and run `snowbuild apply` again; it continues from here"
    )


def test_a_canary_that_was_left_behind_is_dropped_by_the_next_deployment(before: FakeTarget) -> None:
    stamp = next(iter(before.functions.values()))
    before.functions["F__CANARY_CCCCCCCC(NUMBER)"] = stamp
    apply(desired_from(AFTER), before)
    assert set(before.functions) == {"F(NUMBER)", "G(FLOAT)"}


def test_what_cannot_be_had_is_named_before_anything_is_done() -> None:
    class Nothing:
        def fetch(self, files: Sequence[StagedFile]) -> Mapping[StagedFile, Path]:
            raise SnowbuildError("cannot be downloaded", where=files[0].filename)

    target = FakeTarget()
    desired = desired_from(AFTER)
    plan = diff(desired, target.observe(desired.project))
    with pytest.raises(SnowbuildError, match="cannot be downloaded"):
        Deployer(target=target, artifacts=Nothing(), report=lambda _: None).deploy(plan, record_of(desired, 1), None)
    assert target.steps == []

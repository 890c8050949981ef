"""desired, recorded, observed → actions: one file a case, and what holds for all."""

from __future__ import annotations

import tomllib
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from snowbuild.cli.plan_text import action_line
from snowbuild.errors import TargetError
from snowbuild.plan import Desired, Observed, ObservedFile, ObservedFunction, Plan, StagedFile, Stamp, Upload, diff
from snowbuild.plan.diff import SETTINGS
from snowbuild.render.values import FunctionDefinition
from tests.plan.cases import PROJECT, desired_from, observed_from, record_of

CASES = {path.stem: path for path in sorted((Path(__file__).parent / "cases").glob("*.toml"))}


def lines(plan: Plan) -> list[str]:
    width = max((len(a.name) for a in plan.actions if isinstance(a, Upload)), default=0)
    return [click.unstyle(action_line(action, width)) for action in plan.actions]


@pytest.mark.parametrize("name", CASES)
def test_plan(name: str) -> None:
    case: dict[str, Any] = tomllib.loads(CASES[name].read_text(encoding="utf-8"))
    if "refused" in case:
        with pytest.raises(TargetError) as refusal:
            diff(desired_from(case), observed_from(case))
        assert str(refusal.value) == case["refused"].strip()
        return
    plan = diff(desired_from(case), observed_from(case))
    # Columns are a matter of the golden texts of the command line.
    assert [line.split() for line in lines(plan)] == [line.split() for line in case["actions"]]
    assert plan.kept == case["kept"]


def test_what_a_deployment_under_way_has_made_is_left_to_it() -> None:
    case = {
        "desired": {"functions": {"F(NUMBER)": {"definition": "d"}}},
        "recorded": {"functions": {"F(NUMBER)": {"definition": "d"}, "G(NUMBER)": {"definition": "d"}}},
        "observed": {"functions": {"F(NUMBER)": "d", "G(NUMBER)": "d", "F__CANARY_EEEEEEEE(NUMBER)": "e"}},
    }
    desired, observed = desired_from(case), observed_from(case)
    canary, removed = [line.split(maxsplit=2)[2] for line in lines(diff(desired, observed))]
    assert canary == "F__CANARY_EEEEEEEE(NUMBER)  (left by a deployment that stopped)"
    assert removed == "G(NUMBER)  (removed from snowbuild.toml)"
    assert [a.name for a in diff(desired, observed, under_way=True).actions] == ["G(NUMBER)"]


def test_whatever_a_definition_says_has_a_reason() -> None:
    of_parts = {"packages", "imports"}
    of_the_signature = {"database", "schema", "name", "arguments"}
    assert SETTINGS.keys() | of_parts | of_the_signature == {f.name for f in fields(FunctionDefinition)}


digests = st.text("0123456789abcdef", min_size=64, max_size=64)
files = st.builds(
    lambda sha256, size: StagedFile(path=f"{PROJECT}/wheels/{sha256[:16]}/a.whl", sha256=sha256, size=size),
    digests,
    st.integers(0, 10**12),
)


@st.composite
def desireds(draw: st.DrawFn) -> Desired:
    case = {
        "desired": {
            "functions": {
                f"{name}({kind})": {
                    "definition": draw(st.sampled_from("abcdef")),
                    "grants": draw(st.sets(st.sampled_from("XYZ"))),
                }
                for name in draw(st.sets(st.sampled_from("FGH")))
                for kind in draw(st.sets(st.sampled_from(["NUMBER", "VARCHAR"])))
            }
        }
    }
    chosen = draw(st.lists(files, max_size=4, unique_by=lambda f: f.path))
    return replace(desired_from(case), files=tuple(sorted(chosen, key=lambda f: f.path)))


def deployed(desired: Desired) -> Observed:
    """What is there when a deployment of `desired` has gone well."""
    return Observed(
        files=tuple(ObservedFile(path=f.path, size=f.size) for f in desired.files),
        functions=tuple(
            ObservedFunction(
                signature=f.signature,
                comment=Stamp(project=desired.project, deployment=3, definition=f.sha256[:16]).comment("mine"),
            )
            for f in desired.functions
        ),
        record=record_of(desired, 3),
    )


@given(desireds())
def test_what_is_deployed_is_kept(desired: Desired) -> None:
    plan = diff(desired, deployed(desired))
    assert plan.is_empty
    assert plan.kept == len(desired.files) + len(desired.functions)


@given(desireds(), desireds())
def test_every_action_has_a_reason_and_uploads_come_first(before: Desired, after: Desired) -> None:
    plan = diff(after, deployed(before))
    assert all(action.reason for action in plan.actions)
    assert plan.actions[: len(plan.uploads)] == plan.uploads
    assert {a.file for a in plan.uploads} == {f for f in after.files if f.path not in {g.path for g in before.files}}

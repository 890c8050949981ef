"""Saved plans: carried out as they are, or not at all."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snowbuild.errors import StalePlanError
from snowbuild.plan import Observed, ObservedFile, ObservedFunction, diff
from snowbuild.plan.document import check_saved, read_saved, save, saved_actions
from tests.plan.cases import desired_from, signature

CASE: dict[str, Any] = {
    "desired": {"files": {"models/a/expense.zip": 1000}, "functions": {"F(NUMBER)": {"definition": "d"}}}
}
PLACE = 'ORG-ACCOUNT/"DB"."SC"."ST"'
DESIRED = desired_from(CASE)
DATA = save(diff(DESIRED, Observed()), DESIRED, Observed(), target="prod", place=PLACE)


def check(desired: Any = DESIRED, observed: Observed | None = None, place: str = PLACE) -> None:
    now = observed or Observed()
    check_saved(read_saved(DATA, "p.json"), diff(desired, now), desired, now, place=place, where="p.json")


def test_holds_while_nothing_changes() -> None:
    check()


def test_functions_of_others_do_not_count() -> None:
    check(observed=Observed(functions=(ObservedFunction(signature=signature("OTHER(NUMBER)"), comment="by hand"),)))


def test_actions_are_those_of_the_plan() -> None:
    assert [(a["kind"], a["name"]) for a in saved_actions(read_saved(DATA, "p.json"))] == [
        ("upload", "models/aaaaaaaaaaaaaaaa/expense.zip"),
        ("create", "F(NUMBER)"),
    ]


def test_another_target() -> None:
    with pytest.raises(StalePlanError, match="was made for ORG-ACCOUNT"):
        check(place="elsewhere")


def test_another_lock() -> None:
    with pytest.raises(StalePlanError, match="the lockfile has changed since it was saved"):
        check(desired=replace(DESIRED, lock_sha256="1" * 64))


def test_a_target_that_changed() -> None:
    there = Observed(files=(ObservedFile(path="forecast/models/aaaaaaaaaaaaaaaa/expense.zip", size=1000),))
    with pytest.raises(StalePlanError, match="the target has changed since it was saved"):
        check(observed=there)


@given(st.sampled_from(sorted(json.loads(DATA))), st.sampled_from(["x", 7, None, []]))
def test_edited(key: str, value: object) -> None:
    plain = json.loads(DATA)
    with pytest.raises(StalePlanError):
        read_saved(json.dumps({**plain, key: value}).encode(), "p.json")


@given(st.integers(0, len(DATA) - 3))
def test_cut_off(length: int) -> None:
    with pytest.raises(StalePlanError):
        read_saved(DATA[:length], "p.json")


@given(st.binary())
def test_garbage(data: bytes) -> None:
    with pytest.raises(StalePlanError):
        read_saved(data, "p.json")

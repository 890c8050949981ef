"""How far two columns of answers are from each other."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snowbuild.calls.compare import Mismatch, compare

if TYPE_CHECKING:
    from snowbuild.config import Json


def test_numbers() -> None:
    found = compare([1.0, 2.0, None, 4.0], [1.0, 2.5, None, None], 0.1)
    assert (found.rows, found.largest, found.agrees) == (4, 0.5, False)
    assert found.mean == pytest.approx(0.5 / 2)
    assert found.mismatches == (
        Mismatch(row=2, expected=2.0, actual=2.5),
        Mismatch(row=4, expected=4.0, actual=None),
    )


def test_probabilities_count_each() -> None:
    expected: list[Json] = [{"prediction": "a", "probabilities": {"a": 0.75, "b": 0.25}}]
    actual: list[Json] = [{"prediction": "a", "probabilities": {"a": 0.5, "b": 0.25}}]
    found = compare(expected, actual, 0.01)
    assert (found.largest, found.mean, len(found.mismatches)) == (0.25, 0.125, 1)


def test_next_to_nothing_the_tolerance_is_absolute() -> None:
    assert compare([1e-9], [2e-9], 1e-6).agrees
    assert not compare([0.0], [1e-5], 1e-6).agrees


def test_what_the_type_of_a_result_rounds_away_is_no_difference() -> None:
    assert compare([1.004999], [1.0], 1e-6, rounded=0.005).agrees
    assert not compare([1.006], [1.0], 1e-6, rounded=0.005).agrees


def test_text_and_truth_have_no_distance() -> None:
    found = compare(["a", True, "b"], ["a", 1, "c"], 1.0)
    assert (found.largest, found.mean, [m.row for m in found.mismatches]) == (0.0, 0.0, [2, 3])


def test_what_is_no_number_has_no_distance() -> None:
    found = compare([math.nan, math.nan, 1.0], [math.nan, 2.0, 1.5], 0.1)
    assert (found.largest, found.mean, [m.row for m in found.mismatches]) == (0.5, 0.5, [2, 3])


@given(st.lists(st.none() | st.floats(allow_nan=False, allow_infinity=False) | st.text() | st.booleans()))
def test_a_column_agrees_with_itself(column: list[Json]) -> None:
    found = compare(column, column, 0.0)
    assert found.agrees
    assert not found.largest
    assert math.isclose(found.mean, 0.0)

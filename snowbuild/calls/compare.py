"""Two columns of answers to the same rows, and how much they differ. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from snowbuild.calls.answers import Answer, agrees
from snowbuild.config.values import Json

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


@dataclass(frozen=True, slots=True, kw_only=True)
class Mismatch:
    """A row whose answers differ by more than the tolerance."""

    row: int
    """Counted from 1."""
    expected: Json
    """What the model returns when it is called directly."""
    actual: Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A function's answers to a table, compared with its model's own."""

    rows: int
    largest: float
    """The largest absolute difference between two numbers; 0 if there are none."""
    mean: float
    """Over all numbers of all rows."""
    mismatches: tuple[Mismatch, ...]

    @property
    def agrees(self) -> bool:
        """Whether no row differs by more than the tolerance."""
        return not self.mismatches


def compare(
    expected: Sequence[Json], actual: Sequence[Answer], tolerance: float, *, rounded: float = 0.0
) -> Comparison:
    """Compare the answers row by row; `tolerance` is relative, but absolute close to zero.

    So 0.0000002 is not wrong for a probability of 0.0000001. `rounded` is what a number may have lost because its type
    has only so many decimal places; it may differ by that as well.
    """
    differences = [difference for e, a in zip(expected, actual, strict=True) for difference in _differences(e, a)]
    return Comparison(
        rows=len(expected),
        largest=max(differences, default=0.0),
        mean=math.fsum(differences) / len(differences) if differences else 0.0,
        mismatches=tuple(
            Mismatch(row=number, expected=e, actual=a)
            for number, (e, a) in enumerate(zip(expected, actual, strict=True), 1)
            if not agrees(e, a, tolerance, tolerance + rounded)
        ),
    )


def _differences(expected: Json, actual: Answer) -> Iterator[float]:
    if isinstance(actual, Decimal):
        actual = float(actual)
    if isinstance(expected, bool) or isinstance(actual, bool):
        return
    if isinstance(expected, int | float) and isinstance(actual, int | float):
        difference = abs(expected - actual)
        # There is no distance to what is not a number.
        if not math.isnan(difference):
            yield difference
    elif isinstance(expected, dict) and isinstance(actual, dict):
        for key in expected.keys() & actual.keys():
            yield from _differences(expected[key], actual[key])

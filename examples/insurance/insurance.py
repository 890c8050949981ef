"""The insurance table: a person's medical expenses in a year. Made up from a seed, and the same everywhere."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

COLUMNS = ("AGE", "BMI", "CHILDREN", "SMOKER", "REGION", "SEX", "EXPENSES")
FEATURES, LABEL = COLUMNS[:-1], COLUMNS[-1]
REGIONS = ("northeast", "northwest", "southeast", "southwest")
SEXES = ("female", "male")

T = TypeVar("T")
Row = tuple[int, float, int, int, str, str, float]


def rows(count: int = 1338, seed: int = 7) -> Iterator[Row]:
    """Draw `count` people; values in the order of COLUMNS.

    Only `Random.random` is used, because only it returns the same numbers in every Python.
    """
    random = Random(seed).random  # noqa: S311  Nothing here is a secret.

    def pick(values: Sequence[T]) -> T:
        return values[int(random() * len(values))]

    for _ in range(count):
        age = 18 + int(random() * 47)
        # The mean of three draws is bell-shaped enough: 16 to 46, mostly about 31.
        bmi = round(16 + 30 * (random() + random() + random()) / 3, 1)
        children = pick((0, 0, 0, 1, 1, 2, 2, 3, 4, 5))
        smoker = int(random() < 0.2)
        region, sex = pick(REGIONS), pick(SEXES)
        expenses = 1_200 + 3.3 * age**2 + 480 * children + 220 * REGIONS.index(region)
        if smoker:
            # Smoking costs extra, and far more with a high BMI.
            expenses += 13_300 + 350 * max(bmi - 25, 0) + (14_500 if bmi >= 30 else 0)
        expenses *= 0.94 + 0.12 * random()
        yield age, bmi, children, smoker, region, sex, round(expenses, 2)

"""The first of many names."""

from __future__ import annotations

import pytest

from snowbuild.wording import listed


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ([], ""),
        (["a"], "a"),
        (["a", "b"], "a, b"),
        (["a", "b", "c"], "a, b and 1 more"),
        (list("abcde"), "a, b and 3 more"),
    ],
)
def test_names_beyond_the_most_are_counted(names: list[str], expected: str) -> None:
    assert listed(names, 2) == expected

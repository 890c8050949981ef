"""Sizes, counts, and the first of many names."""

from __future__ import annotations

import pytest

from snowbuild.wording import counted, listed, size


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


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1 kB"),
        (311_900, "312 kB"),
        (999_499, "999 kB"),
        (999_500, "1.0 MB"),
        (16_480_000, "16.5 MB"),
        (123_000_000, "123 MB"),
        (5 * 10**15, "5000 TB"),
    ],
)
def test_size(count: int, text: str) -> None:
    assert size(count) == text


def test_counted() -> None:
    assert [counted(n, "file") for n in (0, 1, 2)] == ["0 files", "1 file", "2 files"]

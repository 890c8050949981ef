"""Expectations are written into the text without touching anything else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from snowbuild.edit.expectations import record
from snowbuild.errors import ConfigError

if TYPE_CHECKING:
    from snowbuild.config import Json

TEXT = """\
# head
[functions.f]
model = "m" # c

[[functions.f.tests]]   # first
arguments = [19, 27.9]   # args
expect = 16884.9 # why
tolerance = 0.25

[[functions.f.tests]]
arguments = [1]

# about g
[functions."g h"]
tests = [
  { arguments = [1], expect = "a" }, # one
  { arguments = [3], class = "yes" },
]
"""


def test_only_expectations_change() -> None:
    results: dict[tuple[str, int], Json] = {
        ("f", 0): 1.5,
        ("f", 1): {"a": 0.5, "b": [None, 1]},
        ("g h", 0): None,
        ("g h", 1): "no",
    }
    assert record(TEXT, results) == (
        TEXT.replace("expect = 16884.9 # why", "expect = 1.5 # why")
        .replace("arguments = [1]\n\n", "arguments = [1]\nexpect = {a = 0.5, b = [{null = true}, 1]}\n\n")
        .replace('expect = "a"', "expect = {null = true}")
        .replace('class = "yes"', 'class = "no"')
    )


def test_line_ends_stay() -> None:
    text = TEXT.replace("\n", "\r\n")
    assert record(text, {("f", 1): True}) == text.replace(
        "arguments = [1]\r\n\r\n", "arguments = [1]\r\nexpect = true\r\n\r\n"
    )
    assert record(text, {}) == text


@pytest.mark.parametrize("place", [("f", 2), ("x", 0)])
def test_a_row_that_is_not_there(place: tuple[str, int]) -> None:
    with pytest.raises(ConfigError) as error:
        record(TEXT, {place: 1})
    assert str(error.value) == (
        "functions.*.tests: cannot be edited without changing more than that\nhint: edit the file yourself"
    )

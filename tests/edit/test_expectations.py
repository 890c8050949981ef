"""Expectations are written into the text without touching anything else."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

import pytest

from snowbuild.config.expectations import json_value
from snowbuild.edit.expectations import record, unwritable
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
    changes: dict[tuple[str, int], dict[str, Json]] = {
        ("f", 0): {"expect": 1.5},
        ("f", 1): {"expect": {"a": 0.5, "b": [None, 1]}},
        ("g h", 0): {"expect": None},
        ("g h", 1): {"class": "no", "expect": {}},
    }
    assert record(TEXT, changes) == (
        TEXT.replace("expect = 16884.9 # why", "expect = 1.5 # why")
        .replace("arguments = [1]\n\n", "arguments = [1]\nexpect = { a = 0.5, b = [{ null = true }, 1] }\n\n")
        .replace('expect = "a"', "expect = { null = true }")
        .replace('class = "yes" }', 'class = "no", expect = {} }')
    )


def test_line_ends_stay() -> None:
    text = TEXT.replace("\n", "\r\n")
    assert record(text, {("f", 1): {"expect": True}}) == text.replace(
        "arguments = [1]\r\n\r\n", "arguments = [1]\r\nexpect = true\r\n\r\n"
    )
    assert record(text, {}) == text


@pytest.mark.parametrize("place", [("f", 2), ("x", 0)])
def test_a_row_that_is_not_there(place: tuple[str, int]) -> None:
    with pytest.raises(ConfigError) as error:
        record(TEXT, {place: {"expect": 1}})
    assert str(error.value) == (
        "functions.*.tests: cannot be edited without changing other parts of it\nhint: edit the file yourself"
    )


@pytest.mark.parametrize(
    "value",
    [
        None, True, 0, -(10**37), 10**20, 0.1, 1e22, 5e-324, -0.0, "", "it's \"q\"", "a\tb\r\n\x00\x1f\x7f\\",
        "日本 🎈", [], {}, [None, [1, {"a b": None, "": "x"}]], {"null": False}, {"null": True, "b": 1},
    ],
)  # fmt: skip
def test_what_is_written_is_read_back(value: Json) -> None:
    assert unwritable(value) is None
    text = record(TEXT, {("f", 1): {"expect": value}})
    (row,) = [line for line in text.splitlines() if line.startswith("expect = ") and "why" not in line]
    assert json_value(tomllib.loads(row)["expect"]) == value


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (float("nan"), "nan is not a number that JSON can hold"),
        ([float("inf")], "inf is not a number that JSON can hold"),
        (10**40, "an integer can have at most 38 digits"),
        ({"null": True}, "{ null = true } stands for NULL in snowbuild.toml"),
        ({"a": [{"null": True}]}, "{ null = true } stands for NULL in snowbuild.toml"),
        ("\ud800", "not a TOML value"),
    ],
)
def test_what_would_not_be_read_back(value: Json, reason: str) -> None:
    assert unwritable(value) == reason

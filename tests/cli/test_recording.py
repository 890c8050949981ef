"""`snowbuild test --record`, where something stands in the way of recording, and what `test` says of failures."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.cli.runner import deployed, run_here, snowbuild
from tests.models.predictors import predictor

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.integration

TEXT = """
[project]
name = "recording"
[runtime]
python = "3.11"
[packages]
service = "none"

[functions.odds]
handler = "src/mine.py:odds"
arguments = { X = "FLOAT" }
returns = "OBJECT"
tests = [
  { arguments = [1], class = "high", min-probability = 0.9 },
  { arguments = [1], expect = {low=0.25, high=0.75}, class = "low" }, # the value is right
  { arguments = [1], expect = {}, class = "low" },
  { arguments = [1], class = "low", min-probability = 0.9 },
]

[functions.same]
handler = "src/mine.py:same"
arguments = { X = "VARIANT" }
returns = "VARIANT"

[[functions.same.tests]]
arguments = [1]
class = 1
min-probability = 0.5

[[functions.same.tests]]
arguments = [[{ a = "b" }]]

[functions.odd]
handler = "src/mine.py:odd"
arguments = { X = "NUMBER(1,0)" }
returns = "FLOAT"
tests = [{ arguments = [1] }, { arguments = [2] }, { arguments = [3] }, { arguments = [4] }]

[functions.null]
handler = "src/mine.py:null"
arguments = { X = "NUMBER(1,0)" }
returns = "OBJECT"
tests = [{ arguments = [1] }]

[functions.exact]
handler = "src/mine.py:exact"
arguments = { X = "NUMBER(1,0)" }
returns = "NUMBER(38,10)"
tests = [{ arguments = [1], expect = 12345678901234567890.1234567891 }]
"""
MINE = """
import decimal


def odds(x):
    return {"low": 0.25, "high": 0.75}


def same(x):
    return x


def odd(x):
    if x == 3:
        raise ValueError("three")
    return {1: float("nan"), 2: float("inf"), 4: 4.5}[x]


def null(x):
    return {"null": True}


def exact(x):
    return decimal.Decimal("12345678901234567890.1234567891")
"""
FAILED = """\
failed  null row 1: cannot be recorded: { null = true } stands for NULL in snowbuild.toml
failed  odd row 1: cannot be recorded: nan is not a number that JSON can hold
failed  odd row 2: cannot be recorded: inf is not a number that JSON can hold
failed  odd row 3: ValueError: three in function ODD with handler odd.handler
failed  odds row 1: cannot be recorded: expected a probability of at least 0.9 for class "high", got 0.75
failed  odds row 4: cannot be recorded: expected a probability of at least 0.9 for class "high", got 0.75
failed  same row 1: cannot be recorded: no probabilities in the answer
"""
RECORDED = """\
recorded  exact row 1: "12345678901234567890.1234567891"
recorded  odd row 4: 4.5
recorded  odds row 2: {"low": 0.25, "high": 0.75}
recorded  odds row 3: {"low": 0.25, "high": 0.75}
recorded  same row 2: [{"a": "b"}]
"""


@pytest.fixture(scope="module", name="deployed")
def _deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A project whose answers are of every awkward kind."""
    with deployed(tmp_path_factory.mktemp("recording"), TEXT, MINE) as folder:
        yield folder


@pytest.fixture
def project(deployed: Path) -> Path:
    """The same, with nothing recorded."""
    (deployed / "snowbuild.toml").write_bytes(b"\xef\xbb\xbf" + TEXT.encode())
    return deployed


def test_a_row_is_recorded_when_it_passes_then(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert run_here(project, "test", "--record") == 1
    lines = capsys.readouterr().out.splitlines(keepends=True)
    assert lines[-1] == "0 passed, 5 recorded, 7 failed on local.\n"
    assert "".join(line for line in lines if line.startswith("failed")) == FAILED
    assert "".join(line for line in lines if line.startswith("recorded")) == RECORDED
    # The byte order mark, the spaces inside of braces, and values that were right are as before.
    written = (
        TEXT.replace('high=0.75}, class = "low"', 'high=0.75}, class = "high"')
        .replace('expect = {}, class = "low"', 'expect = { low = 0.25, high = 0.75 }, class = "high"')
        .replace('[[{ a = "b" }]]', '[[{ a = "b" }]]\nexpect = [{ a = "b" }]')
        .replace("{ arguments = [4] }", "{ arguments = [4], expect = 4.5 }")
        .replace("12345678901234567890.1234567891 }", '"12345678901234567890.1234567891" }')
    )
    assert (project / "snowbuild.toml").read_bytes() == b"\xef\xbb\xbf" + written.encode()
    assert run_here(project, "test", "exact", "same", "odds") == 1
    assert capsys.readouterr().out == (
        "passed  exact row 1\n"
        "failed  same row 1: no probabilities in the answer\n"
        "passed  same row 2\n"
        'failed  odds row 1: expected a probability of at least 0.9 for class "high", got 0.75\n'
        "passed  odds row 2\n"
        "passed  odds row 3\n"
        'failed  odds row 4: expected class "low", got "high"; '
        'expected a probability of at least 0.9 for class "low", got 0.25\n'
        "4 passed, 3 failed on local.\n"
    )


def test_what_was_recorded_as_json(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert run_here(project, "test", "exact", "odds", "odd", "--record", "--format", "json") == 1

    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    found = json.loads(capsys.readouterr().out, parse_constant=refuse)
    assert (found["schema"], found["target"]) == ("snowbuild.test/1", "local")
    assert found["summary"] == {"passed": 0, "recorded": 4, "failed": 5}
    rows = {(row.pop("function"), row.pop("row")): row for row in found["rows"]}
    odds = {"low": 0.25, "high": 0.75}
    assert rows["exact", 1] == {
        "status": "recorded",
        "expected": {"expect": 12345678901234567890.1234567891},
        "actual": "12345678901234567890.1234567891",
        "failed": ["expect"],
        "problem": None,
    }
    assert rows["odds", 2] == {
        "status": "recorded",
        "expected": {"expect": odds, "class": "low"},
        "actual": odds,
        "failed": ["class"],
        "problem": None,
    }
    assert rows["odd", 1] == {
        "status": "failed",
        "expected": {},
        "actual": "nan",
        "failed": [],
        "problem": "cannot be recorded: nan is not a number that JSON can hold",
    }
    assert rows["odd", 4]["status"] == "recorded"


def test_a_traceback_is_for_those_who_ask(project: Path) -> None:
    ran = snowbuild(project, "test", "odd", "--verbose")
    assert (ran.code, ran.out.count("Traceback (most recent call last):")) == (1, 1)
    assert "\nValueError: three\n in function ODD with handler odd.handler\n" in ran.out
    ran = snowbuild(project, "test", "odd")
    assert ran.out == (
        "passed  odd row 1\npassed  odd row 2\n"
        "failed  odd row 3: ValueError: three in function ODD with handler odd.handler\n"
        "passed  odd row 4\n3 passed, 1 failed on local.\n"
    )


def test_a_table_asks_first_whether_the_function_is_there(project: Path) -> None:
    # Nothing is resolved for it, no environment is built and no model loaded: all of that would fail here.
    predictor(project / "late")
    (project / "rows.csv").write_text("A\n1\n", encoding="utf-8")
    late = '[models.late]\npath = "late"\n[functions.late]\nmodel = "late"\narguments = { A = "FLOAT" }\n'
    (project / "snowbuild.toml").write_text(TEXT + late, encoding="utf-8")
    assert str(run_here(project, "test", "late", "--rows", "rows.csv")) == (
        "target local: 002003 (02000): SQL compilation error:\n"
        "Function 'LOCAL.PUBLIC.LATE(FLOAT)' does not exist or not authorized.\n"
        "hint: run `snowbuild apply` to deploy what is in snowbuild.toml"
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["test", "odss"], "snowbuild.toml: no such function: odss\nhint: did you mean odds?"),
        (["call", "x", "--row", "[]"], "snowbuild.toml: no such function: x\n"
         "hint: known here: exact, null, odd, odds, same"),
        (["test", "--tolerance", "0.1"],
         "--tolerance: is only for --rows\nhint: rows of snowbuild.toml have the key tolerance"),
        (["test", "odd", "--rows", "x.csv", "--tolerance", "nan"], "expected a finite number that is not negative"),
        (["test", "odd", "--rows", "x.csv", "--tolerance", "inf"], "expected a finite number that is not negative"),
        (["test", "odd", "--rows", "x.csv", "--tolerance", "-1"], "expected a finite number that is not negative"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said(project: Path, arguments: list[str], message: str) -> None:
    assert str(run_here(project, *arguments)) == message

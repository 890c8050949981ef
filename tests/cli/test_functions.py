"""Functions with every setting, their rows and their expectations: through the command line and the local Snowflake."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from snowbuild.cli.workspace import choose_target, open_target
from snowbuild.config import load
from tests.cli.runner import deployed, run_here

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.integration

TEXT = """
[project]
name = "settings"
[runtime]
python = "3.11"
[packages]
service = "none"

[functions.add]
handler = "src/mine.py:add"
arguments = { A = "NUMBER(5,0)", B = { type = "FLOAT", default = 0.5 }, C = { type = "VARCHAR", default = "it's" } }
returns = "OBJECT"
secure = true
immutable = true
external-access-integrations = ["hub"]
secrets = { token = "local.public.token" }
comment = "adds"
tests = [
  { arguments = [1], expect = { sum = 1.5, text = "it's", none = { null = true } } },
  { arguments = [1, 2.5, { null = true }] }, # recorded below
]

[functions.strict_one]
handler = "src/mine.py:first"
arguments = { A = "DATE" }
returns = "DATE"
strict = true

[[functions.strict_one.tests]]
arguments = [{ null = true }]
expect = { null = true }

[[functions.strict_one.tests]]
arguments = ["2026-01-31"]
expect = "2026-01-30" # wrong

[functions.risk]
handler = "src/mine.py:odds"
input = "object"
arguments = { AGE = "NUMBER(3,0)", NAMES = "ARRAY" }
returns = "VARIANT"

[[functions.risk.tests]]
arguments = [40, ["a", { null = true }]]
class = "high"
min-probability = 0.4

[[functions.risk.tests]]
arguments = [{ null = true }, []]
class = "high"
"""
MINE = """
def add(a, b, c):
    return {"sum": a + b, "text": c, "none": None}


def first(a):
    return a


def odds(row):
    assert row["NAMES"] in (["a", None], []), row
    high = 0.0 if row["AGE"] is None else row["AGE"] / 100
    return {"prediction": "high" if high else "low", "probabilities": {"high": high, "low": 1 - high}}
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A project with three functions, deployed without trying them first."""
    with deployed(tmp_path_factory.mktemp("settings"), TEXT, MINE) as folder:
        yield folder


def test_snowflake_shows_what_was_asked_for(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = load(project / "snowbuild.toml")
    with open_target(config, choose_target(config, None)) as target:
        shown = {row["name"]: row for row in target.rows('SHOW USER FUNCTIONS IN SCHEMA "LOCAL"."PUBLIC"')}
        described = {
            row["property"]: row["value"]
            for row in target.rows('DESCRIBE FUNCTION "LOCAL"."PUBLIC"."ADD"(NUMBER, FLOAT, VARCHAR)')
        }
        strict = {r["property"]: r["value"] for r in target.rows('DESCRIBE FUNCTION "LOCAL"."PUBLIC".STRICT_ONE(DATE)')}
        (named,) = target.rows("""SELECT "LOCAL"."PUBLIC"."ADD"(A => 1, C => 'c') AS "R" """)
    add = shown["ADD"]
    assert add["arguments"] == "ADD(NUMBER, DEFAULT FLOAT, DEFAULT VARCHAR) RETURN OBJECT"
    assert (add["min_num_arguments"], add["max_num_arguments"], add["is_secure"]) == (1, 3, "Y")
    assert add["description"].startswith("adds [snowbuild settings deployment 1 ")
    assert described["volatility"] == "IMMUTABLE"
    assert described["external_access_integrations"] == '"HUB"'
    assert described["secrets"] == '\'token\' = "LOCAL"."PUBLIC"."TOKEN"'
    assert strict["null handling"] == "RETURNS NULL ON NULL INPUT"
    assert json.loads(named["R"]) == {"sum": 1.5, "text": "c", "none": None}
    # And a second plan finds nothing to do.
    capsys.readouterr()
    assert run_here(project, "plan", "--detailed-exitcode") == 0
    assert capsys.readouterr().out.startswith("Nothing to do: ")


def test_a_call_may_end_before_defaults(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for row in ("[2]", '{"A": 2}', '{"A": 2, "B": 0.5}'):
        capsys.readouterr()
        assert run_here(project, "call", "add", "--row", row) == 0
        assert json.loads(capsys.readouterr().out)["sum"] == 2.5
    for row, message in (
        ("[]", "add takes 1 to 3 arguments\nhint: A, B, C"),
        ('{"A": 2, "C": "c"}', "missing or unknown arguments: B\nhint: the arguments are A, B, C"),
        ('{"X": 2}', "missing or unknown arguments: A, X\nhint: the arguments are A, B, C"),
        ("[NaN]", "not JSON: NaN is not allowed in JSON\nhint: for example --row '[1, \"a\"]'"),
        ("[1e400]", "not JSON: 1e400 is too large\nhint: for example --row '[1, \"a\"]'"),
    ):
        assert str(run_here(project, "call", "add", "--row", row)) == f"--row: {message}"


def test_a_call_before_the_function_is_deployed(project: Path) -> None:
    path = project / "snowbuild.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("[functions.strict_one", "[functions.not_yet"), encoding="utf-8")
    try:
        assert str(run_here(project, "call", "not_yet", "--row", '["2026-01-31"]')) == (
            "target local: 002141 (42601): SQL compilation error:\n"
            "Unknown user-defined function LOCAL.PUBLIC.NOT_YET.\n"
            "hint: run `snowbuild apply` to deploy what is in snowbuild.toml"
        )
    finally:
        path.write_text(text, encoding="utf-8")


def test_rows_are_judged_and_recorded(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = project / "snowbuild.toml"
    odds = '{"prediction": "low", "probabilities": {"high": 0.0, "low": 1.0}}'
    capsys.readouterr()
    assert run_here(project, "test") == 1
    assert capsys.readouterr().out == (
        "passed  add row 1\n"
        "passed  add row 2\n"
        "passed  risk row 1\n"
        'failed  risk row 2: expected class "high", got "low"\n'
        "passed  strict_one row 1\n"
        'failed  strict_one row 2: expected "2026-01-30", got "2026-01-31"\n'
        "4 passed, 2 failed on local.\n"
    )
    assert run_here(project, "test", "--record") == 0
    assert capsys.readouterr().out == (
        "passed  add row 1\n"
        'recorded  add row 2: {"sum": 3.5, "text": null, "none": null}\n'
        "passed  risk row 1\n"
        f"recorded  risk row 2: {odds}\n"
        "passed  strict_one row 1\n"
        'recorded  strict_one row 2: "2026-01-31"\n'
        "3 passed, 3 recorded, 0 failed on local.\n"
    )
    nothing = "{ null = true }"
    assert path.read_text(encoding="utf-8") == (
        TEXT.replace(
            "{ arguments = [1, 2.5, { null = true }] }",
            f"{{ arguments = [1, 2.5, {{ null = true }}], "
            f"expect = {{ sum = 3.5, text = {nothing}, none = {nothing} }} }}",
        )
        .replace('expect = "2026-01-30" # wrong', 'expect = "2026-01-31" # wrong')
        .replace(
            'arguments = [{ null = true }, []]\nclass = "high"', 'arguments = [{ null = true }, []]\nclass = "low"'
        )
    )
    assert run_here(project, "test") == 0
    assert capsys.readouterr().out.endswith("6 passed, 0 failed on local.\n")

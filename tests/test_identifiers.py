"""Names and values that are meant to break out of SQL or Python, all the way to the local Snowflake and back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.cli.runner import Ran, snowbuild

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.slow

PROJECT = r"""
[project]
name = "names"

[runtime]
python = "3.11"

[packages]
service = "none"

[functions."\"Mixed \"\"Case\"\" $$ '; DROP TABLE t; --\""]
handler = "src/mine.py:predict"
arguments = { "select" = "VARCHAR", "Größe \"x\"" = "FLOAT", "a'b\\c$$" = "VARCHAR" }
returns = "VARCHAR"
comment = "it's \\ a comment $$ ; -- \" [snowbuild other deployment 7 definition 0123456789abcdef]"
grants = { usage = ["\"Mixed Role\"", "PLAIN", "\"x\"\"; DROP ROLE y\""] }

[[functions."\"Mixed \"\"Case\"\" $$ '; DROP TABLE t; --\"".tests]]
arguments = ["it's \\ $$ \n \"q\" {{ 1 }}", 1.5, "'); DROP TABLE x; --"]
expect = "'it\\'s \\\\ $$ \\n \"q\" {{ 1 }}'|1.5|\"'); DROP TABLE x; --\""

[functions."\"table\""]
handler = "src/mine.py:predict"
arguments = { "class" = "VARCHAR", "import os; os.abort()" = "NUMBER(3,0)", "it's {{ 1 }} \"\\" = "FLOAT" }
returns = "VARCHAR"
input = "object"

[functions."\"größe 🙂(a, b)\""]
handler = "src/mine.py:predict"
arguments = { "\"quoted\"" = "VARCHAR" }
returns = "VARCHAR"

[functions.order]
handler = "src/mine.py:predict"
arguments = { "group" = { type = "VARCHAR", default = "it's \\ $$ \"d\"" } }
returns = "VARCHAR"

[targets.local]
database = "\"My \"\"DB\"\".x\""
schema = "\"sélect / it's\""
stage = "\"the Stage $$ ;\""
"""

NAMES = ('"Mixed ""Case"" $$ \'; DROP TABLE t; --"', '"table"', '"größe 🙂(a, b)"', "order")


def ok(ran: Ran) -> str:
    assert ran.code == 0, ran.err
    return ran.out


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The project, deployed once."""
    folder = tmp_path_factory.mktemp("names; früh")
    (folder / "src").mkdir()
    (folder / "src" / "mine.py").write_text('def predict(*values):\n    return "|".join(map(repr, values))\n')
    (folder / "snowbuild.toml").write_text(PROJECT)
    ok(snowbuild(folder, "apply", "--yes"))
    yield folder
    ok(snowbuild(folder, "local", "down"))


def plan(folder: Path) -> list[tuple[str, str]]:
    document = json.loads(ok(snowbuild(folder, "plan", "--format", "json")))
    return [(action["kind"], action["name"]) for action in document["actions"]]


def test_nothing_is_left_to_do(project: Path) -> None:
    assert plan(project) == []
    assert ok(snowbuild(project, "drift", "--detailed-exitcode")) == "0 differences from deployment 1 on local.\n"


def test_values_arrive_as_they_are(project: Path) -> None:
    assert ok(snowbuild(project, "test")).endswith("1 passed, 0 failed on local.\n")
    value = "\"); DROP FUNCTION f; -- ' \\ $$ \n ü"
    assert ok(snowbuild(project, "call", NAMES[2], "--row", json.dumps([value]))) == repr(value) + "\n"
    row = {"class": value, "import os; os.abort()": 3, "it's {{ 1 }} \"\\": 0.5}
    seen = ok(snowbuild(project, "call", NAMES[1], "--row", json.dumps(row)))
    assert seen == repr({**row, "import os; os.abort()": 3.0}) + "\n"
    assert ok(snowbuild(project, "call", "order", "--row", '["x"]')) == "'x'\n"


def test_a_function_changes_and_goes_back(project: Path) -> None:
    source = project / "src" / "mine.py"
    before = source.read_text()
    source.write_text(before.replace("repr", "str"))
    ok(snowbuild(project, "apply", "--yes", "--no-canary"))
    assert ok(snowbuild(project, "call", "order", "--row", '["x"]')) == "x\n"
    ok(snowbuild(project, "rollback", "--yes"))
    assert ok(snowbuild(project, "call", "order", "--row", '["x"]')) == "'x'\n"
    source.write_text(before)
    assert plan(project) == []


def test_a_role_spelled_another_way_is_the_same(project: Path) -> None:
    path = project / "snowbuild.toml"
    path.write_text(PROJECT.replace('"PLAIN"', '"plain"'))
    assert plan(project) == []
    path.write_text(PROJECT)


def test_garbage_and_files(project: Path) -> None:
    ok(snowbuild(project, "gc", "--keep", "1"))
    assert plan(project) == []
    assert " verified (" in ok(snowbuild(project, "verify"))
    assert ok(snowbuild(project, "test")).endswith("1 passed, 0 failed on local.\n")


def test_the_doctor_quotes(project: Path) -> None:
    report = json.loads(ok(snowbuild(project, "doctor", "--format", "json")))
    details = {c["check"]: c["detail"] for c in report["checks"]}
    assert details["READ on stage"] == ('SYSADMIN has it on "My ""DB"".x"."sélect / it\'s"."the Stage $$ ;"')


def test_zz_destroy_takes_all_of_it(project: Path) -> None:
    assert ok(snowbuild(project, "destroy", "--yes")).splitlines()[-1].startswith("4 functions dropped, ")
    assert {kind for kind, _ in plan(project)} == {"upload", "create", "grant"}

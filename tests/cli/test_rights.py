"""A deployment by a role of few rights: what `doctor` says, and `create-stage = false`."""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING

import pytest

from snowbuild.local import up
from tests.cli.runner import snowbuild
from tests.local.servers import open_session

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.slow

PROJECT = """
[project]
name = "rights"

[runtime]
python = "3.11"

[packages]
service = "none"

[functions.f]
handler = "mine.py:f"
arguments = { A = "VARCHAR" }
returns = "VARCHAR"
grants = { usage = ["PUBLIC"] }

[targets.ci]
connection = "local"
database = "LOCAL"
schema = "FEW"
stage = "FILES"
role = "CI"
create-stage = false
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with a target for role CI."""
    folder = tmp_path_factory.mktemp("rights")
    (folder / "mine.py").write_text("def f(a):\n    return a + a\n")
    (folder / "snowbuild.toml").write_text(PROJECT)
    return folder


@pytest.fixture(scope="module")
def admin(project: Path) -> Iterator[Callable[[str], None]]:
    """Run a statement on the local Snowflake as the one who owns it."""
    server = up(project / ".snowbuild" / "local", lock=project / "pylock.snowbuild.toml")
    with contextlib.closing(open_session(server)) as session:

        def run(statement: str) -> None:
            session.sql(statement).collect()

        for statement in ("CREATE ROLE ci", "CREATE SCHEMA few"):
            run(statement)
        yield run
    snowbuild(project, "local", "down")


def ci(project: Path, *arguments: str) -> tuple[int, str, str]:
    ran = snowbuild(project, *arguments, "--target", "ci", SNOWFLAKE_HOME=str(project / ".snowbuild" / "local"))
    return ran.code, ran.out, ran.err


def test_the_doctors_statements_are_all_that_is_missing(project: Path, admin: Callable[[str], None]) -> None:
    # Each round mends what the one before showed: what a role does not see has no grants to look at.
    for _ in range(3):
        code, out, err = ci(project, "doctor", "--format", "json")
        assert not err
        report = json.loads(out)
        if code == 0:
            break
        assert report["failed"] > 0
        assert report["statements"]
        for statement in report["statements"]:
            admin(statement)
    assert (code, report["statements"]) == (0, [])
    code, out, err = ci(project, "apply", "--yes")
    assert code == 0, err
    assert ci(project, "call", "f", "--row", '["x"]')[:2] == (0, "xx\n")


def test_the_imports_lint_is_said_of_an_account(project: Path, admin: Callable[[str], None]) -> None:
    (project / "mine.py").write_text("def f(a):\n    return a * 2\n")
    code, _, err = ci(project, "plan")
    assert code == 0
    assert (
        "note: functions.f.grants: PUBLIC may read every file that the function imports, the model among them\n"
        "hint: grant USAGE only to roles that may have the files\n"
    ) in err


def test_without_a_stage_it_says_what_to_run(project: Path, admin: Callable[[str], None]) -> None:
    admin("DROP STAGE few.files")
    code, _, err = ci(project, "apply", "--yes", "--no-canary")
    assert code == 1
    assert (
        'error: targets.ci: stage "LOCAL"."FEW"."FILES" does not exist, or this role cannot see it, '
        "and create-stage is false\n"
        'hint: somebody with the privileges has to run: CREATE STAGE IF NOT EXISTS "LOCAL"."FEW"."FILES"; '
        'GRANT READ ON STAGE "LOCAL"."FEW"."FILES" TO ROLE "CI"; '
        'GRANT WRITE ON STAGE "LOCAL"."FEW"."FILES" TO ROLE "CI"\n'
    ) in err


def test_an_unknown_role_is_the_doctors_first_finding(project: Path, admin: Callable[[str], None]) -> None:
    path = project / "snowbuild.toml"
    path.write_text(PROJECT.replace('role = "CI"', 'role = "NOBODY"'))
    code, out, _ = ci(project, "doctor")
    path.write_text(PROJECT)
    assert code == 1
    assert "failed   connection" in out
    assert "Role 'NOBODY' specified in the connect string does not exist or not authorized." in out

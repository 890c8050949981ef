"""Looking after deployments, through the command line and the local Snowflake."""

from __future__ import annotations

import json
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from snowbuild import local, sql
from snowbuild.cli.workspace import choose_target, open_target
from snowbuild.config import load
from snowbuild.errors import SnowbuildError
from tests.cli.runner import run_here, snowbuild
from tests.faults.project import write

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from snowbuild.snowflake.target import SnowflakeTarget

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of the project, and its local Snowflake."""
    folder = tmp_path_factory.mktemp("deployments")
    yield folder
    local.down(folder / ".snowbuild" / "local")


@pytest.fixture
def project(server: Path) -> Path:
    """Deployed twice, as variant 1 and as variant 2, from nothing."""
    write(server, 1)
    if (server / "pylock.snowbuild.toml").exists():
        assert run_here(server, "destroy", "--yes") == 0
    for variant in (1, 2):
        write(server, variant)
        assert run_here(server, "apply", "--yes", "--no-canary") == 0
    return server


@contextmanager
def opened(project: Path) -> Iterator[SnowflakeTarget]:
    config = load(project / "snowbuild.toml")
    with open_target(config, choose_target(config, None)) as target:
        yield target


def answer(project: Path) -> int:
    with opened(project) as target:
        return int(target.rows('SELECT "LOCAL"."PUBLIC"."ALPHA"(1000) AS "R"')[0]["R"]) - 1000


def said(capsys: pytest.CaptureFixture[str], project: Path, *arguments: str) -> Any:
    capsys.readouterr()
    assert run_here(project, *arguments, "--format", "json") == 0
    return json.loads(capsys.readouterr().out)


def test_status_and_history(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status = said(capsys, project, "status")
    assert (status["deployment"], status["user"], status["role"]) == (2, "LOCAL", "SYSADMIN")
    assert status["functions"] == ["ALPHA(NUMBER)", "BETA(NUMBER)", "GAMMA(NUMBER)"]
    assert [d["deployment"] for d in said(capsys, project, "history")["deployments"]] == [2, 1]


def test_rollback_uploads_nothing(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert answer(project) == 2
    done = said(capsys, project, "rollback", "--yes")
    assert done["summary"] == {
        "uploaded": {"files": 0, "bytes": 0},
        "functions": {"create": 0, "replace": 3, "drop": 0},
    }
    assert answer(project) == 1
    assert said(capsys, project, "status")["rollback-to"] == 1


def test_rollback_to_what_is_gone(project: Path) -> None:
    with opened(project) as target:
        first, second = (record.desired for record in target.records("faults"))
        gone = next(f.path for f in first.files if f not in second.files)
        target.remove(gone)
    error = run_here(project, "rollback", "1", "--yes")
    assert str(error) == (
        f"{gone}: deployment 1 needs it, but it is no longer on the stage\n"
        "hint: check out the commit of that deployment and run `snowbuild apply`"
    )
    assert answer(project) == 2


def test_rollback_to_what_never_was(project: Path) -> None:
    assert (
        str(run_here(project, "rollback", "9", "--yes")) == "rollback: no deployment 9\nhint: known deployments: 1, 2"
    )


def test_a_saved_plan_is_shown_with_whether_it_holds(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(project, 3)
    planned = said(capsys, project, "plan", "--out", "saved.plan")
    shown = said(capsys, project, "show", "saved.plan")
    assert (shown["target"], shown["actions"], shown["stale"]) == ("local", planned["actions"], None)
    assert run_here(project, "apply", "saved.plan", "--yes", "--no-canary") == 0
    assert said(capsys, project, "show", "saved.plan")["stale"] == "the target has changed since it was saved"


def test_drift(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, project, "drift", "--detailed-exitcode")["drift"] == []
    with opened(project) as target:
        target.execute('DROP FUNCTION "LOCAL"."PUBLIC"."ALPHA"(NUMBER)')
        target.execute('COMMENT ON FUNCTION "LOCAL"."PUBLIC"."BETA"(NUMBER) IS \'mine now\'')
        target.execute('GRANT USAGE ON FUNCTION "LOCAL"."PUBLIC"."GAMMA"(NUMBER) TO ROLE "ANALYST"')
        record = target.observe("faults").record
        assert record is not None
        path = record.desired.files[0].path
        target.remove(path)
    assert run_here(project, "drift", "--detailed-exitcode") == 3
    found = said(capsys, project, "drift")["drift"]
    assert [(d["kind"], d["name"]) for d in found] == [
        ("dropped", "ALPHA(NUMBER)"),
        ("changed", "BETA(NUMBER)"),
        ("granted", "GAMMA(NUMBER)"),
        ("missing", path),
    ]
    # BETA is theirs now, and recorded as ours: the next deployment takes it back.
    assert run_here(project, "apply", "--yes") == 0
    assert [d["kind"] for d in said(capsys, project, "drift")["drift"]] == ["granted"]


def test_verify(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_here(project, "verify") == 0
    assert "verified" in capsys.readouterr().out
    with opened(project) as target:
        record = target.observe("faults").record
        assert record is not None
        path = record.desired.files[0].path
        target.remove(path)
        target.write(path, b"other bytes")
    error = run_here(project, "verify")
    assert isinstance(error, SnowbuildError)
    assert error.problems[0].where == path
    assert "the digest differs" in str(error)
    with opened(project) as target:
        target.remove(path)
    assert str(run_here(project, "verify")) == (
        f"{path}: no such file on the stage\nhint: run `snowbuild apply`, which uploads what is missing"
    )
    assert run_here(project, "apply", "--yes") == 0
    assert run_here(project, "verify") == 0


def test_gc_keeps_what_is_needed(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def paths() -> set[str]:
        with opened(project) as target:
            return {f.path for f in target.observe("faults").files}

    before = paths()
    assert run_here(project, "gc", "--keep", "1", "--dry-run") == 0
    assert paths() == before
    assert run_here(project, "gc", "--keep", "2") == 0
    assert paths() == before
    assert run_here(project, "gc", "--keep", "1") == 0
    # The three handlers of variant 1, and the record of deployment 1.
    assert len(before - paths()) == 4
    assert answer(project) == 2
    assert run_here(project, "verify") == 0
    assert [d["deployment"] for d in said(capsys, project, "history")["deployments"]] == [2]


def test_what_is_done_is_said_as_it_was_planned(project: Path) -> None:
    write(project, 3)
    ran = snowbuild(project, "apply", "--yes")
    planned = ran.out.splitlines()[:-2]
    done = [re.sub(r"  \d+\.\d s$", "", line) for line in ran.err.splitlines() if line[0] in "+~"]
    assert sorted(done) == sorted(planned)


def test_a_saved_plan_without_actions_says_so(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_here(project, "plan", "--out", "plan.json") == 0
    capsys.readouterr()
    assert run_here(project, "apply", "plan.json") == 0
    assert capsys.readouterr().out == "Nothing to do: 10 kept.\n"


def test_adopt(project: Path) -> None:
    made_by_hand = (
        'CREATE OR REPLACE FUNCTION "LOCAL"."PUBLIC"."DELTA"(X NUMBER(18,0)) RETURNS NUMBER(18,0) LANGUAGE PYTHON '
        "RUNTIME_VERSION = '3.11' HANDLER = 'f' AS 'def f(x): return 7'"
    )
    toml = (project / "snowbuild.toml").read_text()
    (project / "snowbuild.toml").write_text(toml.replace("functions.gamma", "functions.delta"))
    with opened(project) as target:
        target.execute(made_by_hand)
    refusal = run_here(project, "apply", "--yes")
    assert "this project did not make it" in str(refusal)
    assert run_here(project, "adopt", "delta", "--yes") == 0
    assert run_here(project, "apply", "--yes") == 0
    with opened(project) as target:
        assert target.rows('SELECT "LOCAL"."PUBLIC"."DELTA"(1000) AS "R"')[0]["R"] == 1002


def test_push_then_apply_without_the_sources(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(project, 3)
    assert run_here(project, "push") == 0
    assert answer(project) == 2
    assert run_here(project, "gc", "--keep", "3") == 0
    done = said(capsys, project, "apply", "--yes")
    assert done["summary"]["uploaded"] == {"files": 0, "bytes": 0}
    assert answer(project) == 3


def test_saved_plan(project: Path) -> None:
    write(project, 3)
    assert run_here(project, "plan", "--out", "plan.json") == 0
    assert run_here(project, "apply", "plan.json") == 0
    assert answer(project) == 3
    assert "the target has changed since it was saved" in str(run_here(project, "apply", "plan.json"))


def test_saved_plan_of_another_lock(project: Path) -> None:
    write(project, 3)
    assert run_here(project, "plan", "--out", "plan.json") == 0
    write(project, 4)
    assert run_here(project, "lock") == 0
    assert "the lockfile has changed since it was saved" in str(run_here(project, "apply", "plan.json"))
    assert answer(project) == 2


def test_failing_canary(project: Path) -> None:
    write(project, 3)
    toml = (project / "snowbuild.toml").read_text()
    (project / "snowbuild.toml").write_text(toml.replace("expect = 1003", "expect = 1", 1))
    error = run_here(project, "apply", "--yes")
    assert "the canary failed: expected 1, got 1003" in str(error)
    assert answer(project) == 2
    with opened(project) as target:
        names = {f.signature.name for f in target.observe("faults").functions}
    assert names == {"ALPHA", "BETA", "GAMMA"}
    assert run_here(project, "apply", "--yes", "--no-canary") == 0
    assert answer(project) == 3


def test_nobody_to_ask(project: Path) -> None:
    write(project, 3)
    assert str(run_here(project, "apply")) == (
        "applying 6 actions to local needs confirmation, but there is no terminal\nhint: add --yes"
    )
    assert str(run_here(project, "destroy")) == (
        "destroying faults on local needs confirmation, but there is no terminal\nhint: add --yes"
    )
    assert answer(project) == 2


def test_unlock(project: Path) -> None:
    from snowbuild.apply.lease import Holder
    from snowbuild.snowflake.leases import FunctionLeases

    config = load(project / "snowbuild.toml")
    chosen = choose_target(config, None)
    with open_target(config, chosen) as target:
        leases = FunctionLeases(target, chosen, config.runtime)
        assert leases.take(config.name, Holder(who="ci@there, process 2", since="2026-11-01T11:59:00+00:00"))
    write(project, 3)
    error = run_here(project, "apply", "--yes")
    assert "held by ci@there, process 2 since 2026-11-01T11:59:00+00:00" in str(error)
    assert run_here(project, "unlock", "--yes") == 0
    assert run_here(project, "apply", "--yes") == 0


@pytest.fixture
def held(project: Path) -> Iterator[Path]:
    """The project while somebody else deploys it and tries a canary."""
    from snowbuild.apply.lease import Holder
    from snowbuild.plan import Stamp
    from snowbuild.snowflake.leases import FunctionLeases

    config = load(project / "snowbuild.toml")
    canary = '"LOCAL"."PUBLIC"."ALPHA__CANARY_01234567"'
    comment = Stamp(project=config.name, deployment=3, definition="0" * 16).comment(None)
    with opened(project) as target:
        leases = FunctionLeases(target, choose_target(config, None), config.runtime)
        assert leases.take(config.name, Holder(who="ci@there, process 2", since="2026-11-01T11:59:00+00:00"))
        target.execute(
            f"CREATE FUNCTION {canary}(X NUMBER(18,0)) RETURNS NUMBER(18,0) LANGUAGE PYTHON RUNTIME_VERSION = '3.11' "
            f"COMMENT = {sql.literal(comment)} HANDLER = 'f' AS 'def f(x): return 7'"
        )
        yield project
        target.execute(f"DROP FUNCTION IF EXISTS {canary}(NUMBER)")
        leases.release(config.name)


@pytest.mark.parametrize("command", [["gc"], ["destroy", "--yes"], ["rollback", "--yes"]])
def test_only_who_can_wait_is_told_to(held: Path, command: list[str]) -> None:
    assert str(run_here(held, *command)) == (
        "faults: another deployment is under way, held by ci@there, process 2 since 2026-11-01T11:59:00+00:00\n"
        "hint: try again when it has finished; if its process has died, run `snowbuild unlock`"
    )


def test_plan_while_another_deploys(held: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, held, "plan")["actions"] == []
    assert run_here(held, "unlock", "--yes") == 0
    (drop,) = said(capsys, held, "plan")["actions"]
    assert (drop["kind"], drop["reason"]) == ("drop", "left by a deployment that stopped")
    assert drop["name"].startswith("ALPHA__CANARY_01234567(")


def test_what_is_deployed_needs_no_wheels_here(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    toml = (project / "snowbuild.toml").read_text()
    (project / "snowbuild.toml").write_text(
        toml + '[dependencies]\nrequirements = ["wheels/gone-1.0-py3-none-any.whl"]\n'
    )
    assert "no such file" in str(run_here(project, "plan"))
    for command in (
        ["status"], ["history"], ["drift"], ["verify"], ["gc"], ["unlock"], ["call", "alpha", "--row", "[1000]"],
        ["rollback", "--yes"], ["destroy", "--yes"],
    ):  # fmt: skip
        assert run_here(project, *command) == 0, command


def test_destroy_leaves_other_projects_alone(project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    toml = (project / "snowbuild.toml").read_text().replace('"faults"', '"other"')
    for name in ("alpha", "beta", "gamma"):
        toml = toml.replace(f"functions.{name}", f"functions.other_{name}")
    (project / "other.toml").write_text(toml)
    assert run_here(project, "apply", "--yes", "--file", "other.toml") == 0
    assert run_here(project, "destroy", "--yes") == 0
    assert said(capsys, project, "status")["deployment"] is None
    assert len(said(capsys, project, "status", "--file", "other.toml")["functions"]) == 3
    assert run_here(project, "verify", "--file", "other.toml") == 0
    capsys.readouterr()
    for command in ("status", "drift", "verify"):
        assert run_here(project, command) == 0
        assert capsys.readouterr().out == "faults is not deployed on local.\n"
    assert run_here(project, "destroy", "--yes", "--file", "other.toml") == 0

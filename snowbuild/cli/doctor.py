"""`snowbuild doctor`: whether a deployment would find what it needs."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from snowbuild import pipeline
from snowbuild.cli import console
from snowbuild.cli.options import common, formatted, on_target
from snowbuild.cli.workspace import choose_target, open_target, read_locked
from snowbuild.config import load
from snowbuild.config.values import Processor
from snowbuild.doctor import Finding, Needs, Status, examine, file_finding, missing_statements
from snowbuild.errors import SnowbuildError
from snowbuild.plan import desired_of
from snowbuild.wording import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from snowbuild.config.values import Config, TargetConfig

COLORS = {Status.OK: "green", Status.WARNING: "yellow", Status.FAILED: "red"}


@click.command("doctor")
@common
@on_target
@formatted("text", "json")
def doctor_command(file: Path, target: str | None, output: str) -> int:
    """Check what a deployment needs, and print the missing GRANTs."""
    config = load(file)
    chosen = choose_target(config, target)
    findings = [*_project(config), *_connection_files(config, chosen), *_target(config, chosen)]
    failed = sum(f.status is Status.FAILED for f in findings)
    if output == "json":
        console.result_json(
            {
                "schema": "snowbuild.doctor/1",
                "target": chosen.name,
                "checks": [
                    {"check": f.check, "status": f.status.value, "detail": f.detail, "hint": f.hint} for f in findings
                ],
                "statements": list(missing_statements(findings)),
                "failed": failed,
            }
        )
    else:
        _print(findings, failed, chosen.name)
    return 1 if failed else 0


def _print(findings: list[Finding], failed: int, target: str) -> None:
    width = max(len(f.check) for f in findings)
    for finding in findings:
        status = console.paint(f"{finding.status.value:<7}", fg=COLORS[finding.status])
        console.result(f"{status}  {finding.check:<{width}}  {finding.detail}")
        if finding.hint and finding.status is not Status.OK:
            console.result(f"{'':<{width + 11}}{finding.hint}")
    if statements := missing_statements(findings):
        console.result("\nTo fix what is missing, somebody with the privileges can run:")
        for statement in statements:
            console.result(f"{statement};")
    warnings = sum(f.status is Status.WARNING for f in findings)
    console.result(f"\n{counted(len(findings), 'check')} on {target}: {failed} failed, {counted(warnings, 'warning')}.")


def _project(config: Config) -> Iterator[Finding]:
    """Checks of this machine."""
    problem = config.runtime.notice(datetime.now(UTC).date())
    if problem is None:
        yield Finding(check="runtime", status=Status.OK, detail=f"Python {config.runtime.version}")
    else:
        yield Finding(check="runtime", status=Status.WARNING, detail=problem.message, hint=problem.hint)
    yield _tool("uv", _uv)
    yield _tool(f"Python {config.runtime.version}", lambda: _interpreter(config.runtime.version))
    try:
        pipeline.check_fresh(config, read_locked(config).lock)
    except SnowbuildError as exc:
        detail = "; ".join(f"{p.where}: {p.message}" if p.where else p.message for p in exc.problems)
        yield Finding(check="lockfile", status=Status.WARNING, detail=detail, hint=exc.problems[0].hint)
    else:
        yield Finding(check="lockfile", status=Status.OK, detail=f"{config.lock_path.name} is up to date")


def _tool(check: str, find: Callable[[], str]) -> Finding:
    try:
        return Finding(check=check, status=Status.OK, detail=find())
    except (SnowbuildError, OSError) as exc:
        hint = exc.problems[0].hint if isinstance(exc, SnowbuildError) else None
        detail = f"not found: {exc.problems[0].message if isinstance(exc, SnowbuildError) else exc}"
        # Deploying to an account needs neither.
        return Finding(check=check, status=Status.WARNING, detail=detail, hint=hint or "`run` and `local` need it")


def _uv() -> str:
    import uv

    return str(uv.find_uv_bin())


def _interpreter(version: str) -> str:
    from snowbuild.environments.interpreter import find_interpreter

    return str(find_interpreter(version))


def _connection_files(config: Config, target: TargetConfig) -> Iterator[Finding]:
    """Checks of files that hold credentials; Windows has no such permissions."""
    if os.name == "nt":
        return
    if target.is_local:
        files = [config.state / "local" / "connections.toml"]
    else:
        from snowflake.connector.constants import CONFIG_FILE, CONNECTIONS_FILE

        files = [CONNECTIONS_FILE, CONFIG_FILE]
    for path in files:
        if path.is_file():
            yield file_finding(str(path), path.stat().st_mode)


def _target(config: Config, target: TargetConfig) -> Iterator[Finding]:
    """Checks of the target, which is not changed."""
    try:
        with open_target(config, target) as opened:
            from snowbuild.snowflake.examination import look

            seen = look(opened, target, config.packages.service, login=opened.login())
    except SnowbuildError as exc:
        for problem in exc.problems:
            yield Finding(
                check="connection",
                status=Status.FAILED,
                detail=problem.message,
                hint=problem.hint or "the rest of the target was not checked",
            )
        return
    yield from examine(seen, Needs(target=target, service=config.packages.service, x86=_wants_x86(config, target)))


def _wants_x86(config: Config, target: TargetConfig) -> bool:
    """Whether a locked function asks for x86."""
    try:
        state = read_locked(config)
        desired = desired_of(config, state.lock, target, lock_sha256=state.sha256)
    except (SnowbuildError, KeyError):
        return False
    return any(f.definition.processor is Processor.X86 for f in desired.functions)

"""`snowbuild apply`."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

import click

from snowbuild.apply import Deployer, Deployment, DeploymentStoppedError, Outcome, Status
from snowbuild.artifacts import LocalArtifacts
from snowbuild.cli import console
from snowbuild.cli.options import common, formatted, lock_mode, on_target
from snowbuild.cli.provenance import provenance_of
from snowbuild.cli.rows import run_rows
from snowbuild.cli.text import action_line, apply_json, counted, plan_text, size
from snowbuild.cli.workspace import choose_target, lock_for, open_target
from snowbuild.config import load
from snowbuild.errors import SnowbuildError
from snowbuild.pipeline import render
from snowbuild.plan import Record, Upload, desired_of, diff

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from snowbuild.apply import Trial
    from snowbuild.config.values import Config, TargetConfig
    from snowbuild.lock import Lock
    from snowbuild.plan import Function, Plan
    from snowbuild.render.values import Module
    from snowbuild.rows import Verdict
    from snowbuild.snowflake.target import SnowflakeTarget


@click.command("apply")
@common
@on_target
@lock_mode
@formatted("text", "json")
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
@click.option("--no-canary", is_flag=True, help="Replace functions without trying the new ones on their tests first.")
def apply_command(file: Path, target: str | None, locked: bool, output: str, yes: bool, no_canary: bool) -> None:
    """Make the target what the lockfile asks for; only files that are not there are uploaded."""
    config = load(file)
    chosen = choose_target(config, target)
    state = lock_for(config, locked=locked)
    desired = desired_of(config, state.lock, chosen, lock_sha256=state.sha256)
    with open_target(config, chosen) as opened:
        observed = opened.observe(config.name)
        plan = diff(desired, observed)
        if output == "text":
            console.result(plan_text(plan))
        if plan.is_empty:
            deployment = Deployment(number=observed.deployment, outcomes=())
        else:
            _confirm(plan, chosen.name, yes=yes)
            deployer = Deployer(
                target=opened,
                artifacts=LocalArtifacts(config, state.lock, lambda: _modules(config, state.lock)),
                report=_report,
                trial=None if no_canary else _trial(config, chosen, opened),
            )
            record = Record(
                deployment=observed.deployment + 1, provenance=provenance_of(opened, config.root), desired=desired
            )
            try:
                deployment = deployer.deploy(plan, record, observed.record)
            except DeploymentStoppedError as exc:
                if output == "json":
                    console.result_json(apply_json(observed.deployment, exc.outcomes, plan.kept))
                raise
    if output == "json":
        console.result_json(apply_json(deployment.number, deployment.outcomes, plan.kept))
    elif deployment.outcomes:
        console.result(_summary(deployment))


def _trial(config: Config, target: TargetConfig, opened: SnowflakeTarget) -> Trial:
    def run(function: Function, name: str) -> list[Verdict]:
        return run_rows(opened, target, config.function(function.name), name=name)

    return run


def _confirm(plan: Plan, target: str, *, yes: bool) -> None:
    if yes:
        return
    if not console.is_interactive():
        raise SnowbuildError(
            f"{counted(len(plan.actions), 'action')} on target {target} and nobody to ask", hint="add --yes"
        )
    click.confirm(f"Apply to {target}?", abort=True, err=True)


def _modules(config: Config, lock: Lock) -> Iterable[Module]:
    return chain.from_iterable(f.modules for f in render(config, lock.distributions, lock.models))


def _report(outcome: Outcome) -> None:
    failed = console.paint(" failed", fg="red") if outcome.status is Status.FAILED else ""
    console.notice(f"{action_line(outcome.action)}  {outcome.seconds:.1f} s{failed}")


def _summary(deployment: Deployment) -> str:
    uploads = [o.action for o in deployment.outcomes if isinstance(o.action, Upload)]
    total = sum(a.file.size for a in uploads)
    others = len(deployment.outcomes) - len(uploads)
    return (
        f"Deployment {deployment.number}: {counted(len(uploads), 'file')} uploaded ({size(total)}), "
        f"{counted(others, 'other action')} done."
    )

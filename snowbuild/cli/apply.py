"""`snowbuild apply` and `snowbuild push`."""

from __future__ import annotations

from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import click

from snowbuild.calls.calling import run_tests
from snowbuild.cli import console
from snowbuild.cli.deploying import Manner, carry_out
from snowbuild.cli.options import common, formatted, lock_mode, on_target
from snowbuild.cli.workspace import LockState, choose_target, lock_for, open_target, read_locked
from snowbuild.config import load
from snowbuild.errors import StalePlanError, TargetError
from snowbuild.pipeline import render
from snowbuild.pipeline.artifacts import LocalArtifacts
from snowbuild.plan import desired_of, diff
from snowbuild.plan.document import SavedPlan, model_sizes, read_saved
from snowbuild.plan.installed import installed_differences
from snowbuild.wording import counted, size

if TYPE_CHECKING:
    from collections.abc import Iterable

    from snowbuild.apply import Trial
    from snowbuild.calls.verdicts import Verdict
    from snowbuild.config.values import Config, TargetConfig
    from snowbuild.lock import Lock
    from snowbuild.plan import Desired, Function
    from snowbuild.render.values import Module
    from snowbuild.snowflake.target import SnowflakeTarget

WAIT_S = 600.0


@click.command("apply")
@common
@on_target
@lock_mode
@formatted("text", "json")
@click.argument("plan", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--yes", "-y", is_flag=True, help="Do not ask for confirmation.")
@click.option("--no-canary", is_flag=True, help="Replace functions without testing the new versions first.")
@click.option("--wait", "wait_s", is_flag=False, flag_value=WAIT_S, type=click.FloatRange(min=0), default=0.0,
              metavar="[SECONDS]", help="Wait for another deployment to finish.")  # fmt: skip
def apply_command(
    file: Path,
    target: str | None,
    locked: bool,
    output: str,
    plan: Path | None,
    yes: bool,
    no_canary: bool,
    wait_s: float,
) -> None:
    """Deploy what the lockfile describes.

    Only missing files are uploaded. With PLAN, a file written by `plan --out`, carry out exactly that plan, or do
    nothing if anything has changed since.
    """
    config = load(file)
    saved = None if plan is None else read_saved(plan.read_bytes(), plan.name)
    chosen = choose_target(config, _target_of(saved, target))
    # A saved plan belongs to the lockfile that it was made from, so that file is not updated.
    state = lock_for(config, locked=locked) if saved is None else read_locked(config)
    desired = desired_of(config, state.lock, chosen, lock_sha256=state.sha256)
    with open_target(config, chosen) as opened:
        manner = Manner(
            artifacts=artifacts_of(config, state.lock),
            trial=None if no_canary else _trial(config, chosen, opened),
            yes=yes,
            wait_s=wait_s,
            as_json=output == "json",
            saved=saved,
            models=model_sizes(state.lock.models),
        )
        deployment = carry_out(config, chosen, opened, desired, manner)
        # The local Snowflake installs stand-ins for the service's versions, as the lockfile says.
        if deployment.outcomes and desired.functions and not chosen.is_local:
            _warn_of_installed(opened, chosen.name, desired, state.lock)


@click.command("push")
@common
@on_target
@lock_mode
def push_command(file: Path, target: str | None, locked: bool) -> None:
    """Upload artifacts without touching any function."""
    config = load(file)
    chosen = choose_target(config, target)
    state: LockState = lock_for(config, locked=locked)
    desired = desired_of(config, state.lock, chosen, lock_sha256=state.sha256)
    with open_target(config, chosen) as opened:
        opened.create_stage()
        uploads = diff(desired, opened.observe(config.name)).uploads
        local = artifacts_of(config, state.lock).fetch([u.file for u in uploads])
        for upload in uploads:
            opened.upload(local[upload.file], upload.file)
            console.notice(f"uploaded {upload.name}  {size(upload.file.size)}")
    console.result(f"{counted(len(uploads), 'file')} uploaded ({size(sum(u.file.size for u in uploads))}).")


def _warn_of_installed(opened: SnowflakeTarget, target: str, desired: Desired, lock: Lock) -> None:
    try:
        # All functions share their packages, so one of them shows what Snowflake's own solver chose.
        installed = opened.installed_packages(desired.functions[0].signature)
    except TargetError as exc:
        # The deployment is done and recorded: a failed comparison does not undo it.
        console.warning(f"{target}: cannot compare what Snowflake installed: {exc.problems[0].message}")
        return
    for difference in installed_differences(lock, installed):
        console.warning(f"{target}: {difference}")


def artifacts_of(config: Config, lock: Lock) -> LocalArtifacts:
    """Where the bytes of a lock's artifacts come from."""

    def modules() -> Iterable[Module]:
        return chain.from_iterable(f.modules for f in render(config, lock.distributions, lock.models))

    return LocalArtifacts(config, lock, modules)


def _target_of(saved: SavedPlan | None, name: str | None) -> str | None:
    if saved is None:
        return name
    if name not in (None, saved.target):
        raise StalePlanError(f"the saved plan is for target {saved.target}, not for {name}", where="--target")
    return saved.target


def _trial(config: Config, target: TargetConfig, opened: SnowflakeTarget) -> Trial:
    def run(function: Function, name: str) -> list[Verdict]:
        return run_tests(opened, target, config.function(function.name), name=name)

    return run

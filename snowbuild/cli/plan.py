"""`snowbuild plan` and `snowbuild show`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from snowbuild.cli import console
from snowbuild.cli.files import write_file
from snowbuild.cli.options import common, formatted, lock_mode, on_target
from snowbuild.cli.plan_text import plan_markdown, plan_text, saved_text
from snowbuild.cli.workspace import choose_target, lock_for, open_target, read_locked
from snowbuild.codec import encode
from snowbuild.config import load
from snowbuild.errors import StaleLockError, StalePlanError
from snowbuild.plan import desired_of, diff
from snowbuild.plan.document import check_saved, model_sizes, plan_json, read_saved, save, saved_actions
from snowbuild.plan.lint import lint, untried

FOUND_CHANGES = 2


@click.command("plan")
@common
@on_target
@lock_mode
@formatted("text", "json", "markdown")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Save the plan for `apply FILE`.")
@click.option("--detailed-exitcode", is_flag=True, help="Exit with 2 if there are changes.")
def plan_command(
    file: Path, target: str | None, locked: bool, output: str, out: Path | None, detailed_exitcode: bool
) -> int:
    """Show what a deployment would change, and why.

    The lockfile is updated first, unless --locked is given.
    """
    from snowbuild.snowflake.leases import FunctionLeases

    config = load(file)
    chosen = choose_target(config, target)
    state = lock_for(config, locked=locked)
    desired = desired_of(config, state.lock, chosen, lock_sha256=state.sha256)
    models = model_sizes(state.lock.models)
    with open_target(config, chosen) as opened:
        other = FunctionLeases(opened, chosen, config.runtime).holder(config.name)
        observed = opened.observe(config.name)
        plan = diff(desired, observed, under_way=other is not None)
        if out is not None:
            saved = save(plan, desired, observed, target=chosen.name, place=opened.place(), models=models)
            write_file(out, saved)
            console.notice(f"saved {out}; `snowbuild apply {out}` carries it out")
    if other is not None:
        console.notice(f"another deployment is under way, {other}; if its process has died, run `snowbuild unlock`")
    # The local Snowflake neither clones nor replicates, and all of its roles are the user's own.
    looked_at = (*untried(plan, config.functions), *(() if chosen.is_local else lint(plan, desired)))
    for problem in looked_at:
        console.note(problem)
    match output:
        case "json":
            lock, notes = state.to_json(config), (*state.notes, *looked_at)
            console.result_json(plan_json(plan, target=chosen.name, lock=lock, models=models, notes=notes))
        case "markdown":
            console.result(plan_markdown(plan, chosen.name, models))
        case _:
            console.result(plan_text(plan, models))
    return FOUND_CHANGES if detailed_exitcode and not plan.is_empty else 0


@click.command("show")
@common
@formatted("text", "json")
@click.argument("plan", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def show_command(file: Path, output: str, plan: Path) -> None:
    """Show a saved plan, and whether it is still valid."""
    config = load(file)
    saved = read_saved(plan.read_bytes(), plan.name)
    chosen = choose_target(config, saved.target)
    stale: str | None = None
    try:
        state = read_locked(config)
        desired = desired_of(config, state.lock, chosen, lock_sha256=state.sha256)
        with open_target(config, chosen) as opened:
            observed = opened.observe(config.name)
            check_saved(saved, diff(desired, observed), desired, observed, place=opened.place(), where=plan.name)
    except (StalePlanError, StaleLockError) as exc:
        stale = exc.problems[0].message
    if output == "json":
        document: dict[str, Any] = {
            "schema": "snowbuild.show/1",
            "target": saved.target,
            "place": saved.place,
            "lock": {"digest": f"sha256:{saved.lock_sha256}"},
            "actions": saved_actions(saved),
            "models": [encode(m) for m in saved.models],
            "stale": stale,
        }
        console.result_json(document)
        return
    console.result(saved_text(saved))
    console.result(f"Out of date: {stale}." if stale else f"Still valid: `snowbuild apply {plan}` carries it out.")

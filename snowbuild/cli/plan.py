"""`snowbuild plan`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from snowbuild.cli import console
from snowbuild.cli.options import common, formatted, lock_mode, on_target
from snowbuild.cli.text import plan_json, plan_markdown, plan_text
from snowbuild.cli.workspace import choose_target, lock_for, open_target
from snowbuild.config import load
from snowbuild.plan import desired_of, diff

if TYPE_CHECKING:
    from pathlib import Path

FOUND_CHANGES = 2


@click.command("plan")
@common
@on_target
@lock_mode
@formatted("text", "json", "markdown")
@click.option("--detailed-exitcode", is_flag=True, help="Exit with 2 when there is something to do.")
def plan_command(file: Path, target: str | None, locked: bool, output: str, detailed_exitcode: bool) -> int:
    """Bring the lockfile up to date, and show what a deployment would change."""
    config = load(file)
    chosen = choose_target(config, target)
    state = lock_for(config, locked=locked)
    desired = desired_of(config, state.lock, chosen, lock_sha256=state.sha256)
    with open_target(config, chosen) as opened:
        plan = diff(desired, opened.observe(config.name))
    match output:
        case "json":
            console.result_json(plan_json(plan, target=chosen.name, lock=state.to_json(config)))
        case "markdown":
            console.result(plan_markdown(plan, chosen.name))
        case _:
            console.result(plan_text(plan))
    return FOUND_CHANGES if detailed_exitcode and not plan.is_empty else 0

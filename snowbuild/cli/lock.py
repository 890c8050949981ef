"""`snowbuild lock`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
from packaging.utils import canonicalize_name

from snowbuild.cli import console
from snowbuild.cli.options import common
from snowbuild.cli.plan_text import size_change
from snowbuild.cli.text import distribution_changes
from snowbuild.cli.workspace import require_lock, update_lock
from snowbuild.config import load
from snowbuild.errors import Problem
from snowbuild.pipeline import Upgrade
from snowbuild.plan.document import model_sizes
from snowbuild.wording import counted

if TYPE_CHECKING:
    from pathlib import Path


@click.command("lock")
@common
@click.option("--check", is_flag=True, help="Check that the lockfile is up to date; write nothing.")
@click.option("--upgrade", "-U", is_flag=True, help="Upgrade everything to the newest allowed versions.")
@click.option(
    "--upgrade-package",
    "-P",
    "names",
    multiple=True,
    metavar="NAME",
    help="Upgrade NAME to its newest allowed version.",
)
def lock_command(file: Path, check: bool, upgrade: bool, names: tuple[str, ...]) -> None:
    """Resolve, hash and render, then write the lockfile."""
    config = load(file)
    name = config.lock_path.name
    if check:
        if upgrade or names:
            raise click.UsageError("--check cannot be combined with --upgrade or --upgrade-package")
        require_lock(config)
        console.notice(f"{name} is up to date")
        return
    state = update_lock(
        config, upgrade=Upgrade(everything=upgrade, names=tuple(sorted(canonicalize_name(n) for n in names)))
    )
    for line in distribution_changes(state.previous.distributions if state.previous else (), state.lock.distributions):
        console.result(line)
    for unknown in sorted({canonicalize_name(n) for n in names} - {d.name for d in state.lock.distributions}):
        console.warning(f"--upgrade-package: no such distribution in {name}: {unknown}")
    for model in model_sizes(state.lock.models):
        message = f"optimized for deployment: {size_change(model)}"
        console.note(Problem(where=f"models.{model.name}", message=message))
    for problem in state.absent:
        console.warning(f"{problem.where}: {problem.message}; locked without it")
    if not state.changed:
        console.notice(f"{name} is up to date")
        return
    console.notice(
        f"wrote {name}: {counted(len(state.lock.distributions), 'distribution')}, "
        f"{counted(len(state.lock.models), 'model')}, {counted(len(state.lock.functions), 'function')}"
    )

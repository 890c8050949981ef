"""`snowbuild drift`, `verify`, `gc`, `adopt` and `destroy`: looking after what is deployed."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from snowbuild import sql
from snowbuild.cli import console
from snowbuild.cli.deploying import hold_lease
from snowbuild.cli.options import common, formatted, on_target
from snowbuild.cli.workspace import choose_target, open_target, read_locked
from snowbuild.config import load
from snowbuild.digest import sha256_file
from snowbuild.errors import ConfigError, DigestMismatchError, Problem, SnowbuildError, StageError, StaleLockError
from snowbuild.plan import ADOPTED, Stamp, desired_of
from snowbuild.plan.diff import is_ours
from snowbuild.plan.drift import DriftKind, drift
from snowbuild.plan.garbage import garbage
from snowbuild.wording import counted, size

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from snowbuild.config.values import Config, TargetConfig
    from snowbuild.plan import ObservedFile, ObservedFunction, StagedFile
    from snowbuild.snowflake.target import SnowflakeTarget

FOUND_DRIFT = 3
COLORS = {DriftKind.CHANGED: "yellow", DriftKind.GRANTED: "yellow", DriftKind.RESIZED: "yellow"}


@click.command("drift")
@common
@on_target
@formatted("text", "json")
@click.option("--detailed-exitcode", is_flag=True, help="Exit with 3 if there is drift.")
def drift_command(file: Path, target: str | None, output: str, detailed_exitcode: bool) -> int:
    """Show what was changed by hand since the last deployment."""
    config = load(file, files_must_exist=False)
    chosen = choose_target(config, target)
    with open_target(config, chosen) as opened:
        observed = opened.observe(config.name)
        record = observed.record
        described = {f.signature: opened.describe(f.signature) for f in (record.desired.functions if record else ())}
    found = () if record is None else drift(record, observed, described)
    if output == "json":
        differences = [{"kind": d.kind.value, "name": d.name, "detail": d.detail} for d in found]
        console.result_json({"schema": "snowbuild.drift/1", "target": chosen.name, "drift": differences})
    elif record is None:
        console.result(f"{config.name} is not deployed on {chosen.name}.")
    else:
        for d in found:
            color = COLORS.get(d.kind, "red")
            console.result(f"{console.paint(f'{d.kind.value:<8}', fg=color)} {d.name}  ({d.detail})")
        console.result(f"{counted(len(found), 'difference')} from deployment {record.deployment} on {chosen.name}.")
    return FOUND_DRIFT if detailed_exitcode and found else 0


@click.command("verify")
@common
@on_target
def verify_command(file: Path, target: str | None) -> None:
    """Download the staged files and check their digests."""
    config = load(file, files_must_exist=False)
    chosen = choose_target(config, target)
    with open_target(config, chosen) as opened, tempfile.TemporaryDirectory(prefix="snowbuild-") as folder:
        observed = opened.observe(config.name)
        record = observed.record
        if record is None:
            console.result(f"{config.name} is not deployed on {chosen.name}.")
            return
        files = record.desired.files
        problems: list[Problem] = []
        for staged in files:
            try:
                _verify(opened, staged, observed.paths, Path(folder))
            except SnowbuildError as exc:
                problems += exc.problems
    if problems:
        raise SnowbuildError.of(problems)
    total = sum(f.size for f in files)
    console.result(f"{counted(len(files), 'file')} of deployment {record.deployment} verified ({size(total)}).")


def _verify(opened: SnowflakeTarget, staged: StagedFile, there: Collection[str], folder: Path) -> None:
    if staged.path not in there:
        raise StageError(
            "no such file on the stage",
            where=staged.path,
            hint="run `snowbuild apply`, which uploads what is missing",
        )
    try:
        local = opened.download(staged.path, folder)
        actual = sha256_file(local)
        local.unlink()
    except OSError as exc:
        raise StageError(f"cannot be read: {exc.strerror or exc}", where=staged.path) from exc
    if actual != staged.sha256:
        raise DigestMismatchError(
            staged.path, expected=staged.sha256, actual=actual, hint="remove it, and run `snowbuild apply`"
        )


@click.command("gc")
@common
@on_target
@click.option("--keep", type=click.IntRange(min=1), default=3, show_default=True, help="How many deployments to keep.")
@click.option("--dry-run", is_flag=True, help="Only show what would be removed.")
def gc_command(file: Path, target: str | None, keep: int, dry_run: bool) -> None:
    """Remove staged files that are no longer needed."""
    config = load(file, files_must_exist=False)
    chosen = choose_target(config, target)
    # No deployment may come to rely on a file that is about to be removed.
    with open_target(config, chosen) as opened, hold_lease(config, chosen, opened):
        observed = opened.observe(config.name)
        files = garbage(
            config.name,
            observed.files,
            opened.records(config.name),
            opened.imports(),
            keep=keep,
            wanted=_wanted(config, chosen),
        )
        for staged in files:
            console.result(f"{console.paint('-', fg='red')} {staged.path}  {size(staged.size)}")
            if not dry_run:
                opened.remove(staged.path)
    done = "would be removed" if dry_run else "removed"
    console.result(f"{counted(len(files), 'file')} {done} ({size(sum(f.size for f in files))}).")


@click.command("adopt")
@common
@on_target
@click.argument("name")
@click.option("--yes", "-y", is_flag=True, help="Do not ask for confirmation.")
def adopt_command(file: Path, target: str | None, name: str, yes: bool) -> None:
    """Let this project replace a function that it did not create.

    This applies to all overloads of NAME.
    """
    config = load(file, files_must_exist=False)
    chosen = choose_target(config, target)
    with open_target(config, chosen) as opened, hold_lease(config, chosen, opened):
        functions = [
            f
            for f in opened.observe(config.name).functions
            if f.signature.name == sql.stored(name) and not is_ours(f, config.name)
        ]
        if not functions:
            raise ConfigError(
                f"no function {sql.stored(name)} that this project did not create",
                where=f"targets.{chosen.name}",
                hint="`snowbuild plan`",
            )
        names = ", ".join(str(f.signature) for f in functions)
        console.confirm(f"Let {config.name} replace {names}?", about=f"letting {config.name} replace {names}", yes=yes)
        stamp = Stamp(project=config.name, deployment=0, definition=ADOPTED)
        schema = sql.qualified(chosen.database, chosen.schema)
        for function in functions:
            comment = sql.literal(stamp.comment(function.comment))
            opened.execute(f"COMMENT ON FUNCTION {schema}.{function.signature.sql} IS {comment}")
            console.result(f"adopted {function.signature}")
    console.notice("the next deployment replaces it, or drops it if it is not in snowbuild.toml")


@click.command("destroy")
@common
@on_target
@click.option("--yes", "-y", is_flag=True, help="Do not ask for confirmation.")
def destroy_command(file: Path, target: str | None, yes: bool) -> None:
    """Drop the project's functions, and remove its files and records.

    Other projects are not touched.
    """
    config = load(file, files_must_exist=False)
    chosen = choose_target(config, target)
    with open_target(config, chosen) as opened, hold_lease(config, chosen, opened):
        observed = opened.observe(config.name)
        functions = [f for f in observed.functions if is_ours(f, config.name)]
        _show_doomed(functions, observed.files)
        if not functions and not observed.files:
            console.result(f"{config.name} is not deployed on {chosen.name}.")
            return
        if not yes:
            _ask_for_name(config.name, chosen.name)
        _destroy(opened, chosen, functions, observed.files)
    console.result(f"{counted(len(functions), 'function')} dropped, {counted(len(observed.files), 'file')} removed.")


def _destroy(
    opened: SnowflakeTarget, target: TargetConfig, functions: Iterable[ObservedFunction], files: Iterable[ObservedFile]
) -> None:
    schema = sql.qualified(target.database, target.schema)
    # Functions first, so that none is left without its files.
    for function in functions:
        opened.execute(f"DROP FUNCTION IF EXISTS {schema}.{function.signature.sql}")
    for staged in files:
        opened.remove(staged.path)


def _show_doomed(functions: Iterable[ObservedFunction], files: Iterable[ObservedFile]) -> None:
    for function in functions:
        console.result(f"{console.paint('-', fg='red')} {function.signature}")
    for staged in files:
        console.result(f"{console.paint('-', fg='red')} {staged.path}")


def _wanted(config: Config, target: TargetConfig) -> list[str]:
    """What the current lockfile asks for, if there is one."""
    try:
        state = read_locked(config)
    except StaleLockError:
        return []
    return [f.path for f in desired_of(config, state.lock, target, lock_sha256=state.sha256).files]


def _ask_for_name(project: str, target: str) -> None:
    console.require_terminal(f"destroying {project} on {target}")
    typed = click.prompt(f"Type {project} to destroy it on {target}", err=True)
    if typed != project:
        raise SnowbuildError(f"{typed!r} is not {project!r}; nothing was done", where="destroy")

"""`snowbuild add`, `snowbuild remove`."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import click
from packaging.utils import canonicalize_name

from snowbuild import edit, pipeline
from snowbuild.cli import console
from snowbuild.cli.files import rewrite
from snowbuild.cli.options import common
from snowbuild.cli.text import distribution_changes
from snowbuild.cli.workspace import cache_folder
from snowbuild.config import load_text, lock_path_of, read_text
from snowbuild.config.load import parse_text
from snowbuild.config.requirements import LocalWheelPath
from snowbuild.config.suggest import suggestion
from snowbuild.edit import Key
from snowbuild.errors import ConfigError, Problem
from snowbuild.lock import read_lock, write_lock
from snowbuild.wording import counted, listed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from snowbuild.lock import Lock

SHOWN = 3
"""How many requirers a message names."""

as_constraints = click.option(
    "--constraint",
    "is_constraint",
    is_flag=True,
    help="Edit dependencies.constraints, which limit versions but require nothing.",
)


@click.command("add")
@common
@click.argument("requirements", nargs=-1, metavar="[REQUIREMENT]...")
@click.option(
    "--requirement",
    "-r",
    "files",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Add everything in a requirements file.",
)
@click.option("--pyproject", type=click.Path(path_type=Path), help="Add [project].dependencies from a pyproject.toml.")
@as_constraints
def add_command(
    file: Path, requirements: tuple[str, ...], files: tuple[Path, ...], pyproject: Path | None, is_constraint: bool
) -> None:
    """Add or change requirements, then lock.

    REQUIREMENT looks like autogluon.tabular==1.5.0, or is the path or URL of a wheel. It replaces an existing
    requirement for the same distribution.
    """
    if not requirements and not files and pyproject is None:
        raise click.UsageError("nothing to add\nhint: snowbuild add NAME==VERSION, -r FILE or --pyproject FILE")
    before = _text_of(file)
    root = file.parent.resolve()
    wanted = [edit.Wanted(requirements=tuple(_from_here(r, root) for r in requirements))]
    wanted += [edit.read_requirements_file(path, root) for path in files]
    wanted += [edit.read_pyproject(pyproject)] if pyproject else []
    new = tuple(r for w in wanted for r in w.requirements)
    narrowing = tuple(c for w in wanted for c in w.constraints)
    edited = edit.add(before, () if is_constraint else new)
    edited = edit.add(edited, (*new, *narrowing) if is_constraint else narrowing, Key.CONSTRAINTS)
    for note in (note for w in wanted for note in w.notes):
        console.warning(f"{note.where}: {note.message}" + (f"; {note.hint}" if note.hint else ""))
    _bring_about(file, before, edited, added=() if is_constraint else new)


@click.command("remove")
@common
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@as_constraints
def remove_command(file: Path, names: tuple[str, ...], is_constraint: bool) -> None:
    """Remove requirements, then lock."""
    before = _text_of(file)
    key = Key.CONSTRAINTS if is_constraint else Key.REQUIREMENTS
    wanted = {canonicalize_name(name): name for name in names}
    edited, found = edit.remove(before, wanted.keys(), key)
    if missing := [name for name in wanted if name not in found]:
        raise ConfigError.of(_not_there(name, before, key, _lock_of(file)) for name in missing)
    _bring_about(file, before, edited)


def _bring_about(file: Path, before: str, edited: str, *, added: Iterable[str] = ()) -> None:
    """Resolve the edited text, and write it and its lockfile only if that works."""
    if edited == before:
        console.notice(f"{file.name}: nothing changed")
        return
    config = load_text(edited, file)
    if excluded := sorted({edit.name_of(r) for r in added} & set(config.dependencies.exclude)):
        raise ConfigError.of(
            Problem(
                message=f"{name} is excluded, so it would not be installed",
                where="dependencies.exclude",
                hint=f'remove "{name}" from dependencies.exclude first',
            )
            for name in excluded
        )
    previous = _lock_of(file)
    locked = pipeline.make_lock(config, previous, cache=cache_folder, upgrade=pipeline.Upgrade())
    if read_text(file) != before:
        raise ConfigError("changed in the meantime; nothing was written", where=file.name, hint="try again")
    # In this order: if it stops in between, the lockfile is out of date, which every command notices and `lock` fixes.
    # The other way round, the lockfile would be ahead of snowbuild.toml, and `lock` would undo the change.
    rewrite(file, edited)
    write_lock(config.lock_path, locked.lock)
    for line in _requirement_changes(before, edited):
        console.notice(line)
    for line in distribution_changes(previous.distributions if previous else (), locked.lock.distributions):
        console.result(line)
    for problem in locked.absent:
        console.warning(f"{problem.where}: {problem.message}; locked without it")
    count = counted(len(locked.lock.distributions), "distribution")
    console.notice(f"wrote {file.name} and {config.lock_path.name}: {count}")


def _text_of(file: Path) -> str:
    text = read_text(file)
    # Only for its errors, which give the line: nothing else in the file has to be right before it is edited.
    parse_text(text, file)
    return text


def _lock_of(file: Path) -> Lock | None:
    path = lock_path_of(file)
    return read_lock(path) if path.exists() else None


def _from_here(requirement: str, root: Path) -> str:
    """A wheel's path is given relative to the current directory, and written relative to snowbuild.toml."""
    wheel = LocalWheelPath.parse(requirement)
    return requirement if wheel is None else edit.from_root(wheel, Path(), root)


def _requirement_changes(before: str, after: str) -> Iterator[str]:
    for key in Key:
        old, new = (tomllib.loads(text).get("dependencies", {}).get(key, []) for text in (before, after))
        for mark, texts, others in (("-", old, new), ("+", new, old)):
            yield from (f"dependencies.{key}: {mark} {text}" for text in texts if text not in others)


def _not_there(name: str, text: str, key: Key, lock: Lock | None) -> Problem:
    present = {k: edit.names_in(text, k) for k in Key}
    where = f"dependencies.{key}"
    for other in Key:
        if name in present[other]:
            option = " --constraint" if other is Key.CONSTRAINTS else ""
            return Problem(
                message=f"{name} is not listed here, but under dependencies.{other}",
                where=where,
                hint=f"snowbuild remove{option} {name}",
            )
    requirers = next((d.required_by for d in lock.distributions if d.name == name), ()) if lock else ()
    if requirers and key is Key.REQUIREMENTS:
        return Problem(
            message=f"{name} is not listed here: it is required by {listed(requirers, SHOWN)}",
            where=where,
            hint=f'dependencies.exclude = ["{name}"] leaves it out even though others require it',
        )
    return Problem(message=f"{name} is not listed here", where=where, hint=suggestion(name, sorted(present[key])))

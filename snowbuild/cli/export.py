"""`snowbuild export`."""

from __future__ import annotations

import os
import re
from pathlib import Path

import click

from snowbuild.cli import console
from snowbuild.cli.files import write_file
from snowbuild.cli.options import common
from snowbuild.config import lock_path_of
from snowbuild.export import Format, export, rebased
from snowbuild.lock import read_lock

PYLOCK_NAME = re.compile(r"pylock(\.[^.]+)?\.toml")


@click.command("export")
@common
@click.option(
    "--format",
    "form",
    type=click.Choice([form.value for form in Format]),
    required=True,
    help="What to write: a plain PEP 751 file, a requirements file, or a bill of materials.",
)
@click.option("--output", "-o", type=click.Path(path_type=Path), help="Where to write it; default: standard output.")
def export_command(file: Path, form: str, output: Path | None) -> None:
    """Write the lockfile in another format; nothing else is read."""
    path = lock_path_of(file)
    lock = read_lock(path)
    for distribution in lock.distributions:
        if not distribution.wheels and form != Format.CYCLONEDX:
            console.warning(
                f"{distribution.name} {distribution.service_version}: left out: only the package service has it"
            )
    if output is None:
        console.result(export(lock, Format(form)).rstrip("\n"))
        return
    if form == Format.PYLOCK and not PYLOCK_NAME.fullmatch(output.name):
        console.warning(
            f"{output.name}: pip and uv recognize a PEP 751 file by its name: pylock.toml or pylock.NAME.toml"
        )
    if form != Format.CYCLONEDX:
        lock = rebased(lock, _way(output.parent, path.parent))
    write_file(output, export(lock, Format(form)))
    console.notice(f"wrote {output}")


def _way(start: Path, end: Path) -> str:
    try:
        return Path(os.path.relpath(end.resolve(), start.resolve())).as_posix()
    except ValueError:
        # On Windows, it may be on another drive.
        return end.resolve().as_posix()

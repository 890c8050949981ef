"""`snowbuild run`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import click

from snowbuild.cli import console
from snowbuild.cli.options import common
from snowbuild.cli.workspace import update_lock
from snowbuild.config import load
from snowbuild.environment import build_environment
from snowbuild.errors import SnowbuildError

if TYPE_CHECKING:
    from pathlib import Path

    from snowbuild.environment import Environment


@click.command("run", context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@common
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
def run_command(file: Path, command: tuple[str, ...]) -> int:
    """Run COMMAND in the locked environment: exactly what the functions will be served from."""
    config = load(file)
    if os.pathsep in str(config.state):
        # Whatever is written into PATH, it would be taken apart there, and another Python would run.
        raise SnowbuildError(
            f"no environment can be used below a folder with {os.pathsep} in its name: PATH is split there",
            where=str(config.root),
            hint="rename the folder",
        )
    # A model that does not fit must not stand in the way of training its successor.
    update_lock(config, look=False)
    console.notice(f"environment of {config.lock_path.name} for Python {config.runtime.version}")
    environment = build_environment(
        config.state / "environments", python=config.runtime.version, lockfile=config.lock_path
    )
    return _run(command, environment)


def _run(command: tuple[str, ...], environment: Environment) -> int:
    kept = {k: v for k, v in os.environ.items() if k not in ("PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV")}
    variables = {
        **kept,
        "VIRTUAL_ENV": str(environment.folder),
        "PATH": f"{environment.bin}{os.pathsep}{os.environ.get('PATH', '')}",
    }
    program = shutil.which(command[0], path=variables["PATH"])
    if program is None:
        raise SnowbuildError(
            f"no such command: {command[0]}",
            where="run",
            hint="it is looked for in the locked environment, then on PATH",
        )
    # A signal reaches the child as well; it is the child that decides how to end.
    with subprocess.Popen([program, *command[1:]], env=variables) as child:
        while True:
            try:
                code = child.wait()
                break
            except KeyboardInterrupt:
                continue
    if code:
        console.notice(f"{command[0]} ended with exit code {code}")
    sys.stdout.flush()
    return 1 if code else 0

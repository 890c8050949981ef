"""`snowbuild run`."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
from typing import TYPE_CHECKING

import click

from snowbuild.cli import console
from snowbuild.cli.options import common
from snowbuild.cli.workspace import locked_environment
from snowbuild.config import load
from snowbuild.errors import SnowbuildError

if TYPE_CHECKING:
    from pathlib import Path

    from snowbuild.environments.build import Environment


@click.command("run", context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@common
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
def run_command(file: Path, command: tuple[str, ...]) -> int:
    """Run COMMAND in the locked environment.

    The environment holds exactly what the deployed functions use.
    """
    config = load(file)
    if os.pathsep in str(config.state):
        # PATH cannot quote it, so another Python would run.
        raise SnowbuildError(
            f"environments do not work in a folder with {os.pathsep} in its path, because PATH is split there",
            where=str(config.root),
            hint="rename the folder",
        )
    return _run(command, locked_environment(config))


def _run(command: tuple[str, ...], environment: Environment) -> int:
    variables = {
        **environment.variables(os.environ),
        "VIRTUAL_ENV": str(environment.folder),
        "PATH": f"{environment.bin}{os.pathsep}{os.environ.get('PATH', '')}",
    }
    program = shutil.which(command[0], path=variables["PATH"])
    if program is None:
        raise SnowbuildError(
            f"no such command: {command[0]}",
            where="run",
            hint="commands are looked up in the locked environment, then on PATH",
        )
    code = _wait([program, *command[1:]], variables)
    if code in (-signal.SIGINT, -signal.SIGTERM):
        raise KeyboardInterrupt
    if code:
        ended = f"exit code {code}" if code > 0 else signal.Signals(-code).name
        console.notice(f"{command[0]} ended with {ended}")
    return 1 if code else 0


def _wait(command: list[str], variables: dict[str, str]) -> int:
    """The exit code of a command, to which SIGTERM is passed on."""
    child: subprocess.Popen[bytes] | None = None
    terminated = False

    def terminate(*_: object) -> None:
        nonlocal terminated
        terminated = True
        if child is not None:
            child.terminate()

    # Before the child starts: it must not be left behind, whenever the signal comes.
    before = signal.signal(signal.SIGTERM, terminate)
    try:
        with subprocess.Popen(command, env=variables) as child:
            if terminated:
                child.terminate()
            while True:
                # Ctrl-C reaches the child directly, and the child decides how to end.
                with contextlib.suppress(KeyboardInterrupt):
                    return child.wait()
    finally:
        signal.signal(signal.SIGTERM, before)

"""Starts the scripts beside it in the locked environment; the one module here that snowbuild itself runs."""

from __future__ import annotations

import json
import os
import re
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from snowbuild.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Callable

    from snowbuild.environments.build import Environment


MISSING = re.compile(r"No module named '(\w+)|Unable to import dependency (\w+)|`import (\w+)` failed")
"""Python's words for a module that is not there, and AutoGluon's."""


def run_script(
    script: Path,
    environment: Environment,
    arguments: list[str],
    *,
    where: str,
    requiring: Callable[[str], str | None] = lambda _: None,
) -> Any:
    """Run a script that writes JSON to a file, whose path replaces `{}` in its arguments; returns that JSON.

    Args:
        script: One of those in `scripts`.
        environment: Whose Python runs it.
        arguments: The script's.
        where: What errors are about.
        requiring: Gives the hint for a module that the environment lacks; None: the usual one.

    Raises:
        ModelError: it failed; with the last line of what it said.
    """
    with tempfile.TemporaryDirectory(prefix="snowbuild-") as folder:
        output = Path(folder, "output.json")
        command = [str(output) if argument == "{}" else argument for argument in arguments]
        done = subprocess.run(
            [environment.python, "-I", "-W", "ignore", script, *command],
            env=environment.variables(os.environ),
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
            cwd=folder,
        )
        if done.returncode != 0 or not output.exists():
            lines = done.stderr.strip().splitlines() or ["it exited without any output"]
            raise ModelError(
                f"cannot be loaded in the locked environment: {lines[-1]}",
                where=where,
                hint=_hint(lines[-1], requiring),
            )
        return json.loads(output.read_bytes())


def _hint(line: str, requiring: Callable[[str], str | None]) -> str:
    missing = MISSING.search(line)
    if missing and (hint := requiring(next(filter(None, missing.groups())))):
        return hint
    # A pickle refers to a class by its module. The training script and the files beside it are not staged.
    if line.startswith(("ImportError:", "ModuleNotFoundError:", "AttributeError: Can't get attribute")):
        return "require what it imports; classes of your own have to be in a wheel, also while it is trained"
    return "train it again with `snowbuild run -- python train.py`"

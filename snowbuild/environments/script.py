"""Starts the scripts beside it in the locked environment; the one module here that snowbuild itself runs."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from snowbuild.errors import ModelError

if TYPE_CHECKING:
    from snowbuild.environments.build import Environment


def run_script(script: Path, environment: Environment, arguments: list[str], *, where: str) -> Any:
    """Run a script that writes JSON into the file that `{}` in its arguments stands for; gives that JSON.

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
            lines = done.stderr.strip().splitlines() or ["it ended without a word"]
            raise ModelError(
                f"cannot be loaded in the locked environment: {lines[-1]}", where=where, hint=_hint(lines[-1])
            )
        return json.loads(output.read_bytes())


def _hint(line: str) -> str:
    # A pickle knows a class by its module. Neither training script nor what lies beside it goes on the stage.
    if line.startswith(("ImportError:", "ModuleNotFoundError:", "AttributeError: Can't get attribute")):
        return "require what it imports; classes of your own have to be in a wheel, also while it is trained"
    return "train it again with `snowbuild run -- python train.py`"

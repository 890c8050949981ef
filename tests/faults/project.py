"""A project of three functions, whose every variant answers otherwise."""

from __future__ import annotations

import json
import textwrap
from typing import TYPE_CHECKING

from snowbuild.cli.workspace import choose_target, read_locked
from snowbuild.config import load
from snowbuild.digest import sha256_bytes
from snowbuild.errors import TargetError
from snowbuild.plan import desired_of, diff

if TYPE_CHECKING:
    from pathlib import Path

    from snowbuild.snowflake.target import SnowflakeTarget

FUNCTIONS = ("alpha", "beta", "gamma")


def write(folder: Path, variant: int) -> None:
    """Write the project so that each function gives its argument and the variant."""
    (folder / "src").mkdir(parents=True, exist_ok=True)
    parts = ['[project]\nname = "faults"\n[runtime]\npython = "3.11"\n[packages]\nservice = "none"\n']
    for name in FUNCTIONS:
        # The padding makes an upload long enough to be hit.
        (folder / "src" / f"{name}_code.py").write_text(
            f"def answer(x):\n    return x + {variant}\n\n\nPADDING = '{str(variant) * 200_000}'\n"
        )
        parts.append(
            textwrap.dedent(f"""
            [functions.{name}]
            handler = "src/{name}_code.py:answer"
            arguments = {{ X = "NUMBER(18,0)" }}
            returns = "NUMBER(18,0)"
            [[functions.{name}.tests]]
            arguments = [1000]
            expect = {1000 + variant}
            """)
        )
    (folder / "snowbuild.toml").write_text("".join(parts))


class Observer:
    """Looks at the target through a session of its own."""

    def __init__(self, folder: Path, opened: SnowflakeTarget) -> None:
        self._folder = folder
        self._opened = opened

    def answers(self) -> dict[str, int]:
        """What each function that exists gives for 1000, less 1000: the variant that it is of."""
        found = {}
        for row in self._opened.rows('SHOW USER FUNCTIONS IN SCHEMA "LOCAL"."PUBLIC"'):
            name = row["name"].lower()
            if name in FUNCTIONS:
                result = self._opened.rows(f'SELECT "LOCAL"."PUBLIC"."{row["name"]}"(1000) AS "R"')[0]["R"]
                found[name] = int(result) - 1000
        return found

    def broken_imports(self) -> list[str]:
        """Imports of existing functions that are missing, or not the bytes that their path says."""
        broken = []
        for text in self._opened.imports():
            for path in json.loads(text.replace("'", '"')) if text.startswith("['") else text.strip("[]").split(", "):
                relative = path.partition("/")[2].rstrip('"')
                if not relative:
                    continue
                try:
                    data = self._opened.read(relative)
                except TargetError:
                    broken.append(f"{relative}: missing")
                    continue
                if sha256_bytes(data)[:16] != relative.split("/")[2]:
                    broken.append(f"{relative}: other bytes")
        return broken

    def plan_is_empty(self) -> bool:
        """Whether the target is what the lockfile asks for."""
        config = load(self._folder / "snowbuild.toml")
        state = read_locked(config)
        desired = desired_of(config, state.lock, choose_target(config, None), lock_sha256=state.sha256)
        return diff(desired, self._opened.observe(config.name)).is_empty

"""uv's answer to the same question."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import uv

if TYPE_CHECKING:
    from pathlib import Path

    from snowbuild.runtime import Runtime


def uv_pins(requirements: tuple[str, ...], runtime: Runtime, index_url: str | None, cache: Path) -> set[str] | None:
    """Name and version of everything chosen; None where there is no solution. Without an URL from uv's own index."""
    command = [uv.find_uv_bin(), "pip", "compile", "--no-config", "--no-python-downloads", "--quiet", "--no-header"]
    command += [
        "--python-version",
        runtime.full_version,
        "--no-annotate",
        *(["--default-index", index_url] if index_url else []),
    ]
    command += ["--python-platform", f"{runtime.architecture}-manylinux_2_28", "--only-binary", ":all:"]
    done = subprocess.run(
        [*command, "--cache-dir", str(cache), "-"],
        input="\n".join(requirements),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        assert "No solution found" in done.stderr, done.stderr
        return None
    return set(re.findall(r"^[\w.-]+==\S+", done.stdout, re.MULTILINE))

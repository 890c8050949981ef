"""Snowflake's own command-line client."""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from snowbuild.environments.build import build_environment

if TYPE_CHECKING:
    from pathlib import Path

    from snowbuild.local import Rendezvous

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def snow(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `snow` program in an environment of its own."""
    folder = tmp_path_factory.mktemp("snow")
    return build_environment(folder, python="3.11", requirements=["snowflake-cli>=3.30,<4"]).bin / "snow"


def test_snow_talks_to_it(local_server: Rendezvous, snow: Path, tmp_path: Path) -> None:
    def run(*arguments: str) -> object:
        done = subprocess.run(
            [snow, *arguments, "-c", "local", "--format", "json"],
            env={**os.environ, "SNOWFLAKE_HOME": str(local_server.root)},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    (tmp_path / "m.py").write_text("def f(a):\n    return a + 1\n")
    run("sql", "-q", "CREATE OR REPLACE STAGE cli")
    run("stage", "copy", str(tmp_path / "m.py"), "@cli/x")
    listed = run("stage", "list-files", "cli")
    assert isinstance(listed, list)
    assert [row["name"] for row in listed] == ["cli/x/m.py"]
    run(
        "sql",
        "-q",
        "CREATE OR REPLACE FUNCTION cli_f(a INT) RETURNS INT LANGUAGE PYTHON RUNTIME_VERSION = '3.11' "
        "IMPORTS = ('@cli/x/m.py') HANDLER = 'm.f'",
    )
    assert run("sql", "-q", "SELECT cli_f(1) AS n") == [{"N": 2}]

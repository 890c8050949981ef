"""Errors become text and exit codes in one place."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.runner import snowbuild

pytestmark = pytest.mark.integration

MINIMAL = """
[project]
name = "p"
[runtime]
python = "3.11"
[packages]
service = "none"
"""


def test_no_configuration(tmp_path: Path) -> None:
    ran = snowbuild(tmp_path, "plan")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == (
        "error: snowbuild.toml: no such file\nhint: `snowbuild init` creates one; --file PATH names another\n"
    )


def test_help_says_in_a_line_what_each_command_does(tmp_path: Path) -> None:
    # click cuts off what is too long for 80 columns, with an ellipsis.
    commands = snowbuild(tmp_path, "--help").out.split("Commands:\n")[1].splitlines()
    assert [line for line in commands if line.endswith("...")] == []


def test_every_problem_at_once(tmp_path: Path) -> None:
    (tmp_path / "snowbuild.toml").write_text(MINIMAL + 'servce = 1\n[targets.prod]\ndatabase = "D"\n')
    ran = snowbuild(tmp_path, "lock")
    assert ran.code == 1
    assert ran.err.count("error: ") == 3
    assert list(tmp_path.iterdir()) == [tmp_path / "snowbuild.toml"]


def test_unknown_command(tmp_path: Path) -> None:
    ran = snowbuild(tmp_path, "aply")
    assert ran.code == 1
    assert "hint: did you mean apply?" in ran.err


def test_unknown_option(tmp_path: Path) -> None:
    ran = snowbuild(tmp_path, "lock", "--chek")
    assert ran.code == 1
    assert "No such option" in ran.err


def test_unknown_target(tmp_path: Path) -> None:
    (tmp_path / "snowbuild.toml").write_text(MINIMAL)
    ran = snowbuild(tmp_path, "plan", "--target", "prod")
    assert (ran.code, ran.err) == (1, "error: --target: no such target: prod\nhint: known targets: local\n")


def test_locked_without_a_lockfile(tmp_path: Path) -> None:
    (tmp_path / "snowbuild.toml").write_text(MINIMAL)
    ran = snowbuild(tmp_path, "plan", "--locked")
    assert (ran.code, ran.err) == (1, "error: pylock.snowbuild.toml: no such file\nhint: run `snowbuild lock`\n")


def test_init_then_init_again(tmp_path: Path) -> None:
    assert snowbuild(tmp_path, "init", "--name", "first").code == 0
    before = (tmp_path / "snowbuild.toml").read_bytes()
    ran = snowbuild(tmp_path, "init")
    assert (ran.code, ran.err) == (1, "error: snowbuild.toml: already exists\nhint: edit it, or remove it first\n")
    assert (tmp_path / "snowbuild.toml").read_bytes() == before


def test_init_in_a_folder_that_is_not_there(tmp_path: Path) -> None:
    ran = snowbuild(tmp_path, "init", "--file", "absent/snowbuild.toml")
    assert (ran.code, ran.err) == (
        1,
        "error: absent/snowbuild.toml: cannot be written: No such file or directory\nhint: create its folder first\n",
    )


def test_init_refuses_a_name_that_could_not_be_read_again(tmp_path: Path) -> None:
    ran = snowbuild(tmp_path, "init", "--name", "../p")
    assert (ran.code, ran.err) == (
        1,
        'error: not usable as a folder name: "../p"\n'
        "hint: use letters, digits, '.', '_' and '-', and begin with a letter or a digit\n",
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("where", "code", "message"), [(">&-", 0, ""), ("> /dev/full", 1, "error: No space left on device\n")]
)
def test_results_that_go_nowhere(tmp_path: Path, where: str, code: int, message: str) -> None:
    if "full" in where and not Path("/dev/full").exists():
        pytest.skip("only Linux has it")
    command = ["bash", "-c", f'"$0" -m snowbuild local status {where}', sys.executable]
    completed = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (completed.returncode, completed.stderr) == (code, message)


def test_a_reader_that_goes_away_is_no_error(tmp_path: Path) -> None:
    pipe = ["bash", "-c", '"$0" -m snowbuild --help | head -n 1', sys.executable]
    completed = subprocess.run(pipe, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert completed.stderr == ""


def test_commands_without_a_connection_import_nothing_heavy() -> None:
    # The namespace `snowflake` itself is there from the start, by a .pth file of its distributions.
    code = (
        "import sys, snowbuild.cli.lock, snowbuild.cli.plan, snowbuild.cli.apply, snowbuild.cli.call\n"
        "heavy = {'snowflake.snowpark', 'snowflake.connector', 'pandas', 'numpy', 'duckdb', 'pip', 'requests',"
        " 'jinja2', 'rich', 'tomlkit', 'uv'}\n"
        "print(sorted(heavy & sys.modules.keys()))"
    )
    completed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert completed.stdout == "[]\n"

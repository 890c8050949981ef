"""`snowbuild local` asks snowbuild.toml for no more than it needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from snowbuild import local
from tests.cli.runner import run_here, snowbuild

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("content", [None, "=", '[project]\nnam = "p"\n'])
def test_nothing_runs_and_nothing_is_made(
    tmp_path: Path, content: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    if content is not None:
        (tmp_path / "snowbuild.toml").write_text(content)
    before = list(tmp_path.iterdir())
    assert run_here(tmp_path, "local", "status") == 0
    assert run_here(tmp_path, "local", "down") == 0
    assert capsys.readouterr().out == "not running\nnot running\n"
    assert list(tmp_path.iterdir()) == before


@pytest.mark.integration
def test_what_runs_is_found_and_stopped(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, link = tmp_path / "project", tmp_path / "link"
    folder.mkdir()
    link.symlink_to(folder)
    (folder / "snowbuild.toml").write_text("=")
    server = local.up(folder / ".snowbuild" / "local", idle_minutes=5)
    try:
        assert run_here(tmp_path, "local", "status", "--file", "link/snowbuild.toml") == 0
        assert run_here(link, "local", "down") == 0
        assert run_here(folder, "local", "status") == 0
    finally:
        local.down(folder / ".snowbuild" / "local")
    running = f"running on 127.0.0.1:{server.port} (process {server.pid})"
    assert capsys.readouterr().out == f"{running}\nstopped\nnot running\n"


@pytest.mark.integration
def test_no_proxy_stands_between(tmp_path: Path) -> None:
    (tmp_path / "snowbuild.toml").write_text(
        '[project]\nname = "p"\n[runtime]\npython = "3.11"\n[packages]\nservice = "none"\n'
    )
    closed = "http://127.0.0.1:9"
    try:
        ran = snowbuild(tmp_path, "status", http_proxy=closed, ALL_PROXY=closed, no_proxy="example.com")
    finally:
        local.down(tmp_path / ".snowbuild" / "local")
    assert (ran.code, ran.out) == (0, "p is not deployed on local.\n"), ran.err

"""`snowbuild local`: the embedded Snowflake."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from snowbuild import local
from snowbuild.cli import console
from snowbuild.cli.options import common
from snowbuild.config import load, state_of

if TYPE_CHECKING:
    from pathlib import Path


@click.group("local")
def local_command() -> None:
    """Start, stop or inspect the local Snowflake.

    Commands start it automatically if the target is `local`.
    """


@local_command.command("up")
@common
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="The port; 0 picks any free one.")
def up(file: Path, port: int) -> None:
    """Start it, unless it is already running."""
    config = load(file)
    server = local.up(config.state / "local", lock=config.lock_path, channel=config.packages.channel, port=port)
    console.result(f"running on 127.0.0.1:{server.port} (process {server.pid})")
    console.notice(f"clients: SNOWFLAKE_HOME={config.state / 'local'}, connection name local")


@local_command.command("down")
@common
def down(file: Path) -> None:
    """Stop it; its data is kept."""
    console.result("stopped" if local.down(_folder(file)) else "not running")


@local_command.command("status")
@common
def status(file: Path) -> None:
    """Show whether it is running, and where."""
    server = local.status(_folder(file))
    console.result("not running" if server is None else f"running on 127.0.0.1:{server.port} (process {server.pid})")


def _folder(file: Path) -> Path:
    """Its folder, found without reading snowbuild.toml: a mistake there must not prevent stopping the server."""
    return state_of(file.parent.resolve() / file.name) / "local"

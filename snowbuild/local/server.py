"""The local Snowflake as a process: `python -m snowbuild.local.server --root FOLDER`."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import logging
import math
import os
import secrets
import shutil
import socket
import sys
import tempfile
import time
import warnings
from datetime import UTC, datetime
from importlib.abc import MetaPathFinder
from pathlib import Path
from typing import TYPE_CHECKING

from snowbuild import __version__
from snowbuild.errors import SnowbuildError, TargetError
from snowbuild.local.rendezvous import FULL, HOST, Rendezvous, cannot_write, publish, read, server_file
from snowbuild.local.state import offered

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from snowbuild.local.engine.engine import Engine
    from snowbuild.local.wire.web import Web

IDLE_CHECK_S = 5.0


class _Unused(MetaPathFinder):
    """Hides optional imports of the connector that are never needed here.

    Without them the server starts in half the time: 1.9 s instead of 3.8 s of processor time.
    """

    def find_spec(self, fullname: str, path: object = None, target: object = None) -> None:  # noqa: ARG002  The protocol's.
        """Report them as not installed; leave everything else to other finders."""
        if fullname.partition(".")[0] in ("pandas", "boto3", "botocore"):
            raise ModuleNotFoundError(f"No module named {fullname!r}", name=fullname)


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until told to stop; problems go to stderr as one line of JSON, which `up` reads."""
    options = _parser().parse_args(arguments)
    for name in ("root", "lock", "channel"):
        given: Path | None = getattr(options, name)
        setattr(options, name, None if given is None else given.absolute())
    try:
        _serve(options)
    except SnowbuildError as error:
        (problem, *_) = error.problems
        line = {"message": problem.message, "where": problem.where, "hint": problem.hint}
        print(json.dumps(line), file=sys.stderr, flush=True)  # noqa: T201  The log is this process's terminal.
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m snowbuild.local.server")
    parser.add_argument("--root", type=Path, required=True)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--lock", type=Path)
    parser.add_argument("--channel", type=Path)
    parser.add_argument("--idle-minutes", type=float, default=60.0)
    parser.add_argument("--batch-timeout", type=float, default=180.0, help="seconds")
    return parser


def _serve(options: argparse.Namespace) -> None:
    from filelock import FileLock, Timeout

    root: Path = options.root
    try:
        root.mkdir(parents=True, exist_ok=True)
        lock = FileLock(root / "server.lock", timeout=0)
        lock.acquire()
    except Timeout as error:
        raise TargetError("another local Snowflake has this folder open", where=str(root)) from error
    except OSError as error:
        raise cannot_write(error, root) from error
    try:
        # Checks come first, because opening the databases takes seconds of imports.
        offered.rows(options.channel)
        with _listen(options.port) as listener, _temporary_folder(root):
            os.chdir(root)
            engine = _open(root, options)
            try:
                asyncio.run(_run(engine, listener, root, options))
            finally:
                engine.close()
    finally:
        lock.release()
        found = read(root)
        if found is not None and found.pid == os.getpid():
            server_file(root).unlink(missing_ok=True)


@contextlib.contextmanager
def _temporary_folder(root: Path) -> Iterator[None]:
    """Keep the temporary files of fakesnow and of the workers in one folder.

    fakesnow never removes its own, and what a killed server leaves behind is removed by the next one.
    """
    folder = root / "tmp"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, exist_ok=True)
    tempfile.tempdir = str(folder)
    try:
        yield
    finally:
        tempfile.tempdir = None
        shutil.rmtree(folder, ignore_errors=True)


def _listen(port: int) -> socket.socket:
    # With an explicit protocol, asyncio disables Nagle's algorithm; without, every statement waits 50 ms.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    # A port in TIME_WAIT, after a restart, is not in use.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
    except OSError as error:
        listener.close()
        raise TargetError(
            f"port {port} cannot be used: {error.strerror or error}",
            where=f"{HOST}:{port}",
            hint="choose another port, or none to take any that is free",
        ) from error
    return listener


def _open(root: Path, options: argparse.Namespace) -> Engine:
    # fakesnow's dependencies warn about each other, and nobody would read it here.
    warnings.simplefilter("ignore")
    # It warns with the text of statements, which may hold secrets.
    logging.getLogger("sqlglot").setLevel(logging.ERROR)
    sys.meta_path.insert(0, _Unused())
    import duckdb

    from snowbuild.local.engine.engine import Engine

    try:
        engine = Engine(root, lock=options.lock, channel=options.channel, batch_timeout_s=options.batch_timeout)
    except (duckdb.Error, OSError) as error:
        # DuckDB passes on the system's message, but not its number.
        full = any(os.strerror(number) in str(error) for number in FULL)
        raise TargetError(
            f"the databases cannot be opened: {error}",
            where=str(root),
            hint="free some disk space" if full else "move the folder away to start afresh",
        ) from error
    return engine


async def _run(engine: Engine, listener: socket.socket, root: Path, options: argparse.Namespace) -> None:
    import uvicorn

    from snowbuild.local.wire.web import Web

    port = listener.getsockname()[1]
    token = secrets.token_urlsafe(24)
    engine.secret = secrets.token_bytes(32)
    engine.base_url = f"http://{HOST}:{port}"

    def stop() -> None:
        server.should_exit = True

    health = {"pid": os.getpid(), "root": str(root), "version": __version__}
    web = Web(engine, token, health, stop)
    config = uvicorn.Config(
        web.app(), log_level="warning", access_log=False, timeout_graceful_shutdown=5, lifespan="off"
    )
    server = uvicorn.Server(config)
    rendezvous = Rendezvous(
        root=root, pid=os.getpid(), port=port, token=token, version=__version__,
        started=datetime.now(UTC).isoformat(timespec="seconds"),
        lock=None if options.lock is None else str(options.lock),
        channel=None if options.channel is None else str(options.channel),
    )  # fmt: skip
    try:
        publish(rendezvous)
    except OSError as error:
        raise cannot_write(error, root) from error
    idle = asyncio.create_task(_stop_when_idle(web, options.idle_minutes * 60))
    try:
        await server.serve(sockets=[listener])
    finally:
        idle.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await idle


async def _stop_when_idle(web: Web, limit_s: float) -> None:
    """Stop a server that is not used, or cannot be; 0 s means no limit."""
    limit_s = limit_s or math.inf
    while True:
        await asyncio.sleep(min(IDLE_CHECK_S, limit_s))
        found = read(web.engine.root)
        # The folder was removed, or another server has it: no client will find this one again.
        orphaned = found is None or found.pid != os.getpid()
        if orphaned or (not web.busy and time.monotonic() - web.last_used_s > limit_s):
            web.stop()
            return


if __name__ == "__main__":
    sys.exit(main())

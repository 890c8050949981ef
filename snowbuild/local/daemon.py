"""Start, find and stop the local Snowflake."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from snowbuild import __version__
from snowbuild.errors import TargetError
from snowbuild.local.rendezvous import Rendezvous, ask, cannot_write, is_alive, read, server_file

if TYPE_CHECKING:
    from collections.abc import Iterator

START_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 15.0
POLL_S = 0.05
IDLE_MINUTES = 60.0


def up(
    root: Path,
    *,
    lock: Path | None = None,
    port: int = 0,
    channel: Path | None = None,
    idle_minutes: float = IDLE_MINUTES,
) -> Rendezvous:
    """Start the server for a folder, or find the running one. Concurrent callers all get the same one.

    A server of another version of snowbuild, or with another lockfile, channel or (asked for) port is replaced.

    Args:
        root: holds everything that the server keeps; created.
        lock: the lockfile whose wheels functions are installed from.
        port: 0 takes any that is free.
        channel: what INFORMATION_SCHEMA.PACKAGES shows.
        idle_minutes: the server exits after this time without a request; 0 is never.

    Raises:
        TargetError: the `local` extra is missing, the port is in use, the folder cannot be written, or DuckDB cannot
            open a file in a folder of that name.
    """
    if importlib.util.find_spec("fakesnow") is None:
        raise TargetError("the local Snowflake is not installed", hint="pip install 'snowbuild[local]'")
    root = root.absolute()
    _refuse_name(root)
    wanted = (__version__, _text(lock), _text(channel))
    with _turn(root):
        running = status(root)
        if running is not None:
            if (running.version, running.lock, running.channel) == wanted and port in (0, running.port):
                return running
            _stop(running)
        return _start(root, wanted[1], wanted[2], port, idle_minutes)


def down(root: Path) -> bool:
    """Stop the server; returns whether there was one.

    Raises:
        TargetError: it does not exit.
    """
    root = root.absolute()
    if not root.exists():
        return False
    with _turn(root):
        running = status(root)
        if running is None:
            return False
        _stop(running)
        return True


def status(root: Path) -> Rendezvous | None:
    """The server that runs for a folder; a rendezvous file without a server is removed."""
    found = read(root.absolute())
    if found is not None and found.root == root.absolute() and is_alive(found):
        return found
    # Only the file that was read above: another server may be starting meanwhile.
    if found is not None and read(root.absolute()) == found:
        with contextlib.suppress(OSError):
            server_file(root.absolute()).unlink()
    return None


def _refuse_name(root: Path) -> None:
    """DuckDB splits a path at a question mark, and takes a backslash for a slash."""
    found = [character for character in ("?", "\\") if character != os.sep and character in str(root)]
    if found:
        raise TargetError(
            f"the database of the local Snowflake cannot be in a folder with {' or '.join(found)} in its path",
            where=str(root),
            hint="rename the folder",
        )


def _text(path: Path | None) -> str | None:
    return None if path is None else str(path.absolute())


@contextlib.contextmanager
def _turn(root: Path) -> Iterator[None]:
    """One `up` or `down` at a time."""
    from filelock import FileLock, Timeout

    try:
        root.mkdir(parents=True, exist_ok=True)
        lock = FileLock(root / "up.lock", timeout=START_TIMEOUT_S)
        lock.acquire()
    except Timeout as error:
        raise TargetError("another process has been starting the local Snowflake for a minute") from error
    except OSError as error:
        raise cannot_write(error, root) from error
    try:
        yield
    finally:
        lock.release()


def _start(root: Path, lock: str | None, channel: str | None, port: int, idle_minutes: float) -> Rendezvous:
    # -P: no module from the current directory may get in.
    command = [sys.executable, "-P", "-m", "snowbuild.local.server", "--root", str(root), "--port", str(port)]
    command += ["--idle-minutes", f"{idle_minutes:g}"]
    for option, value in (("--lock", lock), ("--channel", channel)):
        command += [option, value] if value is not None else []
    log = root / "server.log"
    try:
        # If not even this can be written, the server could not report what is wrong either.
        with log.open("a", encoding="utf-8") as stream:
            stream.write(f"{datetime.now(UTC).isoformat(timespec='seconds')} snowbuild {__version__} starts\n")
    except OSError as error:
        raise cannot_write(error, log) from error
    with log.open("ab") as stream:
        begin = stream.tell()
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=stream, stderr=stream, cwd=root, start_new_session=True
        )
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline:
        found = read(root)
        if found is not None and found.pid == process.pid and is_alive(found):
            # It outlives this process, so not waiting for it is not a leak.
            process.returncode = 0
            return found
        if process.poll() is not None:
            raise _failure(log, begin)
        time.sleep(POLL_S)
    process.kill()
    process.wait()
    raise TargetError("the local Snowflake did not start within a minute", where=str(log))


def _failure(log: Path, begin: int) -> TargetError:
    """Why a server exited: it says so in one line of JSON, unless it could not even start."""
    with log.open("rb") as stream:
        stream.seek(begin)
        lines = stream.read().decode(errors="replace").strip().splitlines()
    for line in reversed(lines):
        with contextlib.suppress(ValueError):
            data = json.loads(line)
            if isinstance(data, dict) and "message" in data:
                return TargetError(data["message"], where=data.get("where"), hint=data.get("hint"))
    return TargetError(f"the local Snowflake exited at once: {lines[-1] if lines else 'no output'}", where=str(log))


def _stop(running: Rendezvous) -> None:
    ask(running, "POST", "/snowbuild/stop")
    deadline = time.monotonic() + STOP_TIMEOUT_S
    while time.monotonic() < deadline:
        # The file is removed last, after DuckDB has been closed.
        if read(running.root) != running and not _exists(running.pid):
            return
        time.sleep(POLL_S)
    raise TargetError(f"the local Snowflake (process {running.pid}) does not stop", where=str(running.root))


def _exists(pid: int) -> bool:
    """Whether a process is running; a zombie does not count."""
    with contextlib.suppress(ChildProcessError):
        if os.waitpid(pid, os.WNOHANG)[0] == pid:
            return False
    try:
        os.kill(pid, 0)
        # Not our child: in a container, its parent may never reap it.
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except ProcessLookupError:
        return False
    except OSError:  # Another user's, or a system without /proc.
        return True

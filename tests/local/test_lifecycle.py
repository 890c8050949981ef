"""Starting, finding and stopping the server."""

from __future__ import annotations

import concurrent.futures
import contextlib
import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from snowbuild.errors import TargetError
from snowbuild.local import daemon, down, status, up
from snowbuild.local.rendezvous import read, server_file
from tests.local.servers import open_session

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snowbuild.local import Rendezvous

pytestmark = pytest.mark.integration


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    """A folder whose server is stopped afterwards."""
    yield tmp_path / "local"
    down(tmp_path / "local")


def test_up_status_down(root: Path) -> None:
    assert status(root) is None
    assert down(root) is False
    first = up(root)
    assert up(root) == first == status(root)
    for name in ("server.json", "connections.toml"):
        assert stat.S_IMODE((root / name).stat().st_mode) == 0o600
    assert down(root) is True
    assert (status(root), down(root), server_file(root).exists()) == (None, False, False)


@pytest.mark.slow
def test_many_callers_get_one_server(root: Path) -> None:
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        found = {each.pid for each in pool.map(lambda _: up(root), range(4))}
    assert len(found) == 1


@pytest.mark.slow
def test_state_survives_a_restart(root: Path, tmp_path: Path) -> None:
    (tmp_path / "m.py").write_text("def double(x):\n    return 2 * x\n")
    with contextlib.closing(open_session(up(root))) as session:
        for statement in (
            "CREATE DATABASE other",
            "CREATE TABLE other.public.t AS SELECT 20 AS a",
            "USE SCHEMA local.public",
            "CREATE STAGE files COMMENT = 'kept'",
            "CREATE TEMPORARY STAGE passing",
        ):
            session.sql(statement).collect()
        session.file.put(str(tmp_path / "m.py"), "@files/a", auto_compress=False)
        session.sql(
            "CREATE FUNCTION double(x INT) RETURNS INT LANGUAGE PYTHON RUNTIME_VERSION = '3.11' "
            "IMPORTS = ('@files/a/m.py') HANDLER = 'm.double' COMMENT = 'two'"
        ).collect()
        session.sql("GRANT USAGE ON FUNCTION double(INT) TO ROLE analyst").collect()
        session.sql("CREATE VIEW doubled AS SELECT double(a) AS d FROM other.public.t").collect()
    down(root)

    with contextlib.closing(open_session(up(root))) as session:
        assert [tuple(row) for row in session.sql("SELECT double(a) FROM other.public.t").collect()] == [(40,)]
        assert [tuple(row) for row in session.sql("SELECT d FROM doubled").collect()] == [(40,)]
        assert [row["name"] for row in session.sql("LIST @files").collect()] == ["files/a/m.py"]
        assert [(row["name"], row["comment"]) for row in session.sql("SHOW STAGES").collect()] == [("FILES", "kept")]
        grants = session.sql("SHOW GRANTS ON FUNCTION double(NUMBER)").collect()
        assert [(row["privilege"], row["grantee_name"]) for row in grants] == [
            ("OWNERSHIP", "SYSADMIN"),
            ("USAGE", "ANALYST"),
        ]


@pytest.mark.slow
def test_a_server_that_was_killed_is_replaced(root: Path) -> None:
    first = up(root)
    open_session(first).close()
    os.kill(first.pid, signal.SIGKILL)
    while True:
        try:
            if os.waitpid(first.pid, 0)[0] == first.pid:
                break
        except ChildProcessError:
            break
    assert read(root) == first
    assert status(root) is None
    left = list((root / "tmp").iterdir())
    assert up(root).pid != first.pid
    # What the killed one has left behind is gone, and so is everything once a server ends by itself.
    assert left
    assert not [path for path in left if path.exists()]
    assert down(root)
    assert not (root / "tmp").exists()


def test_a_rendezvous_file_of_somebody_else_is_not_believed(root: Path) -> None:
    root.mkdir()
    with socket.create_server(("127.0.0.1", 0)) as other:
        data = {
            "root": str(root), "pid": os.getpid(), "port": other.getsockname()[1], "token": "x", "version": "0",
            "started": "2026-01-01T00:00:00+00:00", "lock": None, "channel": None,
        }  # fmt: skip
        other.close()
    server_file(root).write_text(json.dumps(data))
    assert status(root) is None
    assert not server_file(root).exists()
    server_file(root).write_text("{")
    assert status(root) is None


def test_a_port_in_use(root: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(TargetError) as caught:
            up(root, port=port)
    assert str(caught.value) == (
        f"127.0.0.1:{port}: port {port} cannot be used: Address already in use\n"
        "hint: choose another port, or none to take any that is free"
    )
    assert status(root) is None


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(TargetError) as caught:
        up(tmp_path / "file" / "local")
    assert str(caught.value) == (
        f"{tmp_path}/file/local: cannot write: Not a directory\nhint: make the folder writable"
    )


LIMITED = "import resource, sys; from snowbuild.local.server import main; "
LIMITED += "resource.setrlimit(resource.RLIMIT_FSIZE, ({0}, {0})); sys.exit(main(sys.argv[1:]))"


@pytest.mark.skipif(sys.platform == "win32", reason="there no process has such a limit")
@pytest.mark.parametrize("room", [4096, 16384])
def test_a_disk_that_is_full_at_the_first_start(root: Path, room: int) -> None:
    command = [sys.executable, "-c", LIMITED.format(room), "--root", str(root)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    problem = json.loads(done.stderr.splitlines()[-1])
    assert "File too large" in problem["message"]
    assert (problem["where"], problem["hint"]) == (str(root), "free some disk space")
    session = open_session(up(root))
    assert session.sql("SELECT 1").collect()[0][0] == 1
    session.close()


@pytest.mark.skipif(os.sep == "\\", reason="there such a folder cannot be")
@pytest.mark.parametrize(("name", "found"), [("what?", "?"), ("a\\b", "\\"), ("a\\b?", "? or \\")])
def test_a_folder_that_the_database_cannot_lie_in(tmp_path: Path, name: str, found: str) -> None:
    root = tmp_path / name / ".snowbuild" / "local"
    with pytest.raises(TargetError) as caught:
        up(root)
    assert str(caught.value) == (
        f"{root}: the database of the local Snowflake cannot be in a folder with {found} in its path\n"
        "hint: rename the folder"
    )
    assert list(tmp_path.iterdir()) == []
    assert (status(root), down(root)) == (None, False)


def test_a_damaged_channel_file(root: Path, tmp_path: Path) -> None:
    path = tmp_path / "channel.json"
    path.write_text("[]")
    with pytest.raises(TargetError) as caught:
        up(root, channel=path)
    assert str(caught.value) == "channel.json: expected an object"


@pytest.mark.slow
def test_another_lockfile_gets_another_server(root: Path, tmp_path: Path) -> None:
    first = up(root)
    second = up(root, lock=tmp_path / "pylock.snowbuild.toml")
    assert (first.lock, second.lock) == (None, str(tmp_path / "pylock.snowbuild.toml"))
    assert status(root) == second


@pytest.mark.slow
def test_an_idle_server_ends(root: Path) -> None:
    up(root, idle_minutes=0.01)
    deadline = time.monotonic() + 20
    while status(root) is not None and time.monotonic() < deadline:
        time.sleep(0.2)
    assert status(root) is None


def test_a_second_server_on_the_same_folder_is_refused(local_server: Rendezvous) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "snowbuild.local.server", "--root", str(local_server.root)],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 1
    assert json.loads(done.stderr)["message"] == "another local Snowflake has this folder open"


def test_the_password_is_asked_for(local_server: Rendezvous) -> None:
    from snowflake.connector.errors import DatabaseError

    with pytest.raises(DatabaseError, match="Incorrect username or password was specified"):
        open_session(local_server, password=local_server.version)


@pytest.mark.skipif(sys.platform != "linux", reason="only /proc tells")
def test_a_process_that_nobody_asks_after_has_ended() -> None:
    # As in a container whose first process is no init: the shell's child ends, and what the shell became never waits.
    with subprocess.Popen(
        ["sh", "-c", "sleep 0 & echo $!; exec sleep 600"], stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        while Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z":
            time.sleep(0.01)
        assert not daemon._exists(pid)
        assert daemon._exists(parent.pid)
        parent.kill()

"""What is tried again, what is not, and what a broken connection is reported as."""

from __future__ import annotations

import re
import zlib
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from snowbuild.apply.lease import Holder
from snowbuild.config.values import TargetConfig
from snowbuild.errors import SqlError, TargetError
from snowbuild.local.rendezvous import connection_parameters
from snowbuild.plan import StagedFile
from snowbuild.runtime import Architecture, Runtime
from snowbuild.snowflake.connection import ConnectionLostError, connect
from snowbuild.snowflake.leases import FunctionLeases
from snowbuild.snowflake.retry import Patience, backoff, is_repeatable
from snowbuild.snowflake.target import SnowflakeTarget
from tests.snowflake.proxy import CuttingProxy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from snowbuild.local import Rendezvous

TARGET = TargetConfig(name="local", database="LOCAL", schema="RETRIES", stage="FILES")
QUICK = Patience(tries=3, first_pause_s=0.01, longest_pause_s=0.02)


@pytest.mark.parametrize(
    ("statement", "repeatable"),
    [
        ("SHOW USER FUNCTIONS", True),
        ("LIST '@st/x'", True),
        ("DESCRIBE FUNCTION f()", True),
        ("select 1", True),
        ("CREATE OR REPLACE FUNCTION f() …", True),
        ("CREATE STAGE IF NOT EXISTS st", True),
        ("DROP FUNCTION IF EXISTS f()", True),
        ("GRANT USAGE ON FUNCTION f() TO ROLE r", True),
        ("CREATE FUNCTION f() …", False),
        ("DROP FUNCTION f()", False),
        ("INSERT INTO t SELECT 1", False),
    ],
)
def test_what_may_be_done_twice(statement: str, repeatable: bool) -> None:
    assert is_repeatable(statement) is repeatable


class Line:
    """A target behind a proxy, and what was noticed."""

    def __init__(self, opened: SnowflakeTarget, proxy: CuttingProxy, notices: list[str]) -> None:
        self.opened = opened
        self.proxy = proxy
        self.notices = notices
        self.judge: Callable[[str], str] = lambda _: "pass"


def text_of(data: bytes) -> str:
    """What a client sent, statement and all: clients compress the body, and may send it after the head."""
    at = data.find(b"\x1f\x8b")
    plain = data if at < 0 else data[:at] + zlib.decompressobj(wbits=31).decompress(data[at:])
    return plain.decode(errors="replace")


@contextmanager
def line(server: Rendezvous, *, limit_s: float = 0.5) -> Iterator[Line]:
    """Connect through a proxy."""
    held: list[Line] = []
    proxy = CuttingProxy(server.port, lambda data: held[0].judge(text_of(data)) if held else "pass")
    parameters = connection_parameters(server) | {"port": proxy.port, "backoff_policy": backoff(limit_s)}
    notices: list[str] = []
    try:
        with connect(TARGET, {}, parameters) as session:
            opened = SnowflakeTarget(session, TARGET, patience=QUICK, notice=notices.append)
            held.append(Line(opened, proxy, notices))
            yield held[0]
            held[0].judge = lambda _: "pass"
    finally:
        proxy.close()


def times(count: int, word: str, verdict: str) -> Callable[[str], str]:
    """A verdict over the first requests that hold a word; the others pass."""
    left = [count]

    def judge(request: str) -> str:
        if word in request and left[0]:
            left[0] -= 1
            return verdict
        return "pass"

    return judge


@pytest.mark.integration
@pytest.mark.parametrize("verdict", ["refuse", "deafen"])
def test_a_statement_survives_a_cut(local_server: Rendezvous, verdict: str) -> None:
    with line(local_server, limit_s=20) as way:
        way.judge = times(2, "SELECT 41", verdict)
        assert way.opened.rows('SELECT 41 + 1 AS "N"') == [{"N": 42}]
        assert way.proxy.cuts == 2


@pytest.mark.integration
def test_what_the_server_did_is_not_done_twice(local_server: Rendezvous) -> None:
    with line(local_server, limit_s=20) as way:
        # Sent again, this would say that the table exists already.
        way.judge = times(1, "CREATE TABLE", "deafen")
        way.opened.execute("CREATE TABLE once (a INT)")
        assert way.proxy.cuts == 1
        way.opened.execute("DROP TABLE once")


@pytest.mark.integration
def test_the_connector_gives_up_before_we_do(local_server: Rendezvous) -> None:
    with line(local_server) as way:
        # Its limit is over after the first pause: what follows are our own tries.
        way.judge = times(2, "SHOW USER FUNCTIONS", "refuse")
        way.opened.rows("SHOW USER FUNCTIONS")
        assert way.proxy.cuts == 2
        assert re.fullmatch(r"the connection broke; trying again in 0\.0 s \(2 of 3\)", way.notices[0])


@pytest.mark.integration
def test_a_file_survives_a_cut(local_server: Rendezvous, tmp_path: Path) -> None:
    (tmp_path / "m.bin").write_bytes(bytes(range(256)) * 3000)
    file = StagedFile(path="p/modules/abc/m.bin", sha256="", size=768_000)
    with line(local_server, limit_s=20) as way:
        way.opened.create_stage()
        way.judge = times(2, "/snowbuild/files/", "refuse")
        way.opened.upload(tmp_path / "m.bin", file)
        assert way.proxy.cuts
        assert way.opened.read(file.path) == (tmp_path / "m.bin").read_bytes()


@pytest.mark.integration
def test_a_line_that_stays_dead_is_reported(local_server: Rendezvous) -> None:
    with line(local_server) as way:
        way.judge = lambda request: "refuse" if "SELECT 1" in request else "pass"
        with pytest.raises(ConnectionLostError) as lost:
            way.opened.rows("SELECT 1")
        (problem,) = lost.value.problems
        assert problem.message.startswith("the connection was lost: ")
        assert problem.hint == "when the network is back, run the command again; finished work is kept"
        assert way.notices[-1].endswith("(3 of 3)")
        # What comes behind it does not wait as long again.
        before = len(way.notices)
        with pytest.raises(ConnectionLostError):
            way.opened.rows("SELECT 1")
        assert len(way.notices) == before


@pytest.mark.integration
def test_what_may_not_be_done_twice_is_not_tried_again(local_server: Rendezvous) -> None:
    with line(local_server) as way:
        way.judge = lambda request: "refuse" if "INSERT" in request else "pass"
        with pytest.raises(ConnectionLostError) as lost:
            way.opened.execute("INSERT INTO t SELECT 1\n-- more")
        assert str(lost.value.problems[0].message).endswith(
            "; it is not known whether this was done: INSERT INTO t SELECT 1"
        )
        assert way.notices == []


@pytest.mark.integration
def test_a_refusal_is_not_tried_again(local_server: Rendezvous) -> None:
    with line(local_server) as way:
        with pytest.raises(SqlError, match="does not exist or not authorized"):
            way.opened.rows("LIST @nowhere")
        assert way.notices == []


@pytest.mark.integration
def test_a_session_that_has_ended(local_server: Rendezvous) -> None:
    with line(local_server) as way:
        rest = way.opened._session.connection.rest
        assert rest is not None
        rest.update_tokens("ended", "ended")
        with pytest.raises(TargetError) as expired:
            way.opened.rows("SELECT 1")
    (problem,) = expired.value.problems
    assert problem.message.startswith("the login has expired: ")
    assert problem.hint == "log in again and run the command again; finished work is kept"


@pytest.mark.integration
def test_a_lease_whose_answer_is_lost_is_ours(local_server: Rendezvous) -> None:
    holder = Holder(who="me", since="now")
    with line(local_server) as way:
        leases = FunctionLeases(way.opened, TARGET, Runtime.parse("3.11", Architecture.X86_64))
        judged = iter(["deafen"])
        way.judge = lambda request: next(judged, "pass") if "CREATE FUNCTION" in request else "pass"
        assert leases.take("retries", holder) is True
        assert leases.take("retries", Holder(who="you", since="later")) is False
        assert leases.holder("retries") == holder
        leases.release("retries")


@pytest.mark.integration
def test_files_that_are_sent_at_once_keep_their_places(local_server: Rendezvous, tmp_path: Path) -> None:
    files = [StagedFile(path=f"crowd/{n:02}/f{n:02}.bin", sha256="", size=2) for n in range(16)]
    for file in files:
        (tmp_path / file.filename).write_bytes(file.filename[1:3].encode())
    with line(local_server) as way:
        way.opened.create_stage()
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda file: way.opened.upload(tmp_path / file.filename, file), files))
        assert [f.path for f in way.opened.observe("crowd").files] == [f.path for f in files]
        assert way.opened.read(files[7].path) == b"07"

"""Statements that take too long, or that their client does not want any more."""

from __future__ import annotations

import contextlib
import threading
import time
from typing import TYPE_CHECKING

import pytest

from tests.local.servers import open_session
from tests.local.test_functions import inline

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from snowflake.snowpark import Row, Session

    from snowbuild.local import Rendezvous

    Rows = Callable[[str], list[Row]]
    Refused = Callable[[str], str]

pytestmark = pytest.mark.integration

SLEEPY = inline("sleepy(s FLOAT)", "FLOAT", "import time\ndef f(s):\n    time.sleep(s)\n    return s\n")
WATCHED = inline(
    "watched(s FLOAT, sign VARCHAR)",
    "FLOAT",
    "import time\ndef f(s, sign):\n    open(sign, 'w').close()\n    time.sleep(s)\n    return s\n",
)
"""Sleeps as well, once its sign is there."""
ENDLESS = "SELECT COUNT(*) FROM TABLE(GENERATOR(ROWCOUNT => 10000000)) a, TABLE(GENERATOR(ROWCOUNT => 10000000)) b"
TIMED_OUT = "Statement reached its statement or warehouse timeout of 1 second(s) and was canceled."


@pytest.mark.parametrize("slow", ["SELECT sleepy(60)", "SELECT * FROM slow_view", f"{ENDLESS} WHERE RANDOM() = 5"])
def test_a_statement_ends_at_its_limit(rows: Rows, refused: Refused, slow: str) -> None:
    rows(SLEEPY)
    rows("CREATE VIEW slow_view AS SELECT sleepy(60) AS r")
    rows("SELECT sleepy(0)")
    rows("ALTER SESSION SET STATEMENT_TIMEOUT_IN_SECONDS = 1")
    begun = time.monotonic()
    assert refused(slow) == TIMED_OUT
    assert time.monotonic() - begun < 10
    # Later calls have another worker.
    rows("ALTER SESSION UNSET STATEMENT_TIMEOUT_IN_SECONDS")
    assert rows("SELECT sleepy(1.2)")[0][0] == 1.2


def wait_for(sign: Path) -> None:
    until = time.monotonic() + 60
    while not sign.exists():
        assert time.monotonic() < until
        time.sleep(0.01)


def test_a_handler_that_does_not_load_ends_at_the_limit(rows: Rows, refused: Refused) -> None:
    rows(inline("f()", "INT", "import time\ntime.sleep(60)\ndef f(): return 1"))
    rows("ALTER SESSION SET STATEMENT_TIMEOUT_IN_SECONDS = 1")
    assert refused("SELECT f()") == TIMED_OUT


def test_the_limit_is_a_parameter_of_the_connection(local_server: Rendezvous, refused: Refused) -> None:
    from snowflake.connector.errors import ProgrammingError

    session = open_session(local_server, session_parameters={"STATEMENT_TIMEOUT_IN_SECONDS": 1})
    with contextlib.closing(session), pytest.raises(ProgrammingError) as caught:
        session.connection.cursor().execute(f"{ENDLESS} WHERE RANDOM() = 5")
    assert (caught.value.errno, caught.value.sqlstate) == (630, "57014")
    assert str(caught.value.msg) == f"000630 (57014): {TIMED_OUT}"


def test_a_client_stops_its_statement(session: Session, rows: Rows) -> None:
    from snowflake.connector.errors import ProgrammingError

    rows(SLEEPY)
    begun = time.monotonic()
    with pytest.raises(ProgrammingError) as caught:
        session.connection.cursor().execute("SELECT sleepy(60)", timeout=1)
    assert time.monotonic() - begun < 10
    assert (caught.value.errno, caught.value.sqlstate) == (604, "57014")
    # In between the connector says that it was itself who cancelled, unless the answer is there before it can.
    assert str(caught.value.msg).startswith("000604 (57014): SQL execution ")
    assert str(caught.value.msg).endswith("SQL execution canceled")
    assert rows("SELECT sleepy(0)")[0][0] == 0


def test_a_statement_that_waits_for_its_turn_can_be_stopped(session: Session, rows: Rows, tmp_path: Path) -> None:
    from snowflake.connector.errors import ProgrammingError

    rows(WATCHED)
    connection, sign = session.connection, tmp_path / "sign"
    first = threading.Thread(target=lambda: connection.cursor().execute(f"SELECT watched(3, '{sign}')"))
    first.start()
    wait_for(sign)
    with pytest.raises(ProgrammingError) as caught:
        connection.cursor().execute("CREATE TABLE late (i INT)", timeout=1)
    first.join()
    assert caught.value.errno == 604
    assert rows("SHOW TABLES LIKE 'LATE' IN SCHEMA") == []


def test_a_session_that_ends_takes_its_statement_along(
    local_server: Rendezvous, rows: Rows, session: Session, tmp_path: Path
) -> None:
    from snowflake.connector.errors import Error

    rows(WATCHED)
    other = open_session(local_server, schema=str(session.get_current_schema()).strip('"'))
    cursor = other.connection.cursor()
    failures: list[str] = []

    def call() -> None:
        try:
            cursor.execute(f"SELECT watched(60, '{tmp_path}/sign')")
        except Error as error:
            failures.append(str(error.msg))

    calling = threading.Thread(target=call)
    calling.start()
    wait_for(tmp_path / "sign")
    begun = time.monotonic()
    other.close()
    calling.join()
    assert time.monotonic() - begun < 10
    assert failures == ["000604 (57014): SQL execution canceled"]


def test_others_go_on(local_server: Rendezvous, session: Session, rows: Rows, refused: Refused, tmp_path: Path) -> None:
    rows(WATCHED)
    other = open_session(local_server, schema=str(session.get_current_schema()).strip('"'))
    answers: list[object] = []
    first, second = tmp_path / "first", tmp_path / "second"
    query = f"SELECT watched(2.5, '{first}')"
    calling = threading.Thread(target=lambda: answers.append(other.sql(query).collect()[0][0]))
    with contextlib.closing(other):
        calling.start()
        wait_for(first)
        # It waits for the other's batch, in the same worker, and is stopped while it does.
        rows("ALTER SESSION SET STATEMENT_TIMEOUT_IN_SECONDS = 1")
        assert refused(f"SELECT watched(60, '{second}')") == TIMED_OUT
        calling.join()
    assert answers == [2.5]

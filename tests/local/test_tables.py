"""Tables that only a session has, and files on their way into tables."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pytest

from tests.local.servers import open_session

if TYPE_CHECKING:
    from collections.abc import Callable

    from snowflake.snowpark import Row, Session

    from snowbuild.local import Rendezvous

    Rows = Callable[[str], list[Row]]
    Refused = Callable[[str], str]

pytestmark = pytest.mark.integration


def test_a_temporary_table_has_a_full_name(
    local_server: Rendezvous, session: Session, rows: Rows, refused: Refused
) -> None:
    schema = str(session.get_current_schema()).strip('"')
    table = f"local.{schema}.t"
    rows(f"CREATE TEMPORARY TABLE {table} (i INT)")
    rows("INSERT INTO t VALUES (1)")
    rows(f'INSERT INTO "LOCAL"."{schema}"."T" VALUES (2)')  # noqa: S608  A name of the tests.
    assert [row[0] for row in session.table(f'"LOCAL"."{schema}".t').sort("I").collect()] == [1, 2]

    with contextlib.closing(open_session(local_server, schema=schema)) as other:
        other.sql("CREATE TABLE t AS SELECT 7 AS i").collect()
        assert [row[0] for row in other.table(table).collect()] == [7]

    assert session.table(table).count() == 2
    rows(f"DROP TABLE {table}")
    assert [row[0] for row in session.table(table).collect()] == [7]
    assert refused("SELECT i FROM identifier('a b')") == (
        "SQL compilation error:\nsyntax error line 1 at position 2 unexpected 'b'."
    )


def test_copying_needs_the_right_to_read(
    session: Session, rows: Rows, refused: Refused, stage_file: Callable[[str, str], None]
) -> None:
    schema = str(session.get_current_schema()).strip('"')
    stage_file("x/data.csv", "1,one\n2,two\n")
    rows("CREATE TABLE t (i INT, s VARCHAR)")
    copy = f"COPY INTO {schema}.t FROM '@\"{schema}\".files/x' FILE_FORMAT = (TYPE = CSV)"
    rows(copy)
    assert sorted(tuple(row) for row in rows("SELECT i, s FROM t")) == [(1, "one"), (2, "two")]
    rows("USE ROLE PUBLIC")
    assert refused(copy) == f"SQL compilation error:\nStage 'LOCAL.{schema}.FILES' does not exist or not authorized."


def test_the_last_query(session: Session, rows: Rows) -> None:
    rows("SELECT 41 AS a")
    assert rows("SELECT a + 1 FROM TABLE(RESULT_SCAN(LAST_QUERY_ID()))")[0][0] == 42
    rows("SHOW WAREHOUSES LIKE 'local_wh'")
    assert rows('SELECT "name" FROM TABLE(RESULT_SCAN(LAST_QUERY_ID())) AS w')[0][0] == "LOCAL_WH"
    rows("SELECT PARSE_JSON('{\"a\": 1}') AS v")
    scanned = rows("SELECT v, v:a::INT, TYPEOF(v) FROM TABLE(RESULT_SCAN(LAST_QUERY_ID()))")
    assert tuple(scanned[0]) == ('{\n  "a": 1\n}', 1, "OBJECT")
    later = session.sql("SELECT PARSE_JSON('[]') AS v, NULL::VARIANT AS n").collect_nowait().result()
    assert [tuple(row) for row in later] == [("[]", None)]
    cursor = session.connection.cursor()
    cursor.execute("SELECT 1")
    assert rows("SELECT LAST_QUERY_ID()")[0][0] == cursor.sfqid


def test_a_session_without_autocommit(rows: Rows) -> None:
    rows("CREATE TABLE t (i INT)")
    rows("ALTER SESSION SET AUTOCOMMIT = FALSE")
    rows("INSERT INTO t VALUES (1)")
    rows("ROLLBACK")
    assert rows("SELECT * FROM t") == []


def test_what_defines_commits_before_it(rows: Callable[[str], list[Row]]) -> None:
    rows("CREATE TABLE t (i INT)")
    rows("BEGIN")
    rows("INSERT INTO t VALUES (1)")
    rows("CREATE TABLE u (v VARCHAR)")
    rows("ROLLBACK")
    assert rows("SELECT i FROM t")[0][0] == 1
    assert rows("SELECT v FROM u") == []

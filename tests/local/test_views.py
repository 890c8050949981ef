"""Views call functions as they are now."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from snowbuild.local import down, up
from tests.local.servers import open_session
from tests.local.test_functions import inline

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from snowflake.snowpark import Row

    Rows = Callable[[str], list[Row]]

pytestmark = pytest.mark.integration


def test_a_view_calls_what_its_function_has_become(rows: Rows, refused: Callable[[str], str]) -> None:
    rows("CREATE TABLE t AS SELECT 1 AS i, ARRAY_CONSTRUCT(1, 2) AS a")
    rows(inline("f(a INT)", "INT", "def f(a): return a + 1"))
    rows(inline('"f"(a INT)', "INT", "def f(a): return -a"))
    rows(inline("size(a ARRAY)", "VARIANT", "def f(a): return len(a)"))
    rows('CREATE VIEW v AS SELECT f(i) AS r, "f"(i) AS s, size(a) AS n FROM t')
    assert [tuple(row) for row in rows("SELECT * FROM v")] == [(2, -1, "2")]

    rows(inline("f(a INT)", "INT", "def f(a): return a + 100"))
    assert [tuple(row) for row in rows("SELECT r, s FROM v")] == [(101, -1)]

    rows(inline("f(b NUMBER(9, 0))", "VARCHAR", "def f(b): return 'text'"))
    assert [tuple(row) for row in rows("SELECT r, s FROM v")] == [("text", -1)]

    rows("DROP FUNCTION f(INT)")
    assert refused("SELECT s FROM v") == "SQL compilation error:\nUnknown function F."
    rows(inline("f(a INT)", "INT", "def f(a): return 7"))
    rows("ALTER FUNCTION f(INT) RENAME TO g")
    assert refused("SELECT * FROM v") == "SQL compilation error:\nUnknown function F."
    assert [tuple(row) for row in rows("SELECT g(1)")] == [(7,)]


def test_a_view_is_shown_as_it_was_written(rows: Rows) -> None:
    rows(inline("f(a INT)", "INT", "def f(a): return a + 1"))
    text = "create view V as\n  select f(1) as r -- mine"
    rows(text)
    rows("CREATE VIEW IF NOT EXISTS v AS SELECT 2 AS r")
    query = "SELECT x.view_definition FROM INFORMATION_SCHEMA.VIEWS AS x WHERE x.table_schema = CURRENT_SCHEMA()"
    assert [row[0] for row in rows(query)] == [text]
    assert [row["text"] for row in rows("SHOW VIEWS")] == [text]
    rows("DROP VIEW v")
    assert rows(query) == []


def test_a_transaction_sees_a_function_that_was_replaced_in_it(rows: Rows) -> None:
    rows("CREATE TABLE t (i INT)")
    rows(inline("f()", "INT", "def f(): return 1"))
    rows("BEGIN")
    rows("INSERT INTO t SELECT f()")
    rows(inline("f()", "INT", "def f(): return 2"))
    rows("ROLLBACK")
    rows("INSERT INTO t SELECT f()")
    # CREATE FUNCTION has committed the first row.
    assert [row[0] for row in rows("SELECT i FROM t ORDER BY i")] == [1, 2]


@pytest.mark.slow
def test_a_view_survives_a_restart(tmp_path: Path) -> None:
    root = tmp_path / "local"
    try:
        session = open_session(up(root))
        session.sql(inline("f(a INT)", "INT", "def f(a): return a + 1")).collect()
        session.sql("CREATE VIEW v AS SELECT f(1) AS r").collect()
        session.close()
        down(root)
        session = open_session(up(root))
        assert session.sql("SELECT r FROM v").collect()[0][0] == 2
        session.close()
    finally:
        down(root)

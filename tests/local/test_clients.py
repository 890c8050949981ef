"""What clients ask for beyond a statement and its rows: values of every type, names, several statements, no waiting."""

from __future__ import annotations

import contextlib
import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from snowbuild.local import connection_parameters
from tests.local.servers import open_session
from tests.local.test_functions import inline

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from snowflake.connector import SnowflakeConnection
    from snowflake.snowpark import Row, Session

    from snowbuild.local import Rendezvous

    Rows = Callable[[str], list[Row]]

pytestmark = pytest.mark.integration

EAST = dt.timezone(dt.timedelta(hours=2))
MOMENT = dt.datetime(2020, 1, 2, 3, 4, 5, 123456)  # noqa: DTZ001  TIMESTAMP_NTZ has none.
BOUND: list[tuple[object, object]] = [
    (1, 1), (1.5, 1.5), (Decimal("1.10"), Decimal("1.10")), ("it's", "it's"), (None, None), (True, True),
    (b"\x00\xff", b"\x00\xff"), (dt.date(2020, 1, 2), dt.date(2020, 1, 2)), (dt.time(3, 4, 5), dt.time(3, 4, 5)),
    (MOMENT, MOMENT), (("TIMESTAMP_NTZ", MOMENT), MOMENT),
    (("TIMESTAMP_TZ", MOMENT.replace(tzinfo=EAST)), MOMENT.replace(tzinfo=EAST)),
    (("TIMESTAMP_LTZ", MOMENT.replace(tzinfo=EAST)), MOMENT.replace(tzinfo=EAST)),
]  # fmt: skip


@pytest.fixture
def marks(local_server: Rendezvous, session: Session) -> Iterator[SnowflakeConnection]:
    """A connection that binds by question marks, in the session's schema."""
    import snowflake.connector

    schema = str(session.get_current_schema()).strip('"')
    parameters: dict[str, Any] = {**connection_parameters(local_server), "schema": schema, "paramstyle": "qmark"}
    with contextlib.closing(snowflake.connector.connect(**parameters)) as connection:
        yield connection


def test_values_that_are_bound(marks: SnowflakeConnection) -> None:
    cursor = marks.cursor()
    cursor.execute(f"SELECT {', '.join('?' * len(BOUND))}", [given for given, _ in BOUND])
    (row,) = cursor.fetchall()
    assert list(row) == [expected for _, expected in BOUND]
    assert [type(value) for value in row[:3]] == [int, float, Decimal]


def test_values_that_are_bound_and_converted(marks: SnowflakeConnection) -> None:
    cursor = marks.cursor()
    cursor.execute("SELECT TO_VARIANT(?), ?::VARIANT, DATEADD(DAY, 2, ?::DATE), '?::'", ("x", 1, "2020-01-01"))
    assert cursor.fetchall() == [('"x"', "1", dt.date(2020, 1, 3), "?::")]


def test_rows_that_are_bound(marks: SnowflakeConnection) -> None:
    cursor = marks.cursor()
    cursor.execute("CREATE TABLE t (n NUMBER(20, 3), m TIME, f FLOAT)")
    rows = [(Decimal("1.500"), dt.time(1, 2, 3), 2.5), (Decimal("2.000"), dt.time(0), None)]
    assert cursor.executemany("INSERT INTO t VALUES (?, ?, ?)", rows).rowcount == 2
    cursor.execute("SELECT * FROM t ORDER BY n")
    assert cursor.fetchall() == rows


@pytest.mark.parametrize(
    ("sql", "name"),
    [
        ("COUNT(*)", "COUNT(*)"),
        ("upper('a')", "UPPER('A')"),
        ("to_timestamp(0)", "TO_TIMESTAMP(0)"),
        ("sum(1)", "SUM(1)"),
        ("1 + 1 -- mine", "1 + 1"),
        ("current_role()", "CURRENT_ROLE()"),
        ("NULL AS x", "X"),
    ],
)
def test_a_column_is_named_after_what_was_written(session: Session, sql: str, name: str) -> None:
    cursor = session.connection.cursor()
    cursor.execute(f"SELECT {sql}")
    assert [column.name for column in cursor.description] == [name]


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT {'a': 1, 'B c': {'d': 2}}", '{\n  "a": 1,\n  "B c": {\n    "d": 2\n  }\n}'),
        ("SELECT {}", "{}"),
        ("SELECT TO_BINARY('DEADBEEF')", b"\xde\xad\xbe\xef"),
        ("SELECT 'ab01'::BINARY", b"\xab\x01"),
        ("SELECT SUM(n) FROM (VALUES (0.1::NUMBER(10, 2)), (0.2::NUMBER(10, 2))) AS t (n)", Decimal("0.30")),
        ("SELECT SUM(n) FROM (VALUES (9007199254740993), (1)) AS t (n)", 9007199254740994),
        ("SELECT SUM(v) FROM (VALUES ('1'), ('2.5')) AS t (v)", 3.5),
        ("SELECT SUM(v:a) FROM (SELECT PARSE_JSON('{\"a\": 2}') AS v)", 2),
        ("SELECT REGEXP_REPLACE('abab', 'b', 'x', 1, 0)", "axax"),
        ("SELECT column2 FROM VALUES (1, 'a') AS v", "a"),
        ("SELECT DATEADD(DAY, 1, d) FROM (SELECT '2020-01-31'::DATE AS d)", dt.date(2020, 2, 1)),
        ("SELECT DATEADD(HOUR, 1, d) FROM (SELECT '2020-01-31'::DATE AS d)", dt.datetime(2020, 1, 31, 1)),  # noqa: DTZ001  NTZ.
        ("SELECT DATE_TRUNC('MONTH', d) FROM (SELECT '2020-01-31'::DATE AS d)", dt.date(2020, 1, 1)),
        ("SELECT DATE_TRUNC('DAY', t) FROM (SELECT '2020-01-31 05:00'::TIMESTAMP AS t)", dt.datetime(2020, 1, 31)),  # noqa: DTZ001  NTZ.
        ("SELECT MAX(a) FROM ((SELECT 1 AS a) UNION (SELECT 2))", 2),
        ("SELECT ABS(RANDOM(1)) >= 0 FROM (SELECT RANDOM(2))", True),
        (
            "SELECT TO_TIMESTAMP_TZ(t) FROM (SELECT '2020-01-02 03:04:05+02:00' AS t)",
            dt.datetime(2020, 1, 2, 3, 4, 5, tzinfo=EAST),
        ),
    ],
)
def test_what_queries_give(value: Callable[[str], object], sql: str, expected: object) -> None:
    assert value(sql) == expected


@pytest.mark.parametrize(
    ("given", "text", "kind", "handed_out"),
    [
        ("'Bern'", '"Bern"', "VARCHAR", "'Bern'"),
        ("7", "7", "INTEGER", "7"),
        ("1.50", "1.5", "DECIMAL", "1.5"),
        ("TRUE", "true", "BOOLEAN", "True"),
        ("'2021-05-06'::DATE", '"2021-05-06"', "VARCHAR", "'2021-05-06'"),
        ("'2021-05-06'::TIMESTAMP_NTZ", '"2021-05-06 00:00:00.000"', "VARCHAR", "'2021-05-06 00:00:00.000'"),
        (
            "'2021-05-06 02:00:00+02:00'::TIMESTAMP_TZ",
            '"2021-05-06 00:00:00.000 +0000"', "VARCHAR", "'2021-05-06 00:00:00.000 +0000'",
        ),
        ("'00ff'::BINARY", '"00FF"', "VARCHAR", "'00FF'"),
        ("ARRAY_CONSTRUCT('a', NULL)", '[\n  "a",\n  null\n]', "ARRAY", "['a', None]"),
        ("OBJECT_CONSTRUCT('k', 1)", '{\n  "k": 1\n}', "OBJECT", "{'k': 1}"),
        ("PARSE_JSON('null')", "null", "NULL_VALUE", "None"),
    ],
)  # fmt: skip
def test_a_variant_of_any_type(rows: Rows, given: str, text: str, kind: str, handed_out: str) -> None:
    rows(inline("f(v VARIANT)", "VARCHAR", "def f(v): return repr(v)"))
    query = "SELECT x::VARIANT, TO_VARIANT(x), TYPEOF(x::VARIANT), f(x), f(x::VARIANT)"
    assert tuple(rows(f"{query} FROM (SELECT {given} AS x)")[0]) == (text, text, kind, handed_out, handed_out)


def test_what_a_variant_holds(rows: Rows) -> None:
    rows(inline("f(s VARCHAR)", "VARCHAR", "def f(s): return repr(s)"))
    rows("CREATE TABLE t AS SELECT PARSE_JSON('\"a\"') AS v UNION ALL SELECT 2::VARIANT UNION ALL SELECT NULL")
    rows("CREATE VIEW w AS SELECT v::VARCHAR AS s, TYPEOF(v) AS k FROM t")
    assert [tuple(row) for row in rows("SELECT s, k FROM w ORDER BY s")] == [
        ("2", "INTEGER"), ("a", "VARCHAR"), (None, None),
    ]  # fmt: skip
    assert [row[0] for row in rows("SELECT f(v) FROM t ORDER BY 1")] == ["'2'", "'a'", "None"]


def test_whole_numbers_of_any_size(session: Session, value: Callable[[str], object], rows: Rows) -> None:
    rows(inline("f(a INT)", "INT", "def f(a): return a and a * 10 ** 36"))
    assert value("SELECT f(12)") == 12 * 10**36
    assert value("SELECT MAX(f(0))") == 0
    frame = session.sql("SELECT f(column1) AS n FROM VALUES (0), (NULL)").to_pandas()
    assert str(frame["N"].dtype) == "float64"
    assert str(session.sql("SELECT f(0) AS n").to_pandas()["N"].dtype) == "int64"


def test_a_failed_statement_leaves_its_transaction_open(rows: Rows, refused: Callable[[str], str]) -> None:
    rows("CREATE TABLE t (i INT)")
    for autocommit in (True, False):
        rows(f"ALTER SESSION SET AUTOCOMMIT = {autocommit}")
        rows("BEGIN")
        rows("INSERT INTO t VALUES (1)")
        assert refused("INSERT INTO t VALUES ('x')") == "Numeric value 'x' is not recognized"
        rows("INSERT INTO t VALUES (2)")
        assert refused("SELECT i::DATE FROM t").startswith("SQL compilation error:")
        rows("COMMIT")
        assert [row[0] for row in rows("SELECT i FROM t ORDER BY i")] == [1, 2]
        rows("BEGIN")
        rows("DELETE FROM t")
        assert refused("INSERT INTO t VALUES ('x')") == "Numeric value 'x' is not recognized"
        assert rows("SELECT * FROM t") == []
        rows("ROLLBACK")
        assert rows("SELECT COUNT(*) FROM t")[0][0] == 2
        rows("DELETE FROM t")
        rows("COMMIT")


def test_who_asks(session: Session, rows: Rows) -> None:
    ((number, client),) = rows("SELECT CURRENT_SESSION(), CURRENT_CLIENT()")
    assert number == str(session.connection.session_id)
    assert str(client).startswith("PythonSnowpark ")


def test_data_frames(session: Session) -> None:
    from snowflake.snowpark import functions as F  # noqa: N812  Everybody calls it so.

    assert [row[0] for row in session.range(3).collect()] == [0, 1, 2]
    rows = [(number, dt.time(1, 2, 3), Decimal("1.5"), b"\x01") for number in range(600)]
    frame = session.create_dataframe(rows, schema=["k", "t", "n", "b"])
    assert [tuple(row) for row in frame.filter(F.col("k") == 599).collect()] == [rows[599]]
    frame.select("k").write.save_as_table("t")
    source = session.create_dataframe([(1,)], schema=["s"])
    changes = [F.when_matched().update({"k": source["s"] + 1000})]
    assert session.table("t").merge(source, session.table("t")["k"] == source["s"], changes).rows_updated == 1
    assert session.table("t").agg(F.sum("k")).collect()[0][0] == 599 * 300 + 1000


def test_a_table_of_named_columns(rows: Rows) -> None:
    rows("CREATE TABLE t (a, b) AS SELECT COUNT(*), 'x' FROM VALUES (1), (2)")
    assert [row.as_dict() for row in rows("SELECT * FROM t")] == [{"A": 2, "B": "x"}]


def test_functions_of_a_session(local_server: Rendezvous, session: Session, refused: Callable[[str], str]) -> None:
    definition = inline("f(a INT)", "INT", "def f(a): return a + 1")
    schema = str(session.get_current_schema()).strip('"')
    with contextlib.closing(open_session(local_server, schema=schema)) as other:
        other.sql(definition.replace("FUNCTION", "TEMPORARY FUNCTION", 1)).collect()
        assert other.sql("SELECT f(1)").collect()[0][0] == 2
        assert refused("SELECT f(1)") == "SQL compilation error:\nUnknown function F."
        assert session.sql("SHOW USER FUNCTIONS LIKE 'F' IN SCHEMA").collect() == []
        session.sql(definition.replace("FUNCTION", "TEMPORARY FUNCTION", 1).replace("+ 1", "+ 2")).collect()
        assert [s.sql("SELECT f(1)").collect()[0][0] for s in (session, other)] == [3, 2]
        session.sql("DROP FUNCTION f(INT)").collect()
        assert other.sql("DESCRIBE FUNCTION f(INT)").collect()[0][1] == "(A NUMBER(38,0))"
    assert refused("SELECT f(1)") == "SQL compilation error:\nUnknown function F."
    session.sql(definition).collect()
    temporary = definition.replace("FUNCTION", "TEMPORARY FUNCTION", 1)
    assert refused(temporary) == f"SQL compilation error:\nObject 'LOCAL.{schema}.F(NUMBER)' already exists."


def test_several_statements(session: Session) -> None:
    cursor = session.connection.cursor()
    cursor.execute(
        "CREATE TABLE t (i INT); INSERT INTO t VALUES (1), (2); SELECT 'a;b', COUNT(*) FROM t", num_statements=3
    )
    given = [(cursor.fetchall(), cursor.rowcount)]
    while cursor.nextset():
        given.append((cursor.fetchall(), cursor.rowcount))
    assert given == [([("Table T successfully created.",)], 1), ([(2,)], 2), ([("a;b", 2)], 1)]


def test_as_many_statements_as_were_announced(session: Session) -> None:
    from snowflake.connector.errors import ProgrammingError

    cursor = session.connection.cursor()
    with pytest.raises(ProgrammingError) as caught:
        cursor.execute("SELECT 1; PUT file:///x @files", num_statements=2)
    assert "cannot run PUT or GET among several statements." in str(caught.value.msg)
    with pytest.raises(ProgrammingError) as caught:
        cursor.execute("SELECT 1; SELECT 2", num_statements=3)
    assert str(caught.value.msg) == (
        "000008 (0A000): Actual statement count 2 did not match the desired statement count 3."
    )


def test_an_earlier_result(session: Session) -> None:
    first = session.connection.cursor()
    first.execute("SELECT 7 AS n")
    assert session.connection.cursor().query_result(str(first.sfqid)).fetchall() == [(7,)]


def test_a_query_that_nobody_waits_for(session: Session, rows: Rows) -> None:
    from snowflake.connector.errors import ProgrammingError

    rows(inline("sleepy(s FLOAT)", "FLOAT", "import time\ndef f(s):\n    time.sleep(s)\n    return s\n"))
    rows("SELECT sleepy(0)")
    endless = session.sql("SELECT sleepy(600)").collect_nowait()
    assert not endless.is_done()
    endless.cancel()
    assert [tuple(row) for row in session.sql("SELECT 5 AS a").collect_nowait().result()] == [(5,)]
    with pytest.raises(ProgrammingError) as caught:
        endless.result()
    assert str(caught.value.msg) == "000604: SQL execution canceled"


def test_lateral_is_joined_by_something(refused: Callable[[str], str], value: Callable[[str], object]) -> None:
    table = "FROM (SELECT [1] AS a) t"
    assert value(f"SELECT f.value {table}, LATERAL FLATTEN(input => a) f") == "1"
    assert refused(f"SELECT f.value {table} LATERAL FLATTEN(input => a) f") == (
        "SQL compilation error:\nsyntax error line 1 at position 40 unexpected 'LATERAL'."
    )

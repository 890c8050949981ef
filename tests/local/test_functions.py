"""Functions, through a real session."""

from __future__ import annotations

import json
import threading
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from tests.local.servers import PANDAS, open_session

if TYPE_CHECKING:
    from collections.abc import Callable

    from snowflake.snowpark import Row, Session

    from snowbuild.local import Rendezvous

    Rows = Callable[[str], list[Row]]
    Value = Callable[[str], object]
    Refused = Callable[[str], str]
    StageFile = Callable[[str, str | bytes], None]

pytestmark = pytest.mark.integration

PYTHON = "LANGUAGE PYTHON RUNTIME_VERSION = '3.11'"


def inline(signature: str, returns: str, body: str, *, packages: str = "", handler: str = "f") -> str:
    """CREATE FUNCTION with its source."""
    wanted = f"PACKAGES = ('{packages}')" if packages else ""
    head = f"CREATE OR REPLACE FUNCTION {signature} RETURNS {returns} {PYTHON} {wanted} HANDLER = '{handler}'"
    return f"{head} AS $${body}$$"


VECTORIZED = "\nf._sf_vectorized_input = pandas.DataFrame\n"


def test_the_values_that_a_scalar_handler_gets(rows: Rows, value: Value) -> None:
    kinds = (
        "a INT, b NUMBER(10,2), c FLOAT, d VARCHAR, e BOOLEAN, f DATE, g TIMESTAMP_NTZ, h ARRAY, i OBJECT, j VARIANT"
    )
    rows(inline(f"f({kinds})", "VARCHAR", "def f(*values): return repr(values)"))
    got = value(
        "SELECT f(12345678901234567890, 1.25, 1, 'it''s', TRUE, '2026-01-02'::DATE, '2026-01-02 03:04:05'::TIMESTAMP, "
        "array_construct(1, 'a', NULL), object_construct('k', 1), parse_json('[1.5]'))"
    )
    assert got == repr(
        (
            12345678901234567890, Decimal("1.25"), 1.0, "it's", True, date(2026, 1, 2), datetime(2026, 1, 2, 3, 4, 5),  # noqa: DTZ001  NTZ is naive.
            [1, "a", None], {"k": 1}, [1.5],
        )
    )  # fmt: skip
    nulls = value("SELECT f(NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)")
    assert str(nulls).startswith("(None, None, None, None, None, None, None, None, None, <")


@pytest.mark.parametrize(
    ("returns", "expression", "expected"),
    [
        ("INT", "7", 7),
        ("NUMBER(10,2)", "2.345", Decimal("2.35")),
        ("FLOAT", "3", 3.0),
        ("VARCHAR", "5", "5"),
        ("BOOLEAN", "True", True),
        ("BINARY", "b'x'", b"x"),
        ("DATE", "__import__('datetime').date(2026, 1, 2)", date(2026, 1, 2)),
        (
            "TIMESTAMP_TZ",
            "__import__('datetime').datetime(2026, 1, 2, tzinfo=__import__('datetime').timezone.utc)",
            datetime(2026, 1, 2, tzinfo=UTC),
        ),
        ("VARIANT", "{'a': [1, None]}", '{"a": [1, null]}'),
        ("ARRAY", "(1, 2)", "[1, 2]"),
        ("INT", "None", None),
    ],
)
def test_the_values_that_a_handler_gives(
    rows: Rows, value: Value, returns: str, expression: str, expected: object
) -> None:
    rows(inline("f()", returns, f"def f(): return {expression}"))
    got = value("SELECT f()")
    if isinstance(expected, str) and returns in ("VARIANT", "ARRAY"):
        assert json.loads(str(got)) == json.loads(expected)
    else:
        assert got == expected


def test_no_moment_is_null(rows: Rows) -> None:
    rows(
        inline(
            "f(a INT)",
            "TIMESTAMP_NTZ",
            "import datetime\ndef f(a): return datetime.datetime(2026, 1, a) if a else None",
        )
    )
    got = rows("SELECT f(column1), f(column1)::TIMESTAMP_TZ, NULL::TIMESTAMP_LTZ FROM VALUES (1), (0), (2)")
    assert [tuple(row) for row in got] == [
        (datetime(2026, 1, 1), datetime(2026, 1, 1, tzinfo=UTC), None),  # noqa: DTZ001  NTZ is naive.
        (None, None, None),
        (datetime(2026, 1, 2), datetime(2026, 1, 2, tzinfo=UTC), None),  # noqa: DTZ001  As above.
    ]


def test_a_function_without_arguments_is_called_for_each_row(rows: Rows) -> None:
    rows(inline("f()", "INT", "n = 0\ndef f():\n  global n\n  n += 1\n  return n"))
    assert [row[0] for row in rows("SELECT f() FROM (VALUES (1), (2), (3))")] == [1, 2, 3]


def test_strict_and_not_null(rows: Rows, refused: Refused) -> None:
    rows(f"CREATE FUNCTION s(a INT, b INT) RETURNS INT {PYTHON} STRICT HANDLER = 'f' AS 'def f(a, b): return a + b'")
    assert [row[0] for row in rows("SELECT s(column1, 1) FROM VALUES (1), (NULL), (3)")] == [2, None, 4]
    rows(f"CREATE FUNCTION n() RETURNS INT NOT NULL {PYTHON} HANDLER = 'f' AS 'def f(): pass'")
    assert refused("SELECT n()") == (
        "Python Interpreter Error:\nthe handler returned NULL, but the function RETURNS … NOT NULL\n"
        " in function N with handler f"
    )


def test_secrets_are_not_kept_here(rows: Rows, refused: Refused) -> None:
    rows(inline("s()", "VARCHAR", "import _snowflake\ndef f(): return _snowflake.get_generic_secret_string('key')"))
    assert refused("SELECT s()").splitlines()[-2:] == [
        "LookupError: the local Snowflake holds no secrets: key",
        " in function S with handler f",
    ]


def test_a_vectorized_handler(rows: Rows, value: Value) -> None:
    kinds = (
        "a NUMBER(4,0), b NUMBER(9,0), c NUMBER(18,0), d INT, e NUMBER(9,2), "
        "f FLOAT, g VARCHAR, h BOOLEAN, i DATE, j ARRAY"
    )
    rows(
        inline(
            f"types({kinds})",
            "VARCHAR",
            "import pandas\ndef f(df):\n  return [repr([str(t) for t in df.dtypes])] * len(df)" + VECTORIZED,
            packages=PANDAS,
        )
    )
    assert value("SELECT types(1, 2, 3, 4, 5.5, 6, 'x', TRUE, '2026-01-02', array_construct(1))") == repr(
        ["Int16", "Int32", "Int64", "object", "object", "float64", "string", "boolean", "datetime64[ns]", "object"]
    )
    rows(
        inline(
            "half(a NUMBER(9,0), b FLOAT)",
            "FLOAT",
            "import pandas\ndef f(df):\n  assert list(df.columns) == [0, 1] and len(df) <= 100\n"
            "  return df[0] / 2 + df[1]" + VECTORIZED + "f._sf_max_batch_size = 100\n",
            packages=PANDAS,
        )
    )
    rows("CREATE TABLE t AS SELECT range::NUMBER(9,0) AS a, IFF(range % 10 = 0, NULL, 1.0) AS b FROM range(5000)")
    assert [tuple(row) for row in rows("SELECT COUNT(half(a, b)), SUM(half(a, b)) FROM t")] == [(4500, 5629500.0)]


@pytest.mark.parametrize(
    ("type_", "moment", "shown"),
    [
        ("DATE", "9999-12-31", "9999-12-31"),
        ("TIMESTAMP_NTZ", "1582-10-15 01:02:03.5", "1582-10-15 01:02:03.500000"),
    ],
)
def test_moments_that_pandas_has_no_room_for(
    rows: Rows, value: Value, refused: Refused, type_: str, moment: str, shown: str
) -> None:
    body = "import pandas\ndef f(df):\n  return df[0].astype(str)"
    rows(inline(f"v(a {type_})", "VARCHAR", body + VECTORIZED, packages=PANDAS))
    assert value("SELECT v('2262-04-11')") == "2262-04-11"
    assert [row[0] for row in rows("SELECT v(column1) FROM VALUES (NULL), ('1677-09-22')")] == [None, "1677-09-22"]
    assert refused(f"SELECT v('{moment}')").splitlines()[-2:] == [
        f"ValueError: {type_} {shown} is out of the range of datetime64[ns], 1677-09-22 to 2262-04-11",
        " in function V with handler f",
    ]
    rows(inline(f"s(a {type_})", "VARCHAR", "def f(a): return str(a)"))
    assert value(f"SELECT s('{moment}')") == shown


def test_a_vectorized_handler_gives_one_value_a_row(rows: Rows, refused: Refused) -> None:
    rows(inline("v(a FLOAT)", "FLOAT", "import pandas\ndef f(df):\n  return [1.0, 2.0]" + VECTORIZED, packages=PANDAS))
    assert refused("SELECT v(1)").splitlines()[-2:] == [
        "ValueError: the vectorized handler returned 2 values for 1 rows",
        " in function V with handler f",
    ]


def test_staged_modules_and_archives(rows: Rows, value: Value, stage_file: StageFile) -> None:
    import io
    import zipfile

    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as written:
        written.writestr("inside.py", "ANSWER = 42\n")
    stage_file("a/helper.zip", archive.getvalue())
    stage_file("b/data.txt", "some text")
    stage_file(
        "c/m.py",
        "import os, sys, inside\n"
        "FOLDER = sys._xoptions['snowflake_import_directory']\n"
        "def f():\n"
        "    with open(os.path.join(FOLDER, 'data.txt')) as data:\n"
        "        names = sorted(os.listdir(FOLDER))\n"
        "        return [inside.ANSWER, data.read(), FOLDER[-1], names, sorted(set(os.environ) - {'LC_CTYPE'})]\n",
    )
    rows(
        f"CREATE FUNCTION f() RETURNS ARRAY {PYTHON} HANDLER = 'm.f' "
        "IMPORTS = ('@files/c/m.py', '@files/a/helper.zip', '@files/b/data.txt')"
    )
    assert json.loads(str(value("SELECT f()"))) == [
        42, "some text", "/", ["data.txt", "helper.zip", "m.py"], ["HOME", "LANG", "PATH", "TMPDIR", "TZ"],
    ]  # fmt: skip
    stage_file("b/data.txt", "another text")
    assert "another text" in str(value("SELECT f()"))


def test_a_missing_import(rows: Rows, refused: Refused, stage_file: StageFile) -> None:
    create = f"CREATE FUNCTION f() RETURNS INT {PYTHON} HANDLER = 'm.f' IMPORTS = ('@files/m.py')"
    assert refused(create) == "SQL compilation error:\nRemote file '@files/m.py' was not found."
    stage_file("m.py", "def f(): return 1")
    rows(create)
    rows("REMOVE @files")
    assert refused("SELECT f()") == (
        "Cannot read the imported file m.py: No such file or directory\n in function F with handler m.f"
    )


def test_a_failing_handler(rows: Rows, refused: Refused) -> None:
    rows(inline("boom(a INT)", "INT", "def f(a):\n  print('noise')\n  return g(a)\ndef g(a):\n  return 1 // a"))
    assert refused("SELECT boom(0)") == (
        "Python Interpreter Error:\n"
        "Traceback (most recent call last):\n"
        '  File "/home/udf/_udf_code.py", line 3, in f\n'
        "    return g(a)\n"
        "           ^^^^\n"
        '  File "/home/udf/_udf_code.py", line 5, in g\n'
        "    return 1 // a\n"
        "           ~~^^~~\n"
        "ZeroDivisionError: integer division or modulo by zero\n"
        " in function BOOM with handler f"
    )
    assert [row[0] for row in rows("SELECT boom(1)")] == [1]


def test_a_value_that_does_not_fit(rows: Rows, refused: Refused) -> None:
    rows(inline("f()", "DATE", "def f(): return 'yesterday'"))
    assert refused("SELECT f()").startswith("Python Interpreter Error:\nthe handler's value does not fit DATE: ")


def test_a_killed_worker_is_replaced(rows: Rows, refused: Refused) -> None:
    rows(inline("f(a INT)", "INT", "import os\ndef f(a):\n  if a: os.kill(os.getpid(), a)\n  return a"))
    assert refused("SELECT f(9)") == "the Python worker was killed by signal 9\n in function F with handler f"
    assert [row[0] for row in rows("SELECT f(0)")] == [0]


def test_overloads(rows: Rows, value: Value, refused: Refused) -> None:
    for kinds in ("a INT", "a VARCHAR", "a FLOAT", "a ARRAY", "a INT, b INT DEFAULT 5"):
        rows(inline(f"kind({kinds})", "VARCHAR", f"def f(*a): return {kinds!r} + str(len(a))"))
    rows("CREATE TABLE t (i INT, s VARCHAR, d DOUBLE)")
    rows("INSERT INTO t VALUES (1, 'x', 1.5)")
    got = rows(
        "SELECT kind(i), kind(s), kind(d), kind(array_construct(i)), kind(i, i), kind('1'), kind(i::FLOAT) FROM t"
    )
    assert [tuple(row) for row in got] == [
        ("a INT1", "a VARCHAR1", "a FLOAT1", "a ARRAY1", "a INT, b INT DEFAULT 52", "a VARCHAR1", "a FLOAT1")
    ]
    assert value("SELECT kind(a => 1, b => 2)") == "a INT, b INT DEFAULT 52"
    assert refused("SELECT kind(1, 2, 3)") == (
        "SQL compilation error: error line 1 at position 7\n"
        "Invalid argument types for function 'KIND': (NUMBER, NUMBER, NUMBER)"
    )
    assert len(rows("SHOW USER FUNCTIONS LIKE 'kind' IN SCHEMA")) == 5
    rows("DROP FUNCTION kind(VARCHAR)")
    assert value("SELECT kind(1)") == "a INT1"


def test_names_and_literals(rows: Rows, value: Value, session: Session) -> None:
    from snowflake.snowpark.functions import call_udf, lit

    rows(inline('"Größe 1"("Ä b" VARCHAR)', "VARCHAR", "def f(a): return a[::-1]"))
    schema = value("SELECT CURRENT_SCHEMA()")
    assert value(f"SELECT local.{schema}.\"Größe 1\"('it''s \\\\ \\n x')") == "x \n \\ s'ti"
    frame = session.create_dataframe([[1]], schema=["A"])
    assert frame.select(call_udf(f'local.{schema}."Größe 1"', lit("ab"))).collect()[0][0] == "ba"
    (shown,) = rows("SHOW USER FUNCTIONS LIKE 'größe%' IN ACCOUNT")
    assert (shown["name"], shown["arguments"]) == ("Größe 1", "Größe 1(VARCHAR) RETURN VARCHAR")


def test_show_describe_comment_alter(rows: Rows, refused: Refused, stage_file: StageFile) -> None:
    stage_file("x/m.py", "def f(a, b): return a")
    schema = rows("SELECT CURRENT_SCHEMA()")[0][0]
    rows(
        f"CREATE SECURE FUNCTION f(a INT, b VARCHAR(9) DEFAULT 'z') RETURNS FLOAT {PYTHON} IMMUTABLE "
        "IMPORTS = ('@files/x/m.py') HANDLER = 'm.f' COMMENT = 'first' RESOURCE_CONSTRAINT = (architecture='x86')"
    )
    (shown,) = rows(f"SHOW USER FUNCTIONS IN SCHEMA {schema}")
    assert [shown[c] for c in ("name", "schema_name", "catalog_name", "min_num_arguments", "max_num_arguments")] == [
        "F", schema, "LOCAL", 1, 2,
    ]  # fmt: skip
    assert [shown[c] for c in ("arguments", "description", "language", "is_secure")] == [
        "F(NUMBER, DEFAULT VARCHAR) RETURN FLOAT", "first", "PYTHON", "Y",
    ]  # fmt: skip
    assert {row["property"]: row["value"] for row in rows("DESCRIBE FUNCTION f(INT, STRING)")} == {
        "signature": "(A NUMBER(38,0), B VARCHAR(9) DEFAULT 'z')",
        "returns": "FLOAT",
        "language": "PYTHON",
        "null handling": "CALLED ON NULL INPUT",
        "volatility": "IMMUTABLE",
        "body": None,
        "imports": f"[@LOCAL.{schema}.FILES/x/m.py]",
        "handler": "m.f",
        "runtime_version": "3.11",
        "packages": "[]",
        "installed_packages": "[]",
        "is_aggregate": "false",
        "resource_constraint": "architecture='x86'",
    }
    rows("COMMENT ON FUNCTION f(INT, VARCHAR) IS 'second'")
    assert rows("SHOW USER FUNCTIONS LIKE 'F' IN SCHEMA")[0]["description"] == "second"
    rows("ALTER FUNCTION f(INT, VARCHAR) SET COMMENT = 'third'")
    rows("ALTER FUNCTION f(INT, VARCHAR) RENAME TO g")
    assert [(row["name"], row["description"]) for row in rows("SHOW USER FUNCTIONS IN SCHEMA")] == [("G", "third")]
    assert [tuple(row) for row in rows("SELECT g(1)")] == [(1.0,)]
    query = "SELECT handler, comment FROM information_schema.functions WHERE function_schema = CURRENT_SCHEMA()"
    assert [tuple(row) for row in rows(query)] == [("m.f", "third")]
    assert refused("DESCRIBE FUNCTION f(INT)") == (
        f"SQL compilation error:\nFunction 'LOCAL.{schema}.F(NUMBER)' does not exist or not authorized."
    )
    assert rows("DROP FUNCTION IF EXISTS f(INT)")[0][0] == "Drop statement executed successfully (F already dropped)."


def test_create_again(rows: Rows, refused: Refused) -> None:
    create = f"FUNCTION f(a INT) RETURNS INT {PYTHON} HANDLER = 'f' AS 'def f(a): return "
    schema = rows("SELECT CURRENT_SCHEMA()")[0][0]
    assert rows(f"CREATE {create}1'")[0][0] == "Function F successfully created."
    assert refused(f"CREATE {create}2'") == (
        f"SQL compilation error:\nObject 'LOCAL.{schema}.F(NUMBER)' already exists."
    )
    statement = f"CREATE {create}2'".replace("f(a", "IF NOT EXISTS f(a", 1)
    assert rows(statement)[0][0] == "F already exists, statement succeeded."
    assert rows("SELECT f(0)")[0][0] == 1
    rows(f"CREATE OR REPLACE {create}2'")
    assert rows("SELECT f(0)")[0][0] == 2


def test_grants(rows: Rows) -> None:
    def granted() -> list[str]:
        return [row["grantee_name"] for row in rows("SHOW GRANTS ON FUNCTION f()") if row["privilege"] == "USAGE"]

    tail = f"{PYTHON} HANDLER = 'f' AS 'def f(): return 1'"
    rows(f"CREATE FUNCTION f() RETURNS INT {tail}")
    rows("GRANT USAGE ON FUNCTION f() TO ROLE analyst")
    rows('GRANT USAGE ON FUNCTION f() TO ROLE "Mixed"')
    assert granted() == ["ANALYST", "Mixed"]
    rows(f"CREATE OR REPLACE FUNCTION f() COPY GRANTS RETURNS FLOAT {tail}")
    rows("REVOKE USAGE ON FUNCTION f() FROM ROLE analyst")
    assert granted() == ["Mixed"]
    rows(f"CREATE OR REPLACE FUNCTION f() RETURNS INT {tail}")
    assert granted() == []


def test_a_package_that_cannot_be_installed(rows: Rows, refused: Refused) -> None:
    message = refused(inline("f()", "INT", "def f(): return 1", packages="snowbuild-no-such-distribution==1.0"))
    assert message.startswith("SQL compilation error:\nCannot create a Python function with the specified packages. ")
    assert "snowbuild-no-such-distribution" in message
    assert rows("SHOW USER FUNCTIONS LIKE 'F' IN SCHEMA") == []


def test_context(rows: Rows) -> None:
    rows("CREATE ROLE IF NOT EXISTS deployer")
    rows('CREATE WAREHOUSE IF NOT EXISTS "Big"')
    rows('GRANT USAGE ON WAREHOUSE "Big" TO ROLE deployer')
    rows("USE ROLE deployer")
    rows('USE WAREHOUSE "Big"')
    rows("ALTER SESSION SET QUERY_TAG = 'x'")
    got = rows("SELECT CURRENT_ACCOUNT(), CURRENT_ROLE(), CURRENT_USER(), CURRENT_WAREHOUSE(), CURRENT_DATABASE() AS d")
    assert [tuple(row) for row in got] == [("LOCAL", "DEPLOYER", "LOCAL", "Big", "LOCAL")]


def test_dataframes(rows: Rows, session: Session) -> None:
    from snowflake.snowpark.functions import array_construct, call_udf, col, object_construct_keep_null

    rows(inline("size(a ARRAY)", "INT", "def f(a): return len(a)"))
    rows(inline("names(o OBJECT)", "VARCHAR", "def f(o): return repr(o)"))
    frame = session.create_dataframe([[i, i / 2, None] for i in range(600)], schema=["A", "B", "C"])
    sizes = frame.select(call_udf("size", array_construct(col("A"), col("B"), col("C"))).as_("N")).distinct().collect()
    assert [tuple(row) for row in sizes] == [(3,)]
    first = frame.filter(col("A") == 1).select(call_udf("names", object_construct_keep_null("*"))).collect()
    assert first[0][0] == "{'A': 1, 'B': 0.5, 'C': None}"


def test_an_earlier_result_can_be_queried(session: Session, rows: Rows) -> None:
    rows(inline("f()", "INT", "def f(): return 1"))
    shown = session.sql("SHOW USER FUNCTIONS IN SCHEMA").filter("\"name\" = 'F'").select('"language"').collect()
    assert [tuple(row) for row in shown] == [("PYTHON",)]


def test_sessions_at_once(local_server: Rendezvous, session: Session) -> None:
    schema = session.get_current_schema()
    assert schema is not None
    errors: list[BaseException] = []

    def deploy(number: int) -> None:
        try:
            own = open_session(local_server, schema=schema.strip('"'))
            for turn in range(5):
                own.sql(inline(f"f{number}(a INT)", "INT", f"def f(a): return a + {turn}")).collect()
                assert own.sql(f"SELECT f{number}(1)").collect()[0][0] == 1 + turn
            own.close()
        except BaseException as error:  # noqa: BLE001  The test's own thread reports it.
            errors.append(error)

    threads = [threading.Thread(target=deploy, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert len(session.sql("SHOW USER FUNCTIONS LIKE 'F%' IN SCHEMA").collect()) == 4

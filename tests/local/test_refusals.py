"""What cannot be run is refused as Snowflake refuses it, through the real connector."""

from __future__ import annotations

import random
import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from snowflake.connector.cursor import SnowflakeCursor
    from snowflake.snowpark import Row, Session

pytestmark = pytest.mark.integration

PYTHON = "LANGUAGE PYTHON RUNTIME_VERSION = '3.11' HANDLER = 'f'"
COMPILATION = "SQL compilation error:"
AT = "SQL compilation error: error line 1 at position"
UNSUPPORTED = f"{COMPILATION}\nUnsupported feature: the local Snowflake cannot"

Refusal = tuple[int, str, str]


@pytest.fixture
def cursor(session: Session, rows: Callable[[str], list[Row]]) -> SnowflakeCursor:
    """In a schema with a table T and a function F."""
    rows("CREATE TABLE t (i INT, s VARCHAR, d DATE)")
    rows("INSERT INTO t VALUES (1, 'x', '2026-01-02')")
    rows(f"CREATE FUNCTION f(a INT) RETURNS INT {PYTHON} AS 'def f(a): return a'")
    return session.connection.cursor()


def refusal(cursor: SnowflakeCursor, sql: str) -> Refusal | None:
    """Number, SQLSTATE and message of the error that a statement gives; None if it gives none."""
    from snowflake.connector.errors import ProgrammingError

    try:
        cursor.execute(sql)
    except ProgrammingError as error:
        head = f"{error.errno:06d} ({error.sqlstate}): "
        message = str(error.msg)
        assert message.startswith(head)
        return error.errno, str(error.sqlstate), message.removeprefix(head)
    return None


@pytest.mark.parametrize(
    ("sql", "errno", "sqlstate", "message"),
    [
        ("SELECT nosuch(1)", 2140, "42601", f"{COMPILATION}\nUnknown function NOSUCH."),
        ("SELECT i FROM t WHERE nosuch(f(i)) = 1", 2140, "42601", f"{COMPILATION}\nUnknown function NOSUCH."),
        ('SELECT "noSuch"(1)', 2140, "42601", f'{COMPILATION}\nUnknown function "noSuch".'),
        (
            'SELECT local."my schema".nosuch(1)', 2141, "42601",
            f'{COMPILATION}\nUnknown user-defined function LOCAL."my schema".NOSUCH.',
        ),
        ("SELECT f()", 1044, "42P13", f"{AT} 7\nInvalid argument types for function 'F': ()"),
        ("SELECT i, f(s, d) FROM t", 1044, "42P13",
         f"{AT} 10\nInvalid argument types for function 'F': (VARCHAR, DATE)"),
        ("SELECT f(d) FROM t", 1044, "42P13", f"{AT} 7\nInvalid argument types for function 'F': (DATE)"),
        ("SELECT f(b => 1)", 1044, "42P13", f"{AT} 7\nInvalid argument types for function 'F': (NUMBER)"),
        ("SELECT f('x')", 100038, "22018", "Numeric value 'x' is not recognized"),
        ("SELECT '100000.0'::NUMBER(4, 0)", 100046, "22003", "Number out of representable range"),
        ("SELECT s::NUMBER(38, 37) FROM (SELECT '-1e9' AS s)", 100046, "22003", "Number out of representable range"),
        ("SELECT UPPER()", 938, "22023", f"{AT} 7\nnot enough arguments for function [UPPER()], expected 1, got 0"),
        ("SELECT UPPER('a', f(1))", 939, "22023",
         f"{AT} 7\ntoo many arguments for function [UPPER('A', F(1))] expected 1, got 2"),
        ("SELECT nosuch FROM t", 904, "42000", f"{AT} 7\ninvalid identifier 'NOSUCH'"),
        ("SELECT f(nosuch) FROM t", 904, "42000", f"{AT} 9\ninvalid identifier 'NOSUCH'"),
        ("SELECT i, COUNT(*) FROM t", 979, "42601",
         f"{AT} 7\n'I' in select clause is neither an aggregate nor in the group by clause."),
        ("SELECT * FROM nosuch", 2003, "42S02", f"{COMPILATION}\nObject 'NOSUCH' does not exist or not authorized."),
        ("CREATE TABLE t (i INT)", 2002, "42710", f"{COMPILATION}\nObject 'T' already exists."),
        ("INSERT INTO t VALUES (1)", 2020, "21S01",
         f"{COMPILATION}\nInsert value list does not match column list expecting 3 but got 1"),
        ("SELECT 'abc'::DATE", 100040, "22007", "Date 'abc' is not recognized"),
        ("SELECT PARSE_JSON('{')", 100069, "22P02", "Error parsing JSON: unexpected end of data"),
        ("SELECT MOD(1, 0)", 100051, "22012", "Division by zero"),
        ("SELECT REGEXP_REPLACE('a', '[', 'b')", 100048, "2201B", "Invalid regular expression: '[', missing ]"),
        ("SELECT ?", 2049, "42601", f"{COMPILATION}\nBind variable ? not set."),
        ("SELECT $nosuch", 1003, "42000", f"{COMPILATION}\nSession variable '$NOSUCH' does not exist"),
        ("SELEC 1", 1003, "42000", f"{COMPILATION}\nsyntax error line 1 at position 6 unexpected '1'."),
        ("SELECT *\nFROM", 1003, "42000", f"{COMPILATION}\nsyntax error line 2 at position 4 unexpected '<EOF>'."),
        ("SELECT 'x", 1003, "42000", f"{COMPILATION}\nparse error line 1 at position 9 near '<EOF>'."),
        ("DROP FUNCTION f", 1003, "42000", f"{COMPILATION}\nsyntax error line 1 at position 15 unexpected '<EOF>'."),
        ("-- nothing", 900, "42000", f"{COMPILATION}\nEmpty SQL statement."),
        ("SELECT 1; SELECT 2", 8, "0A000", "Actual statement count 2 did not match the desired statement count 1."),
        ("LIST @files PATTERN = '('", 100048, "2201B",
         "Invalid regular expression: '(', missing ), unterminated subpattern"),
        ("PUT file:///nowhere @files PARALLEL = x", 1008, "22023",
         f"{COMPILATION}\ninvalid value [x] for parameter 'PARALLEL'"),
        ("ALTER SESSION SET STATEMENT_TIMEOUT_IN_SECONDS = -1", 1003, "42000",
         f"{COMPILATION}\nsyntax error line 1 at position 49 unexpected '-'."),
        ("ALTER SESSION SET STATEMENT_TIMEOUT_IN_SECONDS = 604801", 1008, "22023",
         f"{COMPILATION}\ninvalid value [604801] for parameter 'STATEMENT_TIMEOUT_IN_SECONDS'"),
        ("EXECUTE TASK x", 2, "0A000", f"{UNSUPPORTED} read this statement near 'x'."),
        ("UNDROP TABLE t", 2, "0A000", f"{UNSUPPORTED} run this statement."),
    ],
)  # fmt: skip
def test_numbers_and_words(cursor: SnowflakeCursor, sql: str, errno: int, sqlstate: str, message: str) -> None:
    assert refusal(cursor, sql) == (errno, sqlstate, message)


STATEMENTS = (
    "SELECT f(i), COUNT(*) AS n FROM t WHERE s LIKE 'x%' GROUP BY 1 HAVING n > 0 ORDER BY n DESC LIMIT 3",
    "WITH a AS (SELECT i, s FROM t) SELECT a.i, b.s, UPPER(b.s) FROM a JOIN t b ON a.i = b.i",
    "SELECT CASE WHEN i > 0 THEN 'a' ELSE s END, i::VARCHAR, IFF(i = 1, d, NULL), f(a => i) FROM t",
    "SELECT OBJECT_CONSTRUCT('a', i)['a'], ARRAY_CONSTRUCT(i, 2)[0], PARSE_JSON('{\"b\": [1]}'):b[0] FROM t",
    "SELECT ROW_NUMBER() OVER (PARTITION BY s ORDER BY i), SUM(i) OVER (), DATEADD(day, 1, d) FROM t",
    "SELECT value FROM t, LATERAL FLATTEN(INPUT => ARRAY_CONSTRUCT(i, i))",
    "INSERT INTO t (i, s) VALUES (2, 'y'), (3, NULL)",
    "UPDATE t SET s = UPPER(s), i = i + 1 WHERE d < '2020-01-01'",
    "MERGE INTO t USING t AS u ON t.i = u.i WHEN MATCHED THEN UPDATE SET s = u.s",
    "CREATE OR REPLACE VIEW v (a, b) AS SELECT i, f(i) FROM t",
    "CREATE OR REPLACE TEMPORARY TABLE u (a NUMBER(10, 2) NOT NULL, b TIMESTAMP_NTZ) COMMENT = 'c'",
    f"CREATE OR REPLACE FUNCTION g(a INT, b VARCHAR DEFAULT 'z') RETURNS INT {PYTHON} AS 'def f(a, b): return a'",
    "DESCRIBE FUNCTION f(INT)",
    "COMMENT ON FUNCTION f(INT) IS 'text'",
    "GRANT USAGE ON FUNCTION f(INT) TO ROLE public",
    "SHOW USER FUNCTIONS LIKE 'F%' IN SCHEMA",
    "CREATE STAGE IF NOT EXISTS other COMMENT = 'c' DIRECTORY = (ENABLE = TRUE)",
    "LIST @files PATTERN = '.*'",
    "ALTER SESSION SET QUERY_TAG = 'x', STATEMENT_TIMEOUT_IN_SECONDS = 100",
    "SELECT * FROM TABLE(RESULT_SCAN(LAST_QUERY_ID())) WHERE 1 = 1",
    "SELECT * FROM INFORMATION_SCHEMA.PACKAGES WHERE LANGUAGE = 'python' AND PACKAGE_NAME ILIKE 'num%'",
    "SELECT CURRENT_ROLE(), IS_ROLE_IN_SESSION('PUBLIC'), CURRENT_DATABASE()",
)
WORD = re.compile(r"\s+|\w+|'[^']*'|.", re.DOTALL)
LEAK = re.compile(
    r"\w(?:Error|Exception)\b|\b[A-Z]\w+ Error:|Traceback|has no attribute|<class|TokenType|sqlglot|fakesnow|DuckDB|"
    r"\bLINE \d|Candidate|\b_(?:sb|fs|FS)_|Unhandled"
)
"""What only those who know what is below would understand."""


def broken(dice: random.Random) -> str:
    """A statement with a word left out, doubled, moved, or exchanged for one of another statement."""
    words = WORD.findall(dice.choice(STATEMENTS))
    for _ in range(dice.randint(1, 2)):
        at = dice.randrange(len(words))
        match dice.randrange(5):
            case 0:
                words[at : at + 1] = []
            case 1:
                words[at:at] = [words[at], " "]
            case 2:
                words[at:at] = [" ", words.pop(dice.randrange(len(words))), " "]
            case 3:
                words[at] = dice.choice(WORD.findall(dice.choice(STATEMENTS)))
            case _:
                words = words[: at + 1]
    return "".join(words)


@pytest.mark.parametrize("seed", range(4))
def test_whatever_is_refused_is_refused_in_words_for_people(cursor: SnowflakeCursor, seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311  Dice, not secrets.
    seen = 0
    for _ in range(100):
        sql = broken(dice)
        found = refusal(cursor, sql)
        if found is not None:
            seen += 1
            assert found[0] > 0, sql
            assert re.fullmatch(r"[0-9A-Z]{5}", found[1]), sql
            assert not LEAK.search(found[2]), (sql, found)
    assert seen > 50
    assert refusal(cursor, "SELECT f(1)") is None

"""Quoting and types, with sqlglot's Snowflake dialect as the one who reads what we write."""

from __future__ import annotations

import re

import pytest
import sqlglot
from hypothesis import given
from hypothesis import strategies as st
from sqlglot import exp

from snowbuild import sql
from snowbuild.sql import Signature, SqlType

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
names = texts.filter(lambda text: text != "")
NASTY = ["'", "\\", "\\'", "'; DROP TABLE t; --", '"', '"; DROP TABLE t; --', "a\nb", "/* */", "$$", ":x", "?", "é"]


def read(expression: str) -> exp.Expression:
    """What Snowflake's dialect makes of one expression; fails when there is more than one statement or column."""
    (statement,) = sqlglot.parse(f"SELECT {expression}", read="snowflake")
    assert isinstance(statement, exp.Select)
    (column,) = statement.expressions
    assert isinstance(column, exp.Expression)
    return column


@pytest.mark.parametrize(
    ("written", "stored", "quoted"),
    [
        ("predict", "PREDICT", '"PREDICT"'),
        ("_a$1", "_A$1", '"_A$1"'),
        ('"Mixed"', "Mixed", '"Mixed"'),
        ('"a""b"', 'a"b', '"a""b"'),
        ("two words", "two words", '"two words"'),
        ("1st", "1st", '"1st"'),
        ("größe", "größe", '"größe"'),
        ("a.b", "a.b", '"a.b"'),
        ('"', '"', '""""'),
    ],
)
def test_identifier(written: str, stored: str, quoted: str) -> None:
    assert sql.stored(written) == stored
    assert sql.identifier(written) == quoted


@pytest.mark.parametrize("text", NASTY)
def test_nothing_breaks_out_of_quotes(text: str) -> None:
    literal = read(sql.literal(text))
    assert isinstance(literal, exp.Literal)
    assert literal.is_string
    assert literal.this == text
    column = read(sql.identifier(text))
    assert isinstance(column, exp.Column)
    assert column.this.this == sql.stored(text)


@given(texts)
def test_a_literal_is_read_back_as_it_was(text: str) -> None:
    literal = read(sql.literal(text))
    assert isinstance(literal, exp.Literal)
    assert literal.this == text


@given(names)
def test_an_identifier_is_read_back_under_its_stored_name(name: str) -> None:
    column = read(sql.identifier(name))
    assert isinstance(column, exp.Column)
    assert column.this.this == sql.stored(name)
    assert column.this.quoted


@given(names)
def test_a_stored_name_survives_being_written_again(name: str) -> None:
    assert sql.stored(sql.quoted(name)) == name
    assert sql.identifier(sql.quoted(sql.stored(name))) == sql.identifier(name)


@given(st.lists(names, min_size=1, max_size=4))
def test_qualified_names_keep_their_parts(parts: list[str]) -> None:
    column = read(sql.qualified(*parts))
    assert isinstance(column, exp.Column)
    assert [part.this for part in column.parts] == [sql.stored(part) for part in parts]


@pytest.mark.parametrize(
    ("written", "quoted"),
    [
        ("snowflake.snowpark.pypi_shared_repository", '"SNOWFLAKE"."SNOWPARK"."PYPI_SHARED_REPOSITORY"'),
        ('ml."My.Schema".r', '"ML"."My.Schema"."R"'),
        ("r", '"R"'),
    ],
)
def test_repository(written: str, quoted: str) -> None:
    assert sql.dotted(written) == quoted


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("FLOAT", "FLOAT"),
        ("double  precision", "FLOAT"),
        ("int", "NUMBER(38,0)"),
        ("NUMBER", "NUMBER(38,0)"),
        ("number(3)", "NUMBER(3,0)"),
        (" decimal ( 10 , 2 ) ", "NUMBER(10,2)"),
        ("VARCHAR", "VARCHAR"),
        ("string(16777216)", "VARCHAR(16777216)"),
        ("string(134217728)", "VARCHAR(134217728)"),
        ("char", "VARCHAR(1)"),
        ("nchar(7)", "VARCHAR(7)"),
        ("binary(67108864)", "BINARY(67108864)"),
        ("timestamp(9)", "TIMESTAMP_NTZ(9)"),
        ("TimestampLtz", "TIMESTAMP_LTZ"),
        ("time(0)", "TIME(0)"),
        ("varbinary", "BINARY"),
        ("object", "OBJECT"),
    ],
)
def test_types_are_read_under_their_own_names(written: str, expected: str) -> None:
    assert str(SqlType.parse(written)) == expected


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("", "not a type: "),
        ("NUMBER(3", "not a type: NUMBER(3"),
        ("FLOAT) RETURNS INT --", "not a type: FLOAT) RETURNS INT --"),
        ("FLOAT; DROP TABLE t", "not a type: FLOAT; DROP TABLE t"),
        ("VECTOR", "not a type that a Python function can use: VECTOR"),
        ("FLOAT NOT NULL", "not a type that a Python function can use: FLOAT NOT NULL"),
        ("FLOAT(3)", "FLOAT takes 0 parameters, not 1: FLOAT(3)"),
        ("VARCHAR(1,2)", "VARCHAR takes 1 parameters, not 2: VARCHAR(1,2)"),
        ("INT(5)", "INT takes 0 parameters, not 1: INT(5)"),
        ("VARCHAR(0)", "VARCHAR has a length of 1 to 134217728: VARCHAR(0)"),
        ("CHAR(999999999999)", "VARCHAR has a length of 1 to 134217728: CHAR(999999999999)"),
        (f"VARCHAR({'9' * 5000})", f"not a type: VARCHAR({'9' * 5000})"),
        ("BINARY(0)", "BINARY has a length of 1 to 67108864: BINARY(0)"),
        ("BINARY(67108865)", "BINARY has a length of 1 to 67108864: BINARY(67108865)"),
        ("TIME(10)", "TIME has a precision of 0 to 9: TIME(10)"),
        ("TIMESTAMP(12)", "TIMESTAMP_NTZ has a precision of 0 to 9: TIMESTAMP(12)"),
        ("NUMBER(0)", "NUMBER has a precision of 1 to 38 and a scale of at most that: NUMBER(0)"),
        ("NUMBER(39,0)", "NUMBER has a precision of 1 to 38 and a scale of at most that: NUMBER(39,0)"),
        ("NUMBER(3,4)", "NUMBER has a precision of 1 to 38 and a scale of at most that: NUMBER(3,4)"),
    ],
)
def test_what_is_not_a_type_is_refused(written: str, message: str) -> None:
    with pytest.raises(ValueError, match=r"^" + re.escape(message) + r"$"):
        SqlType.parse(written)


types = st.builds(
    lambda precision, scale: SqlType("NUMBER", (precision, min(precision, scale))),
    st.integers(1, 38),
    st.integers(0, 38),
) | st.builds(
    lambda name, parameters: SqlType(name, tuple(parameters[: sql.PARAMETERS[name]])),
    st.sampled_from([name for name in sql.PARAMETERS if name != "NUMBER"]),
    st.lists(st.integers(1, 9), max_size=1),
)


@given(types)
def test_a_type_reads_what_it_writes(type_: SqlType) -> None:
    assert SqlType.parse(str(type_)) == type_


@given(st.text())
def test_any_text_is_a_type_or_refused(text: str) -> None:
    try:
        type_ = SqlType.parse(text)
    except ValueError:
        return
    assert SqlType.parse(str(type_)) == type_


def test_every_synonym_leads_to_a_type() -> None:
    assert set(sql.SYNONYMS.values()) <= set(sql.PARAMETERS)
    assert not set(sql.SYNONYMS) & set(sql.PARAMETERS)


def test_signatures() -> None:
    plain = Signature("PREDICT", ("NUMBER", "FLOAT"))
    assert str(plain) == "PREDICT(NUMBER, FLOAT)"
    assert plain.sql == '"PREDICT"(NUMBER, FLOAT)'
    # A stored name that is not in capitals must not be capitalized again.
    assert Signature("predict", ()).sql == '"predict"()'
    assert Signature('a"b', ()).sql == '"a""b"()'


@pytest.mark.parametrize(
    ("plain", "type_name", "expression"),
    [
        (None, "VARIANT", "CAST(NULL AS VARIANT)"),
        (1.5, "double", "CAST(1.5 AS FLOAT)"),
        (False, "BOOLEAN", "CAST(FALSE AS BOOLEAN)"),
        ("it's", "text", "CAST('it''s' AS VARCHAR)"),
        ([1], "ARRAY", "CAST(PARSE_JSON('[1]') AS ARRAY)"),
        ([1], "VARCHAR", "CAST('[1]' AS VARCHAR)"),
    ],
)
def test_values(plain: object, type_name: str, expression: str) -> None:
    assert sql.value(plain, type_name) == expression

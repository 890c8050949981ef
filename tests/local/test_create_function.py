"""CREATE FUNCTION as a value."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snowbuild import sql
from snowbuild.local.statements.create_function import CreateFunction, parse_create_function
from snowbuild.local.values.definition import Argument, FunctionDefinition
from snowbuild.local.values.names import Namespace
from snowbuild.local.values.tokens import Reader, SyntaxProblem

HERE = Namespace(database="DB", schema="SC")


def parse(text: str) -> CreateFunction:
    statement = parse_create_function(Reader(text), HERE)
    assert statement is not None
    return statement


def test_every_clause() -> None:
    statement = parse(
        """CREATE OR REPLACE SECURE FUNCTION other."My f"(
            a NUMBER(10, 2), "b c" varchar(20), d double precision DEFAULT round(1.5, 0), e array DEFAULT [1, 2]
        ) COPY GRANTS RETURNS FLOAT NOT NULL LANGUAGE PYTHON STRICT IMMUTABLE
        RUNTIME_VERSION = '3.11' COMMENT = 'it''s\\n"new"'
        ARTIFACT_REPOSITORY = snowflake.snowpark.pypi_shared_repository
        IMPORTS = ('@st/a/b.py', '@"My st"/c d.zip') PACKAGES = ('pandas==2.1.4', 'x==2.9.0post0+snowflake1')
        HANDLER = 'b.f' EXTERNAL_ACCESS_INTEGRATIONS = (one, two) SECRETS = ('cred' = db.sc.secret)
        RESOURCE_CONSTRAINT = (architecture='x86');"""
    )
    assert statement == CreateFunction(
        replace=True,
        if_not_exists=False,
        copy_grants=True,
        definition=FunctionDefinition(
            database="DB",
            schema="OTHER",
            name="My f",
            arguments=(
                Argument(name="A", type="NUMBER(10,2)"),
                Argument(name="b c", type="VARCHAR(20)"),
                Argument(name="D", type="FLOAT", default="round(1.5, 0)"),
                Argument(name="E", type="ARRAY", default="[1, 2]"),
            ),
            returns="FLOAT",
            not_null=True,
            runtime="3.11",
            handler="b.f",
            imports=("@st/a/b.py", '@"My st"/c d.zip'),
            packages=("pandas==2.1.4", "x==2.9.0post0+snowflake1"),
            repository="SNOWFLAKE.SNOWPARK.PYPI_SHARED_REPOSITORY",
            strict=True,
            immutable=True,
            secure=True,
            comment='it\'s\n"new"',
            integrations="one, two",
            secrets="'cred' = db.sc.secret",
            constraint="architecture='x86'",
        ),
    )
    assert statement.definition.signature == ("My f(NUMBER, VARCHAR, DEFAULT FLOAT, DEFAULT ARRAY) RETURN FLOAT")


def test_the_least() -> None:
    statement = parse(
        "create function f() returns int language python runtime_version=3.12 handler='h' as $$def h():\n  return 1$$"
    )
    assert statement.definition == FunctionDefinition(
        database="DB", schema="SC", name="F", arguments=(), returns="NUMBER(38,0)", runtime="3.12", handler="h",
        body="def h():\n  return 1",
    )  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "CREATE FUNCTION f(a INT) RETURNS INT AS 'a + 1'",
        "CREATE TABLE t (a INT)",
    ],
)
def test_what_is_not_ours(text: str) -> None:
    assert parse_create_function(Reader(text), HERE) is None


TAIL = "LANGUAGE PYTHON RUNTIME_VERSION='3.11' HANDLER='m.f'"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "CREATE FUNCTION f() RETURNS INT LANGUAGE PYTHON RUNTIME_VERSION='3.9' HANDLER='m.f'",
            "Unsupported RUNTIME_VERSION '3.9' for language PYTHON. Supported versions: 3.10, 3.11, 3.12, 3.13, 3.14.",
        ),
        (
            "CREATE FUNCTION f() RETURNS INT LANGUAGE PYTHON HANDLER='m.f'",
            "Missing option(s): [RUNTIME_VERSION] for a function in language PYTHON.",
        ),
        (
            f"CREATE FUNCTION f() RETURNS INT {TAIL} IMPORTS=('@a/x/m.py', '@b/y/m.py')",
            "Duplicate file name 'm.py' in IMPORTS: every imported file needs a unique name.",
        ),
        (
            f"CREATE FUNCTION f(a INT DEFAULT 1, b INT) RETURNS INT {TAIL}",
            "Required argument 'B' cannot follow an optional argument.",
        ),
        (f"CREATE FUNCTION f(a INT, A INT) RETURNS INT {TAIL}", "Duplicate argument name in a function's definition."),
        (
            f"CREATE FUNCTION f(a VECTOR(FLOAT, 3)) RETURNS INT {TAIL}",
            "Unsupported data type 'VECTOR(FLOAT, 3)': not a type: VECTOR(FLOAT, 3).",
        ),
        (
            "CREATE FUNCTION f() RETURNS INT LANGUAGE PYTHON RUNTIME_VERSION='3.11' HANDLER='f'",
            "Invalid HANDLER 'f': a staged handler is named as module.function.",
        ),
        (f"CREATE FUNCTION f() RETURNS INT {TAIL} BANANA=1", "syntax error line 1 at position 85 unexpected 'BANANA'."),
        (f"CREATE FUNCTION f( RETURNS INT {TAIL}", "syntax error line 1 at position 31 unexpected 'LANGUAGE'."),
    ],
)
def test_what_is_refused(text: str, message: str) -> None:
    with pytest.raises(SyntaxProblem) as caught:
        parse(text)
    assert str(caught.value) == message


@given(comment=st.text(), body=st.text(), name=st.text(min_size=1, alphabet=st.characters(exclude_characters="\0")))
def test_values_survive(comment: str, body: str, name: str) -> None:
    definition = parse(
        f"CREATE FUNCTION {sql.identifier(sql.quoted(name))}() RETURNS INT LANGUAGE PYTHON RUNTIME_VERSION='3.11' "
        f"HANDLER='h' COMMENT={sql.literal(comment)} AS {sql.literal(body)}"
    ).definition
    assert (definition.name, definition.comment, definition.body) == (name, comment, body)
    assert FunctionDefinition.from_json(definition.to_json()) == definition

"""Names, literals and types of Snowflake's SQL: the one place that quotes.

Pure; imported by everything that builds a statement.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_$]*")

# Synonyms and the type that Snowflake shows for them (docs.snowflake.com/en/sql-reference/intro-summary-data-types).
SYNONYMS = {
    "DECIMAL": "NUMBER", "DEC": "NUMBER", "NUMERIC": "NUMBER", "INT": "NUMBER", "INTEGER": "NUMBER",
    "BIGINT": "NUMBER", "SMALLINT": "NUMBER", "TINYINT": "NUMBER", "BYTEINT": "NUMBER",
    "FLOAT4": "FLOAT", "FLOAT8": "FLOAT", "DOUBLE": "FLOAT", "DOUBLE PRECISION": "FLOAT", "REAL": "FLOAT",
    "CHAR": "VARCHAR", "CHARACTER": "VARCHAR", "NCHAR": "VARCHAR", "STRING": "VARCHAR", "TEXT": "VARCHAR",
    "NVARCHAR": "VARCHAR", "NVARCHAR2": "VARCHAR", "CHAR VARYING": "VARCHAR", "NCHAR VARYING": "VARCHAR",
    "VARBINARY": "BINARY", "DATETIME": "TIMESTAMP_NTZ", "TIMESTAMP": "TIMESTAMP_NTZ",
    "TIMESTAMPNTZ": "TIMESTAMP_NTZ", "TIMESTAMPLTZ": "TIMESTAMP_LTZ", "TIMESTAMPTZ": "TIMESTAMP_TZ",
}  # fmt: skip

# What a Python function can take and give, with how many parameters the type has.
PARAMETERS = {
    "NUMBER": 2, "FLOAT": 0, "VARCHAR": 1, "BOOLEAN": 0, "BINARY": 1, "DATE": 0, "TIME": 1,
    "TIMESTAMP_NTZ": 1, "TIMESTAMP_LTZ": 1, "TIMESTAMP_TZ": 1, "VARIANT": 0, "OBJECT": 0, "ARRAY": 0,
    "GEOGRAPHY": 0, "GEOMETRY": 0,
}  # fmt: skip

# Those of the synonyms that are not quite: the first take no parameters, the others are one character long by default.
INTEGERS = frozenset({"INT", "INTEGER", "BIGINT", "SMALLINT", "TINYINT", "BYTEINT"})
CHARACTERS = frozenset({"CHAR", "CHARACTER", "NCHAR"})

# docs.snowflake.com/en/sql-reference/data-types-text and data-types-datetime
BOUNDS = {
    "VARCHAR": ("a length", range(1, 134_217_728 + 1)),
    "BINARY": ("a length", range(1, 67_108_864 + 1)),
    **dict.fromkeys(("TIME", "TIMESTAMP_NTZ", "TIMESTAMP_LTZ", "TIMESTAMP_TZ"), ("a precision", range(10))),
}
"""What the one parameter of a type is, and may be."""


def identifier(name: str) -> str:
    """Quote a name as SQL would understand it unquoted.

    A plain name is upper-cased; `"Mixed"` in double quotes, and any name that is not plain, is kept as it is.
    """
    return quoted(stored(name))


def quoted(stored_name: str) -> str:
    """Quote a stored name, whatever it holds; `identifier` gives that back as it is."""
    return '"' + stored_name.replace('"', '""') + '"'


def stored(name: str) -> str:
    """The name under which Snowflake stores what `identifier(name)` creates."""
    if PLAIN_NAME.fullmatch(name):
        return name.upper()
    if len(name) > 2 and name.startswith('"') and name.endswith('"'):
        return name[1:-1].replace('""', '"')
    return name


def qualified(*names: str) -> str:
    """Quote and join a database's, schema's and object's name."""
    return ".".join(identifier(name) for name in names)


def dotted(name: str) -> str:
    """Quote a dotted name such as snowflake.snowpark.pypi_shared_repository."""
    return qualified(*(part for part in re.findall(r'"(?:[^"]|"")+"|[^.]+', name)))


def literal(text: str) -> str:
    """A string constant in single quotes, in which Snowflake reads a backslash as an escape."""
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


def value(plain: object, type_name: str) -> str:
    """A value of JSON as an expression of a type; `type_name` as `SqlType.parse` reads it."""
    kind = SqlType.parse(type_name)
    if plain is not None and kind.is_semi_structured:
        return from_text(literal(json.dumps(plain)), kind)
    return f"CAST({_constant(plain)} AS {kind})"


def from_text(text: str, kind: SqlType) -> str:
    """An expression of text as one of a type; the text of a semi-structured one is JSON."""
    # PARSE_JSON alone gives a VARIANT, which no overload with ARRAY or OBJECT takes.
    return f"CAST({f'PARSE_JSON({text})' if kind.is_semi_structured else text} AS {kind})"


def grant_statement(privilege: str, kind: str, name: str, role: str) -> str:
    """Grant a privilege on an object; `name` is quoted already, `role` is as stored."""
    return f"GRANT {privilege} ON {kind} {name} TO ROLE {quoted(role)}"


def stage_statements(stage: str, role: str) -> tuple[str, ...]:
    """Create a stage for a role to use; `stage` is quoted already, `role` is as stored."""
    return (
        f"CREATE STAGE IF NOT EXISTS {stage}",
        grant_statement("READ", "STAGE", stage, role),
        grant_statement("WRITE", "STAGE", stage, role),
    )


def _constant(plain: object) -> str:
    match plain:
        case None:
            return "NULL"
        case bool():
            return "TRUE" if plain else "FALSE"
        case int() | float():
            return repr(plain)
        case str():
            return literal(plain)
    return literal(json.dumps(plain))


@dataclass(frozen=True, slots=True)
class SqlType:
    """A type of Snowflake's SQL under its own name."""

    name: str
    parameters: tuple[int, ...] = ()

    def __str__(self) -> str:
        return self.name + (f"({','.join(map(str, self.parameters))})" if self.parameters else "")

    @property
    def is_semi_structured(self) -> bool:
        """Whether its values are those of JSON."""
        return self.name in ("VARIANT", "ARRAY", "OBJECT")

    @classmethod
    def parse(cls, text: str) -> SqlType:
        """Read a type with or without parameters.

        Raises:
            ValueError: not a type that a Python function can take or give; the message says what is wrong.
        """
        match = re.fullmatch(r"\s*([A-Za-z][A-Za-z0-9_ ]*?)\s*(?:\(\s*(\d{1,20})\s*(?:,\s*(\d{1,20})\s*)?\))?\s*", text)
        if match is None:
            raise ValueError(f"not a type: {text}")
        written = " ".join(match[1].upper().split())
        name = SYNONYMS.get(written, written)
        if name not in PARAMETERS:
            raise ValueError(f"not a type that a Python function can use: {text}")
        parameters = tuple(int(p) for p in match.groups()[1:] if p is not None)
        most = 0 if written in INTEGERS else PARAMETERS[name]
        if len(parameters) > most:
            raise ValueError(f"{written} takes {most} parameters, not {len(parameters)}: {text}")
        if not parameters and written in CHARACTERS:
            parameters = (1,)
        if parameters and name in BOUNDS:
            what, allowed = BOUNDS[name]
            if parameters[0] not in allowed:
                raise ValueError(f"{name} has {what} of {allowed[0]} to {allowed[-1]}: {text}")
        if name == "NUMBER":
            precision, scale = (*parameters, *(38, 0)[len(parameters) :])
            if not (1 <= precision <= 38 and scale <= precision):
                raise ValueError(f"NUMBER has a precision of 1 to 38 and a scale of at most that: {text}")
            parameters = (precision, scale)
        return cls(name, parameters)


@dataclass(frozen=True, slots=True, order=True)
class Signature:
    """What distinguishes overloads of a function: its stored name and the names of its types."""

    name: str
    types: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.name}({', '.join(self.types)})"

    @property
    def sql(self) -> str:
        """The form that DROP FUNCTION wants, without database and schema."""
        return f"{quoted(self.name)}({', '.join(self.types)})"

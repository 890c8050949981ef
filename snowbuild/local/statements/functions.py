"""CREATE, DROP, ALTER, SHOW and DESCRIBE FUNCTION; comments on functions."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from snowbuild.errors import SnowbuildError
from snowbuild.local.state.catalogue import FunctionKey, FunctionRecord
from snowbuild.local.statements.beginnings import begin_drop
from snowbuild.local.statements.create_function import parse_create_function
from snowbuild.local.values.definition import as_list
from snowbuild.local.values.names import StagePath
from snowbuild.local.values.results import (
    TEXT,
    TIME,
    WHOLE,
    Result,
    already_dropped,
    already_there,
    compilation,
    dropped,
    exists,
    missing,
    status,
    text_table,
)
from snowbuild.local.values.rights import OWNERSHIP
from snowbuild.local.values.tokens import Kind, Reader
from snowbuild.sql import SqlType

if TYPE_CHECKING:
    from snowbuild.local.engine.session import Session
    from snowbuild.local.values.definition import FunctionDefinition

MAX_ROWS = 10_000
"""The most rows that SHOW returns (docs: sql-reference/sql/show-user-functions)."""


def create_function(reader: Reader, session: Session) -> Result | None:
    """CREATE FUNCTION: builds the function's environment first, then changes the catalogue in one step."""
    statement = parse_create_function(reader, session.namespace)
    if statement is None:
        return None
    definition = _of_session(statement.definition, session)
    key = FunctionKey.of(definition)
    engine = session.engine
    session.may_create("FUNCTION", definition.database, definition.schema)
    engine.warehouses.check_architecture(session.warehouse, definition.constraint)
    if engine.catalogue.function(key) is not None and not statement.replace:
        if statement.if_not_exists:
            return already_there(definition.name)
        raise exists(str(key))
    definition = _with_imports(definition, session)
    try:
        installed = engine.functions.install(definition)
    except SnowbuildError as error:
        raise compilation(
            f"Cannot create a Python function with the specified packages. {error}", errno=391546, sqlstate="22023"
        ) from error
    session.go_on()
    with engine.catalogue.lock:
        # Another session may have created it while the environment was being built.
        previous = engine.catalogue.function(key)
        if previous is not None and not statement.replace:
            if statement.if_not_exists:
                return already_there(definition.name)
            raise exists(str(key))
        if previous is not None:
            session.require(OWNERSHIP, key.securable)
        # First what can fail: a name that is not in the catalogue is never called.
        engine.functions.put(key, definition)
        engine.catalogue.put_function(
            definition, as_list(installed), owner=session.role, copy_grants=statement.copy_grants
        )
        if definition.temporary:
            session.temporary_functions.add(key)
    if previous is not None:
        engine.functions.retire(previous.definition)
    return status(f"Function {definition.name} successfully created.")


def _of_session(definition: FunctionDefinition, session: Session) -> FunctionDefinition:
    """Assign a temporary function to its session; no permanent one may have its name and types."""
    if not definition.temporary:
        return definition
    permanent = FunctionKey.of(definition)
    if session.engine.catalogue.function(permanent) is not None:
        raise exists(str(permanent))
    return replace(definition, session=session.number)


def _with_imports(definition: FunctionDefinition, session: Session) -> FunctionDefinition:
    """Give every import its full name, independent of the current schema; each must exist."""
    references: list[str] = []
    for written in definition.imports:
        place = StagePath.parse(written, session.namespace)
        session.may_use_stage("READ", place)
        if not session.engine.functions.imported(place):
            raise compilation(f"Remote file '{written}' was not found.", errno=391546, sqlstate="22023")
        references.append(place.reference)
    return replace(definition, imports=tuple(references))


def drop_function(reader: Reader, session: Session) -> Result:
    """DROP FUNCTION [IF EXISTS] name(types)."""
    if_exists = begin_drop(reader, "FUNCTION")
    key = function_key(reader, session)
    reader.end()
    catalogue = session.engine.catalogue
    with catalogue.lock:
        record = catalogue.function(key)
        if record is None:
            if if_exists:
                return already_dropped(key.name)
            raise missing("Function", str(key))
        session.require(OWNERSHIP, key.securable)
        session.engine.drop_function(record.definition)
    return dropped(key.name)


def show_functions(reader: Reader, session: Session) -> Result:
    """SHOW [USER] FUNCTIONS [LIKE '…'] [IN ACCOUNT | DATABASE d | SCHEMA s]."""
    reader.expect("SHOW")
    reader.accept("USER")
    reader.expect("FUNCTIONS")
    like, database, schema = session.scope(reader)
    found = session.functions(database=database, schema=schema)
    records = [record for record in found if session.sees(FunctionKey.of(record.definition).securable)]
    flags = ("is_builtin", "is_aggregate", "is_ansi")
    return Result(
        columns=(
            ("created_on", TIME), ("name", TEXT), ("schema_name", TEXT), *((flag, TEXT) for flag in flags),
            ("min_num_arguments", WHOLE), ("max_num_arguments", WHOLE), ("arguments", TEXT), ("description", TEXT),
            ("catalog_name", TEXT), ("is_table_function", TEXT), ("valid_for_clustering", TEXT), ("is_secure", TEXT),
            ("secrets", TEXT), ("external_access_integrations", TEXT), ("is_external_function", TEXT),
            ("language", TEXT), ("is_memoizable", TEXT), ("is_data_metric", TEXT),
        ),
        rows=tuple(_show_row(record) for record in records if like(record.definition.name))[:MAX_ROWS],
    )  # fmt: skip


def _show_row(record: FunctionRecord) -> tuple[object, ...]:
    function = record.definition
    return (
        record.created_on, function.name, function.schema, "N", "N", "N",
        function.required, len(function.arguments), function.signature, record.comment,
        function.database, "N", "N", "Y" if function.secure else "N",
        function.secrets or "", function.integrations or "", "N",
        "PYTHON", "N", "N",
    )  # fmt: skip


def describe_function(reader: Reader, session: Session) -> Result:
    """DESCRIBE FUNCTION name(types)."""
    reader.at = 1
    reader.expect("FUNCTION")
    record = _existing(function_key(reader, session), session)
    reader.end()
    function = record.definition
    arguments = ", ".join(
        f"{a.name} {a.type}" + (f" DEFAULT {a.default}" if a.default is not None else "") for a in function.arguments
    )
    rows: list[tuple[str | None, ...]] = [
        ("signature", f"({arguments})"),
        ("returns", function.returns + (" NOT NULL" if function.not_null else "")),
        ("language", "PYTHON"),
        ("null handling", "RETURNS NULL ON NULL INPUT" if function.strict else "CALLED ON NULL INPUT"),
        ("volatility", "IMMUTABLE" if function.immutable else "VOLATILE"),
        ("body", function.body),
        ("imports", "[" + ", ".join(function.imports) + "]"),
        ("handler", function.handler),
        ("runtime_version", function.runtime),
        ("packages", as_list(function.packages)),
        ("installed_packages", record.installed),
        ("is_aggregate", "false"),
    ]
    optional = (
        ("artifact_repository", function.repository),
        ("external_access_integrations", function.integrations),
        ("secrets", function.secrets),
        ("resource_constraint", function.constraint),
    )
    return text_table("property value", [*rows, *((name, value) for name, value in optional if value is not None)])


def comment_on_function(reader: Reader, session: Session) -> Result:
    """COMMENT [IF EXISTS] ON FUNCTION name(types) IS '…'."""
    reader.expect("COMMENT")
    if_exists = reader.accept("IF", "EXISTS")
    reader.expect("ON", "FUNCTION")
    key = function_key(reader, session)
    reader.expect("IS")
    comment = reader.take(Kind.STRING)
    reader.end()
    if session.engine.catalogue.function(key) is None and if_exists:
        return status()
    _existing(key, session)
    session.require(OWNERSHIP, key.securable)
    session.engine.catalogue.comment_function(key, comment)
    return status()


def alter_function(reader: Reader, session: Session) -> Result:
    """ALTER FUNCTION [IF EXISTS] name(types) SET COMMENT = '…' | UNSET COMMENT | RENAME TO name | SET SECURE …."""
    reader.expect("ALTER", "FUNCTION")
    if_exists = reader.accept("IF", "EXISTS")
    key = function_key(reader, session)
    catalogue = session.engine.catalogue
    with catalogue.lock:
        record = catalogue.function(key)
        if record is None and if_exists:
            return status()
        definition = _existing(key, session).definition
        session.require(OWNERSHIP, key.securable)
        if reader.accept("SET", "COMMENT"):
            reader.accept("=")
            catalogue.comment_function(key, reader.take(Kind.STRING))
        elif reader.accept("UNSET", "COMMENT"):
            catalogue.comment_function(key, "")
        elif reader.accept("RENAME", "TO"):
            database, schema, name = session.namespace.qualify(reader.path())
            renamed = replace(definition, database=database, schema=schema, name=name)
            target = FunctionKey.of(renamed)
            if catalogue.function(target) is not None:
                raise exists(name)
            if not catalogue.has_schema(database, schema):
                raise missing("Schema", f"{database}.{schema}")
            catalogue.rename_function(key, renamed)
            functions = session.engine.functions
            functions.drop(key)
            functions.put(target, renamed)
            functions.retire(definition)
        else:
            raise reader.problem()
        reader.end()
    return status()


def function_key(reader: Reader, session: Session) -> FunctionKey:
    """`name(type, type)`, the types with or without parameters and argument names."""
    database, schema, name = session.namespace.qualify(reader.path())
    text = reader.skip_parentheses()
    types: list[str] = []
    try:
        for part in _split(text):
            types.append(SqlType.parse(part).name)  # noqa: PERF401  The error below wants the statement's words.
    except ValueError as error:
        raise compilation(f"Unsupported data type: {error}.") from error
    key = FunctionKey(database=database, schema=schema, name=name, types=tuple(types))
    own = replace(key, session=session.number)
    return own if own in session.temporary_functions else key


def _split(text: str) -> list[str]:
    """Types between commas, but not between those in `NUMBER(10,2)`."""
    parts, depth = [""], 0
    for letter in text:
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if letter == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += letter
    return [part.strip() for part in parts] if text.strip() else []


def _existing(key: FunctionKey, session: Session) -> FunctionRecord:
    record = session.engine.catalogue.function(key)
    if record is None or not session.sees(key.securable):
        raise missing("Function", str(key))
    return record

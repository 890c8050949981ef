"""CREATE FUNCTION … LANGUAGE PYTHON → a definition. Pure.

docs.snowflake.com/en/sql-reference/sql/create-function
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from snowbuild.local.values.definition import Argument, FunctionDefinition
from snowbuild.local.values.tokens import Kind, Reader, SyntaxProblem
from snowbuild.runtime import PATCH_LEVELS
from snowbuild.sql import SqlType

if TYPE_CHECKING:
    from collections.abc import Callable

    from snowbuild.local.values.names import Namespace

# Words that can follow the type of an argument or result, so they are not part of it.
AFTER_TYPE = frozenset({"DEFAULT", "NOT", "NULL", "LANGUAGE", "COPY", "RETURNS"})


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateFunction:
    """The statement: a definition, and what to do if the function exists."""

    definition: FunctionDefinition
    replace: bool
    if_not_exists: bool
    copy_grants: bool


@dataclass(slots=True)
class _Clauses:
    values: dict[str, Any] = field(default_factory=dict)
    copy_grants: bool = False


def parse_create_function(reader: Reader, namespace: Namespace) -> CreateFunction | None:
    """Parse the statement; None if it is not a CREATE FUNCTION for Python.

    Raises:
        SyntaxProblem: it is one, but cannot be parsed.
    """
    reader.at = 0
    reader.expect("CREATE")
    replace = reader.accept("OR", "REPLACE")
    secure = temporary = False
    while not reader.peek("FUNCTION"):
        if reader.accept("SECURE"):
            secure = True
        elif reader.accept("TEMPORARY") or reader.accept("TEMP"):
            temporary = True
        else:
            return None
    reader.expect("FUNCTION")
    if not _is_python(reader):
        return None
    if_not_exists = reader.accept("IF", "NOT", "EXISTS")
    database, schema, name = namespace.qualify(reader.path())
    arguments = _arguments(reader)
    clauses = _Clauses(copy_grants=reader.accept("COPY", "GRANTS"))
    reader.expect("RETURNS")
    returns = _type(reader)
    not_null = reader.accept("NOT", "NULL")
    reader.accept("NULL")
    while reader.here is not None:
        _clause(reader, clauses)
    values = clauses.values
    for clause in ("runtime", "handler"):
        if clause not in values:
            written = {"runtime": "RUNTIME_VERSION", "handler": "HANDLER"}[clause]
            raise SyntaxProblem(f"Missing option(s): [{written}] for a function in language PYTHON.")
    definition = FunctionDefinition(
        database=database, schema=schema, name=name, arguments=arguments, returns=returns, not_null=not_null,
        secure=secure, temporary=temporary, **values,
    )  # fmt: skip
    return CreateFunction(
        definition=_checked(definition), replace=replace, if_not_exists=if_not_exists, copy_grants=clauses.copy_grants
    )


def _is_python(reader: Reader) -> bool:
    words = [token.text.upper() for token in reader.tokens if token.kind is Kind.WORD]
    return any(words[index : index + 2] == ["LANGUAGE", "PYTHON"] for index in range(len(words)))


def _arguments(reader: Reader) -> tuple[Argument, ...]:
    reader.expect("(")
    arguments: list[Argument] = []
    while not reader.accept(")"):
        name, kind, default = reader.name(), _type(reader), None
        if reader.accept("DEFAULT"):
            default = _expression(reader)
        if default is None and arguments and arguments[-1].default is not None:
            raise SyntaxProblem(f"Required argument '{name}' cannot follow an optional argument.")
        arguments.append(Argument(name=name, type=kind, default=default))
        if not reader.accept(",") and not reader.peek(")"):
            raise reader.problem()
    if len({argument.name for argument in arguments}) != len(arguments):
        raise SyntaxProblem("Duplicate argument name in a function's definition.")
    return tuple(arguments)


def _type(reader: Reader) -> str:
    words = [reader.take(Kind.WORD)]
    while (token := reader.here) is not None and token.kind is Kind.WORD and token.text.upper() not in AFTER_TYPE:
        words.append(reader.take(Kind.WORD))
    text = " ".join(words)
    if reader.peek("("):
        text += f"({reader.skip_parentheses()})"
    try:
        return str(SqlType.parse(text))
    except ValueError as error:
        raise SyntaxProblem(f"Unsupported data type '{text}': {error}.") from error


def _expression(reader: Reader) -> str:
    """The text of an expression, up to the comma or parenthesis that ends the argument."""
    first, depth = reader.here, 0
    while (token := reader.here) is not None and first is not None:
        sign = token.text if token.kind is Kind.SIGN else ""
        if depth == 0 and sign in (",", ")"):
            if token is first:
                break
            return reader.sql[first.start : token.start].strip()
        depth += {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}.get(sign, 0)
        reader.at += 1
    raise reader.problem()


def _checked(definition: FunctionDefinition) -> FunctionDefinition:
    minor = definition.runtime.removeprefix("3.")
    if not (definition.runtime.startswith("3.") and minor.isdigit() and int(minor) in PATCH_LEVELS):
        offered = ", ".join(f"3.{known}" for known in PATCH_LEVELS)
        raise SyntaxProblem(
            f"Unsupported RUNTIME_VERSION '{definition.runtime}' for language PYTHON. Supported versions: {offered}."
        )
    names: set[str] = set()
    for reference in definition.imports:
        base = reference.rstrip("/").rpartition("/")[2]
        if base in names:
            raise SyntaxProblem(f"Duplicate file name '{base}' in IMPORTS: every imported file needs a unique name.")
        names.add(base)
    if definition.body is None and "." not in definition.handler:
        raise SyntaxProblem(f"Invalid HANDLER '{definition.handler}': a staged handler is named as module.function.")
    return definition


def _flag(name: str, value: object) -> Callable[[Reader, _Clauses], None]:
    def read(_reader: Reader, clauses: _Clauses) -> None:
        clauses.values[name] = value

    return read


def _string(name: str) -> Callable[[Reader, _Clauses], None]:
    def read(reader: Reader, clauses: _Clauses) -> None:
        reader.accept("=")
        clauses.values[name] = reader.take(Kind.STRING, Kind.NUMBER)

    return read


def _list(name: str) -> Callable[[Reader, _Clauses], None]:
    def read(reader: Reader, clauses: _Clauses) -> None:
        reader.accept("=")
        clauses.values[name] = reader.strings()

    return read


def _text(name: str) -> Callable[[Reader, _Clauses], None]:
    def read(reader: Reader, clauses: _Clauses) -> None:
        reader.accept("=")
        clauses.values[name] = reader.skip_parentheses().strip()

    return read


def _repository(reader: Reader, clauses: _Clauses) -> None:
    reader.accept("=")
    clauses.values["repository"] = ".".join(reader.path())


def _copy_grants(_reader: Reader, clauses: _Clauses) -> None:
    clauses.copy_grants = True


def _nothing(_reader: Reader, _clauses: _Clauses) -> None:
    """A clause that states a default."""


CLAUSES: tuple[tuple[tuple[str, ...], Callable[[Reader, _Clauses], None]], ...] = (
    (("LANGUAGE", "PYTHON"), _nothing),
    (("CALLED", "ON", "NULL", "INPUT"), _nothing),
    (("RETURNS", "NULL", "ON", "NULL", "INPUT"), _flag("strict", True)),
    (("STRICT",), _flag("strict", True)),
    (("VOLATILE",), _nothing),
    (("IMMUTABLE",), _flag("immutable", True)),
    (("COPY", "GRANTS"), _copy_grants),
    (("RUNTIME_VERSION",), _string("runtime")),
    (("HANDLER",), _string("handler")),
    (("COMMENT",), _string("comment")),
    (("ARTIFACT_REPOSITORY",), _repository),
    (("IMPORTS",), _list("imports")),
    (("PACKAGES",), _list("packages")),
    (("EXTERNAL_ACCESS_INTEGRATIONS",), _text("integrations")),
    (("SECRETS",), _text("secrets")),
    (("RESOURCE_CONSTRAINT",), _text("constraint")),
    (("AS",), _string("body")),
)


def _clause(reader: Reader, clauses: _Clauses) -> None:
    for words, read in CLAUSES:
        if reader.accept(*words):
            read(reader, clauses)
            return
    raise reader.problem()

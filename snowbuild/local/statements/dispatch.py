"""Which statements are executed here, by their first words; everything else is a query for fakesnow."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from snowbuild.local.statements import functions, grants, namespaces, sessions, stages, warehouses
from snowbuild.local.values.results import Result, Transfer, status
from snowbuild.local.values.tokens import Reader

if TYPE_CHECKING:
    from collections.abc import Callable

    from snowbuild.local.engine.session import Session

    Answer = Result | Transfer | None
    Handler = Callable[[Reader, Session], Answer]

BEFORE = r"\s*(?:(?:--|//)[^\n]*\n\s*|/\*.*?\*/\s*)*"
MODIFIERS = r"(?:OR\s+REPLACE\s+|SECURE\s+|SCOPED\s+|LOCAL\s+|TEMP(?:ORARY)?\s+)*"


STATEMENTS: tuple[tuple[str, Handler], ...] = (
    (rf"CREATE\s+{MODIFIERS}FUNCTION\b", functions.create_function),
    (r"DROP\s+FUNCTION\b", functions.drop_function),
    (r"ALTER\s+FUNCTION\b", functions.alter_function),
    (r"SHOW\s+(?:USER\s+)?FUNCTIONS\b", functions.show_functions),
    (r"DESC(?:RIBE)?\s+FUNCTION\b", functions.describe_function),
    (r"COMMENT\s+(?:IF\s+EXISTS\s+)?ON\s+FUNCTION\b", functions.comment_on_function),
    (r"(?:GRANT|REVOKE)\b", grants.grant_or_revoke),
    (r"SHOW\s+GRANTS\b", grants.show_grants),
    (r"CREATE\s+(?:OR\s+REPLACE\s+)?ROLE\b", grants.create_role),
    (r"DROP\s+ROLE\b", grants.drop_role),
    (r"USE\s+ROLE\b", grants.use_role),
    (r"SHOW\s+ROLES\b", grants.show_roles),
    (r"CREATE\s+(?:OR\s+REPLACE\s+)?WAREHOUSE\b", warehouses.create_warehouse),
    (r"ALTER\s+WAREHOUSE\b", warehouses.alter_warehouse),
    (r"DROP\s+WAREHOUSE\b", warehouses.drop_warehouse),
    (r"USE\s+WAREHOUSE\b", warehouses.use_warehouse),
    (r"SHOW\s+WAREHOUSES\b", warehouses.show_warehouses),
    (r"DESC(?:RIBE)?\s+WAREHOUSE\b", warehouses.describe_warehouse),
    (r"CREATE\s+(?:OR\s+REPLACE\s+)?(?:TRANSIENT\s+)?DATABASE\b(?!\s+ROLE\b)", namespaces.create_database),
    (r"CREATE\s+(?:OR\s+REPLACE\s+)?(?:TRANSIENT\s+)?SCHEMA\b", namespaces.create_schema),
    (r"DROP\s+DATABASE\b(?!\s+ROLE\b)", namespaces.drop_database),
    (r"DROP\s+SCHEMA\b", namespaces.drop_schema),
    (rf"CREATE\s+{MODIFIERS}STAGE\b", stages.create_stage),
    (r"DROP\s+STAGE\b", stages.drop_stage),
    (r"DROP\s+FILE\s+FORMAT\b", stages.drop_file_format),
    (r"SHOW\s+STAGES\b", stages.show_stages),
    (r"DESC(?:RIBE)?\s+STAGE\b", stages.describe_stage),
    (r"(?:LIST|LS)\b", stages.list_files),
    (r"(?:REMOVE|RM)\b", stages.remove_files),
    (r"PUT\b", stages.put),
    (r"GET\b", stages.get),
    (r"USE\s+SECONDARY\b", sessions.accept),
    (r"USE\b", namespaces.use_namespace),
    (r"ALTER\s+ROLE\b", sessions.accept),
    (r"ALTER\s+SESSION\b", sessions.alter_session),
)
COMPILED = tuple((re.compile(BEFORE + pattern, re.IGNORECASE | re.DOTALL), handler) for pattern, handler in STATEMENTS)

SCOPED = re.compile(rf"({BEFORE}CREATE\s+(?:OR\s+REPLACE\s+)?)SCOPED\s+", re.IGNORECASE | re.DOTALL)

# A placeholder before a cast, `?::DATE`, which sqlglot reads as one token; not inside quotes.
CAST_MARK = re.compile(r"('(?:[^'\\]|\\.)*'|\"[^\"]*\"|\$\$.*?\$\$|--[^\n]*)|\?(?=::)", re.DOTALL)

# What commits the transaction that is open (docs: sql-reference/transactions, DDL).
DEFINES = re.compile(
    BEFORE + r"(?:CREATE|ALTER(?!\s+SESSION\b)|DROP|COMMENT|GRANT|REVOKE)\b", re.IGNORECASE | re.DOTALL
)

# Statements that change nothing: they can be run to learn their columns.
READS = re.compile(BEFORE + r"(?:SHOW|DESC|DESCRIBE|LIST|LS)\b", re.IGNORECASE | re.DOTALL)


def normalize(sql: str) -> str:
    """Rewrite what sqlglot would misread, such as SCOPED, Snowpark's word for objects that end with the session."""
    if "?::" in sql:
        sql = CAST_MARK.sub(lambda found: found[1] or "? ", sql)
    return SCOPED.sub(r"\1", sql, count=1) if SCOPED.match(sql) else sql


def run(
    sql: str, session: Session, *, parameters: tuple[str, ...] = (), describe_only: bool = False
) -> Result | Transfer | None:
    """Execute a statement if it belongs here; None leaves it to fakesnow.

    Raises:
        Refused: Snowflake would refuse it.
        SyntaxProblem: it cannot be parsed.
    """
    handler = next((handler for pattern, handler in COMPILED if pattern.match(sql)), None)
    if handler is not None and describe_only and not READS.match(sql):
        return status("")
    if not describe_only and DEFINES.match(sql):
        session.connection.end_transaction()
    return None if handler is None else handler(Reader(sql, parameters), session)

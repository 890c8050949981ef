"""Temporary tables: in DuckDB they are in no schema, so their names lose database and schema."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from snowbuild.local.values.names import stored_name

if TYPE_CHECKING:
    from snowbuild.local.values.names import Namespace

    FullName = tuple[str, str, str]


def shorten(query: exp.Expr, known: set[FullName], namespace: Namespace) -> None:
    """Shorten, in place, the names of a session's temporary tables; `known` follows what a statement creates or drops.

    Raises:
        Refused: a name without its database is used in a session that has no current one.
    """
    target = query.find(exp.Table) if isinstance(query, exp.Create | exp.Drop) else None
    is_temporary = isinstance(query, exp.Create) and query.find(exp.TemporaryProperty) is not None
    if is_temporary and target is not None and query.args.get("kind") == "TABLE":
        known.add(full_name(target, namespace))
    if not known:
        return
    for table in query.find_all(exp.Table):
        if table.db and (name := full_name(table, namespace)) in known:
            table.set("db", None)
            table.set("catalog", None)
            if isinstance(query, exp.Drop):
                known.discard(name)


def full_name(table: exp.Table, namespace: Namespace) -> FullName:
    """The stored names of what a statement uses as a table.

    Raises:
        Refused: its database or schema is missing, and the session has none.
    """
    names = (table.args.get(part) for part in ("catalog", "db", "this"))
    return namespace.qualify(tuple(stored_name(name) for name in names if isinstance(name, exp.Identifier)))

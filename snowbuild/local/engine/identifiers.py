"""Bound values that stand for a name or decide the form of a statement: substituted before anything else.

fakesnow has IDENTIFIER too, but takes `"A"."B"` for one name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fakesnow.params import pop_qmark_param
from sqlglot import exp

from snowbuild.local.values.tokens import Reader

if TYPE_CHECKING:
    from fakesnow.params import MutableParams


def put_in(query: exp.Expr, parameters: MutableParams | None) -> None:
    """Replace, in place, IDENTIFIER(…) by a table's name, and placeholders in calls of table functions by their values.

    The values are removed from `parameters`.

    Raises:
        SyntaxProblem: the argument of IDENTIFIER is not a name.
    """
    for call in list(query.find_all(exp.DynamicIdentifier)):
        table = call.parent
        if isinstance(table, exp.Table):
            reader = Reader(str(_value(query, call.this, parameters)))
            names = [exp.to_identifier(name, quoted=True) for name in reader.path()]
            reader.end()
            for part, name in zip(("this", "db", "catalog"), reversed(names), strict=False):
                table.set(part, name)
    for scan in query.find_all(exp.TableFromRows):
        for mark in list(scan.find_all(exp.Placeholder)):
            mark.replace(exp.convert(_value(query, mark, parameters)))


def _value(query: exp.Expr, node: exp.Expr, parameters: MutableParams | None) -> Any:
    # A statement that is only described has no values.
    if isinstance(node, exp.Placeholder) and parameters:
        return pop_qmark_param(parameters, query, node)
    return node.name

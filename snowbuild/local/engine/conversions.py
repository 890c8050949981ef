"""Conversions in queries → calls of macros, which know the types of the values."""

from __future__ import annotations

from sqlglot import exp

from snowbuild.local.functions.conversions import AS_DATE, PLACE, TO_TEXT, TO_VARIANT, TYPEOF

TEXT = frozenset({exp.DataType.Type.VARCHAR, exp.DataType.Type.TEXT})
WHOLE_DAYS = frozenset({"DAY", "WEEK", "MONTH", "QUARTER", "YEAR"})


def convert(query: exp.Expr) -> None:
    """Rewrite the conversions of a query, in place."""
    # Inner ones first, because they become part of the outer one's new form.
    for node in reversed(list(query.walk())):
        match node:
            case exp.ToVariant() | exp.Cast(to=exp.DataType(this=exp.DataType.Type.VARIANT)):
                node.replace(call_macro(TO_VARIANT, node.this))
            case exp.Typeof():
                node.replace(call_macro(TYPEOF, node.this))
            case exp.Cast(this=exp.Column() | exp.Dot() as value, to=exp.DataType(this=kind)) if kind in TEXT:
                node.set("this", call_macro(TO_TEXT, value))
            case exp.DateAdd(this=day, unit=exp.Var() as unit) if unit.name.upper() in WHOLE_DAYS:
                _keep_date(day, node)
            case exp.TimestampTrunc(this=day):
                _keep_date(day, node)


def _keep_date(day: exp.Expr, node: exp.Expr) -> None:
    # A placeholder cannot be repeated, because there is only one value.
    if day.find(exp.Placeholder) is None:
        node.replace(call_macro(AS_DATE, day.copy(), node.copy()))


def call_macro(name: str, *arguments: exp.Expr) -> exp.Expr:
    """A call of one of our macros, whatever the current schema."""
    catalog, schema = (exp.to_identifier(part) for part in PLACE)
    call = exp.Anonymous(this=name, expressions=list(arguments))
    return exp.Dot(this=exp.Dot(this=catalog, expression=schema), expression=call)

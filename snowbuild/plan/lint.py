"""What a plan does not show and its author may not know: properties of Snowflake that cause no error. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snowbuild.config.reader import spelled
from snowbuild.errors import Problem
from snowbuild.plan.values import Define
from snowbuild.wording import listed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from snowbuild.config.values import FunctionConfig
    from snowbuild.plan.values import Desired, Function, Plan

SHOWN = 3
"""How many functions a notice names."""


def lint(plan: Plan, desired: Desired) -> tuple[Problem, ...]:
    """Notices for the functions that a plan creates or replaces; none of them prevents a deployment."""
    return tuple(_notices([a.function for a in plan.actions if isinstance(a, Define)], desired))


def untried(plan: Plan, functions: Iterable[FunctionConfig]) -> tuple[Problem, ...]:
    """A notice on functions that a plan creates or replaces and that have no rows for a canary to answer."""
    untested = {f.name for f in functions if not f.tests}
    names = [a.function.name for a in plan.actions if isinstance(a, Define) and a.function.name in untested]
    if not names:
        return ()
    have = "has no tests, and is" if len(names) == 1 else "have no tests, and are"
    return (
        Problem(
            message=f"{listed(names, SHOWN)} {have} deployed untried",
            where="functions",
            hint=f"add [[functions.{spelled(names[0])}.tests]]: a deployment tries them before it replaces anything",
        ),
    )


def _notices(functions: list[Function], desired: Desired) -> Iterator[Problem]:
    importing = [f for f in functions if f.files]
    if not importing:
        return
    # docs: developer-guide/udf/python/udf-python-creating (imports), user-guide/object-clone (functions), and
    # user-guide/account-replication-considerations.
    readable = [f for f in importing if f.grants]
    for function in readable:
        yield Problem(
            where=f"functions.{function.name}.grants",
            message=f"{_roles(function)} may read every file that the function imports, the model among them",
            hint="grant USAGE only to roles that may have the files",
        )
    yield Problem(
        where=f"{desired.database}.{desired.schema}",
        message="a clone of this schema or of its database silently lacks these functions, because their stage is "
        f"in it: {listed([f.name for f in importing], SHOWN)}",
        hint="add the clone as a separate target and run `snowbuild apply` on it",
    )
    yield Problem(
        where=desired.database,
        message="functions with imports are not replicated to other accounts",
        hint="add the other account as a separate target",
    )


def _roles(function: Function) -> str:
    roles = sorted({role for grant in function.grants for role in grant.roles})
    return f"{', '.join(roles[:-1])} and {roles[-1]}" if len(roles) > 1 else roles[0]

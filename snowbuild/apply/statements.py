"""The SQL of actions. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, assert_never

from snowbuild import sql
from snowbuild.plan import ChangeGrant, Define, Drop, Stamp
from snowbuild.render import create_function

if TYPE_CHECKING:
    from snowbuild.plan import Desired, Function
    from snowbuild.sql import Signature


def statement(action: Define | ChangeGrant | Drop, desired: Desired, deployment: int) -> str:
    """The statement that an action executes."""
    match action:
        case Define():
            return define(action.function, desired.project, deployment)
        case ChangeGrant():
            verb, word = ("REVOKE", "FROM") if action.revokes else ("GRANT", "TO")
            function = _qualified(action.signature, desired)
            return f"{verb} {action.privilege} ON FUNCTION {function} {word} ROLE {sql.identifier(action.role)}"
        case Drop():
            return drop(action.signature, desired)
    assert_never(action)


def define(function: Function, project: str, deployment: int, *, name: str | None = None) -> str:
    """Create or replace a function with the deployment's stamp in its comment; `name` overrides its own name."""
    stamp = Stamp(project=project, deployment=deployment, definition=function.sha256[:16])
    definition = replace(
        function.definition,
        comment=stamp.comment(function.definition.comment),
        name=function.definition.name if name is None else name,
    )
    return create_function(definition)


def drop(signature: Signature, desired: Desired) -> str:
    """Drop a function, if it exists."""
    return f"DROP FUNCTION IF EXISTS {_qualified(signature, desired)}"


def _qualified(signature: Signature, desired: Desired) -> str:
    return f"{sql.qualified(desired.database, desired.schema)}.{signature.sql}"

"""ALTER SESSION, and statements without a meaning here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snowbuild.local.engine.session import DEFAULT_TIMEOUT_S
from snowbuild.local.state.warehouses import TIMEOUT, timeout_s
from snowbuild.local.values.results import Result, status
from snowbuild.local.values.tokens import Kind, Reader

if TYPE_CHECKING:
    from snowbuild.local.engine.session import Session

AUTOCOMMIT = "AUTOCOMMIT"


def alter_session(reader: Reader, session: Session) -> Result | None:
    """ALTER SESSION SET name = value … and UNSET name …; most parameters are ignored."""
    reader.expect("ALTER", "SESSION")
    parameters: dict[str, str | None] = {}
    setting = reader.accept("SET")
    if not setting:
        reader.expect("UNSET")
    while reader.here is not None or not parameters:
        name = reader.take(Kind.WORD).upper()
        if setting:
            reader.expect("=")
        parameters[name] = reader.take(Kind.STRING, Kind.WORD, Kind.NUMBER) if setting else None
        reader.accept(",")
    if AUTOCOMMIT in parameters:
        # fakesnow keeps that one.
        return None
    if TIMEOUT in parameters:
        value = parameters[TIMEOUT]
        session.timeout_s = DEFAULT_TIMEOUT_S if value is None else timeout_s(value)
    return status()


def accept(_reader: Reader, _session: Session) -> Result:
    """Statements without an effect here: secondary roles, and changes of roles."""
    return status()

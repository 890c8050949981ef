"""A new definition is tried under a temporary name before it replaces the old one."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from snowbuild import sql
from snowbuild.apply.statements import define, drop
from snowbuild.errors import ApplyError, Problem, TargetError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from snowbuild.apply.port import Target
    from snowbuild.calls.verdicts import Verdict
    from snowbuild.plan import Desired, Function


class CanaryError(ApplyError):
    """A new definition did not answer rows as expected; no function was touched."""


class Trial(Protocol):
    """Runs the rows of a function's tests."""

    def __call__(self, function: Function, name: str) -> Sequence[Verdict]:
        """The verdicts on a function's rows, called under another name; empty if it has no tests."""


def try_canary(function: Function, desired: Desired, *, deployment: int, target: Target, trial: Trial) -> None:
    """Create a function under a canary's name, run its rows, and drop it again.

    Raises:
        CanaryError: a row failed; says which one, with the expected and the actual answer.
        TargetError: it cannot be created.
    """
    name = _canary_name(function)
    signature = replace(function.signature, name=sql.stored(name))
    try:
        target.execute(define(function, desired.project, deployment, name=name))
        failed = [v for v in trial(function, name) if not v.passed]
    except BaseException:
        # Whatever is left behind here, or by a killed process, has our stamp and is dropped by the next deployment.
        with suppress(TargetError):
            target.execute(drop(signature, desired))
        raise
    target.execute(drop(signature, desired))
    if failed:
        raise CanaryError.of(_problem(v) for v in failed)


def _canary_name(function: Function) -> str:
    """A unique name: the function's own, and the digest of its definition."""
    return sql.quoted(f"{sql.stored(function.name)}__CANARY_{function.sha256[:8].upper()}")


def _problem(verdict: Verdict) -> Problem:
    return Problem(
        where=f"functions.{verdict.function}.tests[{verdict.number - 1}]",
        message=f"the canary failed: {verdict.complaint}",
        hint="no function was changed; --no-canary deploys without these tests",
    )

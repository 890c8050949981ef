"""The outcomes of a plan's actions, as they finish."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from snowbuild.errors import INTERRUPTED, ApplyError, Problem
from snowbuild.plan import Action

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from snowbuild.plan import Plan


class Status(StrEnum):
    """How an action ended."""

    DONE = "done"
    UNDONE = "undone"
    """Done, then undone because a later action failed."""
    FAILED = "failed"
    NOT_STARTED = "not started"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """An action and how it ended."""

    action: Action
    status: Status
    seconds: float = 0.0


class Progress:
    """The outcomes of a plan's actions; actions may finish in several threads."""

    def __init__(self, plan: Plan, report: Callable[[Outcome], None]) -> None:
        self._plan = plan
        self._report = report
        self._ended: dict[Action, Outcome] = {}

    @contextmanager
    def during(self, *actions: Action) -> Iterator[None]:
        """Time an action, if there is one, and note how it ended."""
        start, status = time.monotonic(), Status.FAILED
        try:
            yield
            status = Status.DONE
        finally:
            for action in actions:
                self._end(Outcome(action=action, status=status, seconds=time.monotonic() - start))

    def undone(self, action: Action) -> None:
        """Note that a finished action was undone."""
        self._end(replace(self._ended[action], status=Status.UNDONE))

    def _end(self, outcome: Outcome) -> None:
        self._ended[outcome.action] = outcome
        self._report(outcome)

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        """One for each action, in the plan's order."""
        return tuple(self._ended.get(a) or Outcome(action=a, status=Status.NOT_STARTED) for a in self._plan.actions)


class DeploymentStoppedError(ApplyError):
    """A deployment that stopped half-way, with the outcome of each action."""

    def __init__(self, causes: tuple[Problem, ...], outcomes: tuple[Outcome, ...], *, interrupted: bool) -> None:
        counts = [(sum(o.status is status for o in outcomes), status.value) for status in Status]
        self.outcomes = outcomes
        self.exit_code = INTERRUPTED if interrupted else 1
        super().__init__("the deployment stopped")
        summary = Problem(
            message=f"the deployment stopped: {', '.join(f'{n} {words}' for n, words in counts if n)}",
            hint="fix the cause and run `snowbuild apply` again; it continues from here",
        )
        self.problems = (*causes, summary)

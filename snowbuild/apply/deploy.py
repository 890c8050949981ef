"""Plan → deployment: upload, create or replace, grant, drop, record, in this order.

Nothing is overwritten, and what is gone is dropped last: wherever a deployment stops, every function still
finds its files, and the next one goes on from there.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, assert_never

from snowbuild import sql
from snowbuild.errors import ApplyError, Problem, SnowbuildError
from snowbuild.plan import Action, ChangeGrant, Define, Drop, Stamp, Upload, WriteRecord
from snowbuild.plan.record import record_of, to_file
from snowbuild.render import create_function

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from snowbuild.apply.port import Artifacts, Target
    from snowbuild.plan import Desired, DesiredFunction, Plan
    from snowbuild.sql import Signature

UPLOADS_AT_ONCE = 4
"""Files; each may be sent in several parts besides."""


class Status(StrEnum):
    """What became of an action."""

    DONE = "done"
    FAILED = "failed"
    NOT_STARTED = "not started"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """An action, and what became of it."""

    action: Action
    status: Status
    seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """One numbered, recorded apply."""

    number: int
    outcomes: tuple[Outcome, ...]


class DeploymentStoppedError(ApplyError):
    """A deployment that stopped half way, with the outcome of each action."""

    def __init__(self, cause: SnowbuildError, outcomes: tuple[Outcome, ...]) -> None:
        count = {status: sum(o.status is status for o in outcomes) for status in Status}
        self.outcomes = outcomes
        super().__init__("")
        summary = Problem(
            message=f"the deployment stopped: {count[Status.DONE]} done, {count[Status.FAILED]} failed, "
            f"{count[Status.NOT_STARTED]} not started",
            hint="mend the cause and run `snowbuild apply` again; it goes on from here",
        )
        self.problems = (*cause.problems, summary)


class _Progress:
    """The outcomes of a plan's actions as they end; actions may end in several threads."""

    def __init__(self, plan: Plan, report: Callable[[Outcome], None]) -> None:
        self._plan = plan
        self._report = report
        self._ended: dict[Action, Outcome] = {}

    @contextmanager
    def during(self, action: Action) -> Iterator[None]:
        """Time an action and note how it ended."""
        start, status = time.monotonic(), Status.FAILED
        try:
            yield
            status = Status.DONE
        finally:
            outcome = Outcome(action=action, status=status, seconds=time.monotonic() - start)
            self._ended[action] = outcome
            self._report(outcome)

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        """One for each action, in the plan's order."""
        return tuple(self._ended.get(a) or Outcome(action=a, status=Status.NOT_STARTED) for a in self._plan.actions)


def deploy(
    plan: Plan,
    desired: Desired,
    *,
    number: int,
    target: Target,
    artifacts: Artifacts,
    report: Callable[[Outcome], None],
) -> Deployment:
    """Carry out a plan as deployment `number`; `report` hears of each action when it has ended.

    Raises:
        DeploymentStoppedError: an action failed; those before it are done, those after it were not started.
        SnowbuildError: an artifact cannot be had; nothing was done.
    """
    # Everything that cannot be had is named before anything is done.
    local = artifacts.fetch([upload.file for upload in plan.uploads])
    progress = _Progress(plan, report)

    def send(upload: Upload) -> None:
        with progress.during(upload):
            target.upload(local[upload.file], upload.file)

    try:
        target.create_stage()
        _in_parallel([partial(send, upload) for upload in plan.uploads])
        for action in plan.actions[len(plan.uploads) :]:
            with progress.during(action):
                for statement in _statements(action, desired, number):
                    target.execute(statement)
        target.write(*to_file(record_of(desired, number)))
    except SnowbuildError as exc:
        raise DeploymentStoppedError(exc, progress.outcomes) from exc
    return Deployment(number=number, outcomes=progress.outcomes)


def _in_parallel(jobs: list[Callable[[], None]]) -> None:
    with ThreadPoolExecutor(UPLOADS_AT_ONCE) as pool:
        futures = [pool.submit(job) for job in jobs]
        try:
            for future in futures:
                future.result()
        finally:
            pool.shutdown(cancel_futures=True)


def _statements(action: Action, desired: Desired, number: int) -> tuple[str, ...]:
    """The SQL of an action; empty for what is done another way."""
    match action:
        case Define():
            return (stamped(action.function, desired.project, number),)
        case ChangeGrant():
            verb, word = ("REVOKE", "FROM") if action.revokes else ("GRANT", "TO")
            function = _qualified(action.signature, desired)
            role = sql.identifier(action.role)
            return (f"{verb} {action.privilege.upper()} ON FUNCTION {function} {word} ROLE {role}",)
        case Drop():
            return (f"DROP FUNCTION IF EXISTS {_qualified(action.signature, desired)}",)
        case Upload() | WriteRecord():
            return ()
        case _:
            assert_never(action)


def stamped(function: DesiredFunction, project: str, number: int) -> str:
    """The CREATE statement of a function with the deployment's stamp in its comment."""
    stamp = Stamp(project=project, deployment=number, definition=function.sha256[:16])
    return create_function(replace(function.definition, comment=stamp.comment(function.definition.comment)))


def _qualified(signature: Signature, desired: Desired) -> str:
    return f"{sql.qualified(desired.database, desired.schema)}.{signature.sql}"

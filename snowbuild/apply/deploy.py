"""Plan → deployment: upload, canary, create or replace, grant, drop, record, in this order.

Nothing is overwritten, and functions are dropped last: wherever a deployment stops, every function still finds
its files, and the next deployment continues from there. If one of several functions cannot be replaced, those
replaced before it go back to what the last deployment recorded.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from snowbuild.apply.canary import Trial, try_canary
from snowbuild.apply.outcome import DeploymentStoppedError, Outcome, Progress, Status
from snowbuild.apply.port import Artifacts, Target
from snowbuild.apply.statements import define, drop, statement
from snowbuild.errors import Problem, SnowbuildError
from snowbuild.plan import ChangeGrant, Define, Drop, WriteRecord
from snowbuild.plan.record import to_file

if TYPE_CHECKING:
    from snowbuild.plan import Plan, Record, Upload

UPLOADS_AT_ONCE = 4
"""Files uploaded in parallel; each may also be sent in several parts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """One numbered, recorded apply."""

    number: int
    outcomes: tuple[Outcome, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployer:
    """What each deployment to a target needs."""

    target: Target
    artifacts: Artifacts
    report: Callable[[Outcome], None]
    """Called with each outcome, in the thread in which the action finished."""
    trial: Trial | None = None
    """Runs a function's rows on its canary; None for no canaries."""

    def deploy(self, plan: Plan, record: Record, before: Record | None) -> Deployment:
        """Carry out a plan, and record it; `before` is what the last deployment recorded.

        Raises:
            DeploymentStoppedError: an action failed or the user interrupted; says what was done, undone and not
                started.
            SnowbuildError: an artifact is not available; nothing was done.
        """
        # Every missing artifact is reported before anything is done.
        local = self.artifacts.fetch([upload.file for upload in plan.uploads])
        progress = Progress(plan, self.report)

        def send(upload: Upload) -> None:
            with progress.during(upload):
                self.target.upload(local[upload.file], upload.file)

        desired, number = record.desired, record.deployment
        try:
            self.target.create_stage()
            _in_parallel([partial(send, upload) for upload in plan.uploads])
            self._try_canaries(plan, record)
            for action in plan.actions:
                if isinstance(action, Define | ChangeGrant | Drop):
                    with progress.during(action):
                        self.target.execute(statement(action, desired, number))
            # Recording is a separate action only if it is the only one.
            with progress.during(*(action for action in plan.actions if isinstance(action, WriteRecord))):
                self.target.write(*to_file(record))
        except (SnowbuildError, KeyboardInterrupt) as exc:
            interrupted = isinstance(exc, KeyboardInterrupt)
            causes = (Problem(message="interrupted"),) if isinstance(exc, KeyboardInterrupt) else exc.problems
            stuck = self._undo(progress, record, before)
            raise DeploymentStoppedError((*causes, *stuck), progress.outcomes, interrupted=interrupted) from exc
        return Deployment(number=number, outcomes=progress.outcomes)

    def _try_canaries(self, plan: Plan, record: Record) -> None:
        if self.trial is None:
            return
        for action in plan.actions:
            if isinstance(action, Define):
                try_canary(
                    action.function,
                    record.desired,
                    deployment=record.deployment,
                    target=self.target,
                    trial=self.trial,
                )

    def _undo(self, progress: Progress, record: Record, before: Record | None) -> tuple[Problem, ...]:
        """Undo the definitions if not all succeeded; gives the problems of those that cannot be undone."""
        defined = [(o.action, o.status) for o in progress.outcomes if isinstance(o.action, Define)]
        if all(status is Status.DONE for _, status in defined):
            return ()
        problems: list[Problem] = []
        for action in [action for action, status in reversed(defined) if status is Status.DONE]:
            undoing = _undoing(action, record, before)
            if undoing is None:
                what = "stays replaced, because no deployment recorded the previous definition"
                problems.append(Problem(where=action.name, message=what))
                continue
            try:
                self.target.execute(undoing)
                progress.undone(action)
            except SnowbuildError as exc:
                problems += exc.problems
        return tuple(problems)


def _undoing(action: Define, record: Record, before: Record | None) -> str | None:
    """The statement that undoes a definition; None if no deployment recorded what it replaced."""
    signature = action.function.signature
    if not action.replaces:
        return drop(signature, record.desired)
    if before is None:
        return None
    previous = next((f for f in before.desired.functions if f.signature == signature), None)
    return None if previous is None else define(previous, before.desired.project, before.deployment)


def _in_parallel(jobs: list[Callable[[], None]]) -> None:
    with ThreadPoolExecutor(UPLOADS_AT_ONCE) as pool:
        futures = [pool.submit(job) for job in jobs]
        try:
            for future in futures:
                future.result()
        finally:
            pool.shutdown(cancel_futures=True)

"""One deployment at a time: a lease that is kept in the target itself.

It is a function that does nothing. CREATE FUNCTION without OR REPLACE fails if the function exists, so of two
concurrent attempts one wins; and it needs no privilege that a deployment does not need anyway.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from snowbuild.errors import ApplyError, TargetError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

POLL_S = 2.0

UNSEEN_TRIES = 3
"""How often in a row a lease may turn out to be taken by no one, because it was released in between."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Who has held the lease, and since when."""

    who: str
    """User, host and process."""
    since: str
    """UTC, ISO 8601, to the second."""

    def __str__(self) -> str:
        return f"held by {self.who} since {self.since}"


UNKNOWN = Holder(who="someone this role cannot see", since="an unknown time")


class Leases(Protocol):
    """Where leases are kept."""

    def take(self, project: str, holder: Holder) -> bool:
        """Take the lease of a project; False if it is already taken."""

    def holder(self, project: str) -> Holder | None:
        """Who holds it; None if nobody does."""

    def release(self, project: str) -> None:
        """Release it, no matter who holds it."""


class LeaseTakenError(ApplyError):
    """Somebody else is deploying."""


@contextmanager
def lease(
    leases: Leases,
    project: str,
    holder: Holder,
    *,
    wait_s: float | None = None,
    on_wait: Callable[[Holder], None] = lambda _: None,
    on_stuck: Callable[[TargetError], None] = lambda _: None,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[None]:
    """Hold the lease of a project during the block; wait up to `wait_s` seconds for it.

    `wait_s` is None for commands without --wait, so that no hint mentions it. `on_stuck` is told why the lease could
    not be released; what was done under it is done all the same.

    Raises:
        LeaseTakenError: somebody else holds it; says who and since when.
    """
    waited, unseen = 0.0, 0
    while not leases.take(project, holder):
        other = leases.holder(project)
        unseen = 0 if other else unseen + 1
        if other is None and unseen <= UNSEEN_TRIES:
            continue
        other = other or UNKNOWN
        if waited == 0.0 and wait_s:
            on_wait(other)
        if waited >= (wait_s or 0.0):
            again = "try again when it has finished" if wait_s is None else "wait for it with --wait"
            raise LeaseTakenError(
                f"another deployment is under way, {other}",
                where=project,
                hint=f"{again}; if its process has died, run `snowbuild unlock`",
            )
        sleep(POLL_S)
        waited += POLL_S
    try:
        yield
    finally:
        try:
            # After an `unlock`, somebody else may have taken it: theirs stays.
            if leases.holder(project) == holder:
                leases.release(project)
        except TargetError as exc:
            on_stuck(exc)

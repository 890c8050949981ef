"""Errors on the way to Snowflake: whether to retry, and what to say if not."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

T = TypeVar("T")


class Fault(StrEnum):
    """What an error means for the request."""

    FINAL = "final"
    """Refused; a retry would be refused as well."""
    LOST = "lost"
    """The connection broke, or the server was busy or did not answer: worth a retry."""
    EXPIRED = "expired"
    """The login has expired."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How often, and how long, to try. Each time, the connector itself has tried for `REQUEST_S` under one request id,
    so that a statement is not run twice."""

    tries: int = 3
    first_pause_s: float = 0.5
    """Doubled with each attempt, plus some jitter."""
    longest_pause_s: float = 8.0


REQUEST_S = 30.0
"""For how long the connector sends a request again."""

# The connector's own numbers (errorcode.py): the request failed, no answer, timeout, retryable answer; and failed
# transfers from and to a stage, and of a result's chunk.
LOST = frozenset({250003, 250005, 251011, 251012, 252010, 253002, 253003})
# Snowflake's (network.py): tokens of the login, of the session, of OAuth; and HTTP's "unauthorized".
EXPIRED = frozenset({390104, 390110, 390111, 390112, 390113, 390114, 390115, 390195, 390303, 390318, 290401, 401})
SESSION_CLOSED = frozenset({"1402", "1404"})
"""Snowpark's."""

HTTP = 290_000
"""The connector adds it to the HTTP status."""

REPEATABLE = re.compile(
    r"\s*(?:SHOW|DESC|DESCRIBE|LIST|LS|SELECT|PUT|GET|REMOVE|RM|GRANT|REVOKE|COMMENT|USE|CREATE\s+OR\s+REPLACE"
    r"|(?:CREATE|DROP)\s+\w+\s+IF\s+(?:NOT\s+)?EXISTS)\b",
    re.IGNORECASE,
)


def backoff(limit_s: float = REQUEST_S) -> Callable[[], Iterator[int]]:
    """The connector's `backoff_policy`: the pauses between its own attempts, in seconds, up to a limit.

    By default it never stops, and `network_timeout`, which would stop it, cancels every statement that takes as long.
    """

    def pauses() -> Iterator[int]:
        from snowflake.connector.errors import OperationalError

        start, pause = time.monotonic(), 1
        while time.monotonic() - start < limit_s:
            yield pause
            pause = min(2 * pause, 8)
        raise OperationalError(f"no answer for {time.monotonic() - start:.0f} s", errno=250003)

    return pauses


def is_repeatable(statement: str) -> bool:
    """Whether running a statement twice has the same effect as running it once."""
    return REPEATABLE.match(statement) is not None


def fault_of(error: BaseException) -> Fault:
    """Classify an error of the connector, of Snowpark or of a socket."""
    from snowflake.connector.errors import NonRetryableTlsError, OtherHTTPRetryableError, RequestExceedMaxRetryError
    from snowflake.connector.network import ReauthenticationRequest
    from snowflake.connector.vendored.requests import exceptions as requests

    # Snowpark wraps the connector's error.
    cause = getattr(error, "conn_error", None) or error
    number = int(getattr(cause, "errno", None) or 0)
    broken = (ConnectionError, TimeoutError, requests.ConnectionError, requests.Timeout, requests.ChunkedEncodingError)
    match cause:
        case NonRetryableTlsError():
            return Fault.FINAL
        case ReauthenticationRequest():
            return Fault.EXPIRED
        case RequestExceedMaxRetryError() | OtherHTTPRetryableError():
            return Fault.LOST
        case requests.HTTPError(response=response) if response is not None:
            return Fault.LOST if _is_busy(response.status_code) else Fault.FINAL
        case _ if isinstance(cause, broken):
            return Fault.LOST
    if number in EXPIRED or getattr(error, "error_code", None) in SESSION_CLOSED:
        return Fault.EXPIRED
    return Fault.LOST if number in LOST or _is_busy(number) or _is_busy(number - HTTP) else Fault.FINAL


def _is_busy(status: int) -> bool:
    return status in (408, 429) or 500 <= status < 600


def persist(work: Callable[[], T], patience: Patience, notice: Callable[[str], None]) -> T:
    """Do something repeatable, with retries while the connection fails; the last error is raised."""
    import tenacity

    def say(state: tenacity.RetryCallState) -> None:
        pause_s = state.next_action.sleep if state.next_action else 0.0
        notice(
            f"the connection broke; trying again in {pause_s:.1f} s ({state.attempt_number + 1} of {patience.tries})"
        )

    retrying = tenacity.Retrying(
        retry=tenacity.retry_if_exception(lambda error: fault_of(error) is Fault.LOST),
        stop=tenacity.stop_after_attempt(patience.tries),
        wait=tenacity.wait_exponential(multiplier=patience.first_pause_s, max=patience.longest_pause_s)
        + tenacity.wait_random(0, patience.first_pause_s),
        before_sleep=say,
        reraise=True,
    )
    return retrying(work)

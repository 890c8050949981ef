"""The one tree of errors: what is wrong, where, and what to type next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong with the input."""

    message: str
    """What was found and what was expected; one sentence without a full stop."""
    where: str | None = None
    """A key path, a file with its line, or the name of what failed."""
    hint: str | None = None
    """The next thing to type or to change."""

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        advice = f"\nhint: {self.hint}" if self.hint else ""
        return f"{place}{self.message}{advice}"


INTERRUPTED = 130
"""The exit code after an interruption, as in shells: 128 plus the number of SIGINT."""


class SnowbuildError(Exception):
    """Something that the user can fix; `cli` prints it without a traceback and exits with `exit_code`."""

    exit_code = 1

    def __init__(self, message: str, *, where: str | None = None, hint: str | None = None) -> None:
        self.problems: tuple[Problem, ...] = (Problem(message=message, where=where, hint=hint),)
        super().__init__(message)

    @classmethod
    def of(cls, problems: Iterable[Problem]) -> Self:
        """Report every problem at once; at least one is needed."""
        first, *rest = problems
        error = cls(first.message, where=first.where, hint=first.hint)
        error.problems = (first, *rest)
        return error

    def __str__(self) -> str:
        return "\n".join(map(str, self.problems))


class ConfigError(SnowbuildError):
    """snowbuild.toml, or a file that it names, cannot be used as it is."""


class ResolutionError(SnowbuildError):
    """No set of distributions satisfies the requirements, or an index could not be read."""


class StaleLockError(SnowbuildError):
    """The lockfile is missing, does not match its inputs, or was damaged."""


class TreeError(SnowbuildError):
    """A folder's files, a model's or a wheel's, cannot be listed, digested or packed."""


class ModelError(SnowbuildError):
    """A trained model is not there, is damaged, or cannot run where it is to be served."""


class RenderError(SnowbuildError):
    """A template is missing or does not render."""


class EnvironmentBuildError(SnowbuildError):
    """A Python environment could not be built from the lockfile."""


class DigestMismatchError(SnowbuildError):
    """Bytes differ from the locked ones."""

    def __init__(self, what: str, *, expected: str, actual: str, hint: str | None = None) -> None:
        self.expected = expected
        self.actual = actual
        super().__init__(
            f"the digest differs\n  expected  sha256:{expected}\n  actual    sha256:{actual}",
            where=what,
            hint=hint,
        )


class TargetError(SnowbuildError):
    """A target cannot be reached, or is not the intended one."""


class StageError(TargetError):
    """A file could not be listed on, put on or read from a stage."""


class SqlError(TargetError):
    """Snowflake refused a statement, or a function raised; the message is Snowflake's own."""


class StalePlanError(SnowbuildError):
    """A plan no longer fits the target or the lockfile that it was made from."""


class ApplyError(SnowbuildError):
    """A deployment stopped half-way; says what was done, what failed and what was not started."""

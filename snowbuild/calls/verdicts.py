"""Whether a function's answer to a row is what the row asks for, and what the row should ask for instead. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

from snowbuild.calls.answers import Answer, agrees, digits, json_text, probabilities
from snowbuild.config.values import FunctionTest, Json

if TYPE_CHECKING:
    from collections.abc import Mapping

TRACEBACK = "Traceback (most recent call last):"


class Check(StrEnum):
    """What a row can ask for: its keys in snowbuild.toml."""

    VALUE = "expect"
    CLASS = "class"
    PROBABILITY = "min-probability"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The result of a test's row."""

    function: str
    number: int
    """Counted from 1 within the function."""
    test: FunctionTest
    answer: Answer = None
    error: str | None = None
    """Snowflake's message, if the call failed."""

    @property
    def failures(self) -> Mapping[Check, str]:
        """What the row asks for but did not get."""
        return {} if self.error is not None else failures(self.test, self.answer)

    @property
    def passed(self) -> bool:
        """Whether the call succeeded and returned what was asked for."""
        return self.error is None and not self.failures

    @property
    def complaint(self) -> str:
        """What is wrong with a row that did not pass."""
        return "; ".join(self.failures.values()) if self.error is None else self.error


def failures(test: FunctionTest, answer: Answer) -> dict[Check, str]:
    """What a row asks for and an answer does not have, each with what was expected and found; empty if it passes."""
    found = {}
    if test.compares and not agrees(test.expect, answer, test.tolerance, test.absolute_tolerance):
        found[Check.VALUE] = f"expected {json_text(test.expect)}, got {json_text(answer)}"
    if test.label is not None:
        if not _is_class(test.label, answer):
            found[Check.CLASS] = f"expected class {json_text(test.label)}, got {json_text(_class_of(answer))}"
        if test.min_probability is not None and (problem := _improbable(test.label, test.min_probability, answer)):
            found[Check.PROBABILITY] = problem
    return found


def expectation(test: FunctionTest) -> dict[str, Json]:
    """What a row asks for, by its keys in snowbuild.toml; empty if any answer will do."""
    wanted: dict[str, Json] = {Check.VALUE.value: test.expect} if test.compares else {}
    if test.label is not None:
        wanted[Check.CLASS.value] = test.label
    if test.min_probability is not None:
        wanted[Check.PROBABILITY.value] = test.min_probability
    return wanted


def corrections(test: FunctionTest, answer: Answer) -> dict[Check, Json]:
    """What a row should ask for instead: each value that is wrong, or the answer itself if nothing is asked for.

    How probable a class must be is for people to decide, so that is never corrected.
    """
    wrong = failures(test, answer)
    found: dict[Check, Json] = {}
    if Check.VALUE in wrong or not expectation(test):
        found[Check.VALUE] = digits(answer) if isinstance(answer, Decimal) else answer
    label = _class_of(answer)
    if Check.CLASS in wrong and isinstance(label, str | bool | int | float):
        found[Check.CLASS] = label
    return found


def corrected(test: FunctionTest, changes: Mapping[Check, Json]) -> FunctionTest:
    """The row with other expectations."""
    if Check.VALUE in changes:
        test = replace(test, expect=changes[Check.VALUE], compares=True)
    return replace(test, label=changes.get(Check.CLASS, test.label))


def without_traceback(error: str) -> str:
    """Only the exception of an error that contains the traceback of a function's Python."""
    _, found, trace = error.rpartition(TRACEBACK)
    # Snowflake adds " in function F with handler h" on a separate line; files and code are indented further.
    lines = [line.strip() for line in trace.splitlines() if line.strip() and not line.startswith("  ")]
    return " ".join(lines) if found and lines else error


def _class_of(answer: Answer) -> Answer:
    """The class that an answer means: the prediction, or the most probable class, or else the answer itself."""
    if isinstance(answer, dict):
        if "prediction" in answer:
            return answer["prediction"]
        if known := probabilities(answer):
            return max(known, key=known.__getitem__)
    return answer


def _is_class(label: Json, answer: Answer) -> bool:
    found = _class_of(answer)
    if isinstance(found, str) and isinstance(answer, dict) and "prediction" not in answer:
        return _names(found, label)
    if isinstance(label, bool) or isinstance(found, bool):
        return label is found
    return label == found


def _names(key: str, label: Json) -> bool:
    """Whether a key of an OBJECT means a class: keys are always text, classes may not be."""
    if isinstance(label, int | float) and not isinstance(label, bool):
        try:
            return float(key) == label
        except ValueError:
            return False
    return key == str(label)


def _improbable(label: Json, least: float, answer: Answer) -> str | None:
    """What is wrong with a class's probability; None if it is high enough."""
    known = probabilities(answer)
    if not known:
        return "no probabilities in the answer"
    found = max((value for key, value in known.items() if _names(key, label)), default=0.0)
    if found >= least:
        return None
    return f"expected a probability of at least {least:g} for class {json_text(label)}, got {found:g}"

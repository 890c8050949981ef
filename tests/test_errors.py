from __future__ import annotations

import inspect

import pytest

from snowbuild import errors
from snowbuild.errors import ConfigError, DigestMismatchError, Problem, SnowbuildError

CLASSES = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, Exception)]


def test_every_error_is_of_the_one_tree() -> None:
    assert all(issubclass(kind, SnowbuildError) for kind in CLASSES)
    assert all(kind.__doc__ for kind in CLASSES)


@pytest.mark.parametrize(
    ("problem", "text"),
    [
        (Problem(message="missing"), "missing"),
        (Problem(message="missing", where="project.name"), "project.name: missing"),
        (Problem(message="missing", hint="add it"), "missing\nhint: add it"),
        (Problem(message="missing", where="project.name", hint="add it"), "project.name: missing\nhint: add it"),
    ],
)
def test_a_problem_says_where_what_and_what_next(problem: Problem, text: str) -> None:
    assert str(problem) == text
    assert str(SnowbuildError(problem.message, where=problem.where, hint=problem.hint)) == text


def test_an_error_of_several_problems_keeps_its_class_and_their_order() -> None:
    problems = [Problem(message="b", where="y", hint="h"), Problem(message="a", where="x")]
    error = ConfigError.of(iter(problems))
    assert type(error) is ConfigError
    assert error.problems == tuple(problems)
    assert str(error) == "y: b\nhint: h\nx: a"


def test_an_error_needs_a_problem() -> None:
    with pytest.raises(ValueError, match="not enough values to unpack"):
        ConfigError.of([])


def test_digests_stand_under_each_other() -> None:
    error = DigestMismatchError("a-1-py3-none-any.whl", expected="0" * 64, actual="f" * 64, hint="snowbuild lock")
    assert str(error) == (
        "a-1-py3-none-any.whl: the digest differs\n"
        f"  expected  sha256:{'0' * 64}\n"
        f"  actual    sha256:{'f' * 64}\n"
        "hint: snowbuild lock"
    )
    assert (error.expected, error.actual) == ("0" * 64, "f" * 64)


@pytest.mark.parametrize("kind", [kind for kind in CLASSES if kind is not DigestMismatchError])
def test_every_error_takes_a_place_and_a_hint(kind: type[SnowbuildError]) -> None:
    assert str(kind("what", where="where", hint="next")) == "where: what\nhint: next"

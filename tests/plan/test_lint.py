"""What is said about a plan that is right, and may surprise all the same."""

from __future__ import annotations

from dataclasses import replace

import pytest

from snowbuild.config.values import FunctionConfig, FunctionTest, Grant
from snowbuild.plan import Define, Desired, Function, Plan
from snowbuild.plan.lint import lint, untried
from snowbuild.render.values import FunctionDefinition


def function(name: str, *, files: tuple[str, ...] = ("p/modules/x/f.py",), roles: tuple[str, ...] = ()) -> Function:
    definition = FunctionDefinition(
        database="ML", schema="S", name=name, returns="FLOAT", runtime_version="3.11", handler="f.handler"
    )
    grants = (Grant(privilege="USAGE", roles=roles),) if roles else ()
    return Function(name=name, definition=definition, sha256="0" * 64, files=files, grants=grants)


def notices(*functions: Function) -> list[str]:
    desired = Desired(project="p", database="ML", schema="S", lock_sha256="0" * 64, functions=functions)
    actions = tuple(Define(function=f, replaces=False, reason="new") for f in functions)
    return [f"{p.where}: {p.message}" for p in lint(Plan(actions=actions, kept=0), desired)]


CLONED = (
    "ML.S: a clone of this schema or of its database silently lacks these functions, because their stage is in it: "
)
REPLICATED = "ML: functions with imports are not replicated to other accounts"


def test_without_grants_nobody_reads_the_imports() -> None:
    assert notices(function("f")) == [CLONED + "f", REPLICATED]


def test_grantees_read_the_imports() -> None:
    assert notices(function("f", roles=("A", "B", "C")))[0] == (
        "functions.f.grants: A, B and C may read every file that the function imports, the model among them"
    )


def test_many_functions_are_not_all_named() -> None:
    assert notices(*(function(name) for name in "abcde"))[0] == CLONED + "a, b, c and 2 more"


def test_what_has_no_imports_or_is_kept_gives_no_notice() -> None:
    assert notices(function("f", files=(), roles=("A",))) == []
    desired = Desired(project="p", database="ML", schema="S", lock_sha256="0" * 64, functions=(function("f"),))
    assert lint(Plan(actions=(), kept=1), desired) == ()


def test_a_replaced_function_is_looked_at_again() -> None:
    desired = Desired(project="p", database="ML", schema="S", lock_sha256="0" * 64, functions=(function("f"),))
    action = Define(function=replace(function("f"), name="f"), replaces=True, reason="changed")
    assert len(lint(Plan(actions=(action,), kept=0), desired)) == 2


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ("a", "a has no tests, and is deployed untried"),
        ("abcde", "a, b, c and 2 more have no tests, and are deployed untried"),
    ],
)
def test_functions_without_tests_are_deployed_untried(names: str, message: str) -> None:
    tested = FunctionConfig(name="t", tests=(FunctionTest(arguments=()),))
    actions = tuple(Define(function=function(name), replaces=False, reason="new") for name in f"{names}t")
    configured = (*(FunctionConfig(name=name) for name in f"{names}z"), tested)
    (notice,) = untried(Plan(actions=actions, kept=0), configured)
    assert str(notice) == (
        f"functions: {message}\nhint: add [[functions.a.tests]]: a deployment tries them before it replaces anything"
    )
    assert untried(Plan(actions=actions[-1:], kept=0), configured) == ()

"""SIGKILL at any moment leaves a target that answers, and from which the next deployment converges."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING

import pytest

from tests.faults.project import FUNCTIONS, write

if TYPE_CHECKING:
    from pathlib import Path

    from tests.faults.project import Observer
    from tests.faults.zygote import Ended, Zygote

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::ResourceWarning")]

BOUNDARIES = 3 + 3
"""Uploads of three handlers, replacements of three functions: each reports one line when it has ended."""
RANDOM_TIMES = 50
variants = iter(range(2, 10_000))


def check_and_converge(folder: Path, commands: Zygote, observer: Observer, variant: int) -> Ended:
    """After a kill: every function answers, as before or as after; then one more deployment makes all as after."""
    answers = observer.answers()
    assert answers.keys() == set(FUNCTIONS), "a function is gone"
    assert set(answers.values()) <= {variant - 1, variant}, answers
    assert observer.broken_imports() == []
    commands.run(folder, "unlock", "--yes")
    ended = commands.run(folder, "apply", "--yes")
    assert ended.code == 0, ended.output
    assert observer.answers() == dict.fromkeys(FUNCTIONS, variant)
    assert observer.plan_is_empty()
    return ended


@pytest.mark.parametrize("boundary", range(1, BOUNDARIES + 1))
def test_killed_at_a_boundary(folder: Path, commands: Zygote, observer: Observer, boundary: int) -> None:
    variant = next(variants)
    write(folder, variant)
    child = commands.start(folder, "apply", "--yes")
    # The plan has two words a line in brackets; a line of an action that has ended goes on with its seconds.
    assert child.wait_for_lines(" s\n", boundary)
    child.kill()
    child.wait()
    check_and_converge(folder, commands, observer, variant)


def test_killed_at_random_times(folder: Path, commands: Zygote, observer: Observer) -> None:
    chance = random.Random(20261101)  # noqa: S311  # The same times at each run.
    variant = next(variants)
    write(folder, variant)
    start = time.monotonic()
    assert commands.run(folder, "apply", "--yes").code == 0
    whole = time.monotonic() - start
    killed = 0
    for _ in range(RANDOM_TIMES):
        variant = next(variants)
        write(folder, variant)
        child = commands.start(folder, "apply", "--yes")
        time.sleep(chance.uniform(0.0, whole))
        child.kill()
        killed += child.wait().code < 0
        check_and_converge(folder, commands, observer, variant)
    assert killed

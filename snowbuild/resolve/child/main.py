"""The process that resolves: a Question as JSON on standard input, an Answer as JSON on standard output.

It is a separate process because the hooks into pip and pip-tools are global, and because the caller's environment
must not reach them.
"""

from __future__ import annotations

import gc
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import msgspec
from packaging.specifiers import SpecifierSet

from snowbuild.errors import ResolutionError
from snowbuild.resolve.redact import redacted, secrets_of
from snowbuild.resolve.values import Answer, Failure, Question

# The hooks depend on internals of both: other versions may silently ignore them and resolve for the host.
SUPPORTED = {"pip": SpecifierSet(">=25.3,<26.4"), "pip-tools": SpecifierSet(">=7.6,<7.7")}

SWITCH_S = 0.0005

GARBAGE = 100_000
"""Allocations between garbage collections."""


def answer(question: Question) -> Answer:
    """Resolve; anything that the user can fix is returned as a failure, without credentials."""
    request = question.request
    secrets = secrets_of((*request.index_urls, *(r.partition("@")[2].strip() for r in request.requirements)))
    try:
        check_versions()
        found = _resolve(question)
    except ResolutionError as exc:
        problem = exc.problems[0]
        found = Answer(failure=Failure(message=problem.message, where=problem.where, hint=problem.hint))
    if found.failure is None:
        return found
    texts = {name: getattr(found.failure, name) for name in ("message", "where", "hint")}
    shown = {name: None if text is None else redacted(text, secrets) for name, text in texts.items()}
    return Answer(failure=Failure(message=shown["message"] or "", where=shown["where"], hint=shown["hint"]))


def check_versions() -> None:
    """Refuse versions of pip and pip-tools that the hooks were not written for.

    Raises:
        ResolutionError: another version is installed, or none at all.
    """
    for name, supported in SUPPORTED.items():
        try:
            found = version(name)
        except PackageNotFoundError:
            found = None
        if found is None or not supported.contains(found, prereleases=True):
            raise ResolutionError(
                f"{name} is missing; {supported} is needed"
                if found is None
                else f"{name} {found} cannot be used; {supported} is needed",
                hint=f"{Path(sys.executable).name} -m pip install '{name}{supported}'",
            )


def _resolve(question: Question) -> Answer:
    from snowbuild.resolve.child.failure import failure
    from snowbuild.resolve.child.outcome import distributions
    from snowbuild.resolve.child.solver import THREADS, Solver, Unsolvable

    cache = Path(question.cache)
    try:
        solver = Solver(question.request, cache)
        result = solver.solve()
        with ThreadPoolExecutor(THREADS) as pool:
            return Answer(distributions=distributions(result, solver, question.request, pool))
    except Unsolvable as exc:
        return Answer(failure=failure(exc, question.request))
    except OSError as exc:
        raise ResolutionError(f"{exc.strerror or exc}", where="the resolver's cache") from exc


def main() -> None:
    """Read the question, write the answer, and exit."""
    question = msgspec.json.decode(sys.stdin.buffer.read(), type=Question)
    output = sys.stdout.buffer
    # Anything that pip prints must not end up in the answer.
    sys.stdout = sys.stderr
    # Otherwise threads that parse pages keep the solver waiting for 5 ms after every system call.
    sys.setswitchinterval(SWITCH_S)
    # Nearly everything lives until the end; collecting garbage every 700 objects took a tenth of a resolution.
    gc.set_threshold(GARBAGE, 50, 100)
    output.write(msgspec.json.encode(answer(question)))
    output.flush()
    # Prefetching requests may still be under way; do not wait for them.
    os._exit(0)

"""The bytecode step: every wheel for the stage, compiled or not, as `runtime.bytecode` says."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from snowbuild.digest import sha256_file
from snowbuild.environments.interpreter import find_interpreter
from snowbuild.errors import EnvironmentBuildError, SnowbuildError
from snowbuild.wheels.bytecode import archive_name, compile_wheel
from snowbuild.wheels.download import fetch_wheel

if TYPE_CHECKING:
    from pathlib import Path

    from snowbuild.config.values import Config
    from snowbuild.distribution import BytecodeArchive, Distribution, Wheel

WORKERS = 4
"""Wheels in parallel; most of the time is spent waiting for the index and for other processes."""


def with_bytecode(
    config: Config, distributions: tuple[Distribution, ...], before: tuple[Distribution, ...]
) -> tuple[Distribution, ...]:
    """Compile the wheels that have to be and were not `before`; store their archives among the artifacts.

    Raises:
        EnvironmentBuildError: there is no Python of the runtime's version here, or it failed.
        SnowbuildError: a wheel is not available, or cannot be unpacked.
    """
    if not config.bytecode:
        return tuple(replace(d, bytecode=None) for d in distributions)
    archives = {d.staged.sha256: d.bytecode for d in before if d.staged is not None and is_settled(config, d)}
    missing = [d.staged for d in distributions if d.staged is not None and d.staged.sha256 not in archives]
    if missing:
        compile_one = partial(compile_locked, config, interpreter=interpreter_of(config))
        with ThreadPoolExecutor(WORKERS) as executor:
            archives |= zip((wheel.sha256 for wheel in missing), executor.map(compile_one, missing), strict=True)
    return tuple(replace(d, bytecode=archives[d.staged.sha256] if d.staged else None) for d in distributions)


def is_settled(config: Config, distribution: Distribution) -> bool:
    """Whether what a distribution puts on the stage is what the configuration asks for."""
    if distribution.staged is None or not config.bytecode:
        return distribution.bytecode is None
    wanted = archive_name(distribution.staged.filename, config.runtime.version)
    return distribution.bytecode is not None and distribution.bytecode.filename == wanted


def interpreter_of(config: Config) -> Path:
    """A Python that compiles for the runtime.

    Raises:
        EnvironmentBuildError: there is none here.
    """
    try:
        return find_interpreter(config.runtime.version)
    except EnvironmentBuildError as exc:
        (problem,) = exc.problems
        hint = f"{problem.hint}; or remove runtime.bytecode from {config.path.name}"
        raise EnvironmentBuildError(problem.message, where="runtime.bytecode", hint=hint) from exc


def compile_locked(config: Config, wheel: Wheel, *, interpreter: Path) -> BytecodeArchive:
    """Compile a locked wheel, fetching it first if necessary.

    Raises:
        EnvironmentBuildError, SnowbuildError: as `with_bytecode`.
    """
    folder = config.state / "artifacts" / "wheels"
    place = folder / wheel.sha256[:16] / wheel.filename
    try:
        if not place.is_file() or sha256_file(place) != wheel.sha256:
            fetch_wheel(wheel, place, root=config.root, index_urls=config.dependencies.index_urls)
        return compile_wheel(place, version=config.runtime.version, interpreter=interpreter, folder=folder)
    except OSError as exc:
        raise SnowbuildError(
            f"cannot be written: {exc.strerror or exc}",
            where=str(folder),
            hint="make room there, and make it writable",
        ) from exc

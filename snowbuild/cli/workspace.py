"""What commands start from: the configuration, its lock, and an open target."""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from snowbuild import pipeline
from snowbuild.cli import console
from snowbuild.digest import sha256_file
from snowbuild.errors import ConfigError, ModelError, Problem
from snowbuild.lock import Lock, read_lock, write_lock
from snowbuild.wording import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snowbuild.config.values import Config, TargetConfig
    from snowbuild.environments.build import Environment
    from snowbuild.snowflake.target import SnowflakeTarget


@dataclass(frozen=True, slots=True, kw_only=True)
class LockState:
    """The lock that a command works from."""

    lock: Lock
    sha256: str
    """Of the lockfile's bytes."""
    changed: bool
    """Whether this command wrote it."""
    previous: Lock | None = None
    """The one that was there before."""
    absent: tuple[Problem, ...] = ()
    """Models that are not trained yet."""
    notes: tuple[Problem, ...] = ()
    """What deserves a look; said already."""

    def to_json(self, config: Config) -> dict[str, object]:
        """The key `lock` of schema `snowbuild.plan/1`."""
        return {"path": config.lock_path.name, "digest": f"sha256:{self.sha256}", "changed": self.changed}


def cache_folder() -> Path:
    """The user's cache, shared by all projects: index pages and metadata."""
    import platformdirs

    return Path(os.environ.get("SNOWBUILD_CACHE_DIR") or platformdirs.user_cache_dir("snowbuild", appauthor=False))


def warn_of_runtime(config: Config) -> None:
    """Warn if the runtime is a Python that Snowflake has deprecated."""
    problem = config.runtime.notice(datetime.now(UTC).date())
    if problem is not None:
        console.warning(f"{problem.where}: {problem.message}; {problem.hint}")


def update_lock(
    config: Config,
    *,
    upgrade: pipeline.Upgrade | None = None,
    needs_models: bool = False,
    access: pipeline.ModelAccess = pipeline.ModelAccess.LOAD,
) -> LockState:
    """Bring the lockfile up to date; untouched when nothing changed. `access` as for `make_lock`.

    Raises:
        ModelError: `needs_models` is set, and a model is neither here nor locked.
    """
    warn_of_runtime(config)
    previous = read_lock(config.lock_path) if config.lock_path.exists() else None
    locked = pipeline.make_lock(
        config, previous, cache=cache_folder, upgrade=upgrade or pipeline.Upgrade(), access=access
    )
    for note in locked.notes:
        console.note(note)
    if needs_models and locked.absent:
        raise ModelError.of(locked.absent)
    # An equal lock is not even serialized for comparison: that alone would take as long as everything else.
    changed = locked.lock != previous and write_lock(config.lock_path, locked.lock)
    if changed:
        # A process killed while locking has written no lockfile; the next one that does cleans up after it.
        pipeline.sweep(config.state)
    return LockState(
        lock=locked.lock,
        sha256=sha256_file(config.lock_path),
        changed=changed,
        previous=previous,
        absent=locked.absent,
        notes=locked.notes,
    )


def read_locked(config: Config) -> LockState:
    """Read the lockfile as it is, up to date or not."""
    return LockState(lock=read_lock(config.lock_path), sha256=sha256_file(config.lock_path), changed=False)


def require_lock(config: Config) -> LockState:
    """Read the lockfile; refuse one that is out of date."""
    warn_of_runtime(config)
    state = read_locked(config)
    notes = pipeline.check_fresh(config, state.lock)
    for note in notes:
        console.note(note)
    return replace(state, notes=notes)


def lock_for(config: Config, *, locked: bool) -> LockState:
    """The lock to plan from: as it is with --locked, brought up to date otherwise."""
    if locked:
        return require_lock(config)
    state = update_lock(config, needs_models=True, access=pipeline.ModelAccess.READ)
    _say_updated(config, state)
    return state


def locked_environment(config: Config) -> Environment:
    """The environment of the lockfile, both brought up to date."""
    from snowbuild.environments.build import build_environment

    # A model that does not fit must not prevent training its successor, or looking at it.
    _say_updated(config, update_lock(config, access=pipeline.ModelAccess.NONE))
    console.notice(f"environment of {config.lock_path.name} for Python {config.runtime.version}")
    return build_environment(config.state / "environments", python=config.runtime.version, lockfile=config.lock_path)


def _say_updated(config: Config, state: LockState) -> None:
    if state.changed:
        console.notice(f"updated {config.lock_path.name}: {counted(len(state.lock.distributions), 'distribution')}")


def choose_target(config: Config, name: str | None) -> TargetConfig:
    """The target of that name, or the default one.

    Raises:
        ConfigError: there is none.
    """
    wanted = name or config.default_target
    for target in config.targets:
        if target.name == wanted:
            return target
    known = ", ".join(t.name for t in config.targets)
    raise ConfigError(f"no such target: {wanted}", where="--target", hint=f"known targets: {known}")


@contextmanager
def open_target(config: Config, target: TargetConfig) -> Iterator[SnowflakeTarget]:
    """Connect; starts the local Snowflake if it is the target."""
    parameters = None
    if target.is_local:
        from snowbuild import local

        server = local.up(config.state / "local", lock=config.lock_path, channel=config.packages.channel)
        parameters = local.connection_parameters(server)
        _go_directly(parameters["host"])
    from snowbuild.snowflake.connection import connect
    from snowbuild.snowflake.target import SnowflakeTarget

    with connect(target, os.environ, parameters) as session:
        yield SnowflakeTarget(session, target, notice=console.notice)


def _go_directly(host: str) -> None:
    """Exempt a host from the proxy of the environment, for this process.

    The connector ignores its own `no_proxy` unless `proxy_host` is given as well.
    """
    from urllib.request import proxy_bypass

    if not proxy_bypass(host):
        before = os.environ.get("no_proxy") or os.environ.get("NO_PROXY")
        os.environ["no_proxy"] = f"{before},{host}" if before else host

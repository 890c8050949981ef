"""The artifacts on this machine, in the same layout as on the stage."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from snowbuild.digest import sha256_file
from snowbuild.errors import DigestMismatchError, Problem, SnowbuildError, StaleLockError
from snowbuild.files.atomic import write_atomically
from snowbuild.models import archive_path
from snowbuild.pipeline import compile_locked, interpreter_of
from snowbuild.plan.desired import distribution_file, model_files, module_file
from snowbuild.wheels.download import fetch_wheel, link_or_copy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from snowbuild.config.values import Config
    from snowbuild.distribution import Distribution
    from snowbuild.lock.values import Lock
    from snowbuild.models.values import Archive, Model
    from snowbuild.plan.values import StagedFile
    from snowbuild.render.values import Module


class LocalArtifacts:
    """Finds, downloads, packs or renders what will be uploaded, below `.snowbuild/artifacts/`.

    A file has the same path there as on the stage, digest included; it is hashed again before each use.
    """

    def __init__(self, config: Config, lock: Lock, render: Callable[[], Iterable[Module]]) -> None:
        self._config = config
        self._folder = config.state / "artifacts"
        self._wheels = {
            file.path: d for d in lock.distributions if (file := distribution_file(config.name, d)) is not None
        }
        self._archives = {
            file.path: (model, archive)
            for model in lock.models
            for file, archive in zip(model_files(config.name, model), model.archives, strict=True)
        }
        self._modules = {module_file(config.name, m).path: m for m in lock.modules}
        self._render = render

    def fetch(self, files: Sequence[StagedFile]) -> Mapping[StagedFile, Path]:
        """A verified local file for each.

        Raises:
            SnowbuildError: lists everything that is not available or has another digest.
        """
        problems: list[Problem] = []
        found: dict[StagedFile, Path] = {}
        for file in files:
            try:
                found[file] = self._fetch(file)
            except OSError as exc:
                problems += SnowbuildError(f"cannot be written: {exc.strerror or exc}", where=file.path).problems
            except SnowbuildError as exc:
                problems += exc.problems
        if problems:
            raise SnowbuildError.of(problems)
        return found

    def _fetch(self, file: StagedFile) -> Path:
        local = self._folder / file.path.partition("/")[2]
        if local.is_file() and sha256_file(local) == file.sha256:
            return local
        if file.path in self._wheels:
            self._fetch_wheel(self._wheels[file.path], local)
        elif file.path in self._archives:
            self._fetch_archive(*self._archives[file.path], local)
        elif file.path in self._modules:
            self._write_modules()
        if not local.is_file():
            raise StaleLockError(
                "what it is made from has changed since it was locked",
                where=file.path,
                hint="run `snowbuild lock`; a saved plan must be made again",
            )
        if (actual := sha256_file(local)) != file.sha256:
            local.unlink()
            raise DigestMismatchError(file.path, expected=file.sha256, actual=actual, hint="run `snowbuild lock`")
        return local

    @cached_property
    def _interpreter(self) -> Path:
        """Searched once for all wheels, because the search starts processes."""
        return interpreter_of(self._config)

    def _fetch_wheel(self, distribution: Distribution, local: Path) -> None:
        name, wheel, archive = distribution.name, distribution.staged, distribution.bytecode
        if wheel is None:
            return
        if archive is None:
            fetch_wheel(wheel, local, root=self._config.root, index_urls=self._config.dependencies.index_urls)
            return
        made = compile_locked(self._config, wheel, interpreter=self._interpreter)
        if made.sha256 != archive.sha256:
            raise DigestMismatchError(
                archive.filename,
                expected=archive.sha256,
                actual=made.sha256,
                hint="another patch level of Python compiles some modules differently; run `snowbuild push` where it "
                f"was locked, or `snowbuild lock --upgrade-package {name}` here",
            )

    def _fetch_archive(self, model: Model, archive: Archive, local: Path) -> None:
        source = archive_path(archive, self._config.state)
        if not source.is_file():
            # Optimizing again would give different bytes.
            again = "" if model.optimized is None else "; or optimize it again with `snowbuild lock --upgrade`"
            raise SnowbuildError(
                f"{archive.filename} is neither on the stage nor here: {model.path} was locked on another machine",
                where=f"models.{model.name}",
                hint="run `snowbuild push` where the model is, or copy the model here" + again,
            )
        link_or_copy(source, local)

    def _write_modules(self) -> None:
        for module in self._render():
            local = self._folder / "modules" / module.sha256[:16] / module.filename
            local.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(local, module.data)

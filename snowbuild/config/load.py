"""Reading snowbuild.toml."""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from snowbuild.codec import parse_toml
from snowbuild.config import requirements, scalars
from snowbuild.config.functions import read_functions
from snowbuild.config.reader import Report, Table, shown
from snowbuild.config.targets import read_targets
from snowbuild.config.values import (
    Config,
    Dependencies,
    Framework,
    ModelConfig,
    NativeWheels,
    Optimization,
    Packages,
    Service,
)
from snowbuild.errors import ConfigError
from snowbuild.runtime import Architecture, Runtime

if TYPE_CHECKING:
    from pathlib import Path

CHANNEL = "channel.json"
ANY_RUNTIME = Runtime.parse("3.11", Architecture.X86_64)


def load(path: Path, *, files_must_exist: bool = True) -> Config:
    """Read and check a whole snowbuild.toml.

    Reads only that file, and checks that the files it names exist: wheels, handlers, templates and the channel's
    content. Models may be missing, because they are trained later. `files_must_exist` is False for commands that need
    none of these files; problems in the text of snowbuild.toml are found all the same.

    Raises:
        ConfigError: the file cannot be read, is not TOML (with line and column), or has problems (all of them, each
            with its key path).
    """
    return load_text(read_text(path), path, files_must_exist=files_must_exist)


def load_text(text: str, path: Path, *, files_must_exist: bool = True) -> Config:
    """Check the text of a snowbuild.toml before it is written to `path`, which need not exist.

    Raises:
        ConfigError: as for `load`.
    """
    report = Report()
    try:
        document = Table(parse_text(text, path), report)
        # The folder is resolved, but not the file: what the file names lies beside the link.
        absolute = path.parent.resolve() / path.name
        _require_text(absolute, path)
        config = read_config(document, absolute, files_must_exist=files_must_exist)
    except RecursionError as exc:
        raise ConfigError("nested too deeply", where=str(path)) from exc
    if report.problems:
        raise ConfigError.of(report.problems)
    return config


def read_text(path: Path) -> str:
    """Read a file with its line ends unchanged, but without the byte order mark that some Windows editors write.

    Raises:
        ConfigError: it is missing, cannot be read, or is not UTF-8.
    """
    try:
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError as exc:
        raise ConfigError(
            "no such file", where=str(path), hint="`snowbuild init` creates one; --file PATH names another"
        ) from exc
    except OSError as exc:
        hint = f"--file {path / 'snowbuild.toml'}" if path.is_dir() else None
        raise ConfigError(f"cannot be read: {exc.strerror}", where=str(path), hint=hint) from exc
    except UnicodeDecodeError as exc:
        line = exc.object.count(b"\n", 0, exc.start) + 1
        raise ConfigError("not UTF-8", where=f"{path}, line {line}", hint="save the file as UTF-8") from exc


def _require_text(absolute: Path, path: Path) -> None:
    """Refuse a path whose bytes are not text: it is passed to files and other processes, which use UTF-8."""
    try:
        str(absolute).encode()
    except UnicodeEncodeError as exc:
        raise ConfigError(
            "its path is not UTF-8", where=str(path), hint="rename the folder, or set LC_ALL=C.UTF-8"
        ) from exc


def parse_text(text: str, path: Path) -> dict[str, object]:
    """Read the text of `path` as TOML.

    Raises:
        ConfigError: as for `load`.
    """
    try:
        return parse_toml(text)
    except tomllib.TOMLDecodeError as exc:
        raise _syntax_error(path, text, str(exc)) from exc
    except ValueError as exc:
        # An integer with more digits than Python reads.
        raise ConfigError(f"not TOML: {exc}", where=str(path)) from exc


def read_config(document: Table, path: Path, *, files_must_exist: bool = True) -> Config:
    """Read the whole document; if problems are in the table's report afterwards, the result is of no use."""
    files = scalars.Files(root=path.parent, must_exist=files_must_exist)
    runtime, native_wheels, bytecode = document.section("runtime", _runtime)
    models = document.sections("models", _model, scalars.folder_name)
    targets = read_targets(document)
    name, default_target = document.section("project", partial(_project, tuple(t.name for t in targets)))
    config = Config(
        path=path,
        name=name,
        default_target=default_target,
        runtime=runtime,
        native_wheels=native_wheels,
        bytecode=bytecode,
        dependencies=document.section("dependencies", partial(_dependencies, files)),
        packages=document.section("packages", partial(_packages, files)),
        models=models,
        functions=read_functions(document, files, (model.name for model in models)),
        targets=targets,
    )
    document.finish()
    return replace(config, notes=tuple(document.notes))


def _project(targets: tuple[str, ...], table: Table) -> tuple[str, str]:
    name = table.required("name", scalars.folder_name, "", '"my-project"')
    return name, table.text("default-target", scalars.known("target", targets), "local")


def _runtime(table: Table) -> tuple[Runtime, NativeWheels, bool]:
    architecture = table.text("architecture", scalars.one_of(Architecture), Architecture.X86_64)
    glibc = table.text("glibc", scalars.glibc_version, None)
    runtime = table.required("python", lambda text: Runtime.parse(text, architecture, glibc), ANY_RUNTIME, '"3.11"')
    native_wheels = table.text("native-wheels", scalars.one_of(NativeWheels), NativeWheels.DENY)
    return runtime, native_wheels, table.flag("bytecode", default=False)


def _dependencies(files: scalars.Files, table: Table) -> Dependencies:
    return Dependencies(
        requirements=table.texts("requirements", requirements.requirement(files)),
        constraints=table.texts("constraints", requirements.constraint),
        exclude=tuple(sorted(set(table.texts("exclude", requirements.distribution_name)))),
        index_urls=table.texts("index-urls", requirements.index_url),
        prereleases=table.flag("prereleases", default=False),
        as_of=table.value("as-of", requirements.instant, None),
    )


def _packages(files: scalars.Files, table: Table) -> Packages:
    service = table.text("service", scalars.one_of(Service), Service.CHANNEL)
    names = table.texts_by_name("names", requirements.service_name, "", requirements.distribution_name)
    return Packages(
        service=service,
        channel=_channel(files, table, service),
        repository=table.text("repository", scalars.dotted_name("an artifact repository"), Packages().repository),
        stage=table.texts("stage", requirements.distribution_pattern),
        names=tuple(sorted((canonicalize_name(name), literal) for name, literal in names)),
    )


def _channel(files: scalars.Files, table: Table, service: Service) -> Path | None:
    channel = table.text("channel", scalars.relative_path, None if "channel" in table else CHANNEL)
    if service is not Service.CHANNEL or channel is None:
        return None
    if files.is_missing(channel):
        table.problem(
            "channel",
            f"no such file: {shown(channel)}",
            'run `snowbuild channel update`, or set service = "repository" or "none"',
        )
    return files.root / channel


def _model(name: str, table: Table) -> ModelConfig:
    return ModelConfig(
        name=name,
        path=table.required("path", scalars.inner_path, "", f'"models/{name}"'),
        framework=table.text("framework", scalars.one_of(Framework), None),
        optimize=table.text("optimize", scalars.one_of(Optimization), None),
    )


def _syntax_error(path: Path, text: str, reason: str) -> ConfigError:
    place = re.search(r" \(at (?:line (\d+), column (\d+)|end of document)\)", reason)
    message = reason[: place.start()] if place else reason
    line, column = text.count("\n") + 1, len(text) - text.rfind("\n")
    if place and place[1]:
        line, column = int(place[1]), int(place[2])
    return ConfigError(f"not TOML: {message[:1].lower()}{message[1:]}", where=f"{path}, line {line}, column {column}")

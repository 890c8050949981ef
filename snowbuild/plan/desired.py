"""Configuration, lock and target → what the target should hold. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snowbuild.config.templates import is_template
from snowbuild.config.values import Processor, Service
from snowbuild.digest import sha256_bytes, sha256_plain
from snowbuild.plan.values import Desired, Function, Part, StagedFile
from snowbuild.render import create_function, package_literals
from snowbuild.render.values import FunctionDefinition
from snowbuild.runtime import Architecture
from snowbuild.sql import qualified

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snowbuild.config.values import Config, FunctionConfig, TargetConfig
    from snowbuild.distribution import Distribution
    from snowbuild.lock.values import Lock, LockedFunction, LockedModule
    from snowbuild.models.values import Model


def desired_of(config: Config, lock: Lock, target: TargetConfig, *, lock_sha256: str) -> Desired:
    """Everything that a target should hold; `lock_sha256` is that of the lockfile's bytes."""
    functions = tuple(
        sorted(
            (_function(config.function(f.name), f, config, lock, target) for f in lock.functions),
            key=lambda f: f.signature,
        )
    )
    files = {
        *_distribution_files(config, lock),
        *(file for m in lock.models for file in model_files(config.name, m)),
        *(module_file(config.name, m) for m in lock.modules),
    }
    used = {path for f in functions for path in f.files}
    return Desired(
        project=config.name,
        database=target.database,
        schema=target.schema,
        lock_sha256=lock_sha256,
        files=tuple(sorted((f for f in files if f.path in used), key=lambda f: f.path)),
        functions=functions,
    )


def distribution_file(project: str, distribution: Distribution) -> StagedFile | None:
    """The staged file of a distribution's wheel, if it goes on the stage; its size must be known once it is locked."""
    file = distribution.staged_file
    if file is None:
        return None
    if file.size is None:
        raise ValueError(f"{distribution.name} {distribution.version} was locked without the size of its wheel")
    return _file(project, "wheels", file.sha256, file.filename, file.size)


def model_files(project: str, model: Model) -> tuple[StagedFile, ...]:
    """The staged files of a model's archives, in their order."""
    return tuple(_file(project, "models", archive.sha256, archive.filename, archive.size) for archive in model.archives)


def module_file(project: str, module: LockedModule) -> StagedFile:
    """The staged file of a rendered module."""
    return _file(project, "modules", module.sha256, module.filename, module.size)


def _file(project: str, folder: str, sha256: str, filename: str, size: int) -> StagedFile:
    return StagedFile(path=f"{project}/{folder}/{sha256[:16]}/{filename}", sha256=sha256, size=size)


def _distribution_files(config: Config, lock: Lock) -> Iterator[StagedFile]:
    for distribution in lock.distributions:
        file = distribution_file(config.name, distribution)
        if file is not None:
            yield file


def _function(
    function: FunctionConfig, locked: LockedFunction, config: Config, lock: Lock, target: TargetConfig
) -> Function:
    modules = [m for m in lock.modules if m.filename in locked.modules]
    models = [m for m in lock.models if m.name == function.model]
    paths = sorted(
        [
            *(file.path for file in _distribution_files(config, lock)),
            *(file.path for m in models for file in model_files(config.name, m)),
            *(module_file(config.name, m).path for m in modules),
        ]
    )
    stage = qualified(target.database, target.schema, target.stage)
    definition = FunctionDefinition(
        database=target.database,
        schema=target.schema,
        name=function.name,
        arguments=function.sql_arguments,
        returns=function.returns,
        runtime_version=config.runtime.version,
        packages=package_literals(lock.distributions),
        repository=lock.repository if lock.service is Service.REPOSITORY else None,
        imports=tuple(f"@{stage}/{path}" for path in paths),
        handler=locked.handler,
        processor=function.architecture or _processor(lock),
        strict=function.strict,
        immutable=function.immutable,
        secure=function.secure,
        integrations=function.external_access_integrations,
        secrets=function.secrets,
        comment=function.comment,
    )
    return Function(
        name=function.name,
        definition=definition,
        sha256=sha256_bytes(create_function(definition).encode()),
        files=tuple(paths),
        parts=(
            *(Part(name=f"model {m.name}", digest=sha256_plain([a.sha256 for a in m.archives])[:16]) for m in models),
            *(Part(name=_origin(m), digest=m.template_sha256[:16]) for m in modules),
            *_distribution_parts(lock),
            *(Part(name=f"module {m.filename}", digest=m.sha256[:16]) for m in modules),
        ),
        grants=function.grants,
    )


def _processor(lock: Lock) -> Processor | None:
    """Compiled code on the stage only runs on its own processor; Snowflake only lets a function ask for x86."""
    native = any(d.native for d in lock.distributions if d.staged is not None)
    return Processor.X86 if native and lock.architecture == Architecture.X86_64.value else None


def _origin(module: LockedModule) -> str:
    return f"{'template' if is_template(module.template) else 'handler'} {module.template}"


def _distribution_parts(lock: Lock) -> Iterator[Part]:
    for distribution in lock.distributions:
        file = distribution.staged_file
        content = [distribution.service_version] if file is None else [file.sha256]
        if content != [None]:
            yield Part(name=distribution.name, digest=sha256_plain([distribution.source.value, *content])[:16])

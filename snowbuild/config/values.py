"""The content of snowbuild.toml as values. `load` creates them; everything after that reads them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TypeAlias

from snowbuild.errors import Problem
from snowbuild.runtime import Runtime


class Service(StrEnum):
    """What Snowflake itself installs distributions from; one per project, because Snowflake cannot mix them."""

    CHANNEL = "channel"
    REPOSITORY = "repository"
    NONE = "none"


class NativeWheels(StrEnum):
    """Whether wheels with compiled code may go on the stage."""

    DENY = "deny"
    ALLOW = "allow"


class InputForm(StrEnum):
    """How a function takes a row: one argument per feature, or all in one ARRAY or OBJECT."""

    COLUMNS = "columns"
    ARRAY = "array"
    OBJECT = "object"


class Output(StrEnum):
    """What a function of an AutoGluon model returns for a row."""

    PREDICTION = "prediction"
    """The number, the class, or a quantile model's value at the level nearest to the median."""
    PROBABILITIES = "probabilities"
    """An OBJECT: class → probability, or a quantile model's level → value."""
    BOTH = "both"
    """An OBJECT with the keys `prediction` and `probabilities`."""


class Framework(StrEnum):
    """What trained a model."""

    AUTOGLUON = "autogluon"
    GENERIC = "generic"


Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
"""A value in a test's row, or the expected result."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependencies:
    """[dependencies]: what the functions need, and where to look for it."""

    requirements: tuple[str, ...] = ()
    """PEP 508 requirements, paths of local wheels, or URLs of wheels."""
    constraints: tuple[str, ...] = ()
    """PEP 508 requirements that only narrow what others require."""
    exclude: tuple[str, ...] = ()
    """Normalized names that are never wanted at run time, whatever requires them."""
    index_urls: tuple[str, ...] = ()
    """Empty: pip's default index. The first is the main index; the others are searched as well."""
    prereleases: bool = False
    as_of: datetime | None = None
    """Files that were uploaded later are ignored; UTC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Packages:
    """[packages]: what Snowflake itself provides."""

    service: Service = Service.CHANNEL
    channel: Path | None = None
    """Absolute; the channel's content, needed for service `channel`."""
    repository: str = "snowflake.snowpark.pypi_shared_repository"
    stage: tuple[str, ...] = ()
    """Patterns (fnmatch) over normalized names that are always shipped as wheels."""
    names: tuple[tuple[str, str], ...] = ()
    """Normalized distribution name, its literal name on the service; sorted."""


class Optimization(StrEnum):
    """What is done to a model before it is packed."""

    DEPLOYMENT = "deployment"
    """AutoGluon's `clone_for_deployment`: what predictions do not need is left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelConfig:
    """[models.NAME]: a trained model's folder or file."""

    name: str
    path: str
    """Relative to the folder of snowbuild.toml and inside it, with forward slashes, in its normal form."""
    framework: Framework | None = None
    """None: detected from the content of the folder."""
    optimize: Optimization | None = None
    """None: the folder goes on the stage as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Argument:
    """One argument of a function."""

    name: str
    """As written; also the feature's name for the model."""
    type: str
    """A Snowflake type under its own name, as `SqlType` writes it: NUMBER(3,0)."""
    default: str | None = None
    """An SQL expression for calls that leave the argument out; None: it is required."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """A privilege on a function for some roles."""

    privilege: str
    """In capitals: USAGE."""
    roles: tuple[str, ...]
    """As written; sorted by their stored names, unique, at least one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionTest:
    """One row and what the function must return for it."""

    arguments: tuple[Json, ...]
    """May end before arguments that have a default."""
    expect: Json = None
    """Compared when `compares` is set; None is NULL."""
    compares: bool = True
    tolerance: float = 0.0
    """Relative to the expected number."""
    absolute_tolerance: float = 0.0
    """In the number's own unit; the wider of the two tolerances applies."""
    label: Json = None
    """The class that must be predicted, or be the most probable; None: any."""
    min_probability: float | None = None
    """The least probability that `label` must have."""


class Processor(StrEnum):
    """What RESOURCE_CONSTRAINT can ask for."""

    X86 = "x86"


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionConfig:
    """[functions.NAME]: one SQL function."""

    name: str
    model: str | None = None
    template: str | None = None
    """A template's file name; None when `handler` is given."""
    handler: str | None = None
    """`path/of/file.py:function`, relative to the folder of snowbuild.toml; None when `template` is given."""
    arguments: tuple[Argument, ...] = ()
    """In the order of the SQL signature when `input` is columns, of the row's values otherwise."""
    input: InputForm = InputForm.COLUMNS
    output: Output = Output.PREDICTION
    returns: str = "FLOAT"
    max_batch_size: int | None = None
    """Rows; only caps what Snowflake delivers."""
    threads: int = 1
    """What one worker process may use; Snowflake starts several on a node."""
    strict: bool = False
    """Whether a row with a NULL returns NULL without the function being called."""
    immutable: bool = False
    """Whether Snowflake may assume that equal arguments return equal results."""
    secure: bool = False
    external_access_integrations: tuple[str, ...] = ()
    """As written; sorted, unique."""
    secrets: tuple[tuple[str, str], ...] = ()
    """The name that the code asks for, and the dotted name of the secret; sorted."""
    architecture: Processor | None = None
    """RESOURCE_CONSTRAINT; None: only requested if an import contains compiled code."""
    comment: str | None = None
    grants: tuple[Grant, ...] = ()
    tests: tuple[FunctionTest, ...] = ()

    @property
    def sql_arguments(self) -> tuple[Argument, ...]:
        """The arguments of the SQL signature: one ARRAY or OBJECT called ROW unless `input` is columns."""
        if self.input is InputForm.COLUMNS:
            return self.arguments
        return (Argument(name="ROW", type=self.input.value.upper()),)


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetConfig:
    """[targets.NAME]: a place to deploy to. Holds no credential."""

    name: str
    connection: str | None = None
    """A name in connections.toml; None for `local`, and for the connection that SNOWFLAKE_* describes."""
    database: str
    schema: str
    stage: str
    create_stage: bool = True
    warehouse: str | None = None
    role: str | None = None
    account: str | None = None
    """Any other account is refused."""

    @property
    def is_local(self) -> bool:
        """Whether this is the embedded Snowflake."""
        return self.name == "local"


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The whole of snowbuild.toml."""

    path: Path
    """snowbuild.toml itself; absolute."""
    name: str
    """The project; the first folder of everything on the stage."""
    default_target: str = "local"
    runtime: Runtime
    native_wheels: NativeWheels = NativeWheels.DENY
    bytecode: bool = False
    """Whether wheels go on the stage with the bytecode of the runtime's Python."""
    dependencies: Dependencies = field(default_factory=Dependencies)
    packages: Packages = field(default_factory=Packages)
    models: tuple[ModelConfig, ...] = ()
    """Sorted by name."""
    functions: tuple[FunctionConfig, ...] = ()
    """Sorted by name."""
    targets: tuple[TargetConfig, ...] = ()
    """Sorted by name; always holds `local`."""
    notes: tuple[Problem, ...] = ()
    """Decisions made for the user that deserve a look; not errors."""

    @property
    def root(self) -> Path:
        """The folder of snowbuild.toml, to which its paths are relative."""
        return self.path.parent

    @property
    def lock_path(self) -> Path:
        """The lockfile."""
        return lock_path_of(self.path)

    @property
    def state(self) -> Path:
        """The folder for what can be recreated: caches, environments, the local Snowflake."""
        return state_of(self.path)

    def model(self, name: str) -> ModelConfig:
        """The model of that name; `KeyError` when there is none."""
        for model in self.models:
            if model.name == name:
                return model
        raise KeyError(name)

    def function(self, name: str) -> FunctionConfig:
        """The function of that name; `KeyError` when there is none."""
        for function in self.functions:
            if function.name == name:
                return function
        raise KeyError(name)


def lock_path_of(path: Path) -> Path:
    """The lockfile of a snowbuild.toml: that of X.toml is pylock.X.toml (PEP 751 allows no dot in X)."""
    return path.with_name(f"pylock.{path.stem.replace('.', '-')}.toml")


def state_of(path: Path) -> Path:
    """The folder for what can be recreated, of a snowbuild.toml that need not exist."""
    return path.parent / ".snowbuild"

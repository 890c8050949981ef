"""`snowbuild describe`."""

from __future__ import annotations

import shutil
import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from snowbuild.cli import console
from snowbuild.cli.options import common
from snowbuild.cli.workspace import locked_environment
from snowbuild.config import Framework, load
from snowbuild.config.suggest import suggestion
from snowbuild.environments.script import run_script
from snowbuild.environments.scripts import DESCRIBE
from snowbuild.errors import ConfigError, ModelError, Problem, SnowbuildError
from snowbuild.models import (
    Description,
    description_of,
    foreign_features,
    inspect,
    requiring,
    scan_model,
    tree_digest,
    write_description,
)
from snowbuild.wording import counted, listed

if TYPE_CHECKING:
    from snowbuild.config.values import Config, ModelConfig
    from snowbuild.environments.build import Environment
    from snowbuild.models import ModelFacts

NOTHING = "nothing to describe: only AutoGluon predictors can be described"

LISTED = 5
"""How many files outside the copy an error names."""


@click.command("describe")
@common
@click.argument("names", nargs=-1)
def describe_command(file: Path, names: tuple[str, ...]) -> None:
    """Write a description beside each model, for plan to check.

    Models are loaded in the locked environment; default: every AutoGluon predictor.
    """
    config = load(file)
    predictors, problems = _predictors(config, names)
    if predictors:
        environment = locked_environment(config)
        for model, facts in predictors.items():
            problems += _described(config, model, facts, environment)
    if problems:
        raise ModelError.of(problems)


def _described(config: Config, model: ModelConfig, facts: ModelFacts, environment: Environment) -> tuple[Problem, ...]:
    """Describe a model and print what was found; its problems are returned, so that the others are described too."""
    try:
        description = _describe(config, model, facts, environment)
    except SnowbuildError as exc:
        return exc.problems
    _report(model, description)
    return foreign_features(model.name, description)


def _report(model: ModelConfig, description: Description) -> None:
    used = [s.name for s in description.sub_models if s.used]
    console.result(
        f"{model.name}: {description.problem_type.value}, {counted(len(description.features), 'feature')}, "
        f"predicts with {', '.join(used)}"
    )
    if model.optimize is None and (unused := [s.name for s in description.sub_models if not s.used]):
        console.note(
            Problem(
                where=f"models.{model.name}",
                message=f"predictions do not need {', '.join(unused)}",
                hint='optimize = "deployment" leaves out what is not needed',
            )
        )


def _predictors(config: Config, names: tuple[str, ...]) -> tuple[dict[ModelConfig, ModelFacts], list[Problem]]:
    """The predictors to describe, with what their text files say; and the problems of the others."""
    known = {m.name: m for m in config.models}
    if unknown := [n for n in dict.fromkeys(names) if n not in known]:
        raise ConfigError.of(Problem(message=f"no such model: {n}", hint=suggestion(n, known)) for n in unknown)
    found: dict[ModelConfig, ModelFacts] = {}
    problems: list[Problem] = []
    for model in (known[n] for n in dict.fromkeys(names or known)):
        try:
            scan_model(model, config.root)
            facts = inspect(config.root / model.path, model.framework, label=model.path)
        except SnowbuildError as exc:
            problems += exc.problems
            continue
        if facts.framework is Framework.AUTOGLUON:
            found[model] = facts
        elif names:
            problems.append(Problem(message=NOTHING, where=f"models.{model.name}"))
    if not found and not problems:
        problems.append(Problem(message=NOTHING))
    return found, problems


def _describe(config: Config, model: ModelConfig, facts: ModelFacts, environment: Environment) -> Description:
    source = config.root / model.path
    console.notice(f"loading {model.path}")
    before = tree_digest(source)
    with tempfile.TemporaryDirectory(prefix="snowbuild-") as folder:
        # Loaded from elsewhere, as it will be on the stage: what it still opens at home would be missing there.
        copy = Path(folder, "predictor")
        shutil.copytree(source, copy)
        found = run_script(
            DESCRIBE,
            environment,
            [str(copy), "{}", str(source)],
            where=f"models.{model.name}",
            requiring=partial(requiring, version=facts.framework_version),
        )
    if outside := found["outside"]:
        named = [
            Path(path).relative_to(config.root).as_posix() for path in outside if Path(path).is_relative_to(source)
        ]
        raise ModelError(
            f"bound to its folder: a copy of it elsewhere still opens {listed(named or outside, LISTED)}",
            where=f"models.{model.name}",
            hint="save it with predictor.clone_for_deployment, or train it again",
        )
    description = description_of(found["description"], where=f"models.{model.name}")
    if tree_digest(source) != before:
        raise ModelError(
            "changed while it was described", where=f"models.{model.name}", hint="wait until its training has ended"
        )
    path = write_description(source, description, tree_sha256=before)
    console.notice(f"wrote {path.relative_to(config.root).as_posix()}")
    return description

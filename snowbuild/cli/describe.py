"""`snowbuild describe`."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from snowbuild.cli import console
from snowbuild.cli.options import common
from snowbuild.cli.workspace import locked_environment
from snowbuild.config import Framework, load
from snowbuild.environments.script import run_script
from snowbuild.environments.scripts import DESCRIBE
from snowbuild.errors import ConfigError, ModelError, Problem
from snowbuild.models import Description, description_of, inspect, missing_model, tree_digest, write_description
from snowbuild.wording import counted

if TYPE_CHECKING:
    from snowbuild.config.values import Config, ModelConfig
    from snowbuild.environments.build import Environment

LISTED = 5
"""How many files of another place an error names."""


@click.command("describe")
@common
@click.argument("names", nargs=-1)
def describe_command(file: Path, names: tuple[str, ...]) -> None:
    """Write beside trained models what planning wants to know.

    They are loaded in the locked environment; default: every predictor of AutoGluon.
    """
    config = load(file)
    models = _models(config, names)
    environment = locked_environment(config)
    for model in models:
        description = _describe(config, model, environment)
        used = [s.name for s in description.sub_models if s.used]
        console.result(
            f"{model.name}: {description.problem_type.value}, {counted(len(description.features), 'feature')}, "
            f"predicts with {', '.join(used)}"
        )
        if unused := [s.name for s in description.sub_models if not s.used]:
            console.note(
                Problem(
                    where=f"models.{model.name}",
                    message=f"predictions do not need {', '.join(unused)}",
                    hint='optimize = "deployment" leaves out what is not needed',
                )
            )


def _models(config: Config, names: tuple[str, ...]) -> list[ModelConfig]:
    known = {m.name: m for m in config.models}
    if unknown := [n for n in names if n not in known]:
        raise ConfigError(f"no such model: {unknown[0]}", hint=f"known models: {', '.join(known) or 'none'}")
    chosen = [known[n] for n in names or known]
    for model in chosen:
        if not (config.root / model.path).exists():
            raise missing_model(model, config.root)
    predictors = [m for m in chosen if _framework(config, m) is Framework.AUTOGLUON]
    if not predictors or (names and len(predictors) < len(chosen)):
        other = next((m.name for m in chosen if m not in predictors), None)
        raise ModelError("nothing to describe: only predictors of AutoGluon can be", where=other and f"models.{other}")
    return predictors


def _framework(config: Config, model: ModelConfig) -> Framework:
    return inspect(config.root / model.path, model.framework, label=model.path).framework


def _describe(config: Config, model: ModelConfig, environment: Environment) -> Description:
    source = config.root / model.path
    console.notice(f"loading {model.path}")
    before = tree_digest(source)
    with tempfile.TemporaryDirectory(prefix="snowbuild-") as folder:
        # Loaded from elsewhere, as it will be on the stage: what it still opens at home, it would miss there.
        copy = Path(folder, "predictor")
        shutil.copytree(source, copy)
        found = run_script(DESCRIBE, environment, [str(copy), "{}", str(source)], where=f"models.{model.name}")
    if outside := found["outside"]:
        named = [Path(path).relative_to(source).as_posix() for path in outside if Path(path).is_relative_to(source)]
        listed = ", ".join((named or outside)[:LISTED])
        raise ModelError(
            f"bound to its folder: a copy of it elsewhere still opens {listed} in {model.path}",
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

"""The project whose functions are measured: predictors of insurance expenses, trained and deployed here."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from snowbuild.environments.build import build_environment
from snowbuild.local.functions.packages import function_environment
from snowbuild.lock import read_lock
from snowbuild.plan import desired_of

if TYPE_CHECKING:
    from snowbuild.config import Config, TargetConfig
    from snowbuild.distribution import Wheel
    from snowbuild.plan import Function

EXAMPLE = Path(__file__).parents[2] / "examples" / "insurance"
SCRIPTS = Path(__file__).parents[1] / "scripts"
"""Scripts that run where AutoGluon is installed."""
FAMILIES = {"forests": ["RF", "XT", "KNN"], "boosted": ["RF", "XT", "KNN", "GBM"]}

FUNCTION = """
[functions.{name}_{kind}]
model = "{name}"
template = "autogluon_{kind}.py.j2"
arguments = {{ AGE = "NUMBER(3,0)", BMI = "FLOAT", CHILDREN = "NUMBER(2,0)", SMOKER = "NUMBER(1,0)", \
REGION = "VARCHAR", SEX = "VARCHAR" }}
returns = "FLOAT"
"""
TRAIN = """
import insurance, pandas as pd
from autogluon.tabular import TabularPredictor
table = pd.DataFrame(insurance.rows(), columns=list(insurance.COLUMNS))
for name, families in {families!r}.items():
    predictor = TabularPredictor(label=insurance.LABEL, path="models/" + name, verbosity=0)
    predictor.fit(table, hyperparameters={{family: {{}} for family in families}})
"""


def prepare(root: Path) -> None:
    """Lock, train and deploy both predictors, each with both kinds of function; trained ones are kept."""
    if not all((root / "models" / name).is_dir() for name in FAMILIES):
        leave = shutil.ignore_patterns(".snowbuild", "models", "pylock*", "templates")
        shutil.copytree(EXAMPLE, root, ignore=leave, dirs_exist_ok=True)
        text = (root / "snowbuild.toml").read_text(encoding="utf-8")
        text = text[: text.index("[models.expense]")].replace("autogluon.tabular==", "autogluon.tabular[lightgbm]==")
        for name in FAMILIES:
            text += f'[models.{name}]\npath = "models/{name}"\n'
            text += "".join(FUNCTION.format(name=name, kind=kind) for kind in ("vectorized", "scalar"))
        (root / "snowbuild.toml").write_text(text, encoding="utf-8")
        (root / "train_both.py").write_text(TRAIN.format(families=FAMILIES), encoding="utf-8")
        command(root, "lock")
        command(root, "run", "--", "python", "train_both.py")
    command(root, "apply", "--yes")


def command(root: Path, *arguments: str) -> None:
    """Run snowbuild, with its output apart from the tables."""
    first, *rest = arguments
    command_line = [sys.executable, "-m", "snowbuild", first, "--quiet", *rest]
    subprocess.run(command_line, cwd=root, stdout=sys.stderr, check=True)


def wheel_path(config: Config, wheel: Wheel) -> Path:
    """A staged distribution's own wheel, without bytecode."""
    return config.state / "artifacts" / "wheels" / wheel.sha256[:16] / wheel.filename


def local_target(config: Config) -> TargetConfig:
    """The target called `local`."""
    return next(target for target in config.targets if target.is_local)


def function_of(config: Config, name: str) -> Function:
    """A function as deployed."""
    lock = read_lock(config.lock_path)
    desired = desired_of(config, lock, local_target(config), lock_sha256="")
    return next(function for function in desired.functions if function.name == name)


def locked_python(config: Config) -> Path:
    """The Python in which the predictors were trained."""
    environments = config.state / "environments"
    return build_environment(environments, python=config.runtime.version, lockfile=config.lock_path).python


def service_python(config: Config, function: Function) -> Path:
    """The Python in which the embedded Snowflake runs a function, with the package service's distributions."""
    return function_environment(
        config.state / "local" / "environments",
        runtime=config.runtime.version,
        packages=function.definition.packages,
        lock=config.lock_path,
    ).python

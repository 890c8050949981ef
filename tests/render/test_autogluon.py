"""A predictor that AutoGluon really trained, packed, loaded out of staged wheels and asked through every template.

The environment that serves holds no AutoGluon: it comes from the wheels alone. Neither holds matplotlib.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from snowbuild.config import Framework, InputForm, ModelConfig
from snowbuild.digest import sha256_file
from snowbuild.models import ModelFacts, archive_path, lock_model
from snowbuild.render import load_templates, render_functions
from tests.render.support import NOWHERE, config, function, run, stage, staged

pytestmark = [pytest.mark.slow, pytest.mark.integration]

EXAMPLE = Path(__file__).parents[2] / "examples" / "insurance"
OWN_PARTS = ("autogluon.tabular", "autogluon.core", "autogluon.common", "autogluon.features")
ROW = [19, 27.9, 0, 1, "southwest", "female"]


def command(*arguments: str | Path, cwd: Path | None = None) -> str:
    """Run a command that has to succeed, without the settings of whoever runs the tests."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PIP_", "UV_", "PYTHON", "VIRTUAL_ENV"))}
    environment["PIP_CONFIG_FILE"] = os.devnull
    done = subprocess.run(
        list(map(str, arguments)), capture_output=True, text=True, check=False, cwd=cwd, env=environment, timeout=900
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def environment(folder: Path, *requirements: str) -> Path:
    """Build an environment for Python 3.11; returns its interpreter."""
    uv = [sys.executable, "-m", "uv"]
    command(*uv, "venv", "--no-config", "--python", "3.11", folder)
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    command(*uv, "pip", "install", "--no-config", "--python", python, *requirements)
    return python


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The example with its trained model, and the interpreter that trained it."""
    folder = tmp_path_factory.mktemp("trained")
    python = environment(folder / "environment", "autogluon.tabular==1.5.0", "typing-extensions")
    command(sys.executable, "-m", "uv", "pip", "uninstall", "--python", python, "matplotlib")
    shutil.copytree(EXAMPLE, folder / "insurance", ignore=shutil.ignore_patterns("models", ".snowbuild"))
    command(python, "train.py", cwd=folder / "insurance")
    return folder / "insurance", python


def test_a_trained_predictor_answers_through_every_template(trained: tuple[Path, Path], tmp_path: Path) -> None:
    root, trainer = trained
    frozen = command(sys.executable, "-m", "uv", "pip", "freeze", "--python", trainer).splitlines()
    python = environment(tmp_path / "serving", "--no-deps", *(r for r in frozen if not r.startswith("autogluon")))

    imports = tmp_path / "imports"
    pins = [f"{part}==1.5.0" for part in OWN_PARTS]
    command(sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--dest", imports, *pins)
    wheels = tuple(staged(wheel.name, sha256_file(wheel)) for wheel in sorted(imports.glob("*.whl")))

    model = lock_model(ModelConfig(name="expense", path="models/expense"), root=root, state=root / ".snowbuild")
    assert model.facts == ModelFacts(framework=Framework.AUTOGLUON, framework_version="1.5.0", python="3.11")
    assert [a.filename for a in model.archives] == ["expense.ExtraTrees.zip", "expense.RandomForest.zip", "expense.zip"]
    for archive in model.archives:
        shutil.copy(archive_path(archive, root / ".snowbuild"), imports / archive.filename)

    functions = [
        function(f"{kind}_{form.value}", f"autogluon_{kind}.py.j2", input=form)
        for kind in ("vectorized", "scalar")
        for form in InputForm
    ]
    stage(imports, render_functions(config(*functions), wheels, (model,), load_templates(NOWHERE), {}))
    code = f"""
import json
import pandas as pd
import vectorized_columns, vectorized_array, vectorized_object, scalar_columns, scalar_array, scalar_object
import autogluon.tabular
assert "snowbuild-" in autogluon.tabular.__file__, autogluon.tabular.__file__
row = {ROW!r}
named = dict(zip([name for name, _ in scalar_columns.FEATURES], row))
frame = pd.DataFrame({{i: [value, None] for i, value in enumerate(row)}}).convert_dtypes()
print(json.dumps([
    vectorized_columns.handler(frame).tolist(),
    [None if v != v else v for v in vectorized_array.handler(pd.DataFrame({{0: [row, None]}})).tolist()],
    [None if v != v else v for v in vectorized_object.handler(pd.DataFrame({{0: [named, None]}})).tolist()],
    scalar_columns.handler(*row), scalar_columns.handler(*[None] * 6),
    scalar_array.handler(row), scalar_object.handler(named),
]))
"""
    vectorized, array, object_, one, nothing, of_array, of_object = json.loads(
        run(imports, tmp_path / "tmp", code, python=str(python))
    )
    # What the example's test asks for.
    assert one == pytest.approx(16884.9, rel=0.25)
    assert vectorized == pytest.approx([one, nothing])
    assert array == object_ == [pytest.approx(one), None]
    assert of_array == of_object == one


def test_the_table_is_the_same_everywhere(trained: tuple[Path, Path]) -> None:
    root, python = trained
    code = "import insurance, hashlib; print(hashlib.sha256(repr(list(insurance.rows())).encode()).hexdigest())"
    assert command(python, "-c", code, cwd=root) == command(sys.executable, "-c", code, cwd=root)

"""Configurations to render, wheels to stage, and processes that run what was rendered."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from snowbuild.config import Argument, Config, Framework, FunctionConfig, InputForm
from snowbuild.digest import sha256_file
from snowbuild.distribution import Distribution, Rule, Source, Wheel
from snowbuild.environments.interpreter import find_interpreter
from snowbuild.files.archive import pack
from snowbuild.files.tree import scan
from snowbuild.models import Archive, Model, ModelFacts
from snowbuild.render import RenderedFunction, load_templates, render_functions
from snowbuild.runtime import Runtime

if TYPE_CHECKING:
    from collections.abc import Mapping

NOWHERE = Path("nowhere").absolute()
RUNTIME = Runtime(python=(3, 11, 9))

# The insurance table's columns.
ARGUMENTS = tuple(
    Argument(name=name, type=type_)
    for name, type_ in (
        ("AGE", "NUMBER(3,0)"),
        ("BMI", "FLOAT"),
        ("CHILDREN", "NUMBER(2,0)"),
        ("SMOKER", "NUMBER(1,0)"),
        ("REGION", "VARCHAR"),
        ("SEX", "VARCHAR"),
    )
)


def function(
    name: str = "predict_expense", template: str | None = "autogluon_vectorized.py.j2", **more: object
) -> FunctionConfig:
    """A function of the insurance table with a model, unless `more` says otherwise."""
    values: dict[str, object] = {"model": "expense", "arguments": ARGUMENTS, "input": InputForm.COLUMNS} | more
    return FunctionConfig(name=name, template=template, **values)  # type: ignore[arg-type]  # tests name real fields


def config(*functions: FunctionConfig, root: Path = NOWHERE) -> Config:
    """A project with functions."""
    return Config(path=root / "snowbuild.toml", name="forecast", runtime=RUNTIME, functions=functions)


def model(archive_sha256: str = "e" * 64, *, version: str | None = "1.5.0") -> Model:
    """The model of the functions."""
    return Model(
        name="expense",
        path="models/expense",
        tree_sha256="d" * 64,
        archives=(Archive(filename="expense.zip", sha256=archive_sha256, size=1),),
        facts=ModelFacts(framework=Framework.AUTOGLUON, framework_version=version, python="3.11"),
    )


def staged(filename: str, sha256: str) -> Distribution:
    """A distribution whose wheel goes on the stage."""
    name, version = filename.split("-")[:2]
    return Distribution(
        name=name.replace(".", "-").replace("_", "-").lower(),
        version=version,
        source=Source.STAGE,
        rule=Rule.REST,
        wheels=(Wheel(filename=filename, sha256=sha256),),
        stage_wheel=filename,
    )


def zipped(path: Path, files: Mapping[str, str]) -> str:
    """Write a zip, such as a wheel; returns its digest."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return sha256_file(path)


def stage(folder: Path, rendered: tuple[RenderedFunction, ...]) -> None:
    """Write the modules where a function finds its imports."""
    for one in rendered:
        for module in one.modules:
            (folder / module.filename).write_bytes(module.data)


def loader_text() -> bytes:
    """The loader as it is staged."""
    source = b"def predict():\n    return 1\n"
    own = FunctionConfig(name="f", handler="mine.py:predict")
    (rendered,) = render_functions(config(own), (), (), load_templates(NOWHERE), {"mine.py": source})
    return rendered.modules[1].data


def start(imports: Path, temporary: Path, code: str, *, python: str = sys.executable) -> subprocess.Popen[str]:
    """Run code as a worker would: the import directory on sys.path and nothing of ours in the environment."""
    environment = {"TMPDIR": str(temporary), "PATH": os.defpath, "SYSTEMROOT": os.environ.get("SYSTEMROOT", "")}
    setup = "import sys; sys.path.insert(0, sys._xoptions['snowflake_import_directory'])\n"
    return subprocess.Popen(
        [python, "-I", "-B", "-X", f"snowflake_import_directory={imports}/", "-c", setup + code],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        cwd=temporary,
    )


def run(imports: Path, temporary: Path, code: str, *, python: str = sys.executable) -> str:
    """What the code prints; its last line of error text when it fails."""
    temporary.mkdir(exist_ok=True)
    process = start(imports, temporary, code, python=python)
    out, err = process.communicate(timeout=300)
    return out.strip() if process.returncode == 0 else err.strip()


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
    command(*uv, "venv", "--no-config", "--python", find_interpreter("3.11"), folder)
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    command(*uv, "pip", "install", "--no-config", "--python", python, *requirements)
    return python


def packed_model(folder: Path, files: Mapping[str, str]) -> Model:
    """Write a model's archive into the import directory."""
    source = folder.parent / "model"
    for name, text in files.items():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_text(text, encoding="utf-8")
    packed = pack(scan(source), folder.parent / "packed", where="models.expense")
    shutil.copy(folder.parent / "packed" / f"{packed.sha256}.zip", folder / "expense.zip")
    return model(packed.sha256)

"""The configurations that ship with snowbuild."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from snowbuild.config import Argument, InputForm, Service, load
from snowbuild.config.load import parse_text, read_config, read_text
from snowbuild.config.reader import Report, Table

CHECKOUT = Path(__file__).parents[2]


def test_the_example_has_every_key_and_no_other(project: Path) -> None:
    path = project / "snowbuild.toml"
    path.write_bytes((CHECKOUT / "snowbuild.toml.example").read_bytes())
    report = Report()
    config = read_config(Table(parse_text(read_text(path), path), report), path)
    assert report.problems == []
    assert report.found == report.known
    assert load(path) == config


def test_every_key_of_the_example_has_a_comment() -> None:
    path = CHECKOUT / "snowbuild.toml.example"
    report = Report()
    read_config(Table(parse_text(read_text(path), path), report), path)
    commented = [line.partition("#")[0] for line in path.read_text(encoding="utf-8").splitlines() if "#" in line]
    explained = {word for line in commented for word in re.findall(r"[a-z-]+", line.partition("=")[0])}
    assert {key.rpartition(".")[2] for key in report.known} - explained == set()


def test_the_insurance_example_loads(project: Path) -> None:
    example = CHECKOUT / "examples" / "insurance"
    path = project / "snowbuild.toml"
    path.write_bytes((example / "snowbuild.toml").read_bytes())
    shutil.copytree(example / "templates", project / "templates", dirs_exist_ok=True)
    config = load(path)
    assert config.name == "insurance"
    assert config.packages.service is Service.CHANNEL
    assert config.dependencies.requirements == ("autogluon.tabular==1.5.0", "packaging", "typing-extensions")
    columns, array = config.functions
    assert (columns.name, array.name) == ("predict_expense", "predict_expense_array")
    assert [(a.name, a.type) for a in columns.sql_arguments] == [
        ("AGE", "NUMBER(3,0)"),
        ("BMI", "FLOAT"),
        ("CHILDREN", "NUMBER(2,0)"),
        ("SMOKER", "NUMBER(1,0)"),
        ("REGION", "VARCHAR"),
        ("SEX", "VARCHAR"),
    ]
    assert array.arguments == columns.arguments
    assert array.input is InputForm.ARRAY
    assert array.sql_arguments == (Argument(name="ROW", type="ARRAY"),)

"""The main job on real input: the real resolver, a trained AutoGluon model, the local Snowflake through Snowpark."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.runner import Ran, snowbuild

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow

EXAMPLE = Path(__file__).parents[1] / "examples" / "insurance"
ROW = '[19, 27.9, 0, 1, "southwest", "female"]'


def ok(ran: Ran) -> str:
    assert ran.code == 0, ran.err
    return ran.out


def plan(folder: Path, *options: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(ok(snowbuild(folder, "plan", "--format", "json", *options)))
    return document


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The example, locked, trained and applied once, below a path with a space and letters beyond ASCII."""
    folder = tmp_path_factory.mktemp("a plan, früh") / "insurance"
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns(".snowbuild", "models", "pylock*", "__pycache__"))
    ok(snowbuild(folder, "lock"))
    ok(snowbuild(folder, "run", "--", "python", "train.py"))
    ok(snowbuild(folder, "describe"))
    ok(snowbuild(folder, "apply", "--yes"))
    yield folder
    ok(snowbuild(folder, "local", "down"))


def test_predictions_pass_their_tests(deployed: Path) -> None:
    out = ok(snowbuild(deployed, "test"))
    assert out.endswith("2 passed, 0 failed on local.\n")


def test_call(deployed: Path) -> None:
    by_order = float(ok(snowbuild(deployed, "call", "predict_expense", "--row", ROW)))
    names = {"AGE": 19, "BMI": 27.9, "CHILDREN": 0, "SMOKER": 1, "REGION": "southwest", "SEX": "female"}
    by_name = float(ok(snowbuild(deployed, "call", "predict_expense", "--row", json.dumps(names))))
    assert by_order == by_name
    assert 10_000 < by_order < 30_000


def test_both_forms_of_input_predict_what_the_model_predicts(deployed: Path) -> None:
    direct = (
        "from autogluon.tabular import TabularPredictor as P; import pandas as pd, sys, json;"
        "p = P.load('models/expense', verbosity=0);"
        "print(p.predict(pd.DataFrame([json.loads(sys.argv[1])],"
        " columns=['AGE', 'BMI', 'CHILDREN', 'SMOKER', 'REGION', 'SEX'])).iloc[0])"
    )
    expected = float(ok(snowbuild(deployed, "run", "--", "python", "-c", direct, ROW)).splitlines()[-1])
    for function in ("predict_expense", "predict_expense_array"):
        assert float(ok(snowbuild(deployed, "call", function, "--row", ROW))) == pytest.approx(expected, rel=1e-6)


def test_a_whole_table_is_predicted_as_the_model_does(deployed: Path) -> None:
    write = (
        "import csv, insurance; w = csv.writer(open('rows.csv', 'w', newline=''));"
        "w.writerow(insurance.COLUMNS); w.writerows(insurance.rows(1500, seed=9))"
    )
    ok(snowbuild(deployed, "run", "--", "python", "-c", write))
    out = ok(snowbuild(deployed, "test", "predict_expense_array", "--rows", "rows.csv", "--format", "json"))
    found = json.loads(out)
    assert (found["rows"], found["mismatches"]) == (1500, [])
    assert found["largest-difference"] < 0.01


def test_a_feature_that_is_missing_or_unknown_is_named(deployed: Path) -> None:
    configuration = deployed / "snowbuild.toml"
    before = configuration.read_text()
    configuration.write_text(before.replace('BMI = "FLOAT"', 'BMJ = "FLOAT"', 1))
    try:
        ran = snowbuild(deployed, "plan")
    finally:
        configuration.write_text(before)
    assert (ran.code, ran.err) == (
        1,
        "error: functions.predict_expense.arguments.BMJ: model expense has no feature BMJ\nhint: did you mean BMI?\n",
    )


def test_snowpark_script(deployed: Path) -> None:
    import os
    import subprocess

    environ = {**os.environ, "SNOWFLAKE_HOME": str(deployed / ".snowbuild" / "local")}
    shown = subprocess.run(
        [sys.executable, "query.py"], cwd=deployed, env=environ, capture_output=True, text=True, check=True, timeout=300
    ).stdout
    assert "EXPENSES_FROM_ARRAY" in shown
    assert shown.count("|") > 30


def test_second_time_nothing_happens(deployed: Path) -> None:
    lock = (deployed / "pylock.snowbuild.toml").read_bytes()
    ok(snowbuild(deployed, "lock"))
    assert (deployed / "pylock.snowbuild.toml").read_bytes() == lock
    assert plan(deployed, "--locked", "--detailed-exitcode")["actions"] == []
    applied = json.loads(ok(snowbuild(deployed, "apply", "--yes", "--format", "json")))
    assert applied["outcomes"] == []
    assert applied["summary"]["uploaded"] == {"files": 0, "bytes": 0}


def test_offline_when_everything_is_cached(deployed: Path) -> None:
    # Nothing listens there: a request would fail at once.
    nowhere = {"HTTPS_PROXY": "http://127.0.0.1:9", "HTTP_PROXY": "http://127.0.0.1:9", "NO_PROXY": "127.0.0.1"}
    for command in (["lock"], ["plan"], ["apply", "--yes"], ["run", "--", "python", "-c", "import autogluon.tabular"]):
        ok(snowbuild(deployed, *command, **nowhere))


def test_a_touched_template_moves_one_module_and_one_function(deployed: Path) -> None:
    template = deployed / "templates" / "expense_array.py.j2"
    before = template.read_text()
    template.write_text(before + "# Looked at again.\n")
    try:
        actions = plan(deployed)["actions"]
    finally:
        template.write_text(before)
    assert [(a["kind"], a["name"].rpartition("/")[2], a["reason"]) for a in actions] == [
        ("upload", "predict_expense_array.py", "changed"),
        ("replace", "PREDICT_EXPENSE_ARRAY(ARRAY)", "template expense_array.py.j2 changed"),
    ]
    assert plan(deployed)["actions"] == []


def test_removed_stage_file_is_uploaded_again(deployed: Path) -> None:
    staged = plan(deployed)
    assert staged["actions"] == []
    model = next((deployed / ".snowbuild" / "local").rglob("expense.zip"))
    model.unlink()
    actions = plan(deployed)["actions"]
    assert [(a["kind"], a["reason"]) for a in actions] == [("upload", "missing on the stage")]
    ok(snowbuild(deployed, "apply", "--yes"))
    assert plan(deployed)["actions"] == []


def test_deploying_without_the_model(deployed: Path, tmp_path: Path) -> None:
    away = tmp_path / "expense"
    (deployed / "models" / "expense").rename(away)
    try:
        assert plan(deployed, "--locked")["actions"] == []
    finally:
        away.rename(deployed / "models" / "expense")


def test_model_of_another_autogluon(deployed: Path) -> None:
    version = deployed / "models" / "expense" / "version.txt"
    before = version.read_text()
    lock = (deployed / "pylock.snowbuild.toml").read_bytes()
    version.write_text("1.4.0")
    try:
        ran = snowbuild(deployed, "plan")
    finally:
        version.write_text(before)
    assert ran.code == 1
    assert "1.4.0" in ran.err
    assert "1.5.0" in ran.err
    assert (deployed / "pylock.snowbuild.toml").read_bytes() == lock


def test_a_change_to_one_part_of_the_model_uploads_that_part(deployed: Path) -> None:
    extra = deployed / "models" / "expense" / "models" / "KNeighbors" / "notes.txt"
    extra.write_text("Looked at again.")
    try:
        actions = plan(deployed)["actions"]
    finally:
        extra.unlink()
    uploads = {a["name"].rpartition("/")[2] for a in actions if a["kind"] == "upload"}
    # The modules say which archives they want.
    assert uploads == {"expense.zip", "predict_expense.py", "predict_expense_array.py"}
    assert plan(deployed)["actions"] == []


def test_a_model_that_is_optimized_for_deployment(deployed: Path) -> None:
    path, lock = deployed / "snowbuild.toml", deployed / "pylock.snowbuild.toml"
    before, locked = path.read_text(), lock.read_bytes()
    path.write_text(before.replace('path = "models/expense"\n', 'path = "models/expense"\noptimize = "deployment"\n'))
    try:
        ran = snowbuild(deployed, "lock")
        assert ran.code == 0, ran.err
        assert "note: models.expense: optimized for deployment: " in ran.err
        optimized = lock.read_bytes()
        # The same model is not optimized again, which would give other bytes, even when what was made is gone.
        shutil.rmtree(deployed / ".snowbuild" / "optimized")
        ok(snowbuild(deployed, "lock"))
        assert lock.read_bytes() == optimized != locked
        ok(snowbuild(deployed, "apply", "--yes"))
        assert ok(snowbuild(deployed, "test")).endswith("2 passed, 0 failed on local.\n")
    finally:
        path.write_text(before)
    ok(snowbuild(deployed, "lock"))
    assert lock.read_bytes() == locked
    ok(snowbuild(deployed, "apply", "--yes"))

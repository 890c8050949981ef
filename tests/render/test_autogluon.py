"""A predictor that AutoGluon really trained, packed, loaded out of staged wheels and asked through every template.

The environment that serves holds no AutoGluon: it comes from the wheels alone. Neither holds matplotlib.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest

from snowbuild.codec import decode
from snowbuild.config import Argument, Framework, InputForm, ModelConfig, Output
from snowbuild.digest import sha256_file
from snowbuild.environments.scripts import DESCRIBE
from snowbuild.models import (
    Description,
    ModelFacts,
    archive_path,
    describe_model,
    lock_model,
    misfits,
    tree_digest,
    write_description,
)
from snowbuild.render import load_templates, render_functions
from tests.render.support import NOWHERE, command, config, environment, function, run, stage, staged

pytestmark = [pytest.mark.slow, pytest.mark.integration]

EXAMPLE = Path(__file__).parents[2] / "examples" / "insurance"
OWN_PARTS = ("autogluon.tabular", "autogluon.core", "autogluon.common", "autogluon.features")
ROW = [19, 27.9, 0, 1, "southwest", "female"]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The example with its trained model, and the interpreter that trained it."""
    folder = tmp_path_factory.mktemp("trained")
    python = environment(folder / "environment", "autogluon.tabular==1.5.0", "typing-extensions")
    command(sys.executable, "-m", "uv", "pip", "uninstall", "--python", python, "matplotlib")
    shutil.copytree(EXAMPLE, folder / "insurance", ignore=shutil.ignore_patterns("models", ".snowbuild"))
    command(python, "train.py", cwd=folder / "insurance")
    return folder / "insurance", python


@pytest.fixture(scope="module")
def serving(trained: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """An interpreter with what the trainer has, AutoGluon excepted, and a folder with AutoGluon's wheels."""
    folder = tmp_path_factory.mktemp("serving")
    frozen = command(sys.executable, "-m", "uv", "pip", "freeze", "--python", trained[1]).splitlines()
    python = environment(folder / "environment", "--no-deps", *(r for r in frozen if not r.startswith("autogluon")))
    pins = [f"{part}==1.5.0" for part in OWN_PARTS]
    download = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:"]
    command(*download, "--dest", folder / "wheels", *pins)
    return python, folder / "wheels"


def test_a_trained_predictor_answers_through_every_template(
    trained: tuple[Path, Path], serving: tuple[Path, Path], tmp_path: Path
) -> None:
    root, _ = trained
    python, downloaded = serving
    imports = tmp_path / "imports"
    shutil.copytree(downloaded, imports)
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


TRAINING = """
import sys
import numpy as np, pandas as pd
from autogluon.tabular import TabularPredictor

rng, n = np.random.default_rng(5), 400
table = pd.DataFrame({
    "WHOLE": rng.integers(0, 9, n), "SMALL": rng.integers(0, 5, n).astype("int8"), "REAL": rng.random(n),
    "TEXT": rng.choice(["a", "b", "c"], n), "TRUTH": rng.random(n) > 0.5,
    "MAYBE": pd.Series(rng.choice([True, False, None], n), dtype=object),
    "DAY": pd.Timestamp("2026-01-01") + pd.to_timedelta(rng.integers(0, 99, n), unit="D"),
    "MOMENT": (pd.Timestamp("2026-01-01") + pd.to_timedelta(rng.integers(0, 99, n), unit="h")).tz_localize("UTC"),
    "CODE": pd.Categorical(rng.integers(0, 4, n)), "CONSTANT": 1,
})
score = table["WHOLE"] + 5 * table["REAL"] + 3 * table["TRUTH"]
labels = {
    "regression": score,
    "binary": np.where(score > 7, "yes", "no"),
    "multiclass": np.digitize(score, [4, 8]),
    "quantile": score,
}
for problem_type, label in labels.items():
    options = {"quantile_levels": [0.1, 0.45, 0.9]} if problem_type == "quantile" else {}
    TabularPredictor("LABEL", problem_type, path=f"models/{problem_type}", verbosity=0, **options).fit(
        table.assign(LABEL=label), hyperparameters={"RF": {"n_estimators": 20}})
table.to_pickle("table.pkl")
"""

# The table as Snowflake hands it out, with gaps, and as the predictor would get it without Snowflake.
ASKING = """
import decimal, json, sys
import pandas as pd, numpy as np
import PREDICTION_MODULE as prediction, BOTH_MODULE as both, SCALAR_MODULE as scalar

table = pd.read_pickle(sys.argv[1] if len(sys.argv) > 1 else "TABLE").head(40).reset_index(drop=True)
gaps = table.astype({"WHOLE": "float64", "TRUTH": object, "TEXT": object})
gaps.loc[3, ["WHOLE", "REAL"]] = np.nan
gaps.loc[4, ["TEXT"]] = None
gaps.loc[5, ["DAY", "MOMENT"]] = pd.NaT
columns = [
    gaps["WHOLE"].astype("Int16"), pd.Series(map(decimal.Decimal, map(str, gaps["SMALL"])), dtype=object), gaps["REAL"],
    gaps["TEXT"].astype("string"), gaps["TRUTH"].astype("boolean"),
    pd.Series([None if v is None else v for v in gaps["MAYBE"]], dtype=object),
    gaps["DAY"], pd.Series(gaps["MOMENT"].dt.tz_convert("Europe/Paris"), dtype=object),
    gaps["CODE"].astype("int64").astype("Int32"),
]
frame = pd.DataFrame(dict(enumerate(columns)))
predictor = prediction.PREDICTOR
expected = predictor.predict(gaps)
if predictor.problem_type == "quantile":
    levels, expected = expected, expected[0.45]
    assert prediction.MEDIAN == 0.45
answers = prediction.handler(frame)
assert list(answers) == expected.tolist(), (answers, expected)
whole = list(both.handler(frame))
assert [row["prediction"] for row in whole] == expected.tolist()
if predictor.problem_type == "quantile":
    tables = levels
else:
    tables = predictor.predict_proba(gaps)
assert [list(row["probabilities"].values()) for row in whole] == tables.to_numpy("float64").tolist()
assert list(whole[0]["probabilities"]) == [str(name) for name in tables.columns]
row = [None if v is None or pd.isna(v) else v for v in frame.iloc[3]]
assert scalar.handler(*row) == answers[3], (scalar.handler(*row), answers[3])
print("agree")
"""
TYPES = {
    "WHOLE": "NUMBER(3,0)",
    "SMALL": "NUMBER(20,0)",
    "REAL": "FLOAT",
    "TEXT": "VARCHAR",
    "TRUTH": "BOOLEAN",
    "MAYBE": "VARIANT",
    "DAY": "DATE",
    "MOMENT": "TIMESTAMP_TZ",
    "CODE": "NUMBER(9,0)",
}


@pytest.fixture(scope="module")
def predictors(trained: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a predictor of each problem type, described."""
    root = tmp_path_factory.mktemp("predictors")
    command(trained[1], "-W", "ignore", "-c", TRAINING, cwd=root)
    for folder in sorted((root / "models").iterdir()):
        command(trained[1], DESCRIBE, folder, root / "description.json", cwd=root)
        found = json.loads((root / "description.json").read_bytes())
        description = decode(Description, found["description"])
        write_description(folder, description, tree_sha256=tree_digest(folder))
    return root


@pytest.mark.parametrize(
    ("problem_type", "returns"),
    [("regression", "FLOAT"), ("binary", "VARCHAR"), ("multiclass", "NUMBER(1,0)"), ("quantile", "FLOAT")],
)
def test_every_kind_of_predictor_answers_as_it_does_itself(
    predictors: Path, serving: tuple[Path, Path], tmp_path: Path, problem_type: str, returns: str
) -> None:
    python, downloaded = serving
    imports, state = tmp_path / "imports", predictors / ".snowbuild"
    shutil.copytree(downloaded, imports)
    wheels = tuple(staged(wheel.name, sha256_file(wheel)) for wheel in sorted(imports.glob("*.whl")))
    named = ModelConfig(name=problem_type, path=f"models/{problem_type}")
    model, notes = describe_model(lock_model(named, root=predictors, state=state), root=predictors, state=state)
    assert notes == ()
    for archive in model.archives:
        shutil.copy(archive_path(archive, state), imports / archive.filename)
    facts = model.facts.description
    assert facts is not None
    assert facts.problem_type == problem_type
    assert [f.name for f in facts.features] == list(TYPES)
    assert facts.ignored == ("CONSTANT",)
    kinds = ["number"] * 3 + ["text", "boolean", "boolean", "time", "zoned", "number"]
    assert [f.kind for f in facts.features] == kinds

    arguments = tuple(Argument(name=name, type=type_) for name, type_ in TYPES.items())
    output = Output.PREDICTION if problem_type == "regression" else Output.BOTH
    functions = [
        function("prediction", model=problem_type, arguments=arguments, returns=returns),
        function("scalar", "autogluon_scalar.py.j2", model=problem_type, arguments=arguments, returns=returns),
        function("both", model=problem_type, arguments=arguments, returns="OBJECT", output=output),
    ]
    assert misfits(functions[: 2 if problem_type == "regression" else 3], (model,)) == ()
    stage(imports, render_functions(config(*functions), wheels, (model,), load_templates(NOWHERE), {}))
    code = ASKING.replace("TABLE", (predictors / "table.pkl").as_posix())
    if problem_type == "regression":
        start, end = code.index("whole = "), code.index("row = [")
        code = (code[:start] + code[end:]).replace("BOTH_MODULE", "prediction")
    for name in ("prediction", "both", "scalar"):
        code = code.replace(f"{name.upper()}_MODULE", name)
    assert run(imports, tmp_path / "tmp", code, python=str(python)) == "agree"


def test_the_table_is_the_same_everywhere(trained: tuple[Path, Path]) -> None:
    root, python = trained
    code = "import insurance, hashlib; print(hashlib.sha256(repr(list(insurance.rows())).encode()).hexdigest())"
    assert command(python, "-c", code, cwd=root) == command(sys.executable, "-c", code, cwd=root)

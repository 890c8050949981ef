"""Handlers as they run: rendered, staged and called in a process of their own.

A small library stands in for AutoGluon: it checks what it is asked, and answers with what it was given. The real one
is in test_autogluon.py.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from snowbuild.config import Argument, FunctionConfig, InputForm, Output
from snowbuild.models import Description, ProblemType, ValueKind
from snowbuild.models.description import Feature
from snowbuild.render import load_templates, render_functions
from tests.render.support import NOWHERE, config, function, packed_model, run, stage, staged, zipped

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.integration

STAND_IN = '''
"""Adds AGE to the number in the model's file; text stays what it is, and so does what is missing.

The file may hold a problem type and classes, or levels, behind the number.
"""
import pandas


class TabularPredictor:
    def __init__(self, path):
        with open(path + "/offset.txt") as file:
            number, *self.names = file.read().split()
        self.offset, self.persisted, self.threshold = float(number), 0, None
        self.problem_type = self.names.pop(0) if self.names else "regression"
        self.quantile_levels = [float(name) for name in self.names] if self.problem_type == "quantile" else None

    @classmethod
    def load(cls, path, *, verbosity, require_version_match, require_py_version_match):
        assert (verbosity, require_version_match, require_py_version_match) == (0, True, True)
        return cls(path)

    def persist(self, max_memory):
        self.persisted += 1

    def predict(self, frame):
        assert self.persisted == 1
        self.seen = {name: (str(frame[name].dtype), [None if v is None else repr(v) for v in frame[name].tolist()])
                     for name in frame}
        if self.problem_type == "quantile":
            return pandas.DataFrame({level: frame["AGE"] + level for level in self.quantile_levels})
        if self.names:
            return self.predict_from_proba(self.predict_proba(frame))
        return (frame["AGE"] + self.offset) if "AGE" in frame else frame.iloc[:, 0]

    def predict_proba(self, frame):
        first = frame["AGE"].astype("float32" if self.problem_type == "binary" else "float64") / 100
        rest = (1 - first) / (len(self.names) - 1)
        names = [int(name) if name.isdigit() else name for name in self.names]
        return pandas.DataFrame({name: first if name == names[0] else rest for name in names})

    def predict_from_proba(self, table):
        if self.threshold is not None:
            second = table.iloc[:, 1].to_numpy()
            return pandas.Series([self.names[int(value >= second.dtype.type(self.threshold))] for value in second])
        return table.fillna(0).idxmax(axis=1)
'''
JOBLIB = """
from contextlib import contextmanager

used = []


class parallel:
    class ThreadingBackend:
        def effective_n_jobs(self, n_jobs):
            return n_jobs


@contextmanager
def parallel_config(backend):
    used.append(backend)
    yield
"""
THREADPOOLCTL = """
limits = []


def threadpool_limits(limits):
    globals()["limits"].append(limits)
"""
WHEELS = {
    "autogluon.tabular-1.5.0-py3-none-any.whl": {"autogluon/tabular/__init__.py": STAND_IN},
    "joblib-1.4.2-py3-none-any.whl": {"joblib.py": JOBLIB},
    "threadpoolctl-3.6.0-py3-none-any.whl": {"threadpoolctl.py": THREADPOOLCTL},
}


@pytest.fixture
def imports(tmp_path: Path) -> Path:
    """An empty import directory."""
    folder = tmp_path / "imports"
    folder.mkdir()
    return folder


def deploy(
    imports: Path,
    *functions: FunctionConfig,
    offset: str = "1000",
    description: Description | None = None,
    **handlers: bytes,
) -> None:
    """Put everything that the functions import into the import directory."""
    wheels = tuple(staged(name, zipped(imports / name, files)) for name, files in WHEELS.items())
    model = packed_model(imports, {"offset.txt": offset})
    model = replace(model, facts=replace(model.facts, description=description))
    files = {f"{name}.py": data for name, data in handlers.items()}
    stage(imports, render_functions(config(*functions), wheels, (model,), load_templates(NOWHERE), files))


def call(imports: Path, code: str) -> object:
    """What the code puts into `result`, through JSON."""
    setup = "import json, sys, decimal, datetime\n"
    text = run(imports, imports.parent / "tmp", f"{setup}{code}\nprint(json.dumps(result))")
    try:
        return json.loads(text)
    except ValueError:
        return text.splitlines()[-1]


BATCH = """
import pandas as pd
frame = pd.DataFrame({
    0: pd.array([19, None, 40], dtype="Int16"),
    1: [27.5, float("nan"), 30.0],
    2: pd.array([0, 1, 2], dtype="Int16"),
    3: [decimal.Decimal(1), None, decimal.Decimal("0.5")],
    4: pd.array(["southwest", None, "north"], dtype="string"),
    5: pd.array(["female", "male", None], dtype="string"),
}, index=[7, 8, 9])
"""


def test_a_batch_of_columns(imports: Path) -> None:
    deploy(imports, function("f", max_batch_size=4000))
    result = call(
        imports,
        BATCH
        + "import f, joblib\nanswers = f.handler(frame)\n"
        + "result = [[None if v != v else v for v in answers], f.PREDICTOR.seen, joblib.used,\n"
        + "    f.handler._sf_vectorized_input is pd.DataFrame, f.handler._sf_max_batch_size]",
    )
    assert result == [
        [1019.0, None, 1040.0],
        {
            "AGE": ["float64", ["19.0", "nan", "40.0"]],
            "BMI": ["float64", ["27.5", "nan", "30.0"]],
            "CHILDREN": ["int64", ["0", "1", "2"]],
            "SMOKER": ["float64", ["1.0", "nan", "0.5"]],
            "REGION": ["object", ["'southwest'", None, "'north'"]],
            "SEX": ["object", ["'female'", "'male'", None]],
        },
        ["sequential"],
        True,
        4000,
    ]


def test_large_and_empty_batches(imports: Path) -> None:
    deploy(imports, function("f", threads=2))
    code = (
        "import f, joblib\n"
        "big = pd.concat([frame.iloc[[0]]] * 2000)\n"
        "result = [len(f.handler(big)), [joblib.used[0].effective_n_jobs(n) for n in (1, 2, 8)],\n"
        "    len(f.handler(frame)), joblib.used[1:], len(f.handler(frame.iloc[:0])), len(joblib.used),\n"
        "    hasattr(f.handler, '_sf_max_batch_size')]"
    )
    assert call(imports, BATCH + code) == [2000, [1, 2, 2], 3, ["sequential"], 0, 2, False]


def test_threads_are_capped_before_anything_starts_some(imports: Path) -> None:
    deploy(imports, function("f"), function("g", threads=3))
    code = (
        "import os, f, joblib, threadpoolctl\n"
        "f.handler(pd.concat([frame.iloc[[0]]] * 2000))\n"
        "names = ('OMP_NUM_THREADS', 'LOKY_MAX_CPU_COUNT')\n"
        "result = [joblib.used, threadpoolctl.limits.copy(), *map(os.environ.get, names)]\n"
        "import g\n"
        "result += [threadpoolctl.limits, os.environ['OPENBLAS_NUM_THREADS']]"
    )
    assert call(imports, BATCH + code) == [["sequential"], [1], "1", "1", [1, 3], "3"]


@pytest.mark.parametrize(
    ("holds", "returns", "prediction", "probabilities"),
    [
        ("0 binary no yes", "VARCHAR", ["yes", "no", "no"], {"no": 0.25, "yes": 0.75}),
        ("0 multiclass 0 1 2", "NUMBER(1,0)", [1, 0, 0], {"0": 0.25, "1": 0.375, "2": 0.375}),
        ("0 quantile 0.25 0.75", "FLOAT", [25.25, None, 75.25], {"0.25": 25.25, "0.75": 25.75}),
    ],
)
def test_what_functions_give(
    imports: Path, holds: str, returns: str, prediction: list[object], probabilities: dict[str, float]
) -> None:
    arguments = (Argument(name="AGE", type="FLOAT"),)
    scalar = "autogluon_scalar.py.j2"
    deploy(
        imports,
        function("p", arguments=arguments, returns=returns),
        function("t", arguments=arguments, returns="OBJECT", output=Output.PROBABILITIES),
        function("b", arguments=arguments, returns="OBJECT", output=Output.BOTH),
        function("ps", scalar, arguments=arguments, returns=returns),
        function("bs", scalar, arguments=arguments, returns="OBJECT", output=Output.BOTH),
        offset=holds,
    )
    result = call(
        imports,
        "import pandas as pd, p, t, b, ps, bs\n"
        "frame = pd.DataFrame({0: [25.0, float('nan'), 75.0]})\n"
        "plain = lambda values: [None if v != v else v for v in values]\n"
        "result = [plain(p.handler(frame)), list(t.handler(frame))[:2], list(b.handler(frame))[0],\n"
        "    ps.handler(25.0), bs.handler(25.0)]",
    )
    one = {"prediction": prediction[0], "probabilities": probabilities}
    nothing = dict.fromkeys(probabilities)
    assert result == [prediction, [probabilities, nothing], one, prediction[0], one]


def test_a_regression_has_no_probabilities(imports: Path) -> None:
    deploy(imports, function("f", returns="OBJECT", output=Output.PROBABILITIES))
    assert call(imports, "import f\nresult = 1") == "RuntimeError: model expense: regression has no probabilities"


def test_features_arrive_as_they_were_trained(imports: Path) -> None:
    kinds = {"N": "number", "B": "boolean", "O": "text", "T": "time", "Z": "zoned"}
    description = Description(
        problem_type=ProblemType.REGRESSION,
        label="Y",
        features=tuple(Feature(name=name, kind=ValueKind(kind), dtype="") for name, kind in kinds.items()),
    )
    arguments = tuple(
        Argument(name=name, type=type_)
        for name, type_ in (
            ("N", "BOOLEAN"),
            ("B", "NUMBER(1,0)"),
            ("O", "DATE"),
            ("T", "TIMESTAMP_TZ"),
            ("Z", "TIMESTAMP_NTZ"),
        )
    )
    deploy(imports, function("f", "autogluon_scalar.py.j2", arguments=arguments), description=description)
    result = call(
        imports,
        "import f\n"
        "zone = datetime.timezone(datetime.timedelta(hours=2))\n"
        "when = datetime.datetime(2026, 1, 2, 3)\n"
        "f.handler(True, 1, when.date(), when.replace(tzinfo=zone), when)\n"
        "full = f.PREDICTOR.seen\n"
        "f.handler(*[None] * 5)\n"
        "result = [[full[k][0].split('[')[0], full[k][1][0], f.PREDICTOR.seen[k][1][0]] for k in full]",
    )
    assert result == [
        ["int64", "1", "nan"],
        ["bool", "True", None],
        ["object", "'2026-01-02'", None],
        ["datetime64", "Timestamp('2026-01-02 01:00:00')", "NaT"],
        ["datetime64", "Timestamp('2026-01-02 03:00:00+0000', tz='UTC')", "NaT"],
    ]


def test_no_digit_of_an_integer_is_lost(imports: Path) -> None:
    deploy(imports, function("f", arguments=(Argument(name="N", type="NUMBER(38,0)"),)))
    code = (
        "import f, pandas as pd\n"
        "result = []\n"
        "for values in (['100000000000000001'], ['100000000000000001', '0.5'], ['1' + '0' * 19], ['1' + '0' * 30]):\n"
        "    f.handler(pd.DataFrame({0: pd.Series(map(decimal.Decimal, values), dtype=object)}))\n"
        "    result.append(f.PREDICTOR.seen['N'])"
    )
    assert call(imports, code) == [
        ["int64", ["100000000000000001"]],
        ["float64", ["1e+17", "0.5"]],
        ["float64", ["1e+19"]],
        ["float64", ["1e+30"]],
    ]


@pytest.mark.parametrize(("type_", "zone"), [("TIMESTAMP_NTZ", "'"), ("TIMESTAMP_TZ", "+0000', tz='UTC'")])
def test_times_out_of_a_variant_are_read_each_by_itself(imports: Path, type_: str, zone: str) -> None:
    deploy(imports, function("f", arguments=(Argument(name="T", type=type_),), input=InputForm.ARRAY))
    code = (
        "import f, pandas as pd\n"
        "times = ['2026-01-02', '2026-01-02 03:00:00.123', None, '2026-01-02T03:00:00Z', '2026-01-02 03:00:00 +0200']\n"
        "f.handler(pd.DataFrame({0: [[time] for time in times]}))\n"
        "result = f.PREDICTOR.seen['T'][1]"
    )
    assert call(imports, code) == [
        f"Timestamp('2026-01-02 00:00:00{zone})",
        f"Timestamp('2026-01-02 03:00:00.123000{zone})",
        "NaT",
        f"Timestamp('2026-01-02 03:00:00{zone})",
        f"Timestamp('2026-01-02 01:00:00{zone})",
    ]


def test_classes_stay_whole_beside_null(imports: Path) -> None:
    arguments = (Argument(name="AGE", type="FLOAT"),)
    deploy(
        imports,
        function("f", arguments=arguments, input=InputForm.ARRAY, returns="NUMBER(38,0)"),
        function("g", arguments=arguments, input=InputForm.ARRAY, returns="VARIANT"),
        offset="0 multiclass 9007199254740993 1 2",
    )
    code = (
        "import pandas as pd, f, g\n"
        "result = [list(m.handler(pd.DataFrame({0: rows}))) for m in (f, g) for rows in ([[75.0]], [[75.0], None])]"
    )
    assert call(imports, code) == [[2**53 + 1], [2**53 + 1, None]] * 2


@pytest.mark.parametrize("template", ["autogluon_scalar.py.j2", "autogluon_vectorized.py.j2"])
def test_a_number_with_all_its_decimal_places(imports: Path, template: str) -> None:
    deploy(imports, function("f", template, arguments=(Argument(name="AGE", type="FLOAT"),), returns="NUMBER(38,30)"))
    one = "f.handler(25.5)" if "scalar" in template else "f.handler(pd.DataFrame({0: [25.5]}))[0]"
    assert call(imports, f"import pandas as pd, f\nresult = str({one})") == f"1025.5{'0' * 29}"


def test_the_class_of_both_is_that_of_the_prediction(imports: Path) -> None:
    arguments = (Argument(name="AGE", type="FLOAT"),)
    deploy(
        imports,
        function("f", arguments=arguments, returns="VARCHAR"),
        function("g", arguments=arguments, returns="OBJECT", output=Output.BOTH),
        offset="0 binary no yes",
    )
    # In single precision, as AutoGluon compares, 0.8 reaches the threshold of 0.8; as a float of Python it does not.
    code = (
        "import pandas as pd, f, g\n"
        "frame = pd.DataFrame({0: [20.0]})\n"
        "for m in (f, g): m.PREDICTOR.threshold = 0.8\n"
        "result = [f.handler(frame)[0], g.handler(frame)[0]['prediction']]"
    )
    assert call(imports, code) == ["yes", "yes"]


@pytest.mark.parametrize("value", ["[1]", "{}"])
def test_what_is_no_number(imports: Path, value: str) -> None:
    arguments = (Argument(name="AGE", type="VARIANT"),)
    description = Description(
        problem_type=ProblemType.REGRESSION,
        label="Y",
        features=(Feature(name="AGE", kind=ValueKind.NUMBER, dtype="int64"),),
    )
    deploy(imports, function("f", "autogluon_scalar.py.j2", arguments=arguments), description=description)
    assert call(imports, f"import f\nf.handler({value})") == f"ValueError: AGE: expected a number, found {value}"


def test_text_is_no_truth_value(imports: Path) -> None:
    deploy(imports, function("f", "autogluon_scalar.py.j2", arguments=(Argument(name="B", type="BOOLEAN"),)))
    assert call(imports, "import f\nf.handler('false')") == (
        "ValueError: B: expected a boolean, found the text 'false'"
    )


@pytest.mark.parametrize("template", ["autogluon_scalar.py.j2", "autogluon_vectorized.py.j2"])
def test_a_key_of_an_object_may_be_what_sql_makes_of_a_name(imports: Path, template: str) -> None:
    arguments = tuple(Argument(name=name, type="FLOAT") for name in ("AGE", "bmi", "a b"))
    deploy(imports, function("f", template, arguments=arguments, input=InputForm.OBJECT))
    code = "import f, pandas as pd\nresult = []\n"
    for row in ({"AGE": 1, "BMI": 2, "a b": 3}, {"AGE": 1, "bmi": 2, "BMI": 7}):
        asked = f"{row}" if "scalar" in template else f"pd.DataFrame({{0: [{row}]}})"
        code += f"f.handler({asked})\nresult.append([seen[1][0] for seen in f.PREDICTOR.seen.values()])\n"
    assert call(imports, code) == [["1", "2", "3"], ["1", "2", "nan"]]


def test_keys_that_differ_only_in_case_are_those_of_their_features(imports: Path) -> None:
    arguments = tuple(Argument(name=name, type="FLOAT") for name in ("AGE", "age", "bmi", "a b", "A b"))
    deploy(imports, function("f", "autogluon_scalar.py.j2", arguments=arguments, input=InputForm.OBJECT))
    code = "import f\nresult = []\n"
    for row in ({"AGE": 1, "age": 2, "BMI": 3}, {"AGE": 1, "A B": 7, "a b": 4}, {"age": 2}):
        code += f"f.handler({row})\nresult.append([seen[1][0] for seen in f.PREDICTOR.seen.values()])\n"
    assert call(imports, code) == [
        ["1", "2", "3", "nan", "nan"],
        ["1", "nan", "nan", "4", "nan"],
        ["nan", "2", "nan", "nan", "nan"],
    ]


@pytest.mark.parametrize("form", [InputForm.ARRAY, InputForm.OBJECT])
def test_a_batch_of_rows(imports: Path, form: InputForm) -> None:
    deploy(imports, function("f", input=form))
    rows = "[[19, 27.5, 0, True, 'southwest', 'female'], None, [40, None, 2, 0, None, 'male']]"
    code = f"import pandas as pd, f\nrows = {rows}\n"
    if form is InputForm.OBJECT:
        # In any order, with more than is asked for, and without what is NULL.
        code += "names = [name for name, _ in f.FEATURES]\n"
        code += "rows = [r and {k: v for k, v in [('MORE', 1), *zip(names, r)][::-1] if v is not None} for r in rows]\n"
    code += "answers = f.handler(pd.DataFrame({0: rows}))\n"
    result = call(imports, code + "result = [[None if v != v else v for v in answers], f.PREDICTOR.seen]")
    assert result == [
        [1019.0, None, 1040.0],
        {
            "AGE": ["int64", ["19", "40"]],
            "BMI": ["float64", ["27.5", "nan"]],
            "CHILDREN": ["int64", ["0", "2"]],
            "SMOKER": ["int64", ["1", "0"]],
            "REGION": ["object", ["'southwest'", None]],
            "SEX": ["object", ["'female'", "'male'"]],
        },
    ]


def test_one_row(imports: Path) -> None:
    scalar = "autogluon_scalar.py.j2"
    deploy(
        imports,
        function("c", scalar),
        function("a", scalar, input=InputForm.ARRAY),
        function("o", scalar, input=InputForm.OBJECT),
    )
    result = call(
        imports,
        "import c, a, o\n"
        "row = [19, 27.5, decimal.Decimal(0), 1, 'southwest', None]\n"
        "result = [c.handler(*row), c.handler(*[None] * 6), a.handler(row), a.handler(None), o.handler({'AGE': 2}),\n"
        "    o.handler({}), o.handler(None), [type(v).__name__ for v in (c.handler(*row), a.handler(row))]]",
    )
    assert result == [1019.0, None, 1019.0, None, 1002.0, None, None, ["float", "float"]]


def test_rows_that_do_not_fit(imports: Path) -> None:
    scalar = "autogluon_scalar.py.j2"
    deploy(imports, function("c", scalar), function("a", scalar, input=InputForm.ARRAY))
    result = call(
        imports,
        "import a, c\n"
        "result = []\n"
        "try: a.handler([1, 2])\n"
        "except ValueError as error: result.append(str(error))\n"
        "try: c.handler('old', 1, 1, 1, 'a', 'b')\n"
        "except ValueError as error: result.append(str(error).replace('\"', \"'\"))",
    )
    assert result == [
        "a row has 2 values, expected 6: AGE, BMI, CHILDREN, SMOKER, REGION, SEX",
        "AGE: Unable to parse string 'old' at position 0",
    ]


def test_types_on_the_way_in(imports: Path) -> None:
    types = {
        "AGE": "NUMBER(38,0)",
        "B": "BOOLEAN",
        "D": "DATE",
        "T": "TIMESTAMP_NTZ",
        "Z": "TIMESTAMP_TZ",
        "V": "VARIANT",
    }
    arguments = tuple(Argument(name=name, type=type_) for name, type_ in types.items())
    deploy(imports, function("f", "autogluon_scalar.py.j2", arguments=arguments))
    result = call(
        imports,
        "import f\n"
        "class SqlNull:\n    is_sql_null = True\n"
        "zone = datetime.timezone(datetime.timedelta(hours=2))\n"
        "when = datetime.datetime(2026, 1, 2, 3)\n"
        "f.handler(decimal.Decimal(10) ** 20, True, when.date(), when, when.replace(tzinfo=zone), SqlNull())\n"
        "full = f.PREDICTOR.seen\n"
        "f.handler(*[None] * 6)\n"
        "result = [[full[k][0].split('[')[0], full[k][1][0], f.PREDICTOR.seen[k][1][0]] for k in full]",
    )
    assert result == [
        ["float64", "1e+20", "nan"],
        ["bool", "True", None],
        ["datetime64", "Timestamp('2026-01-02 00:00:00')", "NaT"],
        ["datetime64", "Timestamp('2026-01-02 03:00:00')", "NaT"],
        ["datetime64", "Timestamp('2026-01-02 01:00:00+0000', tz='UTC')", "NaT"],
        ["object", None, None],
    ]


def test_types_on_the_way_out(imports: Path) -> None:
    answers = {
        "NUMBER(38,0)": ["1020", "None"],
        "NUMBER(10,2)": ["Decimal('1019.50')", "None"],
        "VARCHAR": ["'1019.5'", "None"],
        "BOOLEAN": ["True", "None"],
        "FLOAT": ["1019.5", "None"],
        "VARIANT": ["1019.5", "None"],
    }
    functions = [
        function(f"f{number}", "autogluon_scalar.py.j2", returns=returns) for number, returns in enumerate(answers)
    ]
    deploy(imports, *functions)
    result = call(
        imports,
        "import importlib\n"
        "functions = [importlib.import_module(f'f{number}').handler for number in range(6)]\n"
        "result = [[repr(f(v, 1, 1, 1, 'a', 'b')) for v in (19.5, None)] for f in functions]",
    )
    assert result == list(answers.values())


def test_a_model_that_does_not_load_is_named(imports: Path) -> None:
    deploy(imports, function("f"), offset="no number")
    assert call(imports, "import f\nresult = 1") == (
        "RuntimeError: model expense: the predictor cannot be loaded: could not convert string to float: 'no'"
    )


def test_a_model_that_is_another_is_named(imports: Path) -> None:
    deploy(imports, function("f"))
    (imports / "expense.zip").write_bytes(b"another")
    text = run(imports, imports.parent / "tmp", "import f")
    assert "LoadError: expense.zip: the digest differs\n  expected  sha256:" in text


MINE = b"""
import tqdm_like

calls = []


def load(folder):
    calls.append(folder)
    with open(folder + "/offset.txt") as file:
        return float(file.read())


def predict(model, age, *rest):
    return tqdm_like.twice(model + age)


def plain(age, *rest):
    return age


def batch(model, frame):
    return frame[0] + model


batch._sf_vectorized_input = list
batch._sf_max_batch_size = 7
"""


def test_a_failed_import_leaves_the_collector_as_it_was(imports: Path) -> None:
    deploy(imports, function("f"), function("g"))
    (imports / "expense.zip").rename(imports / "gone.zip")
    code = (
        "import gc\n"
        "found = []\n"
        "def attempt(name):\n"
        "    try: __import__(name)\n"
        "    except Exception as error: found.append(type(error).__name__)\n"
        "    found.append(gc.isenabled())\n"
        "attempt('f')\n"
        "os.rename(imports + '/gone.zip', imports + '/expense.zip')\n"
        "attempt('f')\n"
        "gc.disable()\n"
        "attempt('g')\n"
        "result = found"
    )
    # Where nothing was collected before, nothing is afterwards.
    assert call(imports, "import os\nimports = sys.path[0]\n" + code) == ["LoadError", True, True, False]


def test_handlers_of_ones_own(imports: Path) -> None:
    wheel = "tqdm_like-1-py3-none-any.whl"
    wheels = (staged(wheel, zipped(imports / wheel, {"tqdm_like.py": "def twice(x): return 2 * x"})),)
    model = packed_model(imports, {"offset.txt": "100"})
    functions = (
        function("one", None, handler="src/mine.py:predict"),
        function("two", None, handler="src/mine.py:plain", model=None),
        function("three", None, handler="src/mine.py:batch"),
        function("four", None, handler="src/mine.py:batch", max_batch_size=3),
        function("five", None, handler="src/mine.py:plain", model=None, input=InputForm.ARRAY),
    )
    rendered = render_functions(config(*functions), wheels, (model,), load_templates(NOWHERE), {"src/mine.py": MINE})
    stage(imports, rendered)
    result = call(
        imports,
        "import one, two, three, four, five, mine\n"
        "result = [one.handler(1, 2, 3, 4, 5, 6), one.handler(2, 2, 3, 4, 5, 6), two.handler(1, 2, 3, 4, 5, 6),\n"
        "    three.handler([1]), five.handler([1, 2]), len(set(mine.calls)),\n"
        "    [hasattr(f.handler, '_sf_vectorized_input') for f in (one, two, three, four)],\n"
        "    three.handler._sf_max_batch_size, four.handler._sf_max_batch_size,\n"
        "    hasattr(one.handler, '_sf_max_batch_size')]",
    )
    assert result == [202.0, 204.0, 1, 101.0, [1, 2], 1, [False, False, True, True], 7, 3, False]

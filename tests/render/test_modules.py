"""Rendered modules are a pure function of what goes in."""

from __future__ import annotations

import ast
import platform
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snowbuild.config import Argument, FunctionConfig, InputForm, Output
from snowbuild.digest import sha256_bytes
from snowbuild.errors import RenderError
from snowbuild.models import Archive, Description, ProblemType
from snowbuild.models.description import SubModel
from snowbuild.render import RenderedFunction, load_templates, render_functions
from snowbuild.runtime import Architecture, Runtime
from tests.render.support import NOWHERE, config, function, model, staged

if TYPE_CHECKING:
    from collections.abc import Callable

GOLDEN = Path(__file__).with_name("golden")
TEMPLATES = load_templates(NOWHERE)
WHEELS = (
    staged("autogluon.tabular-1.5.0-py3-none-any.whl", "b" * 64),
    staged("autogluon.core-1.5.0-py3-none-any.whl", "a" * 64),
)
MINE = b"""
def load(folder):
    return folder


def predict(model, *values):
    return 1.0
"""


def render(*functions: FunctionConfig, **handlers: bytes) -> tuple[RenderedFunction, ...]:
    """Render functions with the model; handlers are named without folder and ending."""
    files = {f"src/{name}.py": data for name, data in handlers.items()}
    return render_functions(config(*functions), WHEELS, (model(),), TEMPLATES, files)


def own(name: str = "score", handler: str = "src/mine.py:predict", **more: object) -> FunctionConfig:
    """A function with a handler of its own."""
    return function(name, None, handler=handler, **more)


@pytest.mark.parametrize(
    ("name", "one"),
    [
        ("vectorized_columns", function(max_batch_size=4000)),
        ("vectorized_array", function(input=InputForm.ARRAY)),
        ("scalar_columns", function(template="autogluon_scalar.py.j2", returns="NUMBER(10,2)")),
        ("scalar_object", function(template="autogluon_scalar.py.j2", input=InputForm.OBJECT, returns="VARCHAR")),
        (
            "vectorized_probabilities",
            function(arguments=function().arguments[:2], returns="OBJECT", output=Output.PROBABILITIES, threads=2),
        ),
        (
            "scalar_both",
            function(
                template="autogluon_scalar.py.j2",
                arguments=function().arguments[:2],
                returns="OBJECT",
                output=Output.BOTH,
            ),
        ),
        ("handler_with_model", own(max_batch_size=10)),
        ("handler_without_model", own(model=None, input=InputForm.OBJECT)),
    ],
)
def test_golden_modules(name: str, one: FunctionConfig, golden: Callable[[Path, str], None]) -> None:
    (rendered,) = render(one, mine=MINE)
    golden(GOLDEN / f"{name}.py.txt", rendered.modules[0].data.decode())


@pytest.mark.parametrize(
    ("name", "one", "problem_type", "family"),
    [
        ("described_regression", function(), ProblemType.REGRESSION, "GBM"),
        (
            "described_classes",
            function(returns="OBJECT", output=Output.BOTH, input=InputForm.OBJECT),
            ProblemType.MULTICLASS,
            "XT",
        ),
        ("described_quantiles", function(returns="NUMBER(9,2)"), ProblemType.QUANTILE, "RF"),
    ],
)
def test_a_described_model_has_what_it_needs_and_no_more(
    name: str,
    one: FunctionConfig,
    problem_type: ProblemType,
    family: str,
    golden: Callable[[Path, str], None],
) -> None:
    used = SubModel(name="Best", family=family, used=True)
    description = Description(problem_type=problem_type, label="EXPENSES", sub_models=(used,))
    described = replace(model(), facts=replace(model().facts, description=description))
    (rendered,) = render_functions(config(one), WHEELS, (described,), TEMPLATES, {})
    golden(GOLDEN / f"{name}.py.txt", rendered.modules[0].data.decode())


def test_modules_of_a_template() -> None:
    (rendered,) = render(function())
    module, loader = rendered.modules
    assert rendered.handler == "predict_expense.handler"
    assert (module.filename, module.template) == ("predict_expense.py", "autogluon_vectorized.py.j2")
    assert (loader.filename, loader.template) == ("snowbuild_loader.py", "loader.py.j2")
    assert loader.data.decode() == TEMPLATES.template("loader.py.j2").text
    assert loader.template_sha256 == loader.sha256 == sha256_bytes(loader.data)
    assert module.sha256 == sha256_bytes(module.data)
    assert b"\r" not in module.data


def test_modules_of_a_handler() -> None:
    (rendered,) = render(own(), mine=MINE.replace(b"\n", b"\r\n"))
    assert rendered.handler == "score.handler"
    assert [module.filename for module in rendered.modules] == ["score.py", "snowbuild_loader.py", "mine.py"]
    assert rendered.modules[2].data == MINE
    assert (rendered.modules[2].template, rendered.modules[2].template_sha256) == ("src/mine.py", sha256_bytes(MINE))


def test_a_handlers_file_of_the_functions_name_keeps_it() -> None:
    (rendered,) = render(own("mine"), mine=MINE)
    assert rendered.modules[2].filename == "mine.py"
    assert rendered.modules[0].filename == f"m_mine_{sha256_bytes(b'mine')[:12]}.py"
    assert rendered.handler == f"m_mine_{sha256_bytes(b'mine')[:12]}.handler"


def test_functions_are_sorted_and_share_modules() -> None:
    one, other = render(own("b"), own("a"), mine=MINE)
    assert (one.name, other.name) == ("a", "b")
    assert one.modules[1:] == other.modules[1:]


def test_a_function_without_its_model_is_left_out() -> None:
    assert [rendered.name for rendered in render(function(model="other"), own(model=None), mine=MINE)] == ["score"]
    assert render(function(model="other")) == ()


def test_the_order_of_distributions_does_not_matter() -> None:
    backwards = render_functions(config(function()), WHEELS[::-1], (model(),), TEMPLATES, {})
    assert backwards == render(function())


@settings(max_examples=25)
@given(st.text(), st.text(), st.text())
def test_no_name_becomes_code(feature: str, wheel: str, archive: str) -> None:
    plain = staged("a-1-py3-none-any.whl", "a" * 64)
    tricky = type(plain)(
        name="a",
        version="1",
        source=plain.source,
        rule=plain.rule,
        wheels=(type(plain.wheels[0])(filename=wheel, sha256=wheel),),
        stage_wheel=wheel,
    )
    named = model()
    odd = type(named)(
        name=archive,
        path=archive,
        tree_sha256=archive,
        archives=(Archive(filename=archive, sha256=archive, size=1),),
        facts=named.facts,
    )
    one = function(
        f'"{feature}"',
        template="autogluon_scalar.py.j2",
        model=archive,
        arguments=(Argument(name=feature, type="FLOAT"),),
    )
    (rendered,) = render_functions(config(one), (tricky,), (odd,), TEMPLATES, {})
    (usual,) = render_functions(
        config(function(template="autogluon_scalar.py.j2", arguments=(Argument(name="A", type="FLOAT"),))),
        (plain,),
        (model(),),
        TEMPLATES,
        {},
    )

    def shape(data: bytes) -> list[str]:
        return [type(node).__name__ for node in ast.walk(ast.parse(data))]

    assert shape(rendered.modules[0].data) == shape(usual.modules[0].data)
    strings = {node.value for node in ast.walk(ast.parse(rendered.modules[0].data)) if isinstance(node, ast.Constant)}
    assert {feature, wheel, archive} <= strings


@pytest.mark.parametrize(
    ("one", "source", "message"),
    [
        (
            own(),
            b"def load(folder): ...\ndef predcit(): ...\n",
            "functions.score.handler: src/mine.py defines no function predict\nhint: did you mean src/mine.py:predcit?",
        ),
        (
            own(),
            b"def load(folder): ...\n",
            "functions.score.handler: src/mine.py defines no function predict\n"
            "hint: write `def predict(model, age, bmi, children, smoker, region, sex):` in it",
        ),
        (
            own(),
            b"def predict(model): ...\n",
            "functions.score.handler: src/mine.py defines no function load, which loads the model from its folder\n"
            "hint: write `def load(folder):`; what it returns is the first argument of predict",
        ),
        (own(), b"def predict(:\n", "src/mine.py:1: not Python: invalid syntax"),
        (own(), b"x = '\xff'\n", "src/mine.py: not UTF-8, at byte 5"),
        (own(handler="src/yours.py:predict"), b"", "functions.score.handler: no such file: src/yours.py"),
        (
            own(handler="src/mine.py:a.b"),
            b"",
            "functions.score.handler: not a file and a function: src/mine.py:a.b\nhint: write src/mine.py:predict",
        ),
        (
            function(template="autogluon_vectorised.py.j2"),
            b"",
            "functions.predict_expense.template: no such template: autogluon_vectorised.py.j2\n"
            "hint: did you mean autogluon_vectorized.py.j2?",
        ),
        (
            function(model=None),
            b"",
            "_autogluon.py.j2:5: 'model' is undefined\nhint: give the function a model: model = \"NAME\"",
        ),
    ],
)
def test_what_does_not_render_says_why(one: FunctionConfig, source: bytes, message: str) -> None:
    with pytest.raises(RenderError) as error:
        render(one, mine=source)
    assert str(error.value) == message


TWO = (Argument(name="AGE", type="FLOAT"), Argument(name="BMI", type="FLOAT"))
MARK = "\npredict._sf_vectorized_input = pandas.DataFrame\n"
SCALAR = "hint: write `def predict(model, age, bmi):`"


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (
            "def predict(x, y): ...",
            "predict takes 2 arguments, but functions.score calls it with the model and 2 arguments\n" + SCALAR,
        ),
        (
            "def predict(): ...",
            "predict takes no arguments, but functions.score calls it with the model and 2 arguments\n" + SCALAR,
        ),
        (
            "def predict(a, b, c, /, d, *rest): ...",
            "predict takes 4 arguments or more, but functions.score calls it with the model and 2 arguments\n" + SCALAR,
        ),
        (
            "def predict(a, b=1): ...",
            "predict takes 1 to 2 arguments, but functions.score calls it with the model and 2 arguments\n" + SCALAR,
        ),
        (
            "def predict(a, b, c, *, d): ...",
            "predict needs d by name, but functions.score calls it with the model and 2 arguments\n" + SCALAR,
        ),
        (
            "def predict(model, age, bmi): ..." + MARK,
            "predict takes 3 arguments, but functions.score calls it with the model and a batch of rows\n"
            "hint: write `def predict(model, frame):`",
        ),
        ("predict = 3", "predict is not a function\n" + SCALAR),
        ("predict: dict = {'a': 1}", "predict is not a function\n" + SCALAR),
    ],
)
def test_a_handler_that_cannot_be_called_is_refused(source: str, message: str) -> None:
    with pytest.raises(RenderError) as error:
        render(own(arguments=TWO), mine=f"def load(folder): ...\n\n\n{source}".encode())
    assert str(error.value) == f"src/mine.py:4: {message}"


@pytest.mark.parametrize(
    ("one", "message"),
    [
        (own(model=None, arguments=()), "nothing\nhint: write `def predict():`"),
        (own(model=None, input=InputForm.ARRAY), "the row\nhint: write `def predict(row):`"),
        (own(arguments=()), "the model\nhint: write `def predict(model):`"),
        (
            own(arguments=tuple(Argument(name=f"V{i}", type="FLOAT") for i in range(7))),
            "the model and 7 arguments\nhint: write `def predict(model, *values):`",
        ),
        (
            own(model=None, arguments=(Argument(name="blood group", type="FLOAT"),)),
            "1 argument\nhint: write `def predict(*values):`",
        ),
    ],
)
def test_what_a_handler_is_called_with(one: FunctionConfig, message: str) -> None:
    with pytest.raises(RenderError) as error:
        render(one, mine=b"def load(folder): ...\ndef predict(a, b, c, d): ...")
    assert str(error.value) == f"src/mine.py:2: predict takes 4 arguments, but functions.score calls it with {message}"


def test_a_models_loader_gets_its_folder() -> None:
    with pytest.raises(RenderError) as error:
        render(own(arguments=TWO), mine=b"def load(): ...\ndef predict(model): ...")
    assert str(error.value) == (
        "src/mine.py:1: load takes no arguments, but functions.score calls it with the model's folder\n"
        "hint: write `def load(folder):`\n"
        "src/mine.py:2: predict takes 1 argument, but functions.score calls it with the model and 2 arguments\n"
        + SCALAR
    )


@pytest.mark.parametrize(
    "source",
    [
        "def predict(model, age, bmi): ...",
        "def predict(model, age, bmi=0, more=1): ...",
        "def predict(*values, **options): ...",
        "def predict(model, frame, more=1): ..." + MARK,
        "def predict(model, frame): ...\nsetattr(predict, '_sf_vectorized_input', list)",
        "def predict(model, frame): ...\nfor f in [predict]: f._sf_vectorized_input = list",
        "@vectorized(input=list)\ndef predict(model, frame): ...",
        "def predict(model, frame): ...\nimport _snowflake\npredict = _snowflake.vectorized(input=list)(predict)",
        "class predict: ...",
        "from mine import predict",
        "from mine import *",
        "predict = None\nif predict is None:\n    def predict(x): ...",
        "def other(model, frame): ..." + MARK.replace("predict", "other") + "def predict(model, age, bmi): ...",
        "def predict(model, age, bmi): ...\nprint(predict(1, 2, 3), predict.__name__)",
    ],
)
def test_what_cannot_be_told_or_is_right_passes(source: str) -> None:
    (rendered,) = render(own(arguments=TWO), mine=f"def load(folder): ...\n{source}\n".encode())
    assert rendered.name == "score"


@pytest.mark.skipif(sys.version_info >= (3, 14), reason="this Python knows every grammar")
def test_a_grammar_newer_than_that_of_the_host_is_told() -> None:
    newer = replace(config(own()), runtime=Runtime.parse("3.14", Architecture.X86_64))
    with pytest.raises(RenderError) as error:
        render_functions(newer, WHEELS, (model(),), TEMPLATES, {"src/mine.py": b"def predict(:\n"})
    assert str(error.value) == (
        "src/mine.py:1: not Python: invalid syntax\n"
        f"hint: parsed by Python {platform.python_version()}; for newer syntax, run snowbuild with a newer Python"
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = 1\nif\n", "templates/mine.py.j2 → predict_expense.py:2: not Python: invalid syntax"),
        (
            "x = 1\n",
            "templates/mine.py.j2: the template of functions.predict_expense defines no function handler\n"
            "hint: write `def {{ handler }}(...):`",
        ),
        (
            "\nx = {{ function.treads }}\n",
            "templates/mine.py.j2:2: Function has no attribute 'treads'\nhint: did you mean threads?",
        ),
        (
            "x = {{ features[0].x }}\n",
            "templates/mine.py.j2:1: Feature has no attribute 'x'\nhint: known here: name, type, kind, alike",
        ),
        ("{% include 'two.py.j2' %}\n", "templates/two.py.j2:2: unexpected '}'\nhint: fix the template"),
        ("match x:\n    case 1: pass\nhandler = x\n", None),
        ("if x:\n    from mine import handler\n", None),
    ],
)
def test_a_projects_template_has_to_give_a_module(tmp_path: Path, text: str, message: str | None) -> None:
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "mine.py.j2").write_text(text, encoding="utf-8")
    (tmp_path / "templates" / "two.py.j2").write_text("\n{{ } }}", encoding="utf-8")
    one = config(function(template="mine.py.j2"), root=tmp_path)
    if message is None:
        (rendered,) = render_functions(one, (), (model(),), load_templates(tmp_path), {})
        assert rendered.modules[0].data.decode() == text
        return
    with pytest.raises(RenderError) as error:
        render_functions(one, (), (model(),), load_templates(tmp_path), {})
    assert str(error.value) == message


def test_touching_one_template_changes_one_module(tmp_path: Path) -> None:
    (tmp_path / "templates").mkdir()
    text = TEMPLATES.template("autogluon_scalar.py.j2").text
    (tmp_path / "templates" / "autogluon_scalar.py.j2").write_text(text + "# touched\n", encoding="utf-8")
    functions = (function("one"), function("two", template="autogluon_scalar.py.j2"))
    before = render_functions(config(*functions), WHEELS, (model(),), TEMPLATES, {})
    after = render_functions(config(*functions), WHEELS, (model(),), load_templates(tmp_path), {})
    changed = {m.filename for f in after for m in f.modules} - {
        m.filename for f in after for m in f.modules if any(m in g.modules for g in before)
    }
    assert changed == {"two.py"}

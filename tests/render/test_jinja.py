"""Templates cannot forget to quote, cannot reach out, and say where they fail."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snowbuild.digest import sha256_bytes
from snowbuild.errors import RenderError
from snowbuild.render import Template, Templates
from snowbuild.render.jinja import Renderer
from snowbuild.render.literals import Identifier


def renderer(**texts: str) -> Renderer:
    """Templates by name, without their ending."""
    files = [Template(name=f"{name}.py.j2", text=text) for name, text in sorted(texts.items())]
    return Renderer(Templates(templates=tuple(files)))


def render(template: str, **values: object) -> str:
    """Render one template, called t.py.j2."""
    return renderer(t=template).render("t.py.j2", values, where="functions.f.template")


@given(st.text())
def test_no_text_becomes_code(text: str) -> None:
    rendered = render(
        "names = [{% for n in names %}{{ n }},{% endfor %}]\n# {{ text }}\nx = {{ text ~ '!' }}\n",
        names=[text],
        text=text,
    )
    names, x = ast.parse(rendered).body
    assert isinstance(names, ast.Assign)
    assert isinstance(x, ast.Assign)
    assert ast.literal_eval(names.value) == [text]
    assert ast.literal_eval(x.value) == text + "!"


@pytest.mark.parametrize(
    "expression",
    ["v", "v|safe", "v|e", "v|string", "v|trim|safe", "(v|safe) ~ v", "[v]|join", "v|replace('a', 'b')",
     "'%s'|format(v)", "v|indent", "v|upper|lower", "name ~ v", "v|urlize",
     "{'a': v}|xmlattr", "v|forceescape", "v|tojson", "v|pprint",
     "'{}'.format(v)", "'%s' % v"],
)  # fmt: skip
def test_no_filter_lets_a_value_out(expression: str) -> None:
    rendered = render("x = {{ " + expression + " }}\n", v="1\nimport os", name=Identifier("name"))
    (statement,) = ast.parse(rendered).body
    assert isinstance(statement, ast.Assign)
    assert isinstance(statement.value, ast.Constant)


def test_identifiers_are_checked_where_they_are_made() -> None:
    assert render("def {{ identifier('f') }}(): pass\n") == "def f(): pass\n"
    with pytest.raises(RenderError) as error:
        render("\ndef {{ identifier(name) }}(): pass\n", name="f(): exit()\ndef g")
    assert str(error.value) == "t.py.j2:2: not a Python name: 'f(): exit()\\ndef g'"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("\n{{ missing }}", "t.py.j2:2: 'missing' is undefined\nhint: templates have given"),
        ("\n\n{{ given.missing }}", "t.py.j2:3: 'str object' has no attribute 'missing'"),
        ("{{ model.archive }}", "t.py.j2:1: 'model' is undefined\nhint: give the function a model: model = \"NAME\""),
        ("{% for %}", "t.py.j2:1: Expected an expression, got 'end of statement block'\nhint: fix the template"),
        ("\n{% if %}{% endif %}",
         "t.py.j2:2: Expected an expression, got 'end of statement block'\nhint: fix the template"),
        ("{{ given|nope }}", "t.py.j2:1: No filter named 'nope'.\nhint: fix the template"),
        ("\n{{ given.__class__ }}",
         "t.py.j2:2: SecurityError: access to attribute '__class__' of 'str' object is unsafe."),
        ("\n{{ 1 / 0 }}", "t.py.j2:2: ZeroDivisionError: division by zero"),
        ("{{ 1 + 'a' }}", "t.py.j2:1: TypeError: unsupported operand type(s) for +: 'int' and 'str'"),
        ("{{ range }}",
         "t.py.j2:1: a value of type function cannot be written into a module\nhint: write one of its attributes"),
        ("\n{% macro m() %}{% endmacro %}",
         "t.py.j2:2: macros, imports, captured and escaped blocks cannot be used: every value is written as a literal\n"
         "hint: use {% include %}, {% for %} and {% if %}"),
        ("{% include 't2.py.j2' %}", "t.py.j2:1: no such template: t2.py.j2\nhint: did you mean t.py.j2?"),
    ],
)  # fmt: skip
def test_a_template_that_fails_says_where(text: str, message: str) -> None:
    with pytest.raises(RenderError) as error:
        render(text, given="text")
    assert str(error.value) == message


@pytest.mark.parametrize(
    "text",
    ["{% set x %}{{ given }}{% endset %}{{ x }}", "{% filter upper %}{{ given }}{% endfilter %}",
     "{% autoescape true %}{{ given }}{% endautoescape %}", "{% from 'o.py.j2' import m %}",
     "{% import 'o.py.j2' as o %}"],
)  # fmt: skip
def test_what_could_carry_text_past_the_quoting_is_refused(text: str) -> None:
    with pytest.raises(RenderError, match="cannot be used: every value is written as a literal"):
        renderer(t=text, o="").render("t.py.j2", {"given": "1"}, where="x")


def test_the_same_holds_for_what_is_included() -> None:
    one = renderer(t="{% include 'o.py.j2' %}", o="{% autoescape true %}{{ given }}{% endautoescape %}")
    with pytest.raises(RenderError, match=r"^o\.py\.j2:1: macros"):
        one.render("t.py.j2", {"given": "1"}, where="x")


def test_a_missing_template_is_told_with_the_key() -> None:
    with pytest.raises(RenderError) as error:
        renderer(autogluon="").render("autoglun.py.j2", {}, where="functions.f.template")
    assert str(error.value) == (
        "functions.f.template: no such template: autoglun.py.j2\nhint: did you mean autogluon.py.j2?"
    )


def test_an_error_in_an_included_template_has_its_place() -> None:
    with pytest.raises(RenderError, match=r"^o\.py\.j2:2: 'missing' is undefined"):
        renderer(t="{% include 'o.py.j2' %}", o="\n{{ missing }}").render("t.py.j2", {"a": 1}, where="x")


def test_the_digest_is_that_of_the_text_and_of_what_it_includes() -> None:
    alone = renderer(t="1", o="2")
    assert alone.sha256("t.py.j2") == sha256_bytes(b"1")
    including = "{% include 'o.py.j2' %}"
    one, other = renderer(t=including, o="2"), renderer(t=including, o="3")
    assert one.sha256("t.py.j2") != other.sha256("t.py.j2")
    assert renderer(t="1", o="3").sha256("t.py.j2") == alone.sha256("t.py.j2")


def test_the_digest_of_a_template_that_may_include_any_is_that_of_all() -> None:
    including = "{% include name %}"
    assert renderer(t=including, o="2").sha256("t.py.j2") != renderer(t=including, o="3").sha256("t.py.j2")

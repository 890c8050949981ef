"""No value becomes code."""

from __future__ import annotations

import ast
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snowbuild.errors import RenderError
from snowbuild.render.literals import Identifier, python

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
    | st.binary()
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner) | st.lists(inner).map(tuple) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(VALUES)
def test_a_literal_evaluates_to_its_value_and_is_one_line_of_ascii(value: object) -> None:
    written = python(value)
    assert ast.literal_eval(written) == value
    assert written.isascii()
    assert written.isprintable()


@pytest.mark.parametrize("value", [math.inf, -math.inf])
def test_infinities(value: float) -> None:
    assert python(value) == f'float("{value}")'


def test_a_subclass_has_no_say() -> None:
    class Sly(str):
        __slots__ = ()

        def __repr__(self) -> str:
            return "exit()"

        __str__ = __repr__

    assert python(Sly("text")) == "'text'"


def test_anything_else_is_refused() -> None:
    with pytest.raises(RenderError) as error:
        python(object())
    assert str(error.value) == (
        "a value of type object cannot be written into a module\nhint: write one of its attributes"
    )


def test_identifiers_stand_as_they_are() -> None:
    assert python(Identifier("handler_1")) == "handler_1"


@pytest.mark.parametrize("name", ["", "1a", "a b", "a.b", "class", "None", "é", "a\n", "exit()"])
def test_what_is_no_identifier_is_refused(name: str) -> None:
    with pytest.raises(RenderError) as error:
        Identifier(name)
    assert str(error.value) == f"not a Python name: {name!a}"

"""Reading Snowflake's SQL."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snowbuild import sql
from snowbuild.local.values.tokens import Kind, Reader, SyntaxProblem, tokenize


@given(st.text())
def test_a_constant_is_read_back(text: str) -> None:
    (token,) = tokenize(sql.literal(text))
    assert (token.kind, token.text) == (Kind.STRING, text)


@given(st.text(min_size=1, alphabet=st.characters(exclude_characters="\0")))
def test_a_name_is_read_back(name: str) -> None:
    assert Reader(sql.identifier(sql.quoted(name))).name() == name


@given(st.text())
def test_any_text_is_read_without_an_accident(text: str) -> None:
    assert all(token.text or token.kind is Kind.STRING for token in tokenize(text))


def test_comments_and_space_are_no_tokens() -> None:
    statement = "select -- one\n 1 // two\n /* three\n */ , 'four -- five'"
    assert [token.text for token in tokenize(statement)] == ["select", "1", ",", "four -- five"]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a", ("A",)),
        ("db.sc.f", ("DB", "SC", "F")),
        ('"Db".sc."my.f"', ("Db", "SC", "my.f")),
        ("identifier('db.\"x\"')", ("DB", "x")),
        ("größe", ("größe",)),
    ],
)
def test_a_dotted_name(text: str, parts: tuple[str, ...]) -> None:
    assert Reader(text).path() == parts


def test_a_name_of_four_parts_is_refused() -> None:
    with pytest.raises(SyntaxProblem, match=r"^syntax error line 1 at position 7 unexpected '<EOF>'\.$"):
        Reader("a.b.c.d").path()


def test_the_place_of_what_cannot_be_read() -> None:
    reader = Reader("DROP\n  FUNCTION 1")
    reader.expect("DROP", "FUNCTION")
    with pytest.raises(SyntaxProblem, match=r"^syntax error line 2 at position 11 unexpected '1'\.$"):
        reader.name()

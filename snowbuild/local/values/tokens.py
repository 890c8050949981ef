"""Snowflake's SQL as tokens, and a reader over them. Pure.

sqlglot parses queries. Statements about functions and stages are parsed here, because sqlglot knows neither all of
their clauses nor stage references.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from snowbuild.sql import stored

if TYPE_CHECKING:
    from collections.abc import Iterator


class Kind(StrEnum):
    """What a token is."""

    WORD = "word"
    QUOTED = "quoted"
    STRING = "string"
    NUMBER = "number"
    STAGE = "stage"
    FILE = "file"
    SIGN = "sign"


@dataclass(frozen=True, slots=True)
class Token:
    """One word, name, constant or sign."""

    kind: Kind
    text: str
    """As written; the value for strings."""
    start: int
    """Offset in the statement."""


class SyntaxProblem(ValueError):  # noqa: N818  A problem until it becomes the SQL error that clients see.
    """A statement that cannot be parsed; the message is worded as Snowflake's."""


SPACE = re.compile(r"(?:\s+|--[^\n]*|//[^\n]*|/\*.*?\*/)+", re.DOTALL)
PATTERNS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    (Kind.STRING, re.compile(r"'(?:[^'\\]|\\.|'')*'", re.DOTALL)),
    (Kind.STRING, re.compile(r"\$\$.*?\$\$", re.DOTALL)),
    (Kind.QUOTED, re.compile(r'"(?:[^"]|"")+"')),
    (Kind.STAGE, re.compile(r'@(?:"(?:[^"]|"")+"|[^\s,;()\'"])+')),
    (Kind.FILE, re.compile(r"file://[^\s,;'\"]+", re.IGNORECASE)),
    (Kind.NUMBER, re.compile(r"\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")),
    (Kind.WORD, re.compile(r"[^\W\d][\w$]*")),
    (Kind.SIGN, re.compile(r"=>|::|<=|>=|!=|<>|.", re.DOTALL)),
)

# docs: sql-reference/data-types-text, escape sequences in single-quoted string constants
ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "0": "\0"}
ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2}|.)|''", re.DOTALL)


def unescape(literal: str) -> str:
    """The value of a string constant in single quotes or double dollars."""
    if literal.startswith("$$"):
        return literal[2:-2]

    def value(match: re.Match[str]) -> str:
        escape = match[1]
        if escape is None:
            return "'"
        if len(escape) > 1:
            return chr(int(escape[1:], 16))
        return ESCAPES.get(escape, escape)

    return ESCAPE.sub(value, literal[1:-1])


def tokenize(sql: str) -> Iterator[Token]:
    """Every token of a statement; comments and space are dropped."""
    at = 0
    while at < len(sql):
        if space := SPACE.match(sql, at):
            at = space.end()
            continue
        for kind, pattern in PATTERNS:
            if found := pattern.match(sql, at):
                text = unescape(found[0]) if kind is Kind.STRING else found[0]
                yield Token(kind, text, at)
                at = found.end()
                break


def place(sql: str, offset: int) -> tuple[int, int]:
    """The line, from 1, and the position in it, from 0, for errors."""
    return sql.count("\n", 0, offset) + 1, offset - (sql.rfind("\n", 0, offset) + 1)


class Reader:
    """Reads tokens from left to right."""

    def __init__(self, sql: str, parameters: tuple[str, ...] = ()) -> None:
        """Read `sql`, with `parameters` as the values of its question marks."""
        self.sql = sql
        self.bound = bool(parameters)
        values = iter(parameters)
        self.tokens = [
            replace(token, kind=Kind.STRING, text=next(values, "?"))
            if token.kind is Kind.SIGN and token.text == "?"
            else token
            for token in tokenize(sql)
        ]
        while self.tokens and self.tokens[-1].text == ";" and self.tokens[-1].kind is Kind.SIGN:
            self.tokens.pop()
        self.at = 0

    @property
    def here(self) -> Token | None:
        """The next token; None at the end."""
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def peek(self, *words: str) -> bool:
        """Whether the next tokens are these words or signs, in any case."""
        following = self.tokens[self.at : self.at + len(words)]
        return len(following) == len(words) and all(
            token.kind in (Kind.WORD, Kind.SIGN) and token.text.upper() == word
            for token, word in zip(following, words, strict=True)
        )

    def accept(self, *words: str) -> bool:
        """Skip these words if they come next."""
        if self.peek(*words):
            self.at += len(words)
            return True
        return False

    def expect(self, *words: str) -> None:
        """Skip these words.

        Raises:
            SyntaxProblem: something else comes next.
        """
        if not self.accept(*words):
            raise self.problem()

    def take(self, *kinds: Kind) -> str:
        """The text of the next token, which must be one of these kinds."""
        token = self.here
        if token is None or token.kind not in kinds:
            raise self.problem()
        self.at += 1
        return token.text

    def name(self) -> str:
        """A name as it is stored."""
        return stored(self.take(Kind.WORD, Kind.QUOTED))

    def path(self) -> tuple[str, ...]:
        """A dotted name as it is stored, one to three parts."""
        if self.peek("IDENTIFIER", "("):
            self.expect("IDENTIFIER", "(")
            parts = Reader(self.take(Kind.STRING)).path()
            self.expect(")")
            return parts
        parts_ = [self.name()]
        while self.accept("."):
            parts_.append(self.name())
        if len(parts_) > 3:
            raise self.problem()
        return tuple(parts_)

    def strings(self) -> tuple[str, ...]:
        """Constants in parentheses, or a single one without."""
        if not self.accept("("):
            return (self.take(Kind.STRING),)
        values: list[str] = []
        while not self.accept(")"):
            values.append(self.take(Kind.STRING))
            if not self.accept(",") and not self.peek(")"):
                raise self.problem()
        return tuple(values)

    def skip_parentheses(self) -> str:
        """Skip a balanced pair of parentheses; gives the text between them."""
        self.expect("(")
        start, depth = self.tokens[self.at - 1].start + 1, 1
        while True:
            token = self.here
            if token is None:
                raise self.problem()
            self.at += 1
            if token.kind is Kind.SIGN:
                depth += {"(": 1, ")": -1}.get(token.text, 0)
            if depth == 0:
                return self.sql[start : token.start]

    def end(self) -> None:
        """Nothing may follow.

        Raises:
            SyntaxProblem: something does.
        """
        if self.here is not None:
            raise self.problem()

    def problem(self) -> SyntaxProblem:
        """The error for what comes next."""
        token = self.here
        if token is None:
            line, position = place(self.sql, len(self.sql.rstrip()))
            return SyntaxProblem(f"syntax error line {line} at position {position} unexpected '<EOF>'.")
        line, position = place(self.sql, token.start)
        return SyntaxProblem(f"syntax error line {line} at position {position} unexpected '{token.text}'.")

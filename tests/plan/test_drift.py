"""What somebody changed since the last deployment."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from snowbuild.plan import Observed, ObservedFile, ObservedFunction, Stamp
from snowbuild.plan.drift import Description, Drift, DriftKind, drift
from tests.plan.cases import desired_from, record_of, signature

CASE: dict[str, Any] = {
    "desired": {
        "files": {"models/a/expense.zip": 1000},
        "functions": {"F(NUMBER)": {"definition": "d", "grants": ["ANALYST"]}},
    }
}
RECORD = record_of(desired_from(CASE), 3)
F = signature("F(NUMBER)")
PATH = "forecast/models/aaaaaaaaaaaaaaaa/expense.zip"
COMMENT = Stamp(project="forecast", deployment=3, definition="d" * 16).comment(None)
OBSERVED = Observed(
    files=(ObservedFile(path=PATH, size=1008),),
    functions=(ObservedFunction(signature=F, comment=COMMENT),),
    record=RECORD,
)
DESCRIPTION = Description(text="handler f.predict runtime_version 3.11", grants=frozenset({("USAGE", "ANALYST")}))


def found(observed: Observed = OBSERVED, description: Description = DESCRIPTION) -> list[tuple[DriftKind, str]]:
    return [(d.kind, d.detail) for d in drift(RECORD, observed, {F: description})]


def with_comment(comment: str) -> Observed:
    return replace(OBSERVED, functions=(ObservedFunction(signature=F, comment=comment),))


def test_none() -> None:
    assert found() == []


def test_dropped() -> None:
    assert drift(RECORD, replace(OBSERVED, functions=()), {}) == (
        Drift(kind=DriftKind.DROPPED, name="F(NUMBER)", detail="since deployment 3"),
    )


def test_replaced() -> None:
    other = Stamp(project="forecast", deployment=2, definition="e" * 16).comment(None)
    assert found(with_comment("")) == [(DriftKind.CHANGED, "replaced by hand: it has no stamp")]
    assert found(with_comment(other)) == [(DriftKind.CHANGED, "of deployment 2 of forecast")]
    assert found(with_comment(f"hello {COMMENT}")) == [(DriftKind.CHANGED, "its comment was changed")]


def test_what_a_replacement_lacks_says_nothing_more() -> None:
    other = replace(DESCRIPTION, text="handler g.answer runtime_version 3.12")
    assert found(with_comment(""), other) == [(DriftKind.CHANGED, "replaced by hand: it has no stamp")]


def test_another_handler_under_the_same_comment() -> None:
    description = replace(DESCRIPTION, text="handler f.other runtime_version 3.11")
    assert found(description=description) == [(DriftKind.CHANGED, "handler f.predict is gone from it")]


def test_grants() -> None:
    assert found(description=replace(DESCRIPTION, grants=frozenset({("USAGE", "PUBLIC")}))) == [
        (DriftKind.GRANTED, "USAGE to PUBLIC, by hand"),
        (DriftKind.REVOKED, "USAGE from ANALYST, by hand"),
    ]


def test_files() -> None:
    assert found(replace(OBSERVED, files=())) == [(DriftKind.MISSING, "removed from the stage")]
    assert found(replace(OBSERVED, files=(ObservedFile(path=PATH, size=999),))) == [
        (DriftKind.RESIZED, "999 bytes, deployed with 1000")
    ]

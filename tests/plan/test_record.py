"""The deployment record's file."""

from __future__ import annotations

import pytest

from snowbuild.errors import DigestMismatchError, StageError
from snowbuild.plan.record import from_file, newest, to_file
from tests.plan.cases import desired_from, record_of

CASE = {
    "desired": {
        "files": {"models/a/expense.zip": 1000},
        "functions": {"F(NUMBER)": {"definition": "d", "parts": {"model expense": "1"}, "grants": ["ANALYST"]}},
    }
}


def test_round_trip() -> None:
    record = record_of(desired_from(CASE), 12)
    path, data = to_file(record)
    assert path.startswith("forecast/deployments/000012-")
    assert from_file(path, data) == record


def test_same_record_same_bytes() -> None:
    assert to_file(record_of(desired_from(CASE), 1)) == to_file(record_of(desired_from(CASE), 1))


def test_changed_content_is_refused() -> None:
    path, data = to_file(record_of(desired_from(CASE), 1))
    with pytest.raises(DigestMismatchError) as refusal:
        from_file(path, data.replace(b"1000", b"1001"))
    assert refusal.value.problems[0].where == path


def test_unknown_content_is_refused() -> None:
    import hashlib

    data = b'{"schema": "something else"}'
    path = f"forecast/deployments/000001-{hashlib.sha256(data).hexdigest()[:12]}.json"
    with pytest.raises(StageError, match="not a deployment record"):
        from_file(path, data)


def test_newest_is_the_highest_number() -> None:
    paths = [f"forecast/deployments/{n:06}-{'a' * 12}.json" for n in (9, 10, 2, 1_000_000)]
    assert newest([*paths, "forecast/wheels/aaaa/x.whl"]) == paths[3]
    assert newest(["forecast/wheels/aaaa/x.whl"]) is None

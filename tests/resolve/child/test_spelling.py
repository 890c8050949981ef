"""Names in METADATA."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.version import Version

from snowbuild.errors import ResolutionError
from snowbuild.resolve.child.spelling import metadata_of_channel, respelled

SPELLINGS = {"xgboost-cpu": "xgboost", "pytorch": "torch"}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Requires-Dist: xgboost-cpu", "Requires-Dist: xgboost"),
        ("requires-dist:XGBoost_CPU[dask] (>=2) ; extra == 'x'", "requires-dist:xgboost[dask] (>=2) ; extra == 'x'"),
        ("Requires-Dist: xgboost-cpu-extra>=1", "Requires-Dist: xgboost-cpu-extra>=1"),
        ("Requires-Dist: pytorch @ https://x.invalid/y.whl", "Requires-Dist: pytorch @ https://x.invalid/y.whl"),
        ("Requires-Dist: pytorch[a]@https://x.invalid/y.whl", "Requires-Dist: pytorch[a]@https://x.invalid/y.whl"),
        ("Name: pytorch", "Name: pytorch"),
        ("Requires-Dist: torch; extra == 'pytorch'", "Requires-Dist: torch; extra == 'pytorch'"),
    ],
)
def test_only_names_of_requirements_change(line: str, expected: str) -> None:
    before = f"Metadata-Version: 2.1\n{line}\n".encode()

    assert respelled(before, SPELLINGS) == f"Metadata-Version: 2.1\n{expected}\n".encode()
    assert respelled(respelled(before, SPELLINGS), SPELLINGS) == respelled(before, SPELLINGS)


@given(st.binary())
def test_bytes_that_name_nothing_stay(metadata: bytes) -> None:
    assert respelled(metadata, SPELLINGS) == metadata
    assert respelled(metadata, {}) is metadata


def test_metadata_out_of_the_channel() -> None:
    made = metadata_of_channel("a", Version("1.0+snowflake1"), ("b>=1", "c; python_version == '3.11'"))

    assert made.decode() == (
        "Metadata-Version: 2.1\nName: a\nVersion: 1.0+snowflake1\nRequires-Dist: b>=1\n"
        'Requires-Dist: c; python_version == "3.11"\n\n'
    )
    with pytest.raises(ResolutionError):
        metadata_of_channel("a", Version("1.0"), ("b >>> 1",))

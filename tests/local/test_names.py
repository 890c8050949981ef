"""Stage references."""

from __future__ import annotations

import pytest

from snowbuild.local.values.names import Namespace, StagePath
from snowbuild.local.values.results import Refused

HERE = Namespace(database="DB", schema="SC")


@pytest.mark.parametrize(
    ("reference", "parts"),
    [
        ("@st", ("DB", "SC", "ST", "")),
        ("@st/", ("DB", "SC", "ST", "")),
        ("@st/a/B c.py", ("DB", "SC", "ST", "a/B c.py")),
        ("@other.st/a/", ("DB", "OTHER", "ST", "a/")),
        ('@x."My/sc"."my.st"/p', ("X", "My/sc", "my.st", "p")),
    ],
)
def test_a_reference(reference: str, parts: tuple[str, ...]) -> None:
    place = StagePath.parse(reference, HERE)
    assert (place.database, place.schema, place.stage, place.path) == parts
    assert StagePath.parse(place.reference, Namespace(database=None, schema=None)) == place


@pytest.mark.parametrize("reference", ["@st/../x", "@st/a/../../x", "@st//etc/passwd", "@st/a\0b"])
def test_a_path_that_leaves_its_stage_is_refused(reference: str) -> None:
    with pytest.raises(Refused) as caught:
        StagePath.parse(reference, HERE)
    assert caught.value.message == f"SQL compilation error:\n'{reference}' leaves its stage."


@pytest.mark.parametrize("reference", ["st/a", "@~/a", "@%table/a"])
def test_only_named_stages(reference: str) -> None:
    with pytest.raises(Refused) as caught:
        StagePath.parse(reference, HERE)
    assert caught.value.message == f"SQL compilation error:\n'{reference}' is not a named stage: write @name/path."


def test_without_a_current_schema_a_name_must_be_qualified() -> None:
    with pytest.raises(Refused) as caught:
        Namespace(database="DB", schema=None).qualify(("F",))
    assert caught.value.message == (
        "Cannot perform operation. This session does not have a current schema. "
        "Call 'USE SCHEMA', or use a qualified name."
    )

"""Values of every type on their way to a handler and back, a batch at a time."""

from __future__ import annotations

import datetime as dt
import json
import math
import pickle
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pandas as pd  # type: ignore[import-untyped]  # its stubs are a project of their own
import pyarrow as pa  # type: ignore[import-untyped]  # it ships no types
import pytest
from hypothesis import given
from hypothesis import strategies as st

from snowbuild.local.functions import worker
from snowbuild.local.functions.sqltypes import arrow_type, from_worker, to_worker

if TYPE_CHECKING:
    from collections.abc import Callable

    from hypothesis.strategies import SearchStrategy

MOMENTS = st.datetimes(dt.datetime(1700, 1, 1), dt.datetime(2200, 1, 1))  # noqa: DTZ001  NTZ has none.
AWARE = st.datetimes(dt.datetime(1700, 1, 1), dt.datetime(2200, 1, 1), timezones=st.just(dt.UTC))  # noqa: DTZ001  As above.
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=5,
)
VALUES: dict[str, SearchStrategy[Any]] = {
    "NUMBER(4,0)": st.integers(-9999, 9999).map(Decimal),
    "NUMBER(9,0)": st.integers(-(10**9) + 1, 10**9 - 1).map(Decimal),
    "NUMBER(18,0)": st.integers(-(10**18) + 1, 10**18 - 1).map(Decimal),
    "NUMBER(38,0)": st.integers(-(10**38) + 1, 10**38 - 1).map(Decimal),
    "NUMBER(38,10)": st.decimals(-(10**27), 10**27, places=10),
    "FLOAT": st.floats(allow_nan=False),
    "VARCHAR": TEXT,
    "BOOLEAN": st.booleans(),
    "BINARY": st.binary(max_size=5),
    "DATE": st.dates(dt.date(1700, 1, 1), dt.date(2200, 1, 1)),
    "TIME": st.times(),
    "TIMESTAMP_NTZ": MOMENTS,
    "TIMESTAMP_LTZ": AWARE,
    "TIMESTAMP_TZ": AWARE,
    "VARIANT": JSON.map(json.dumps),
    "ARRAY": st.lists(JSON, max_size=3).map(json.dumps),
    "OBJECT": st.dictionaries(TEXT, JSON, max_size=3).map(json.dumps),
}
BATCHES = st.sampled_from(sorted(VALUES)).flatmap(
    lambda kind: st.tuples(st.just(kind), st.lists(st.none() | VALUES[kind], min_size=1, max_size=8))
)

# docs: developer-guide/udf-stored-procedure-data-type-mapping, and developer-guide/udf/python/udf-python-batch
CLASSES: dict[str, tuple[type, str, str]] = {
    "NUMBER(4,0)": (int, "Int16", "NAType"),
    "NUMBER(9,0)": (int, "Int32", "NAType"),
    "NUMBER(18,0)": (int, "Int64", "NAType"),
    "NUMBER(38,0)": (int, "object", "NoneType"),
    "NUMBER(38,10)": (Decimal, "object", "NoneType"),
    "FLOAT": (float, "float64", "float64"),
    "VARCHAR": (str, "string", "NAType"),
    "BOOLEAN": (bool, "boolean", "NAType"),
    "BINARY": (bytes, "object", "NoneType"),
    "DATE": (dt.date, "datetime64[ns]", "NaTType"),
    "TIME": (dt.time, "timedelta64[ns]", "NaTType"),
    "TIMESTAMP_NTZ": (dt.datetime, "datetime64[ns]", "NaTType"),
    "TIMESTAMP_LTZ": (dt.datetime, "datetime64[ns]", "NaTType"),
    "TIMESTAMP_TZ": (dt.datetime, "object", "NAType"),
    "VARIANT": (object, "object", "NoneType"),
    "ARRAY": (list, "object", "NoneType"),
    "OBJECT": (dict, "object", "NoneType"),
}
"""What a scalar handler gets; the dtype for a vectorized one, and what stands for NULL in it."""


def run(kind: str, values: list[Any], handler: Callable[[Any], Any], *, vectorized: bool, strict: bool = False) -> Any:
    """One batch through both sides of the pipe."""
    sent = to_worker(pa.array(values, arrow_type(kind)), kind, vectorized=vectorized)
    call = worker.call_vectorized if vectorized else worker.call_scalar
    returns = kind.partition("(")[0]
    result = pickle.dumps(call(handler, [kind], returns, strict, len(values), [sent]))
    # The server has no pandas, and need not have the handler's NumPy.
    assert b"pandas" not in result
    assert b"numpy" not in result
    return from_worker(pickle.loads(result), kind).to_pylist()  # noqa: S301  Made above.


def plain(kind: str, values: list[Any]) -> list[Any]:
    """Values to compare: JSON's texts may differ."""
    if kind in ("VARIANT", "ARRAY", "OBJECT"):
        return [value if value is None else json.loads(value) for value in values]
    return values


@given(BATCHES, st.booleans(), st.booleans())
def test_what_a_handler_gives_back_is_what_it_got(batch: tuple[str, list[Any]], vectorized: bool, strict: bool) -> None:
    kind, values = batch
    handler = (lambda frame: frame[0]) if vectorized else (lambda value: value)
    if vectorized and kind == "VARIANT" and not strict:
        # In a DataFrame SQL's NULL and JSON's are both None, which is JSON's in a result.
        values = [value for value in values if value is not None]
    assert plain(kind, run(kind, values, handler, vectorized=vectorized, strict=strict)) == plain(kind, values)


@pytest.mark.parametrize("kind", VALUES)
@given(st.data())
def test_what_a_handler_gets(kind: str, data: st.DataObject) -> None:
    expected, dtype, missing = CLASSES[kind]
    values = [data.draw(VALUES[kind]), None]
    scalar: list[Any] = []
    columns: list[Any] = []

    def look(frame: Any) -> list[None]:
        columns.append(frame[0])
        return [None] * len(frame)

    run(kind, values, scalar.append, vectorized=False)
    run(kind, values, look, vectorized=True)
    (column,) = columns
    present, null = scalar
    assert isinstance(present, expected)
    assert (getattr(present, "tzinfo", None) is not None) == (kind == "TIMESTAMP_TZ")
    assert null is None or (kind == "VARIANT" and null.is_sql_null and bool(null))
    assert str(column.dtype) == dtype
    assert type(column[1]).__name__ == missing
    assert kind != "FLOAT" or math.isnan(column[1])
    if kind == "TIMESTAMP_TZ":
        assert column[0] == pd.Timestamp(values[0])
        assert isinstance(column[0], pd.Timestamp)


@pytest.mark.parametrize(
    ("kind", "given_back", "expected"),
    [
        ("VARIANT", [None, 1], ["null", "1"]),
        ("VARIANT", [{"price": Decimal("1.50")}, Decimal(2)], ['{"price": "1.50"}', '"2"']),
        ("ARRAY", [None, [Decimal("1.50")]], [None, '["1.50"]']),
        ("TIME", [pd.Timedelta("01:02:03.5"), dt.time(4)], [dt.time(1, 2, 3, 500000), dt.time(4)]),
        ("DATE", [pd.Timestamp("2020-01-02"), dt.date(2020, 1, 3)], [dt.date(2020, 1, 2), dt.date(2020, 1, 3)]),
        (
            "TIMESTAMP_TZ",
            [pd.Timestamp("2020-01-02 03:00", tz="Europe/Berlin"), None],
            [dt.datetime(2020, 1, 2, 2, tzinfo=dt.UTC), None],
        ),
        ("NUMBER(38,0)", [10**37, None], [Decimal(10**37), None]),
    ],
)
@pytest.mark.parametrize("vectorized", [False, True])
def test_what_a_handler_may_give(kind: str, given_back: list[Any], expected: list[Any], *, vectorized: bool) -> None:
    left = iter(given_back)
    handler = (lambda _: given_back) if vectorized else (lambda _: next(left))
    assert run(kind, [None, None], handler, vectorized=vectorized) == expected

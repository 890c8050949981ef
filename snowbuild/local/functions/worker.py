"""Runs a function's handler inside the function's own environment. Standard library only, Python 3.10 or newer.

Started by file name with one argument, a JSON object: handler, inline, arguments and returns (type names), strict.
Requests come on stdin and answers go to stdout, each a little-endian 64-bit length and a pickle:

- first, unasked: (True, whether the handler is vectorized) or (False, traceback);
- then per request (row count, columns): (True, result) or (False, traceback).

A column, and the result of a vectorized function returning FLOAT, is either a list of values or a buffer: a tuple of
a NumPy dtype, its bytes, and one byte per row that is 1 for NULL (or None). NumPy arrays themselves are not sent,
because both sides may have different versions of it.
"""

from __future__ import annotations

import datetime as dt
import importlib
import json
import os
import pickle
import struct
import sys
import traceback
import types
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Callable

MOMENTS = frozenset({"DATE", "TIME", "TIMESTAMP_NTZ", "TIMESTAMP_LTZ", "TIMESTAMP_TZ"})


class sqlNullWrapper:  # noqa: N801  Snowflake calls it so, and handlers ask for the name.
    """SQL NULL in a VARIANT, as opposed to the JSON null, which is None. It is truthy, as on Snowflake."""

    is_sql_null = True


def vectorized(input: Any = None, max_batch_size: int | None = None, **_options: Any) -> Callable[[Any], Any]:  # noqa: A002  Snowflake calls it so.
    """`_snowflake.vectorized`: marks a handler that takes a pandas.DataFrame."""

    def mark(handler: Any) -> Any:
        handler._sf_vectorized_input, handler._sf_max_batch_size = input, max_batch_size
        return handler

    return mark


SECRETS = (
    "get_generic_secret_string", "get_oauth_access_token", "get_secret_type", "get_username_password",
    "get_cloud_provider_token",
)  # fmt: skip
"""docs: developer-guide/external-network-access/secret-api-reference"""


def no_secret(name: str) -> None:
    """`_snowflake`'s functions for secrets."""
    raise LookupError(f"the local Snowflake holds no secrets: {name}")


def from_sql(kind: str) -> Callable[[Any], Any] | None:
    """Conversions of SQL values to Python, for the types that need one."""
    if kind == "VARIANT":
        return lambda value: sqlNullWrapper() if value is None else json.loads(value)
    if kind in ("ARRAY", "OBJECT"):
        return lambda value: None if value is None else json.loads(value)
    if kind.startswith("NUMBER") and kind.endswith(",0)"):
        return lambda value: None if value is None else int(value)
    return None


def to_plain(value: Any) -> Any:
    """For JSON: values of NumPy and pandas become plain Python, and a Decimal becomes text, as on Snowflake."""
    if isinstance(value, Decimal):
        return str(value)
    if hasattr(value, "tolist"):
        return value.tolist()
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return float(value)


def to_moment(value: Any) -> Any:
    """Convert pandas' values to datetime's, in UTC: the server has neither pandas nor classes for time zones."""
    if hasattr(value, "to_pydatetime"):
        value = value.to_pydatetime(warn=False)
    if getattr(value, "tzinfo", None) is not None:
        return value.astimezone(dt.timezone.utc)  # noqa: UP017  Python 3.10 has no other name for it.
    if isinstance(value, dt.timedelta):
        # A time of day; pandas's Timedelta is a timedelta too.
        since_midnight = dt.timedelta(days=value.days, seconds=value.seconds, microseconds=value.microseconds)
        return (dt.datetime.min + since_midnight).time()  # noqa: DTZ901  A time of day has no zone.
    return value


def to_sql(kind: str) -> Callable[[Any], Any]:
    """Convert a handler's value to SQL; the server checks the rest."""
    if kind == "VARIANT":
        return lambda value: None if getattr(value, "is_sql_null", False) else json.dumps(value, default=to_plain)
    if kind in ("ARRAY", "OBJECT"):
        return lambda value: None if value is None else json.dumps(value, default=to_plain)
    if kind in MOMENTS:
        return to_moment
    if kind == "FLOAT":
        return lambda value: None if value is None else float(value)
    if kind == "VARCHAR":
        return lambda value: value if value is None or isinstance(value, str) else str(value)
    return lambda value: value.item() if hasattr(value, "item") else value


def series(column: Any, kind: str) -> Any:
    """A column as Snowflake puts it into a vectorized handler's DataFrame."""
    import numpy as np
    import pandas as pd  # type: ignore[import-untyped]  # its stubs are a project of their own

    if isinstance(column, tuple):
        dtype, data, nulls = column
        # A copy, because an array over bytes is read-only, and handlers may change their input.
        values = np.frombuffer(data, dtype=dtype).copy()
        if dtype.startswith(("datetime64", "timedelta64")):
            return pd.Series(in_nanoseconds(values, kind))
        if nulls is None:
            return pd.Series(values)
        mask = np.frombuffer(nulls, dtype="bool").copy()
        array = pd.arrays.BooleanArray if dtype == "bool" else pd.arrays.IntegerArray
        return pd.Series(array(values, mask))
    if kind == "VARCHAR":
        return pd.Series(pd.array(column, dtype="string"))
    if kind == "TIMESTAMP_TZ":
        return pd.Series([pd.NA if value is None else pd.Timestamp(value) for value in column], dtype="object")
    convert = from_sql(kind) if kind in ("VARIANT", "ARRAY", "OBJECT") else None
    objects = [None if value is None else convert(value) for value in column] if convert else column
    return pd.Series(objects, dtype="object")


def in_nanoseconds(values: Any, kind: str) -> Any:
    """Microseconds as Snowflake hands them to pandas; NumPy itself would make another date of what has no room."""
    import numpy as np

    reach = np.iinfo("int64").max // 1000
    since = values.view("int64")
    lost = values[((since > reach) | (since < -reach)) & ~np.isnat(values)]
    if len(lost):
        first = str(lost[0]).partition("T")[0] if kind == "DATE" else str(lost[0]).replace("T", " ")
        raise ValueError(f"{kind} {first} is out of the range of datetime64[ns], 1677-09-22 to 2262-04-11")
    return values.astype(values.dtype.name.replace("[us]", "[ns]"))


def call_vectorized(handler: Any, kinds: list[str], returns: str, strict: bool, count: int, columns: list[Any]) -> Any:
    import numpy as np
    import pandas as pd

    frame = pd.DataFrame({index: series(c, k) for index, (c, k) in enumerate(zip(columns, kinds, strict=True))})
    kept = None
    if strict:
        missing = frame.isna()
        for index, column in enumerate(columns):
            if isinstance(column, list):
                # JSON's null in a VARIANT is not NULL.
                missing[index] = [value is None for value in column]
        kept = np.flatnonzero(~missing.any(axis=1).to_numpy())
        frame = frame.iloc[kept].reset_index(drop=True)
    size = getattr(handler, "_sf_max_batch_size", None) or max(len(frame), 1)
    rows: list[Any] = []
    floats: list[Any] = []
    for start in range(0, len(frame), size):
        batch = frame.iloc[start : start + size].reset_index(drop=True) if size < len(frame) else frame
        result = handler(batch)
        if len(result) != len(batch):
            raise ValueError(f"the vectorized handler returned {len(result)} values for {len(batch)} rows")
        if returns in MOMENTS:
            rows.extend(pd.Series(result))
        elif returns == "FLOAT":
            # NULL, None and NaN are all NaN from here on: the server turns NaN into NULL.
            floats.append(pd.Series(result).to_numpy(dtype="float64", na_value=np.nan))
        else:
            rows.extend(result.tolist() if hasattr(result, "tolist") else result)
    if returns == "FLOAT":
        values = np.concatenate(floats) if floats else np.empty(0)
        return ("float64", spread(values, kept, count, np.nan).tobytes(), None)
    convert = to_sql(returns)
    # A list or dict has no single answer to "is it missing"; and what None is, its type says.
    plain = [
        None if value is not None and pd.api.types.is_scalar(value) and pd.isna(value) else convert(value)
        for value in rows
    ]
    return plain if kept is None else spread(np.array([*plain, None], dtype="object")[:-1], kept, count, None).tolist()


def spread(values: Any, kept: Any, count: int, missing: Any) -> Any:
    """Merge the results of a STRICT function with the rows that it was not called for."""
    if kept is None:
        return values
    import numpy as np

    full = np.full(count, missing, dtype=values.dtype)
    full[kept] = values
    return full


def call_scalar(handler: Any, kinds: list[str], returns: str, strict: bool, count: int, columns: list[Any]) -> Any:
    convert = to_sql(returns)
    if not kinds:
        return [convert(handler()) for _ in range(count)]
    if strict:
        nulls = [any(value is None for value in row) for row in zip(*columns, strict=True)]
    converted = [
        column if (read := from_sql(kind)) is None else [*map(read, column)]
        for kind, column in zip(kinds, columns, strict=True)
    ]
    if strict:
        return [
            None if null else convert(handler(*row))
            for null, row in zip(nulls, zip(*converted, strict=True), strict=True)
        ]
    return [convert(handler(*row)) for row in zip(*converted, strict=True)]


def load(spec: dict[str, Any]) -> Any:
    """The handler: `module.function`, or a name inside the body of the CREATE FUNCTION."""
    module, _, name = spec["handler"].rpartition(".")
    if spec["inline"]:
        module, name = "_udf_code", spec["handler"]
    target: Any = importlib.import_module(module)
    for part in name.split("."):
        target = getattr(target, part)
    return target


def is_import(frame: types.TracebackType) -> bool:
    return frame.tb_frame.f_globals.get("__name__", "").partition(".")[0] in ("importlib", "_frozen_importlib")


def describe(error: BaseException, folder: str) -> str:
    """A traceback that starts in the handler, with the paths that Snowflake would show."""
    here = error.__traceback__
    while here is not None and (here.tb_frame.f_code.co_filename == __file__ or is_import(here)):
        here = here.tb_next
    lines = traceback.format_exception(type(error), error, here)
    return "Python Interpreter Error:\n" + "".join(lines).rstrip().replace(folder, "/home/udf/")


def send(out: BinaryIO, answer: tuple[bool, Any]) -> None:
    data = pickle.dumps(answer, 4)
    out.write(struct.pack("<Q", len(data)))
    out.write(data)
    out.flush()


def attempt(work: Callable[[], Any], folder: str) -> tuple[bool, Any]:
    try:
        return True, work()
    except BaseException as error:  # noqa: BLE001  Anything that a handler raises, even SystemExit, is the query's error.
        return False, describe(error, folder)


def main() -> None:
    """Answer requests until stdin ends."""
    requests, out = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    # A handler's output must not end up among the answers.
    os.dup2(2, 1)
    spec = json.loads(sys.argv[1])
    folder = sys._xoptions["snowflake_import_directory"]
    sys.argv = [""]
    sys.path[0] = folder
    sys.path[1:1] = sorted(map(str, Path(folder).glob("*.zip")))
    module = types.ModuleType("_snowflake")
    module.vectorized = vectorized  # type: ignore[attr-defined]  # a module takes any attribute
    for name in SECRETS:
        setattr(module, name, no_secret)
    sys.modules["_snowflake"] = module

    handler: Any = None
    batches = False

    def start() -> bool:
        nonlocal handler, batches
        handler = load(spec)
        batches = getattr(handler, "_sf_vectorized_input", None) is not None
        return batches

    loaded = attempt(start, folder)
    send(out, loaded)
    while loaded[0] and len(head := requests.read(8)) == 8:
        count, columns = pickle.loads(requests.read(struct.unpack("<Q", head)[0]))  # noqa: S301  The server, our parent, wrote it.
        call = call_vectorized if batches else call_scalar
        send(
            out,
            attempt(
                lambda: call(handler, spec["arguments"], spec["returns"], spec["strict"], count, columns),  # noqa: B023  Called at once.
                folder,
            ),
        )


if __name__ == "__main__":
    main()

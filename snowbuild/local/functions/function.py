"""A function as DuckDB calls it: batches of Arrow columns in, one Arrow column out, through a worker process."""

from __future__ import annotations

import inspect
import threading
from typing import TYPE_CHECKING

from snowbuild.errors import SnowbuildError
from snowbuild.local.functions.process import WorkerError, WorkerProcess
from snowbuild.local.functions.sqltypes import ConversionError, from_worker, to_worker

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pyarrow as pa  # type: ignore[import-untyped]  # it ships no types

    from snowbuild.local.values.definition import FunctionDefinition

Files = list[tuple[str, "Path"]]


class FunctionError(Exception):
    """A call failed. DuckDB passes the message on behind the name of this class."""


class PythonFunction:
    """A definition with its worker, which is started at the first call and restarted when necessary."""

    def __init__(
        self,
        definition: FunctionDefinition,
        *,
        interpreter: Callable[[], Path],
        files: Callable[[], Files],
        batch_timeout_s: float,
    ) -> None:
        self.definition = definition
        self._interpreter = interpreter
        self._files = files
        self._batch_timeout_s = batch_timeout_s
        self._turn = threading.Lock()
        self._worker: WorkerProcess | None = None
        self._stamp: object = None
        self._caller: int | None = None
        # DuckDB takes the number of arguments from the signature.
        names = [*(f"a{index}" for index in range(len(definition.arguments))), "connection"]
        self.__name__ = definition.id
        self.__signature__ = inspect.Signature(
            [inspect.Parameter(name, inspect.Parameter.POSITIONAL_ONLY) for name in names]
        )

    def __call__(self, *columns: pa.ChunkedArray) -> pa.ChunkedArray:
        """Run one batch; DuckDB calls this from several threads at once.

        The last column is the number of the calling connection. It also gives the number of rows for a function
        without arguments.
        """
        import pyarrow as pa

        definition = self.definition
        *given, connection = columns
        with self._turn:
            try:
                self._caller = connection[0].as_py()
                worker = self._ready()
                sent = [
                    to_worker(_whole(column), argument.type, vectorized=worker.vectorized)
                    for column, argument in zip(given, definition.arguments, strict=True)
                ]
                result = worker.call(len(connection), sent, self._batch_timeout_s)
            except (WorkerError, SnowbuildError) as error:
                raise FunctionError(self._message(str(error))) from error
            finally:
                self._caller = None
        try:
            values = from_worker(result, definition.returns)
        except ConversionError as error:
            text = f"Python Interpreter Error:\nthe handler's value does not fit {definition.returns}: {error}"
            raise FunctionError(self._message(text)) from error
        if definition.not_null and values.null_count:
            text = "Python Interpreter Error:\nthe handler returned NULL, but the function RETURNS … NOT NULL"
            raise FunctionError(self._message(text))
        return pa.chunked_array([values])

    def _message(self, text: str) -> str:
        return f"{text}\n in function {self.definition.name} with handler {self.definition.handler}"

    def _ready(self) -> WorkerProcess:
        files = self._files()
        # A staged file that was replaced has another inode or time: the worker holds the old one.
        stamp = [(name, _identity(file)) for name, file in files]
        if self._worker is not None and self._worker.alive and stamp == self._stamp:
            return self._worker
        self._stop()
        self._worker = WorkerProcess(self.definition, self._interpreter(), files)
        self._stamp = stamp
        self._worker.load()
        return self._worker

    def interrupt(self, connection: int | None) -> None:
        """Kill the worker if it is running a batch for a connection, or for any; that batch fails."""
        worker, caller = self._worker, self._caller
        if worker is not None and caller is not None and connection in (None, caller):
            worker.kill()

    def _stop(self) -> None:
        if self._worker is not None:
            self._worker.close()
            self._worker = None

    def close(self) -> None:
        """Stop the worker after its current batch; a later call starts another."""
        with self._turn:
            self._stop()


def _identity(file: Path) -> tuple[int, int, int] | None:
    try:
        facts = file.stat()
    except OSError:
        return None
    return facts.st_ino, facts.st_mtime_ns, facts.st_size


def _whole(column: pa.ChunkedArray) -> pa.Array:
    import pyarrow as pa

    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column

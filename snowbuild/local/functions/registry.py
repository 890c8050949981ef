"""Python functions in DuckDB: two names for each.

The implementation is registered under the id of its definition and takes an extra argument, the number of the calling
connection, so that stopping a statement stops its own handlers and no others. Queries and views call a macro, named
after the function and its argument types, which converts the arguments and calls the function's current definition.
So a view calls the new definition once its function has been replaced.
"""

from __future__ import annotations

import hashlib
import re
import threading
from typing import TYPE_CHECKING, Any

from snowbuild.local.functions import conversions
from snowbuild.local.functions.conversions import TO_TEXT, TO_VARIANT, qualified
from snowbuild.local.functions.function import PythonFunction
from snowbuild.local.functions.packages import function_environment, installed
from snowbuild.local.functions.sqltypes import SEMI_STRUCTURED, boundary_type, duckdb_type
from snowbuild.local.values.names import Namespace, StagePath
from snowbuild.sql import SqlType

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

    from snowbuild.environments.build import Environment
    from snowbuild.local.functions.function import Files
    from snowbuild.local.state.catalogue import FunctionKey
    from snowbuild.local.state.stages import StageFiles
    from snowbuild.local.values.definition import FunctionDefinition

CONNECTION = "UBIGINT"
"""DuckDB's type for the number of a connection."""

MACRO = re.compile(r"_sb_[0-9a-f]{12}_(\w+)", re.IGNORECASE)


def macro_name(key: FunctionKey) -> str:
    """The macro of a function: unique even if names differ only in case, and readable in errors."""
    digest = hashlib.sha256(repr(key.row).encode()).hexdigest()[:12]
    return f"_sb_{digest}_{re.sub(r'[^A-Za-z0-9_]', '_', key.name)}"


class Registry:
    """Makes functions callable, and runs them."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        files: StageFiles,
        environments: Path,
        *,
        lock: Path | None,
        batch_timeout_s: float,
    ) -> None:
        """Use `environments` for Python environments, with the distributions of the lockfile `lock`."""
        self._connection = connection
        self._files = files
        self._environments = environments
        self._lock = lock
        self._batch_timeout_s = batch_timeout_s
        self._functions: dict[str, PythonFunction] = {}
        self._registering = threading.RLock()
        conversions.create(connection)

    def install(self, definition: FunctionDefinition) -> tuple[str, ...]:
        """Build the environment of a function; returns what is installed there.

        Raises:
            SnowbuildError: it cannot be built.
        """
        return installed(self._environment(definition), self._lock)

    def _environment(self, definition: FunctionDefinition) -> Environment:
        return function_environment(
            self._environments, runtime=definition.runtime, packages=definition.packages, lock=self._lock
        )

    def imported(self, place: StagePath) -> Files:
        """The files of an import: name below the import directory, and path; empty if missing.

        A trailing slash imports a folder under its own name, and `=name/` behind it under another (docs:
        developer-guide/udf/python/udf-python-examples).
        """
        if not place.path.endswith("/"):
            file = self._files.file(place)
            return [(file.name, file)] if file.is_file() else []
        folder, _, renamed = place.path.rstrip("/").partition("/=")
        name = renamed or folder.rpartition("/")[2] or place.stage
        prefix = StagePath(database=place.database, schema=place.schema, stage=place.stage, path=f"{folder}/")
        return [(f"{name}/{s.path[len(prefix.path) :]}", s.file) for s in self._files.list(prefix)]

    def _found(self, place: StagePath) -> Files:
        # A missing file keeps its base name, so that starting the worker reports which one it was.
        return self.imported(place) or [(place.path.rpartition("/")[2], self._files.file(place))]

    def put(self, key: FunctionKey, definition: FunctionDefinition) -> None:
        """Bind a function's name to a definition."""
        with self._registering, self._connection.cursor() as cursor:
            if definition.id not in self._functions:
                self._functions[definition.id] = self._create(cursor, definition)
            cursor.execute(f"CREATE OR REPLACE MACRO {qualified(macro_name(key))}{_macro(definition)}")

    def drop(self, key: FunctionKey) -> None:
        """Unbind a function's name."""
        with self._registering, self._connection.cursor() as cursor:
            cursor.execute(f"DROP MACRO IF EXISTS {qualified(macro_name(key))}")

    def _create(self, cursor: duckdb.DuckDBPyConnection, definition: FunctionDefinition) -> PythonFunction:
        nowhere = Namespace(database=None, schema=None)
        places = [StagePath.parse(reference, nowhere) for reference in definition.imports]
        function = PythonFunction(
            definition,
            interpreter=lambda: self._environment(definition).python,
            files=lambda: [pair for place in places for pair in self._found(place)],
            batch_timeout_s=self._batch_timeout_s,
        )
        parameters = [boundary_type(argument.type) for argument in definition.arguments]
        # DuckDB's own stubs know neither Arrow functions by name nor what they are called with.
        create: Any = cursor.create_function
        create(
            definition.id, function, [*parameters, CONNECTION], boundary_type(definition.returns),
            type="arrow", null_handling="special", side_effects=True,
        )  # fmt: skip
        return function

    def retire(self, definition: FunctionDefinition) -> None:
        """Stop the worker of a definition that was replaced or dropped; queries that still call it restart it."""
        function = self._functions.get(definition.id)
        if function is not None:
            threading.Thread(target=function.close, daemon=True).start()

    def interrupt(self, connection: int) -> None:
        """Kill the workers that are running a batch for a connection; later batches restart them."""
        for function in list(self._functions.values()):
            function.interrupt(connection)

    def close(self) -> None:
        """Stop all workers, even in the middle of a batch."""
        for function in self._functions.values():
            function.interrupt(None)
            function.close()


def _macro(definition: FunctionDefinition) -> str:
    """Parameters and body."""
    names = [f"a{index}" for index in range(len(definition.arguments))]
    given = [_converted(name, a.type) for name, a in zip(names, definition.arguments, strict=True)]
    call = f"{definition.id}({', '.join([*given, f'CAST(current_connection_id() AS {CONNECTION})'])})"
    if duckdb_type(definition.returns) == "JSON":
        call = f"CAST({call} AS JSON)"
    return f"({', '.join(names)}) AS {call}"


def _converted(name: str, sql_type: str) -> str:
    kind = SqlType.parse(sql_type).name
    macro = TO_VARIANT if kind in SEMI_STRUCTURED else TO_TEXT if kind == "VARCHAR" else ""
    value = f"{qualified(macro)}({name})" if macro else name
    return f"CAST({value} AS {boundary_type(sql_type)})"

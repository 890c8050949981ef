"""A worker process: one function definition in its own environment and folder."""

from __future__ import annotations

import contextlib
import json
import os
import pickle
import selectors
import shutil
import struct
import subprocess
import tempfile
import time
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from snowbuild.local.values.definition import FunctionDefinition

SCRIPT = Path(__file__).with_name("worker.py")
LOG_TAIL = 2000
"""How many bytes of a dead worker's output the error shows."""


class WorkerError(Exception):
    """A function could not be run, or its handler raised; the message is for the SQL error."""


class WorkerProcess:
    """A running worker. Not thread-safe: its owner serializes the calls."""

    def __init__(self, definition: FunctionDefinition, python: Path, files: Sequence[tuple[str, Path]]) -> None:
        """Start it; `files` are the imports: name below the import directory → path on the stage.

        Raises:
            WorkerError: an import cannot be copied.
        """
        self.folder = Path(tempfile.mkdtemp(prefix="snowbuild-worker-"))
        self.vectorized = False
        """Whether the handler takes a DataFrame; known once it has been loaded."""
        self.process: subprocess.Popen[bytes] | None = None
        try:
            imports = self._copy(definition, files)
            self.log: IO[bytes] = (self.folder / "log").open("w+b")
            self.process = self._start(definition, python, imports)
        except BaseException:
            self.close()
            raise

    def load(self) -> None:
        """Wait until the handler has been imported.

        Raises:
            WorkerError: the import failed.
        """
        try:
            self.vectorized = bool(self.receive(None))
        except BaseException:
            self.close()
            raise

    def _copy(self, definition: FunctionDefinition, files: Sequence[tuple[str, Path]]) -> Path:
        imports = self.folder / "import"
        (self.folder / "tmp").mkdir()
        imports.mkdir()
        for name, source in files:
            target = imports / name
            target.parent.mkdir(parents=True, exist_ok=True)
            # A copy, because handlers may write to their import directory.
            try:
                shutil.copyfile(source, target)
            except OSError as error:
                raise WorkerError(f"Cannot read the imported file {name}: {error.strerror}") from error
        if definition.body is not None:
            (imports / "_udf_code.py").write_text(definition.body, encoding="utf-8")
        return imports

    def _start(self, definition: FunctionDefinition, python: Path, imports: Path) -> subprocess.Popen[bytes]:
        private = str(self.folder / "tmp")
        spec = {
            "handler": definition.handler,
            "inline": definition.body is not None,
            "arguments": [argument.type for argument in definition.arguments],
            "returns": definition.returns.partition("(")[0],
            "strict": definition.strict,
        }
        options = ["-s", "-E", "-B", "-X", f"snowflake_import_directory={imports}{os.sep}"]
        return subprocess.Popen(
            [str(python), *options, str(SCRIPT), json.dumps(spec)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.log,
            cwd=private,
            # Handlers see none of the user's environment; TMPDIR stands in for Snowflake's /tmp.
            env={"PATH": os.defpath, "HOME": private, "TMPDIR": private, "LANG": "C.UTF-8", "TZ": "UTC"},
            # A Ctrl-C in the terminal is meant for the client.
            start_new_session=True,
        )

    def call(self, count: int, columns: list[Any], timeout_s: float) -> Any:
        """Run one batch.

        Raises:
            WorkerError: the handler raised, the worker died, or it took longer than `timeout_s`.
        """
        data = pickle.dumps((count, columns), 4)
        assert self.process is not None  # noqa: S101  Set by the constructor, or it has raised.
        assert self.process.stdin is not None  # noqa: S101  A pipe.
        try:
            self.process.stdin.write(struct.pack("<Q", len(data)))
            self.process.stdin.write(data)
            self.process.stdin.flush()
        except BrokenPipeError:
            raise self._death() from None
        return self.receive(timeout_s)

    def receive(self, timeout_s: float | None) -> Any:
        """The next answer.

        Raises:
            WorkerError: as `call`.
        """
        deadline = None if timeout_s is None else time.monotonic() + timeout_s
        (length,) = struct.unpack("<Q", self._read(8, deadline, timeout_s))
        # The worker runs the user's own code with the user's rights already, so its pickles can do nothing that it
        # could not do itself.
        done, value = pickle.loads(self._read(length, deadline, timeout_s))  # noqa: S301  See above.
        if not done:
            raise WorkerError(value)
        return value

    def _read(self, size: int, deadline: float | None, timeout_s: float | None) -> bytes:
        assert self.process is not None  # noqa: S101  Set by the constructor, or it has raised.
        assert self.process.stdout is not None  # noqa: S101  A pipe.
        descriptor = self.process.stdout.fileno()
        parts: list[bytes] = []
        with selectors.DefaultSelector() as selector:
            selector.register(descriptor, selectors.EVENT_READ)
            while size:
                left = None if deadline is None else deadline - time.monotonic()
                if (left is not None and left <= 0) or not selector.select(left):
                    self.close()
                    raise WorkerError(f"the handler took longer than {timeout_s:g} s for one batch and was stopped")
                part = os.read(descriptor, min(size, 1 << 20))
                if not part:
                    raise self._death()
                parts.append(part)
                size -= len(part)
        return b"".join(parts)

    def _death(self) -> WorkerError:
        assert self.process is not None  # noqa: S101  Set by the constructor, or it has raised.
        code = self.process.wait()
        self.log.seek(0, os.SEEK_END)
        self.log.seek(max(0, self.log.tell() - LOG_TAIL))
        output = self.log.read().decode(errors="replace").strip()
        how = f"was killed by signal {-code}" if code < 0 else f"exited with code {code}"
        return WorkerError(f"the Python worker {how}" + (f":\n{output}" if output else ""))

    @property
    def alive(self) -> bool:
        """Whether it can take another batch."""
        return self.process is not None and self.process.poll() is None

    def kill(self) -> None:
        """Stop it, from any thread; a caller waiting for its answer gets an error."""
        if self.process is not None:
            self.process.kill()

    def close(self) -> None:
        """Kill it, and remove its folder; may be called twice."""
        self.kill()
        if self.process is not None:
            self.process.wait()
            for pipe in (self.process.stdin, self.process.stdout):
                if pipe is not None:
                    # Data still buffered for it is lost on purpose.
                    with contextlib.suppress(BrokenPipeError):
                        pipe.close()
            self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)

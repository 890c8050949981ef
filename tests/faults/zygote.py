"""Runs the command line in forked children, so that a hundred of them can be killed in a minute.

Importing Snowpark takes longer than a small deployment: a parent imports everything once and forks a child for each
command. The child is a process of its own; a SIGKILL does to it what it does to any other.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Reads `folder NUL output NUL argument NUL …` lines, forks, and answers with the child's process id.
PARENT = """
import os, signal, sys
import snowflake.snowpark, snowflake.snowpark.functions, snowbuild.snowflake.target
import snowbuild.cli.lock, snowbuild.cli.plan, snowbuild.cli.apply, snowbuild.cli.deployments, snowbuild.cli.upkeep
import snowbuild.cli.call, jinja2, tomlkit, requests, packaging.pylock
from snowbuild.cli import main
for line in sys.stdin:
    folder, output, *arguments = line.rstrip("\\n").split("\\0")
    pid = os.fork()
    if pid == 0:
        os.chdir(folder)
        sink = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0), os.dup2(sink, 1), os.dup2(sink, 2)
        sys.argv = ["snowbuild", *arguments]
        main()
    print(pid, flush=True)
    print(os.waitpid(pid, 0)[1], flush=True)
"""


@dataclass(frozen=True)
class Ended:
    """How a child ended."""

    code: int
    """Negative: by that signal."""
    output: str
    """What it wrote, to either stream."""


class Child:
    """A command that is running."""

    def __init__(self, pid: int, output: Path, answers: IO[str]) -> None:
        self.pid = pid
        self._output = output
        self._answers = answers

    def kill(self) -> None:
        """SIGKILL, unless it has ended already."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)

    def wait_for_lines(self, text: str, count: int, timeout_s: float = 60.0) -> bool:
        """Until the output holds `text` so many times; False when the child did not come so far."""
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            if self._output.read_text().count(text) >= count:
                return True
            if not os.path.exists(f"/proc/{self.pid}"):  # noqa: PTH110
                return False
            time.sleep(0.002)
        return False

    def wait(self) -> Ended:
        """Until it has ended."""
        code = os.waitstatus_to_exitcode(int(self._answers.readline()))
        return Ended(code=code, output=self._output.read_text())


class Zygote:
    """The parent."""

    def __init__(self, process: subprocess.Popen[str], folder: Path) -> None:
        self._process = process
        self._output = folder / f"output-{process.pid}.txt"

    def start(self, folder: Path, *arguments: str) -> Child:
        """Begin a command in a folder; one at a time."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._output.write_text("")
        print(*(str(folder), str(self._output), *arguments), sep="\0", file=self._process.stdin, flush=True)
        return Child(int(self._process.stdout.readline()), self._output, self._process.stdout)

    def run(self, folder: Path, *arguments: str) -> Ended:
        """A command from beginning to end."""
        return self.start(folder, *arguments).wait()


@contextmanager
def zygote(folder: Path) -> Iterator[Zygote]:
    """A parent that lives as long as the block."""
    with subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield Zygote(process, folder)
        assert process.stdin is not None
        process.stdin.close()

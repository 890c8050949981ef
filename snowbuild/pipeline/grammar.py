"""The users' modules, parsed by the Python that will run them.

`ast` can restrict its grammar to an older Python, but not completely: it accepts nested quotes in f-strings (PEP 701),
and the function would fail when it is called.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

from snowbuild.config.templates import is_template
from snowbuild.environments.interpreter import find_interpreter
from snowbuild.errors import EnvironmentBuildError, Problem, RenderError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from snowbuild.render import RenderedFunction
    from snowbuild.runtime import Runtime

READ = """
import json, sys
for path, source in json.load(sys.stdin).items():
    try:
        compile(source, path, "exec", dont_inherit=True)
    except SyntaxError as exc:
        print(json.dumps([path, exc.lineno, exc.msg]))
"""


def check_grammar(functions: Iterable[RenderedFunction], runtime: Runtime) -> None:
    """Parse the user's handlers with the runtime's own Python, if it is older than this one and installed here.

    Raises:
        RenderError: names each module that it cannot parse.
    """
    sources = {m.template: m.data.decode() for f in functions for m in f.modules if not is_template(m.template)}
    if not sources or runtime.python[:2] >= sys.version_info[:2]:
        return
    try:
        python = find_interpreter(runtime.version)
    except EnvironmentBuildError:
        return
    done = subprocess.run(
        [python, "-I", "-W", "ignore", "-c", READ],
        input=json.dumps(sources),
        capture_output=True,
        text=True,
        check=False,
    )
    if problems := [
        Problem(message=f"not Python {runtime.version}: {message}", where=f"{path}:{line}")
        for path, line, message in map(json.loads, done.stdout.splitlines())
    ]:
        raise RenderError.of(problems)

"""The users' own modules: do they have what a function calls, and can it be called so? Pure."""

from __future__ import annotations

import ast
import difflib
import keyword
from dataclasses import dataclass
from typing import TYPE_CHECKING

from snowbuild.config import InputForm
from snowbuild.errors import Problem, RenderError
from snowbuild.render.source import bound, outer_nodes
from snowbuild.wording import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snowbuild.config import FunctionConfig

LOAD = "load"
"""The function of a user's module that makes a model out of its folder."""
VECTORIZED = "_sf_vectorized_input"
"""The attribute that lets a function take batches (docs: developer-guide/udf/python/udf-python-batch)."""
LITERALS = (ast.Constant, ast.JoinedStr, ast.List, ast.Tuple, ast.Dict, ast.Set)
MOST_NAMED = 6
"""How many parameters a hint names one by one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """How a function of a user's module is called."""

    name: str
    given: tuple[str, ...]
    """What it gets, in words."""
    count: int | None
    """How many values that is; None where it cannot be told without running the module."""
    definition: str
    """The first line of a function that takes just this."""


def check_handler(module: ast.Module, function: FunctionConfig, *, path: str, name: str) -> None:
    """Check that a user's module has what a function calls: `name`, and `load` for its model.

    What cannot be told without running the module is taken to be right.

    Raises:
        RenderError: one of them is missing, is a plain value, or does not take what it is called with.
    """
    names = bound(module)
    if "*" in names:
        return
    calls = {call.name: call for call in _calls(module, function, name)}
    where = f"functions.{function.name}.handler"
    if name not in names:
        close = difflib.get_close_matches(name, sorted(names), n=1)
        hint = f"did you mean {path}:{close[0]}?" if close else f"write `{calls[name].definition}` in it"
        raise RenderError(f"{path} defines no function {name}", where=where, hint=hint)
    if LOAD in calls and LOAD not in names:
        raise RenderError(
            f"{path} defines no function {LOAD}, which makes the model out of its folder",
            where=where,
            hint=f"write `{calls[LOAD].definition}`; what it returns is the first argument of {name}",
        )
    values = _plain_values(module)
    problems = [
        Problem(
            message=f"{call.name} {wrong}",
            where=f"{path}:{getattr(names[call.name][0], 'lineno', 1)}",
            hint=f"write `{call.definition}`",
        )
        for call in calls.values()
        if (wrong := _wrong(names[call.name], call, function, is_value=call.name in values))
    ]
    if problems:
        raise RenderError.of(problems)


def _wrong(bindings: list[ast.AST], call: Call, function: FunctionConfig, *, is_value: bool) -> str | None:
    match bindings:
        case [ast.Name()] if is_value:
            return "is no function"
        # Which of several bindings holds, or what a decorator makes of a function, is known when the module runs.
        case [ast.FunctionDef(args=parameters, decorator_list=[])] if call.count is not None:
            if not _fits(parameters, call.count):
                given = " and ".join(call.given) or "nothing"
                return f"{_takes(parameters)}, and functions.{function.name} calls it with {given}"
    return None


def _calls(module: ast.Module, function: FunctionConfig, name: str) -> Iterator[Call]:
    """What a function calls, in the order of calling."""
    if function.model is not None:
        yield Call(name=LOAD, given=("the model's folder",), count=1, definition=f"def {LOAD}(folder):")
    batches = _takes_batches(module, name)
    names = ["frame"] if batches else [argument.name.lower() for argument in function.sql_arguments]
    given, count = [], len(names)
    if batches:
        given = ["a batch of rows"]
    elif function.input is not InputForm.COLUMNS:
        given = ["the row"]
    elif names:
        given = [counted(count, "argument")]
    model = [] if function.model is None else ["model"]
    yield Call(
        name=name,
        given=(*(f"the {word}" for word in model), *given),
        count=None if batches is None else count + len(model),
        definition=f"def {name}({', '.join(_parameters(model, names))}):",
    )


def _parameters(first: list[str], names: list[str]) -> list[str]:
    """Parameters for some values; all in one where they are many, or where their names are none in Python."""
    named = [*first, *names]
    usable = all(name.isidentifier() and not keyword.iskeyword(name) for name in named)
    return named if usable and len(names) <= MOST_NAMED and len({*named}) == len(named) else [*first, "*values"]


def _plain_values(module: ast.Module) -> set[str]:
    """Names that are set to a literal."""
    return {
        target.id
        for node in outer_nodes(module)
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, LITERALS)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name)
    }


def _takes_batches(module: ast.Module, name: str) -> bool | None:
    """Whether a function is marked as one that takes batches; None where something else may mark it."""
    marked = False
    for node in outer_nodes(module):
        for child in ast.iter_child_nodes(node):
            match node, child:
                case ast.Attribute(attr=attribute), ast.Name(id=owner) if owner == name:
                    marked = marked or attribute == VECTORIZED
                case ast.Call(func=called), ast.Name(id=owner) if owner == name and called is child:
                    continue
                case _, ast.Name(id=owner, ctx=ast.Load()) if owner == name:
                    return None
    return marked


def _fits(parameters: ast.arguments, count: int) -> bool:
    fewest, most = _positional(parameters)
    return fewest <= count and (most is None or count <= most) and not _by_name(parameters)


def _takes(parameters: ast.arguments) -> str:
    """What a function takes, in words."""
    if by_name := _by_name(parameters):
        return f"needs {by_name[0]} by name"
    fewest, most = _positional(parameters)
    if most is None:
        return f"takes {counted(fewest, 'argument')} or more"
    if most == 0:
        return "takes no arguments"
    return f"takes {counted(most, 'argument')}" if fewest == most else f"takes {fewest} to {most} arguments"


def _positional(parameters: ast.arguments) -> tuple[int, int | None]:
    """How many values a function must have by position and may have; None for any number."""
    most = len(parameters.posonlyargs) + len(parameters.args)
    return most - len(parameters.defaults), None if parameters.vararg else most


def _by_name(parameters: ast.arguments) -> list[str]:
    """Parameters that must be given by name."""
    return [p.arg for p, value in zip(parameters.kwonlyargs, parameters.kw_defaults, strict=True) if value is None]

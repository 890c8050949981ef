"""The user's own modules: do they have what a function calls, and does it take those arguments? Pure."""

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
"""The function of the user's module that loads a model from its folder."""
VECTORIZED = "_sf_vectorized_input"
"""The attribute that lets a function take batches (docs: developer-guide/udf/python/udf-python-batch)."""
LITERALS = (ast.Constant, ast.JoinedStr, ast.List, ast.Tuple, ast.Dict, ast.Set)
MOST_NAMED = 6
"""How many parameters a hint names one by one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """How a function of the user's module is called."""

    name: str
    given: tuple[str, ...]
    """What is passed to it, in words."""
    count: int | None
    """How many values that is; None if only running the module could tell."""
    definition: str
    """The first line of a function that takes exactly this."""


def check_handler(module: ast.Module, function: FunctionConfig, *, path: str, name: str) -> None:
    """Check that the user's module has what a function calls: `name`, and `load` for its model.

    What only running the module could tell is assumed to be right.

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
            f"{path} defines no function {LOAD}, which loads the model from its folder",
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
            return "is not a function"
        # Which of several bindings counts, or what a decorator makes of a function, is only known when the module runs.
        case [ast.FunctionDef(args=parameters, decorator_list=[])] if call.count is not None:
            if not _fits(parameters, call.count):
                given = " and ".join(call.given) or "nothing"
                return f"{_takes(parameters)}, but functions.{function.name} calls it with {given}"
    return None


def _calls(module: ast.Module, function: FunctionConfig, name: str) -> Iterator[Call]:
    """What a function calls, in order."""
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
    """Parameters for some values; `*values` if there are many, or if Python does not allow their names."""
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
    """Whether a function is marked as one that takes batches; None if something else may mark it."""
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
    """How many positional values a function must get and how many it can get; None for any number."""
    most = len(parameters.posonlyargs) + len(parameters.args)
    return most - len(parameters.defaults), None if parameters.vararg else most


def _by_name(parameters: ast.arguments) -> list[str]:
    """Parameters that must be passed by name."""
    return [p.arg for p, value in zip(parameters.kwonlyargs, parameters.kw_defaults, strict=True) if value is None]

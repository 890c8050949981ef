"""How a value is written into a Python module: as a literal, so that no value can become code."""

from __future__ import annotations

import keyword
import math
from dataclasses import dataclass

from snowbuild.errors import RenderError


@dataclass(frozen=True, slots=True)
class Identifier:
    """A name that is written into a module as it is; everything else is written as a literal."""

    name: str

    def __post_init__(self) -> None:
        if not (self.name.isascii() and self.name.isidentifier()) or keyword.iskeyword(self.name):
            raise RenderError(f"not a Python name: {self.name!a}")

    def __str__(self) -> str:
        return self.name


def python(value: object) -> str:
    """Write an identifier as it is and anything else as a literal that evaluates to it.

    Text is escaped to ASCII, because what Python's `repr` leaves unescaped depends on its version of Unicode.

    Raises:
        RenderError: it is not None, a boolean, a number, text, bytes, or a tuple, list or dictionary of these.
    """
    match value:
        case Identifier():
            return value.name
        case None | bool():
            return repr(value)
        case int():
            return repr(int(value))
        case float():
            return repr(float(value)) if math.isfinite(value) else f'float("{float(value)}")'
        case str():
            # A subclass may have its own `__repr__`.
            return ascii(str.__str__(value))
        case bytes():
            return repr(bytes(value))
        case tuple():
            return f"({', '.join(map(python, value))}{',' if len(value) == 1 else ''})"
        case list():
            return f"[{', '.join(map(python, value))}]"
        case dict():
            return f"{{{', '.join(f'{python(key)}: {python(item)}' for key, item in value.items())}}}"
        case _:
            raise RenderError(
                f"a value of type {type(value).__name__} cannot be written into a module",
                hint="write one of its attributes",
            )

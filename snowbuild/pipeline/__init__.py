"""The steps in their order: load → resolve → compile → inspect → render → lock."""

from snowbuild.pipeline.bytecode import compile_locked, interpreter_of
from snowbuild.pipeline.leftovers import sweep
from snowbuild.pipeline.steps import Locked, ModelAccess, Upgrade, check_fresh, make_lock, render

__all__ = [
    "Locked",
    "ModelAccess",
    "Upgrade",
    "check_fresh",
    "compile_locked",
    "interpreter_of",
    "make_lock",
    "render",
    "sweep",
]

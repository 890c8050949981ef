"""The steps in their order: load → resolve → inspect → render → lock."""

from snowbuild.pipeline.models import unfit
from snowbuild.pipeline.steps import Locked, Upgrade, check_fresh, make_lock, render

__all__ = ["Locked", "Upgrade", "check_fresh", "make_lock", "render", "unfit"]

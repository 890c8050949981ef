"""desired, recorded, observed → Plan; pure."""

from snowbuild.plan.desired import desired_of
from snowbuild.plan.diff import diff
from snowbuild.plan.stamp import Stamp, read_stamp
from snowbuild.plan.values import (
    Action,
    ActionKind,
    Desired,
    DesiredFunction,
    Observed,
    ObservedFunction,
    Part,
    Plan,
    Record,
    RecordedFunction,
    StagedFile,
)

__all__ = [
    "Action",
    "ActionKind",
    "Desired",
    "DesiredFunction",
    "Observed",
    "ObservedFunction",
    "Part",
    "Plan",
    "Record",
    "RecordedFunction",
    "StagedFile",
    "desired_of",
    "diff",
    "read_stamp",
]

"""desired, recorded, observed → Plan; pure."""

from snowbuild.plan.desired import desired_of
from snowbuild.plan.diff import diff
from snowbuild.plan.stamp import Stamp, read_stamp
from snowbuild.plan.values import (
    Action,
    ActionKind,
    ChangeGrant,
    Define,
    Desired,
    DesiredFunction,
    Drop,
    Observed,
    ObservedFunction,
    Part,
    Plan,
    Record,
    RecordedFunction,
    StagedFile,
    Upload,
    WriteRecord,
)

__all__ = [
    "Action",
    "ActionKind",
    "ChangeGrant",
    "Define",
    "Desired",
    "DesiredFunction",
    "Drop",
    "Observed",
    "ObservedFunction",
    "Part",
    "Plan",
    "Record",
    "RecordedFunction",
    "StagedFile",
    "Stamp",
    "Upload",
    "WriteRecord",
    "desired_of",
    "diff",
    "read_stamp",
]

"""desired, recorded, observed → Plan; pure."""

from snowbuild.plan.desired import desired_of
from snowbuild.plan.diff import diff
from snowbuild.plan.stamp import ADOPTED, Stamp, read_stamp
from snowbuild.plan.values import (
    Action,
    ActionKind,
    ChangeGrant,
    Define,
    Desired,
    Drop,
    Function,
    Observed,
    ObservedFile,
    ObservedFunction,
    Part,
    Plan,
    Provenance,
    Record,
    StagedFile,
    Upload,
    WriteRecord,
)

__all__ = [
    "ADOPTED",
    "Action",
    "ActionKind",
    "ChangeGrant",
    "Define",
    "Desired",
    "Drop",
    "Function",
    "Observed",
    "ObservedFile",
    "ObservedFunction",
    "Part",
    "Plan",
    "Provenance",
    "Record",
    "StagedFile",
    "Stamp",
    "Upload",
    "WriteRecord",
    "desired_of",
    "diff",
    "read_stamp",
]

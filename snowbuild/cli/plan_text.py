"""Plans and what became of them → what people and programs read. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from snowbuild.cli.console import paint
from snowbuild.cli.text import counted, size
from snowbuild.plan import ActionKind, Upload
from snowbuild.plan.document import action_json, function_counts, saved_actions

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from snowbuild.apply import Outcome
    from snowbuild.plan import Action, Plan
    from snowbuild.plan.document import SavedPlan

MARKS = {
    ActionKind.UPLOAD: ("+", "green"),
    ActionKind.CREATE: ("+", "green"),
    ActionKind.GRANT: ("+", "green"),
    ActionKind.REPLACE: ("~", "yellow"),
    ActionKind.RECORD: ("~", "yellow"),
    ActionKind.REVOKE: ("-", "red"),
    ActionKind.DROP: ("-", "red"),
}


def plan_text(plan: Plan) -> str:
    """A line for each action, and a last one with the totals."""
    lines = [action_line(a, _width(plan.actions)) for a in plan.actions]
    return "\n".join([*lines, plan_summary(plan)])


def action_line(action: Action, width: int = 0) -> str:
    """`+ upload  wheels/….whl  312 kB  (new)`."""
    mark, color = MARKS[action.kind]
    bytes_ = f"  {size(action.file.size):>8}" if isinstance(action, Upload) else ""
    return f"{paint(mark, fg=color)} {action.kind.value:<7} {action.name:<{width}}{bytes_}  ({action.reason})".rstrip()


def plan_summary(plan: Plan) -> str:
    """The totals in one line."""
    if plan.is_empty:
        return f"Nothing to do: {plan.kept} kept."
    words = []
    if plan.uploads:
        words.append(f"{counted(len(plan.uploads), 'file')} to upload ({size(plan.upload_size)})")
    for kind, word in _VERBS.items():
        count = sum(a.kind is kind for a in plan.actions)
        if count:
            words.append(f"{count} {word}")
    return f"Plan: {', '.join(words)}; {plan.kept} kept."


_VERBS = {
    ActionKind.CREATE: "to create",
    ActionKind.REPLACE: "to replace",
    ActionKind.GRANT: "to grant",
    ActionKind.REVOKE: "to revoke",
    ActionKind.DROP: "to drop",
    ActionKind.RECORD: "to record",
}


def saved_text(saved: SavedPlan) -> str:
    """A saved plan, as it was shown when it was saved."""
    lines = []
    for action in saved_actions(saved):
        mark, color = MARKS[ActionKind(action["kind"])]
        bytes_ = f"  {size(action['size'])}" if "size" in action else ""
        lines.append(f"{paint(mark, fg=color)} {action['kind']:<7} {action['name']}{bytes_}  ({action['reason']})")
    return "\n".join([*lines, f"{counted(len(lines), 'action')} on {saved.target} ({saved.place}); {saved.kept} kept."])


def plan_markdown(plan: Plan, target: str) -> str:
    """A table for a review's comment."""
    if plan.is_empty:
        return f"**{target}**: nothing to do, {plan.kept} kept."
    rows = [
        f"| {a.kind.value} | `{a.name}` | {size(a.file.size) if isinstance(a, Upload) else ''} | {a.reason} |"
        for a in plan.actions
    ]
    head = [f"**{target}**: {plan_summary(plan)}", "", "| action | what | size | why |", "|---|---|---:|---|"]
    return "\n".join([*head, *rows])


def apply_json(number: int, outcomes: Sequence[Outcome], kept: int) -> dict[str, Any]:
    """Schema `snowbuild.apply/1`."""
    done = [o for o in outcomes if o.status.value == "done"]
    uploaded = [o.action for o in done if isinstance(o.action, Upload)]
    return {
        "schema": "snowbuild.apply/1",
        "deployment": number,
        "outcomes": [
            {**action_json(o.action), "status": o.status.value, "seconds": round(o.seconds, 3)} for o in outcomes
        ],
        "kept": kept,
        "summary": {
            "uploaded": {"files": len(uploaded), "bytes": sum(a.file.size for a in uploaded)},
            "functions": function_counts(tuple(o.action for o in done)),
        },
    }


def _width(actions: Iterable[Action]) -> int:
    return max((len(a.name) for a in actions if isinstance(a, Upload)), default=0)

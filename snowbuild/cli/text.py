"""Values → what people and programs read. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from snowbuild.cli.console import paint
from snowbuild.plan import ActionKind, Upload
from snowbuild.plan.document import action_json, function_counts, saved_actions

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from snowbuild.apply import Outcome
    from snowbuild.distribution import Distribution
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


def size(count: int) -> str:
    """Bytes in decimal units, as stages and indexes show them: `312 kB`, `16.5 MB`."""
    if count < 1000:
        return f"{count} B"
    number = float(count)
    for unit in ("kB", "MB", "GB", "TB"):
        number /= 1000
        if number < 999.5 or unit == "TB":
            break
    return f"{number:.1f} {unit}" if number < 99.95 and unit != "kB" else f"{number:.0f} {unit}"


def counted(count: int, noun: str) -> str:
    """`1 file`, `2 files`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


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


def distribution_changes(before: Iterable[Distribution], after: Iterable[Distribution]) -> list[str]:
    """A line for each distribution that came, went, or has another version or source; sorted by name."""
    old, new = {d.name: d for d in before}, {d.name: d for d in after}
    lines = []
    for name in sorted(old.keys() | new.keys()):
        match old.get(name), new.get(name):
            case None, d if d is not None:
                lines.append(f"{paint('+', fg='green')} {name} {d.version}  ({d.source.value})")
            case d, None if d is not None:
                lines.append(f"{paint('-', fg='red')} {name} {d.version}")
            case a, b if a and b and (a.version, a.source) != (b.version, b.source):
                was, now = (f"{d.version} ({d.source.value})" for d in (a, b))
                lines.append(f"{paint('~', fg='yellow')} {name} {was} → {now}")
    return lines


def _width(actions: Iterable[Action]) -> int:
    return max((len(a.name) for a in actions if isinstance(a, Upload)), default=0)

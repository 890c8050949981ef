"""Plans and their outcomes → what people and programs read. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from snowbuild.apply import Status
from snowbuild.cli.console import paint
from snowbuild.plan import ActionKind, Upload
from snowbuild.plan.document import action_json, function_counts, saved_actions
from snowbuild.wording import counted, size

if TYPE_CHECKING:
    from collections.abc import Sequence

    from snowbuild.apply import Outcome
    from snowbuild.plan import Action, Plan
    from snowbuild.plan.document import ModelSize, SavedPlan

MARKS = {
    ActionKind.UPLOAD: ("+", "green"),
    ActionKind.CREATE: ("+", "green"),
    ActionKind.GRANT: ("+", "green"),
    ActionKind.REPLACE: ("~", "yellow"),
    ActionKind.RECORD: ("~", "yellow"),
    ActionKind.REVOKE: ("-", "red"),
    ActionKind.DROP: ("-", "red"),
}


def plan_text(plan: Plan, models: Sequence[ModelSize] = ()) -> str:
    """A line for each action, one for each optimized model, and a last one with the totals."""
    if plan.is_empty:
        return plan_summary(plan)
    width = name_width(plan)
    return "\n".join([*(action_line(a, width) for a in plan.actions), *map(model_line, models), plan_summary(plan)])


def model_line(model: ModelSize) -> str:
    """`Model expense optimized for deployment: 50.5 MB → 25.4 MB (50 % less).`"""
    return f"Model {model.name} optimized for deployment: {size_change(model)}."


def size_change(model: ModelSize) -> str:
    """`50.5 MB → 25.4 MB (50 % less)`: small models would otherwise often look as if nothing had changed."""
    share = 100 * abs(model.before - model.after) / max(model.before, 1)
    percent = f"{share:.0f}" if share >= 10 else f"{share:.2g}"
    compared = f"{percent} % {'less' if model.after < model.before else 'more'}" if share else "as before"
    return f"{size(model.before)} → {size(model.after)} ({compared})"


def name_width(plan: Plan) -> int:
    """The width of the column of names: that of the files, since signatures can be very long."""
    return max((len(upload.name) for upload in plan.uploads), default=0)


def action_line(action: Action, width: int = 0) -> str:
    """`+ upload  wheels/….whl  312 kB  (new)`; `width` is that of the names."""
    return _line(action_json(action), width)


def _line(action: dict[str, Any], width: int) -> str:
    mark, color = MARKS[ActionKind(action["kind"])]
    bytes_ = f"  {size(action['size']):>8}" if "size" in action else ""
    return f"{paint(mark, fg=color)} {action['kind']:<7} {action['name']:<{width}}{bytes_}  ({action['reason']})"


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
    actions = saved_actions(saved)
    width = max((len(action["name"]) for action in actions if "size" in action), default=0)
    total = f"{counted(len(actions), 'action')} on {saved.target} ({saved.place}); {saved.kept} kept."
    return "\n".join([*(_line(action, width) for action in actions), *map(model_line, saved.models), total])


def plan_markdown(plan: Plan, target: str, models: Sequence[ModelSize] = ()) -> str:
    """A table for a comment in a review."""
    if plan.is_empty:
        return f"**{target}**: nothing to do, {plan.kept} kept."
    rows = [
        f"| {a.kind.value} | `{a.name}` | {size(a.file.size) if isinstance(a, Upload) else ''} | {a.reason} |"
        for a in plan.actions
    ]
    sizes = [line for model in models for line in ("", model_line(model))]
    head = [f"**{target}**: {plan_summary(plan)}", *sizes, "", "| action | what | size | why |", "|---|---|---:|---|"]
    return "\n".join([*head, *rows])


def apply_json(number: int, outcomes: Sequence[Outcome], kept: int) -> dict[str, Any]:
    """Schema `snowbuild.apply/1`."""
    done = [o for o in outcomes if o.status is Status.DONE]
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

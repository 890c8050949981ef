"""A plan as JSON, and a plan saved for later: both versioned. Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from snowbuild.codec import CodecError, decode, encode, parse_json
from snowbuild.digest import sha256_plain
from snowbuild.errors import StalePlanError
from snowbuild.plan.stamp import read_stamp
from snowbuild.plan.values import ActionKind, Define, Upload

if TYPE_CHECKING:
    from collections.abc import Iterable

    from snowbuild.errors import Problem
    from snowbuild.models import Model
    from snowbuild.plan.values import Action, Desired, Observed, Plan

SCHEMA = "snowbuild.plan/1"
SAVED_SCHEMA = "snowbuild.saved-plan/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSize:
    """How large an optimized model is; that of all its files, in bytes, before they are packed."""

    name: str
    before: int
    """As it was trained."""
    after: int
    """As it is deployed."""


def model_sizes(models: Iterable[Model]) -> tuple[ModelSize, ...]:
    """Those of the models that were optimized, in the order of the models."""
    return tuple(
        ModelSize(name=m.name, before=m.optimized.size_before, after=m.optimized.size_after)
        for m in models
        if m.optimized is not None
    )


def plan_json(
    plan: Plan,
    *,
    target: str,
    lock: dict[str, Any],
    models: tuple[ModelSize, ...] = (),
    notes: tuple[Problem, ...] = (),
) -> dict[str, Any]:
    """A plan under schema `snowbuild.plan/1`; `lock` says which lockfile it was made from."""
    return {
        "schema": SCHEMA,
        "target": target,
        "lock": lock,
        "actions": [action_json(a) for a in plan.actions],
        "models": [encode(m) for m in models],
        "notes": [{"where": n.where, "message": n.message, "hint": n.hint} for n in notes],
        "kept": plan.kept,
        "summary": {
            "upload": {"files": len(plan.uploads), "bytes": plan.upload_size},
            "functions": function_counts(plan.actions),
        },
    }


def action_json(action: Action) -> dict[str, Any]:
    """One action of schemas `snowbuild.plan/1` and `snowbuild.apply/1`."""
    plain: dict[str, Any] = {"kind": action.kind.value, "name": action.name, "reason": action.reason}
    if isinstance(action, Upload):
        plain |= {"path": action.file.path, "size": action.file.size, "digest": f"sha256:{action.file.sha256}"}
    elif isinstance(action, Define):
        plain["digest"] = f"sha256:{action.function.sha256}"
    return plain


def function_counts(actions: tuple[Action, ...]) -> dict[str, int]:
    """How many functions are created, replaced and dropped."""
    kinds = (ActionKind.CREATE, ActionKind.REPLACE, ActionKind.DROP)
    return {kind.value: sum(a.kind is kind for a in actions) for kind in kinds}


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedPlan:
    """A plan to be carried out later, or not at all if anything has changed by then."""

    schema: str = SAVED_SCHEMA
    target: str
    """Its name in snowbuild.toml."""
    place: str
    """Account, database, schema and stage, as the account itself names them."""
    lock_sha256: str
    """Of the lockfile's bytes."""
    observed: str
    """A fingerprint of what was observed."""
    actions: str
    """The actions, as JSON text."""
    kept: int
    models: tuple[ModelSize, ...] = ()
    """To be shown; they decide nothing."""


def save(
    plan: Plan,
    desired: Desired,
    observed: Observed,
    *,
    target: str,
    place: str,
    models: tuple[ModelSize, ...] = (),
) -> bytes:
    """The content of a saved plan's file."""
    saved = SavedPlan(
        target=target,
        place=place,
        lock_sha256=desired.lock_sha256,
        observed=fingerprint(desired, observed),
        actions=_actions(plan),
        kept=plan.kept,
        models=models,
    )
    plain = encode(saved)
    return (json.dumps({**plain, "seal": sha256_plain(plain)}, indent=1) + "\n").encode()


def read_saved(data: bytes, where: str) -> SavedPlan:
    """Read a saved plan's file; `where` is its name in errors.

    Raises:
        StalePlanError: it is not a saved plan of this schema, or was edited since it was saved.
    """
    hint = "save it again with `snowbuild plan --out FILE`"
    try:
        plain = parse_json(data)
        if not isinstance(plain, dict) or plain.get("schema") != SAVED_SCHEMA:
            raise StalePlanError(f"not a plan of schema {SAVED_SCHEMA}", where=where, hint=hint)
        seal = plain.pop("seal", None)
        if seal != sha256_plain(plain):
            raise StalePlanError("edited or cut off since it was saved", where=where, hint=hint)
        return decode(SavedPlan, plain)
    except (ValueError, CodecError) as exc:
        raise StalePlanError(f"not a saved plan: {exc}", where=where, hint=hint) from exc


def check_saved(saved: SavedPlan, plan: Plan, desired: Desired, observed: Observed, *, place: str, where: str) -> None:
    """Compare a saved plan with what would be planned now.

    Raises:
        StalePlanError: says what is different.
    """
    hint = "review `snowbuild plan` again, and save a new plan"
    if saved.place != place:
        raise StalePlanError(f"was made for {saved.place}, not for {place}", where=where, hint=hint)
    if saved.lock_sha256 != desired.lock_sha256:
        raise StalePlanError("the lockfile has changed since it was saved", where=where, hint=hint)
    if saved.observed != fingerprint(desired, observed) or saved.actions != _actions(plan):
        raise StalePlanError("the target has changed since it was saved", where=where, hint=hint)


def saved_actions(saved: SavedPlan) -> list[dict[str, Any]]:
    """The actions of a saved plan, as `action_json` gave them."""
    actions: list[dict[str, Any]] = json.loads(saved.actions)
    return actions


def fingerprint(desired: Desired, observed: Observed) -> str:
    """A digest of what a plan was made from; other projects' functions do not count."""
    wanted = {f.signature for f in desired.functions}
    functions = [
        [str(f.signature), f.comment]
        for f in observed.functions
        if f.signature in wanted or ((stamp := read_stamp(f.comment)) and stamp.project == desired.project)
    ]
    return sha256_plain([sorted(observed.paths), functions, observed.record and encode(observed.record)])


def _actions(plan: Plan) -> str:
    return json.dumps([action_json(a) for a in plan.actions])

"""desired, recorded, observed → Plan. Pure: the same three values always result in the same plan."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from snowbuild.errors import Problem, TargetError
from snowbuild.plan.stamp import ADOPTED, read_stamp
from snowbuild.plan.values import Action, ChangeGrant, Define, Drop, Plan, Record, Upload, WriteRecord
from snowbuild.sql import stored

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from snowbuild.config.values import Grant
    from snowbuild.plan.values import Desired, Function, Observed, ObservedFunction
    from snowbuild.render.values import FunctionDefinition
    from snowbuild.sql import Signature

SETTINGS = {
    "returns": "returns",
    "strict": "strict",
    "immutable": "immutable",
    "secure": "secure",
    "integrations": "external-access-integrations",
    "secrets": "secrets",
    "processor": "resource-constraint",
    "comment": "comment",
    "runtime_version": "runtime.python",
    "repository": "packages.repository",
    "handler": "the module's name",
}
"""A definition's settings besides its arguments and parts → what a reason calls them."""

RETIRED_PART = "signature or settings"
"""A part in the records of earlier versions; now the settings themselves are compared."""


def diff(desired: Desired, observed: Observed, *, under_way: bool = False) -> Plan:
    """Compare what the lock asks for with what was recorded and what was found.

    `under_way` means that another deployment is running: functions that no deployment recorded, including canaries,
    belong to it and were not left behind.

    Raises:
        TargetError: a function that this project did not make has the signature of one of the project's functions.
    """
    record = observed.record
    there = {f.signature: f for f in observed.functions}
    recorded = {} if record is None else {f.signature: f for f in record.desired.functions}
    _refuse_foreign(desired, there, recorded)
    uploads = tuple(_uploads(desired, observed))
    definitions: list[Define] = []
    kept = 0
    for function in desired.functions:
        action = _define(function, there.get(function.signature), recorded, observed.deployment, desired.project)
        if action is None:
            kept += 1
        else:
            definitions.append(action)
    created = {a.function.signature for a in definitions if not a.replaces}
    grants = chain.from_iterable(
        _grants(f, None if f.signature in created else recorded.get(f.signature)) for f in desired.functions
    )
    drops = _drops(desired, there.values(), recorded, under_way=under_way)
    actions: tuple[Action, ...] = (*uploads, *definitions, *grants, *drops)
    if not actions and not _is_recorded(desired, record):
        actions = (WriteRecord(deployment=observed.deployment + 1, reason="not recorded yet"),)
    return Plan(actions=actions, kept=kept + len(desired.files) - len(uploads))


def is_ours(function: ObservedFunction, project: str) -> bool:
    """Whether the function says that this project made it."""
    stamp = read_stamp(function.comment)
    return stamp is not None and stamp.project == project


def _refuse_foreign(
    desired: Desired, there: dict[Signature, ObservedFunction], recorded: dict[Signature, Function]
) -> None:
    foreign = [
        Problem(
            where=str(f.signature),
            message=f"a function with this signature exists, and {maker}",
            hint=f"`snowbuild adopt {f.name}` lets this project replace it; or give yours another name",
        )
        for f in desired.functions
        if f.signature in there
        and (maker := _foreign_maker(there[f.signature], desired.project, recorded=f.signature in recorded))
    ]
    if foreign:
        raise TargetError.of(foreign)


def _foreign_maker(function: ObservedFunction, project: str, *, recorded: bool) -> str | None:
    """Who made a function that must not be replaced, in words; None if it may be replaced."""
    stamp = read_stamp(function.comment)
    if stamp is None:
        # If ours was recorded, this one has replaced it by hand since.
        return None if recorded else "this project did not make it"
    # Even if ours was recorded: that project has adopted it, and two projects would take it from each other forever.
    return None if stamp.project == project else f"project {stamp.project} made it"


def _uploads(desired: Desired, observed: Observed) -> Iterator[Upload]:
    present = observed.paths
    before = {} if observed.record is None else {f.path: f for f in observed.record.desired.files}
    known_names = {f.filename for f in before.values()}
    for file in desired.files:
        if file.path in present:
            continue
        reason = "changed" if file.filename in known_names else "new"
        if file.path in before:
            reason = "missing on the stage"
        yield Upload(file=file, reason=reason)


def _define(
    function: Function,
    there: ObservedFunction | None,
    recorded: dict[Signature, Function],
    deployment: int,
    project: str,
) -> Define | None:
    before = recorded.get(function.signature)
    if there is None:
        if before is not None:
            reason = f"dropped since deployment {deployment}"
        elif any(f.signature.name == function.signature.name for f in recorded.values()):
            reason = "arguments changed"
        else:
            reason = "new"
    else:
        stamp = read_stamp(there.comment)
        if stamp is not None and stamp.project == project and function.sha256.startswith(stamp.definition):
            return None
        if stamp is not None and stamp.definition == ADOPTED:
            reason = "adopted"
        elif before is None or before.sha256 == function.sha256:
            reason = f"not the one of deployment {deployment}" if deployment else "left by a deployment that stopped"
        else:
            reason = _changed(function, before)
    return Define(function=function, replaces=there is not None, reason=reason)


def _changed(function: Function, before: Function) -> str:
    old, new = ({p.name: p.digest for p in f.parts} for f in (before, function))
    words = [
        *(f"{name} changed" for name in new if name in old and old[name] != new[name]),
        *(f"{name} added" for name in new if name not in old),
        *(f"{name} removed" for name in old if name not in new and name != RETIRED_PART),
        *_changed_settings(function.definition, before.definition),
    ]
    # A module changes because of something else, which says more; if only it changes, snowbuild renders it differently.
    words = [w for w in words if not w.startswith("module ")] or words
    if len(words) > 3:
        words = [*words[:3], f"{len(words) - 3} more"]
    return ", ".join(words) or "definition changed"


def _changed_settings(new: FunctionDefinition, old: FunctionDefinition) -> Iterator[str]:
    """The function's own settings that have changed, by their names in snowbuild.toml."""
    # Equal signatures have equally many arguments, of the same types except for their parameters.
    for mine, before in zip(new.arguments, old.arguments, strict=False):
        if mine.name != before.name:
            yield f"{before.name} renamed to {mine.name}"
        if mine.type != before.type:
            yield f"type of {mine.name} changed"
        if mine.default != before.default:
            yield f"default of {mine.name} changed"
    for field, word in SETTINGS.items():
        if getattr(new, field) != getattr(old, field):
            yield f"{word} changed"


def _grants(function: Function, before: Function | None) -> Iterator[ChangeGrant]:
    wanted, held = _single(function.grants), _single(before.grants if before else ())
    for key in sorted(wanted.keys() ^ held.keys()):
        privilege, _ = key
        revokes = key in held
        yield ChangeGrant(
            signature=function.signature,
            privilege=privilege,
            role=(held if revokes else wanted)[key],
            revokes=revokes,
            reason="removed from snowbuild.toml" if revokes else "new",
        )


def _single(grants: Iterable[Grant]) -> dict[tuple[str, str], str]:
    """Privilege and stored role → the role as written: a role is the same if it is only spelled differently."""
    return {(g.privilege, stored(role)): role for g in grants for role in g.roles}


def _drops(
    desired: Desired, there: Iterable[ObservedFunction], recorded: dict[Signature, Function], *, under_way: bool
) -> Iterator[Drop]:
    wanted = {f.signature for f in desired.functions}
    names = {s.name for s in wanted}
    for function in sorted(there, key=lambda f: f.signature):
        signature = function.signature
        # A recorded function that has been replaced by hand since is no longer ours, and is left alone.
        if signature in wanted or not is_ours(function, desired.project):
            continue
        if signature not in recorded:
            if under_way:
                continue
            reason = "left by a deployment that stopped"
        elif signature.name in names:
            reason = "arguments changed"
        else:
            reason = "removed from snowbuild.toml"
        yield Drop(signature=signature, reason=reason)


def _is_recorded(desired: Desired, record: Record | None) -> bool:
    return (
        record is not None
        and record.desired.files == desired.files
        and {(f.signature, f.sha256) for f in record.desired.functions}
        == {(f.signature, f.sha256) for f in desired.functions}
    )

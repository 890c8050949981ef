"""What `apply` and `rollback` share: look, ask, take the lease, look again, deploy, report."""

from __future__ import annotations

import getpass
import os
import socket
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from snowbuild.apply import Artifacts, Deployer, Deployment, DeploymentStoppedError, Outcome, Status, Trial
from snowbuild.apply.lease import Holder, lease
from snowbuild.cli import console
from snowbuild.cli.plan_text import action_line, apply_json, name_width, plan_summary, plan_text
from snowbuild.cli.provenance import provenance_of
from snowbuild.plan import Desired, Observed, Plan, Record, Upload, diff
from snowbuild.plan.document import ModelSize, SavedPlan, check_saved
from snowbuild.wording import counted, size

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snowbuild.config.values import Config, TargetConfig
    from snowbuild.errors import TargetError
    from snowbuild.snowflake.target import SnowflakeTarget


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How a deployment is carried out."""

    artifacts: Artifacts
    trial: Trial | None
    yes: bool
    """Do not ask for confirmation."""
    wait_s: float | None
    """How long to wait for another deployment; None for commands without --wait."""
    as_json: bool
    saved: SavedPlan | None = None
    """Do exactly this, or nothing."""
    rollback_to: int | None = None
    models: tuple[ModelSize, ...] = ()
    """To be shown with the plan."""


def carry_out(
    config: Config, target: TargetConfig, opened: SnowflakeTarget, desired: Desired, manner: Manner
) -> Deployment:
    """Deploy what is desired; nothing if it is already there.

    Raises:
        DeploymentStoppedError, LeaseTakenError, StalePlanError, SnowbuildError: as the steps do.
    """
    observed = opened.observe(config.name)
    plan = diff(desired, observed)
    if manner.saved is None:
        if not manner.as_json:
            console.result(plan_text(plan, manner.models))
        if plan.is_empty:
            return _said(Deployment(number=observed.deployment, outcomes=()), plan, manner)
        _confirm(plan, target.name, yes=manner.yes)
    with hold_lease(config, target, opened, wait_s=manner.wait_s):
        # Another deployment may have changed what was seen before the lease was taken.
        observed, shown = opened.observe(config.name), plan
        plan = diff(desired, observed)
        if manner.saved is not None:
            check_saved(manner.saved, plan, desired, observed, place=opened.place(), where="the saved plan")
        elif plan != shown:
            console.notice("the target has changed in the meantime; the plan is now:")
            console.notice(plan_text(plan, manner.models))
            _confirm(plan, target.name, yes=manner.yes)
        return _said(_deploy(config, opened, plan, desired, observed, manner), plan, manner)


@contextmanager
def hold_lease(
    config: Config, target: TargetConfig, opened: SnowflakeTarget, *, wait_s: float | None = None
) -> Iterator[None]:
    """Hold the project's lease in a target during the block."""
    from snowbuild.snowflake.leases import FunctionLeases

    holder = Holder(
        who=f"{getpass.getuser()}@{socket.gethostname()}, process {os.getpid()}",
        since=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    leases = FunctionLeases(opened, target, config.runtime)

    def stuck(error: TargetError) -> None:
        console.warning(f"the lease could not be released: {error.problems[0].message}; run `snowbuild unlock`")

    def waiting(other: Holder) -> None:
        console.notice(f"waiting for another deployment, {other}")

    with lease(leases, config.name, holder, wait_s=wait_s, on_wait=waiting, on_stuck=stuck):
        yield


def _deploy(
    config: Config, opened: SnowflakeTarget, plan: Plan, desired: Desired, observed: Observed, manner: Manner
) -> Deployment:
    if plan.is_empty:
        return Deployment(number=observed.deployment, outcomes=())
    record = Record(
        deployment=observed.deployment + 1,
        provenance=provenance_of(opened, config.root, rollback_to=manner.rollback_to),
        desired=desired,
    )
    deployer = Deployer(
        target=opened, artifacts=manner.artifacts, report=partial(_report, width=name_width(plan)), trial=manner.trial
    )
    try:
        return deployer.deploy(plan, record, observed.record)
    except DeploymentStoppedError as exc:
        if manner.as_json:
            console.result_json(apply_json(observed.deployment, exc.outcomes, plan.kept))
        raise


def _confirm(plan: Plan, target: str, *, yes: bool) -> None:
    if not plan.is_empty:
        about = f"applying {counted(len(plan.actions), 'action')} to {target}"
        console.confirm(f"Apply to {target}?", about=about, yes=yes)


def _report(outcome: Outcome, *, width: int) -> None:
    color = {Status.DONE: None, Status.UNDONE: "yellow"}.get(outcome.status, "red")
    status = "" if color is None else "  " + console.paint(outcome.status.value, fg=color)
    console.notice(f"{action_line(outcome.action, width)}  {outcome.seconds:.1f} s{status}")


def _said(deployment: Deployment, plan: Plan, manner: Manner) -> Deployment:
    if manner.as_json:
        console.result_json(apply_json(deployment.number, deployment.outcomes, plan.kept))
    elif deployment.outcomes:
        uploads = [o.action for o in deployment.outcomes if isinstance(o.action, Upload)]
        others = len(deployment.outcomes) - len(uploads)
        console.result(
            f"Deployment {deployment.number}: {counted(len(uploads), 'file')} uploaded "
            f"({size(sum(a.file.size for a in uploads))}), {counted(others, 'other action')} done."
        )
    elif manner.saved is not None:
        console.result(plan_summary(plan))
    return deployment

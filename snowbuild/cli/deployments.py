"""`snowbuild status`, `history`, `rollback` and `unlock`: the deployments of a target."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from snowbuild.apply import Artifacts
from snowbuild.cli import console
from snowbuild.cli.deploying import Manner, carry_out
from snowbuild.cli.options import common, formatted, on_target
from snowbuild.cli.workspace import choose_target, open_target
from snowbuild.config import load
from snowbuild.errors import ApplyError, Problem, StageError
from snowbuild.wording import counted, size

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from snowbuild.plan import Record, StagedFile


@click.command("status")
@common
@on_target
@formatted("text", "json")
def status_command(file: Path, target: str | None, output: str) -> None:
    """Show what is deployed, since when, from what and by whom."""
    config = load(file, files_must_exist=False)
    chosen = choose_target(config, target)
    with open_target(config, chosen) as opened:
        record = opened.observe(config.name).record
    if output == "json":
        console.result_json({"schema": "snowbuild.status/1", "target": chosen.name, **_status(record)})
        return
    if record is None:
        console.result(f"{config.name} is not deployed on {chosen.name}.")
        return
    console.result(_line(record))
    console.result(f"lockfile  sha256:{record.desired.lock_sha256}")
    for function in record.desired.functions:
        console.result(f"function  {function.signature}")
    total = sum(f.size for f in record.desired.files)
    console.result(f"files     {len(record.desired.files)} ({size(total)})")


@click.command("history")
@common
@on_target
@formatted("text", "json")
def history_command(file: Path, target: str | None, output: str) -> None:
    """List the deployments, newest first."""
    config = load(file, files_must_exist=False)
    chosen = choose_target(config, target)
    with open_target(config, chosen) as opened:
        records = opened.records(config.name)
    if output == "json":
        deployments = [_status(r) for r in reversed(records)]
        console.result_json({"schema": "snowbuild.history/1", "target": chosen.name, "deployments": deployments})
        return
    for record in reversed(records):
        console.result(_line(record))
    console.notice(f"{counted(len(records), 'deployment')} of {config.name} on {chosen.name}")


@click.command("rollback")
@common
@on_target
@formatted("text", "json")
@click.argument("deployment", type=click.IntRange(min=1), required=False)
@click.option("--yes", "-y", is_flag=True, help="Do not ask for confirmation.")
def rollback_command(file: Path, target: str | None, output: str, deployment: int | None, yes: bool) -> None:
    """Restore the functions of an earlier deployment.

    DEPLOYMENT is its number; the default is the one before the last. Nothing is uploaded.
    """
    config = load(file, files_must_exist=False)
    chosen = choose_target(config, target)
    with open_target(config, chosen) as opened:
        record = _record(opened.records(config.name), deployment)
        carry_out(
            config,
            chosen,
            opened,
            record.desired,
            Manner(
                artifacts=NothingToUpload(record.deployment),
                # The tests in snowbuild.toml are for today's functions, whose arguments may differ.
                trial=None,
                yes=yes,
                wait_s=None,
                as_json=output == "json",
                rollback_to=record.deployment,
            ),
        )


@click.command("unlock")
@common
@on_target
@click.option("--yes", "-y", is_flag=True, help="Do not ask for confirmation.")
def unlock_command(file: Path, target: str | None, yes: bool) -> None:
    """Release the lease of a deployment whose process has died."""
    from snowbuild.snowflake.leases import FunctionLeases

    config = load(file, files_must_exist=False)
    chosen = choose_target(config, target)
    with open_target(config, chosen) as opened:
        leases = FunctionLeases(opened, chosen, config.runtime)
        holder = leases.holder(config.name)
        if holder is None:
            console.result("not locked")
            return
        console.confirm(f"{holder}. Has that process died?", about=f"unlocking {config.name}, {holder},", yes=yes)
        leases.release(config.name)
    console.result(f"unlocked; it was {holder}")


class NothingToUpload(Artifacts):
    """The artifacts of a rollback: all must still be on the stage."""

    def __init__(self, deployment: int) -> None:
        self._deployment = deployment

    def fetch(self, files: Sequence[StagedFile]) -> Mapping[StagedFile, Path]:
        """Nothing, if nothing is asked for.

        Raises:
            StageError: names each missing file.
        """
        if files:
            raise StageError.of(
                Problem(
                    where=f.path,
                    message=f"deployment {self._deployment} needs it, but it is no longer on the stage",
                    hint="check out the commit of that deployment and run `snowbuild apply`",
                )
                for f in files
            )
        return {}


def _record(records: Sequence[Record], deployment: int | None) -> Record:
    numbers = [r.deployment for r in records]
    if deployment is None:
        if len(records) < 2:
            raise ApplyError(
                "there is no deployment before the last one",
                where="rollback",
                hint="`snowbuild history` lists all deployments",
            )
        return records[-2]
    for record in records:
        if record.deployment == deployment:
            return record
    raise ApplyError(
        f"no deployment {deployment}",
        where="rollback",
        hint=f"known deployments: {', '.join(map(str, numbers))}" if numbers else "nothing is deployed",
    )


def _line(record: Record) -> str:
    origin = record.provenance
    words = [f"deployment {record.deployment}", origin.at, f"by {origin.user} as {origin.role}"]
    if origin.commit:
        words.append(f"from {origin.commit[:12]}{'+' if origin.commit.endswith('+') else ''}")
    if origin.rollback_to is not None:
        words.append(f"(back to {origin.rollback_to})")
    return "  ".join(words)


def _status(record: Record | None) -> dict[str, Any]:
    if record is None:
        return {"deployment": None}
    origin = record.provenance
    return {
        "deployment": record.deployment,
        "at": origin.at,
        "user": origin.user,
        "role": origin.role,
        "commit": origin.commit,
        "rollback-to": origin.rollback_to,
        "lock": {"digest": f"sha256:{record.desired.lock_sha256}"},
        "functions": [str(f.signature) for f in record.desired.functions],
        "files": {"count": len(record.desired.files), "bytes": sum(f.size for f in record.desired.files)},
    }

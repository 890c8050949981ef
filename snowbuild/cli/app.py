"""The commands by name, and the one boundary where errors become text and exit codes."""

from __future__ import annotations

import importlib
import os
import signal
import sys
import traceback
from typing import TYPE_CHECKING, NoReturn

import click

from snowbuild import __version__
from snowbuild.cli import console
from snowbuild.errors import INTERRUPTED, SnowbuildError

if TYPE_CHECKING:
    from types import FrameType

COMMANDS = {
    "init": "init",
    "add": "edit",
    "remove": "edit",
    "lock": "lock",
    "run": "run",
    "describe": "describe",
    "plan": "plan",
    "show": "plan",
    "push": "apply",
    "apply": "apply",
    "test": "testing",
    "call": "call",
    "explain": "explain",
    "export": "export",
    "status": "deployments",
    "history": "deployments",
    "rollback": "deployments",
    "unlock": "deployments",
    "drift": "upkeep",
    "verify": "upkeep",
    "gc": "upkeep",
    "adopt": "upkeep",
    "destroy": "upkeep",
    "channel": "channel",
    "doctor": "doctor",
    "local": "local",
}
"""Command → the module of `snowbuild.cli` that defines it; in the order of work, as `--help` lists them."""


class LazyGroup(click.Group):
    """Imports a command's module only when the command is asked for: most need only a few of them."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's signature
        """All commands, in the order of work."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  # click's signature
        """The command of that name."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"snowbuild.cli.{COMMANDS[cmd_name]}")
        command: click.Command = getattr(module, f"{cmd_name}_command")
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does, with a suggestion for an unknown name."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            from snowbuild.config.suggest import nearest

            near = nearest(args[0], COMMANDS)
            raise click.UsageError(
                f"no such command: {args[0]}" + (f"\nhint: did you mean {near}?" if near else ""), ctx
            )
        return super().resolve_command(ctx, args)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="snowbuild")
def snowbuild() -> None:
    """Declarative builds, with a lockfile, for machine-learning functions in Snowflake."""


def main() -> NoReturn:
    """Run the command line and exit: 0 done, 1 failed, 2 and 3 with --detailed-exitcode, 130 interrupted."""
    # CI ends a job with SIGTERM, which deserves the same report and clean-up as Ctrl-C.
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        code = snowbuild.main(standalone_mode=False)
    except SnowbuildError as exc:
        _fail(exc)
    except click.ClickException as exc:
        # click exits with 2 for bad usage, which here means that `plan --detailed-exitcode` found changes.
        exc.show()
        sys.exit(1)
    except (KeyboardInterrupt, click.Abort):
        console.notice("interrupted")
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        # The reader has gone, as with `| head`. Python would complain about that at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except OSError as exc:
        # A problem of the machine, such as a full disk behind stdout, which no command can advise on.
        _fail(SnowbuildError(exc.strerror or str(exc), where=exc.filename and str(exc.filename)))
    except Exception as exc:  # noqa: BLE001  # A bug in snowbuild: reported as one, without a traceback.
        _fail(
            SnowbuildError(
                f"snowbuild itself failed: {type(exc).__name__}: {exc}",
                hint="this is a bug: please report it with the output of --verbose",
            )
        )
    sys.exit(code if isinstance(code, int) else 0)


def _fail(error: SnowbuildError) -> NoReturn:
    if console.is_verbose():
        traceback.print_exc()  # Of the exception being handled.
    for problem in error.problems:
        console.error(problem)
    sys.exit(error.exit_code)


def _interrupt(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt

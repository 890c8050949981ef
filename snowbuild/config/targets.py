"""[targets.NAME]: a place to deploy to, without credentials."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from snowbuild.config import scalars
from snowbuild.config.values import TargetConfig

if TYPE_CHECKING:
    from snowbuild.config.reader import Table

LOCAL = TargetConfig(name="local", database="LOCAL", schema="PUBLIC", stage="SNOWBUILD")

# What the names of the connector's credential parameters, and of keys mistaken for them, have in common.
CREDENTIAL = re.compile(r"pass|pwd|secret|token|private|credential|api[-_]?key|access[-_]?key|\bpat\b", re.IGNORECASE)

# Other parameters of a connection, which belong with the credentials.
CONNECTION_PARAMETERS = frozenset(
    {"authenticator", "host", "login", "port", "protocol", "proxy", "region", "url", "user", "username"}
)


def read_targets(document: Table) -> tuple[TargetConfig, ...]:
    """[targets]: sorted by name; `local` is always one of them."""
    targets = document.sections("targets", _target, scalars.folder_name)
    named = {target.name: target for target in (LOCAL, *targets)}
    return tuple(named[name] for name in sorted(named))


def _target(name: str, table: Table) -> TargetConfig:
    _refuse_credentials(name, table)
    if name == LOCAL.name:
        return TargetConfig(
            name=name,
            database=table.text("database", scalars.sql_name, LOCAL.database),
            schema=table.text("schema", scalars.sql_name, LOCAL.schema),
            stage=table.text("stage", scalars.sql_name, LOCAL.stage),
        )
    return TargetConfig(
        name=name,
        connection=table.text("connection", scalars.anything, None),
        account=table.text("account", scalars.anything, None),
        role=table.text("role", scalars.sql_name, None),
        warehouse=table.text("warehouse", scalars.sql_name, None),
        database=table.required("database", scalars.sql_name, "", '"ML"'),
        schema=table.required("schema", scalars.sql_name, "", '"PUBLIC"'),
        stage=table.required("stage", scalars.sql_name, "", '"SNOWBUILD"'),
        create_stage=table.flag("create-stage", default=True),
    )


def _refuse_credentials(name: str, table: Table) -> None:
    """Say where credentials belong; messages never contain their values."""
    hint = f'put it under [{name}] in connections.toml and refer to it here: connection = "{name}"'
    for key in table:
        if CREDENTIAL.search(key):
            table.refuse(key, "credentials belong in connections.toml, not in snowbuild.toml", hint)
        elif key.lower() in CONNECTION_PARAMETERS:
            table.refuse(key, "connection parameters belong in connections.toml, not in snowbuild.toml", hint)

"""Where the local Snowflake is: server.json, connections.toml, and whether it is alive."""

from __future__ import annotations

import errno
import http.client
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from snowbuild.errors import TargetError
from snowbuild.files.atomic import write_atomically

HOST = "127.0.0.1"
DATABASE, SCHEMA, WAREHOUSE, ACCOUNT, USER = "LOCAL", "PUBLIC", "LOCAL_WH", "local", "local"
HEALTH_TIMEOUT_S = 5.0
FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendezvous:
    """A running server."""

    root: Path
    """Its folder; absolute."""
    pid: int
    port: int
    token: str
    """The password of its connections. In files of mode 0600 only."""
    version: str
    """snowbuild's."""
    started: str
    """UTC, ISO 8601."""
    lock: str | None = None
    """The lockfile that it installs from; absolute."""
    channel: str | None = None
    """The channel file behind INFORMATION_SCHEMA.PACKAGES; absolute."""

    @property
    def connections(self) -> Path:
        """The connections.toml, whose folder is a SNOWFLAKE_HOME with a connection called `local`."""
        return self.root / "connections.toml"

    def to_json(self) -> str:
        """What server.json holds."""
        return json.dumps(asdict(self) | {"root": str(self.root)}, indent=2, sort_keys=True) + "\n"


def server_file(root: Path) -> Path:
    """The rendezvous file."""
    return root / "server.json"


def connection_parameters(rendezvous: Rendezvous) -> dict[str, Any]:
    """For `Session.builder.configs(...)` and `snowflake.connector.connect(...)`."""
    return {
        "account": ACCOUNT,
        "user": USER,
        "password": rendezvous.token,
        "host": HOST,
        "port": rendezvous.port,
        "protocol": "http",
        # No proxy can reach this server.
        "no_proxy": HOST,
        "database": DATABASE,
        "schema": SCHEMA,
        "warehouse": WAREHOUSE,
        "session_parameters": {"CLIENT_OUT_OF_BAND_TELEMETRY_ENABLED": False, "CLIENT_TELEMETRY_ENABLED": False},
    }


def publish(rendezvous: Rendezvous) -> None:
    """Write server.json and connections.toml, readable by their owner only."""
    import tomlkit

    parameters = connection_parameters(rendezvous)
    del parameters["session_parameters"]
    write_atomically(rendezvous.connections, tomlkit.dumps({ACCOUNT: parameters}).encode(), mode=0o600)
    write_atomically(server_file(rendezvous.root), rendezvous.to_json().encode(), mode=0o600)


def cannot_write(error: OSError, where: Path) -> TargetError:
    """The error for a folder or file that the server cannot write to."""
    return TargetError(
        f"cannot write: {error.strerror or error}",
        where=str(where),
        hint="free some disk space" if error.errno in FULL else "make the folder writable",
    )


def read(root: Path) -> Rendezvous | None:
    """What server.json says; None if there is none that can be read."""
    try:
        data = json.loads(server_file(root).read_text(encoding="utf-8"))
        return Rendezvous(**(data | {"root": Path(data["root"])}))
    except (OSError, ValueError, TypeError, KeyError):
        return None


def is_alive(rendezvous: Rendezvous) -> bool:
    """Whether this very server answers: another process may have the port by now."""
    answer = ask(rendezvous, "GET", "/snowbuild/health")
    return answer is not None and (answer.get("pid"), answer.get("root")) == (rendezvous.pid, str(rendezvous.root))


def ask(rendezvous: Rendezvous, method: str, path: str) -> dict[str, Any] | None:
    """Send one of our own requests; None if the server does not answer it."""
    connection = http.client.HTTPConnection(HOST, rendezvous.port, timeout=HEALTH_TIMEOUT_S)
    try:
        connection.request(method, path, headers={"Authorization": f"Bearer {rendezvous.token}"})
        response = connection.getresponse()
        data = response.read()
        if response.status != http.HTTPStatus.OK:
            return None
        answer = json.loads(data)
        return answer if isinstance(answer, dict) else None
    except (OSError, http.client.HTTPException, ValueError):
        return None
    finally:
        connection.close()

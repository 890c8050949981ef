"""Where the local Snowflake is: server.json, connections.toml, and asking whether it is alive."""

from __future__ import annotations

import errno
import http.client
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from snowbuild.errors import TargetError

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
        """The connections.toml; its folder is a SNOWFLAKE_HOME with a connection called `local`."""
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
        # Whatever proxy the machine has, it cannot reach this.
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
    write_private(rendezvous.connections, tomlkit.dumps({ACCOUNT: parameters}))
    write_private(server_file(rendezvous.root), rendezvous.to_json())


def write_private(path: Path, text: str) -> None:
    """Write a file of mode 0600: beside, then renamed."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.unlink(missing_ok=True)
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(text)
        beside.replace(path)
    except BaseException:
        beside.unlink()
        raise


def cannot_write(error: OSError, where: Path) -> TargetError:
    """The refusal of a folder or file in which the server would have to write."""
    return TargetError(
        f"cannot write: {error.strerror or error}",
        where=str(where),
        hint="make room on the disk" if error.errno in FULL else "make the folder writable",
    )


def read(root: Path) -> Rendezvous | None:
    """What server.json says; None when there is none that can be read."""
    try:
        data = json.loads(server_file(root).read_text(encoding="utf-8"))
        return Rendezvous(**(data | {"root": Path(data["root"])}))
    except (OSError, ValueError, TypeError, KeyError):
        return None


def is_alive(rendezvous: Rendezvous) -> bool:
    """Whether the very server of the file answers: the port may have gone to somebody else since."""
    answer = ask(rendezvous, "GET", "/snowbuild/health")
    return answer is not None and (answer.get("pid"), answer.get("root")) == (rendezvous.pid, str(rendezvous.root))


def ask(rendezvous: Rendezvous, method: str, path: str) -> dict[str, Any] | None:
    """Send one of our own requests; None when the server does not answer it."""
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

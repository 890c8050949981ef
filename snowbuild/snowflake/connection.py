"""A target's name for a connection → a Snowpark session."""

from __future__ import annotations

import logging
import re
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, cast

from snowbuild.errors import SqlError, TargetError
from snowbuild.snowflake.retry import Fault, backoff, fault_of
from snowbuild.sql import identifier

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from snowflake.snowpark import Session

    from snowbuild.config.values import TargetConfig

FROM_ENVIRONMENT = (
    *("account", "user", "role", "warehouse", "host", "port", "protocol", "region"),
    *("authenticator", "password", "passcode", "token", "token_file_path", "workload_identity_provider"),
    *("private_key_file", "private_key_file_pwd", "private_key_raw", "private_key_passphrase"),
    *("oauth_client_id", "oauth_client_secret", "oauth_token_request_url"),
)
"""Parameters that SNOWFLAKE_<NAME> may set, as for the Snowflake CLI."""


@contextmanager
def connect(
    target: TargetConfig, environ: Mapping[str, str], parameters: Mapping[str, Any] | None = None
) -> Iterator[Session]:
    """Open a session in the target's database and schema, and close it; empty ones are taken from the connection.

    `parameters` are for a server that the caller knows, such as the local one; otherwise they come
    from connections.toml or config.toml and from SNOWFLAKE_* in `environ`.

    Raises:
        TargetError: unknown connection, refused login, unreachable host, or an account other than the target's.
    """
    from snowflake.connector.errors import Error
    from snowflake.snowpark import Session
    from snowflake.snowpark.exceptions import SnowparkClientException

    # The connector logs each failed attempt with its stack; what matters is in the exception.
    logging.getLogger("snowflake").setLevel(logging.CRITICAL)
    chosen = connection_parameters(target, environ) if parameters is None else dict(parameters)
    place = {"database": target.database, "schema": target.schema, "role": target.role, "warehouse": target.warehouse}
    chosen |= {key: identifier(value) for key, value in place.items() if value}
    chosen.setdefault("backoff_policy", backoff())
    try:
        session = Session.builder.configs(chosen).create()
    except (Error, SnowparkClientException, OSError, ValueError) as exc:
        raise TargetError(
            f"cannot connect: {_first_line(exc)}",
            where=_where(target),
            hint="`snowbuild local status`" if target.is_local else "try `snow connection test`",
        ) from exc
    try:
        _check_account(session, target)
        yield session
    finally:
        # A failed log-out was reported already or does not matter: sessions end by themselves.
        with suppress(Error, SnowparkClientException, OSError):
            session.close()


def connection_parameters(target: TargetConfig, environ: Mapping[str, str]) -> dict[str, Any]:
    """The connector's parameters: the named connection, then SNOWFLAKE_CONNECTIONS_<NAME>_<KEY>, then SNOWFLAKE_<KEY>
    for what neither of them sets.

    Raises:
        TargetError: no connection of that name, a connections file that the connector refuses, or a private key that
            cannot be read.
    """
    from snowflake.connector.config_manager import CONFIG_MANAGER
    from snowflake.connector.errors import Error

    named: dict[str, Any] = {}
    name = target.connection or environ.get("SNOWFLAKE_DEFAULT_CONNECTION_NAME")
    general = {
        key: environ[f"SNOWFLAKE_{key.upper()}"] for key in FROM_ENVIRONMENT if f"SNOWFLAKE_{key.upper()}" in environ
    }
    try:
        connections = cast("Mapping[str, Any]", CONFIG_MANAGER["connections"])
        if name is None and "account" not in general:
            name = str(CONFIG_MANAGER["default_connection_name"])
    except (Error, OSError, ValueError) as exc:
        raise TargetError(f"the connections cannot be read: {_first_line(exc)}", where=_where(target)) from exc
    if name is not None:
        prefix = f"SNOWFLAKE_CONNECTIONS_{name.upper()}_"
        special = {k.removeprefix(prefix).lower(): v for k, v in environ.items() if k.startswith(prefix)}
        if name not in connections and not special:
            known = ", ".join(sorted(connections)) or "none"
            raise TargetError(
                f"no connection {name!r} in connections.toml; known: {known}",
                where=_where(target, "connection"),
                hint="run `snow connection add`, or set SNOWFLAKE_ACCOUNT, SNOWFLAKE_USER and your credentials",
            )
        named = {**connections.get(name, {}), **special}
    return _with_key({**general, **named}, _where(target))


def _with_key(parameters: dict[str, Any], where: str) -> dict[str, Any]:
    """Replace `private_key_raw`, the text of a PEM file, which the Snowflake CLI takes and the connector does not."""
    raw = parameters.pop("private_key_raw", None)
    if raw is None:
        return parameters
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import serialization

    password = parameters.pop("private_key_passphrase", None) or parameters.pop("private_key_file_pwd", None)
    try:
        key = serialization.load_pem_private_key(str(raw).encode(), password and str(password).encode())
    except (ValueError, TypeError, UnsupportedAlgorithm):
        # What the library says might quote the key.
        raise TargetError(
            "private_key_raw is not a private key in PEM format, or its passphrase is missing or wrong",
            where=where,
            hint="it is the text of the .p8 file; SNOWFLAKE_PRIVATE_KEY_PASSPHRASE is for an encrypted one",
        ) from None
    encoding, form = serialization.Encoding.DER, serialization.PrivateFormat.PKCS8
    return {**parameters, "private_key": key.private_bytes(encoding, form, serialization.NoEncryption())}


class ConnectionLostError(TargetError):
    """The connection broke and could not be restored."""


@contextmanager
def sql_errors(where: str, *, unsure_of: str | None = None) -> Iterator[None]:
    """Turn exceptions of Snowpark and the connector into snowbuild's errors, with Snowflake's own message.

    `unsure_of` names what may or may not have been done if the connection breaks; None for what can safely be repeated.

    Raises:
        ConnectionLostError: the connection broke.
        TargetError: the login has expired, or a local file cannot be read or written.
        SqlError: Snowflake refused.
    """
    from snowflake.connector.errors import Error
    from snowflake.connector.network import ReauthenticationRequest
    from snowflake.snowpark.exceptions import SnowparkClientException

    try:
        yield
    except (Error, SnowparkClientException, ReauthenticationRequest, OSError) as exc:
        match fault_of(exc):
            case Fault.LOST:
                doubt = f"; it is not known whether this was done: {unsure_of}" if unsure_of else ""
                raise ConnectionLostError(
                    f"the connection was lost: {_message(exc)}{doubt}",
                    where=where,
                    hint="when the network is back, run the command again; finished work is kept",
                ) from exc
            case Fault.EXPIRED:
                raise TargetError(
                    f"the login has expired: {_message(exc)}",
                    where=where,
                    hint="log in again and run the command again; finished work is kept",
                ) from exc
        if isinstance(exc, OSError):
            raise TargetError(exc.strerror or str(exc), where=where) from exc
        raise SqlError(_message(exc), where=where) from exc


def _check_account(session: Session, target: TargetConfig) -> None:
    if target.account is None:
        return
    rows = session.sql("SELECT CURRENT_ORGANIZATION_NAME(), CURRENT_ACCOUNT_NAME(), CURRENT_ACCOUNT()").collect()
    organization, account, locator = (str(v) for v in rows[0])
    wanted = target.account.upper().replace(".", "-")
    if wanted not in (f"{organization}-{account}".upper(), locator.upper()):
        raise TargetError(
            f"the connection is to account {organization}-{account}, but this target is only for {target.account}",
            where=f"targets.{target.name}.account",
            hint="use another connection, or another target",
        )


def _where(target: TargetConfig, *keys: str) -> str:
    """The target's key path; a connection that was named on the command line has none."""
    return ".".join(("targets", target.name, *keys)) if target.name else "--connection"


def _message(exc: Exception) -> str:
    # Snowpark wraps as "(1304): <id>: 100357 (P0000): text"; number and id are of no use here.
    text = str(getattr(exc, "message", None) or exc)
    while text.startswith("(") and "): " in text:
        text = text.partition("): ")[2]
    # The query string of a transfer's URL grants access.
    return re.sub(r"(https?://[^\s?'\"]+)\?[^\s'\"]*", r"\1?***", text).strip()


def _first_line(exc: Exception) -> str:
    return _message(exc).splitlines()[0]

"""Where connection parameters come from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from snowbuild.config import TargetConfig
from snowbuild.errors import TargetError
from snowbuild.snowflake.connection import connection_parameters

if TYPE_CHECKING:
    from pathlib import Path

CONNECTIONS = """
[prod]
account = "myorg-prod"
user = "deployer"
"""


def target(connection: str | None) -> TargetConfig:
    return TargetConfig(name="prod", connection=connection, database="D", schema="S", stage="ST")


@pytest.fixture
def _connections(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from snowflake.connector.config_manager import CONFIG_MANAGER

    path = tmp_path / "connections.toml"
    path.write_text(CONNECTIONS)
    path.chmod(0o600)
    # The connector finds its files when it is imported; a test can only point it elsewhere.
    monkeypatch.setattr(CONFIG_MANAGER, "file_path", tmp_path / "config.toml")
    monkeypatch.setattr(CONFIG_MANAGER, "_slices", [s._replace(path=path) for s in CONFIG_MANAGER._slices])
    monkeypatch.setattr(CONFIG_MANAGER, "conf_file_cache", None)


@pytest.mark.usefixtures("_connections")
def test_named() -> None:
    assert connection_parameters(target("prod"), {}) == {"account": "myorg-prod", "user": "deployer"}


@pytest.mark.usefixtures("_connections")
def test_environment_of_the_name_wins_and_the_general_one_fills_in() -> None:
    environ = {
        "SNOWFLAKE_CONNECTIONS_PROD_USER": "ci",
        "SNOWFLAKE_USER": "somebody",
        "SNOWFLAKE_PRIVATE_KEY_FILE": "key.p8",
    }
    assert connection_parameters(target("prod"), environ) == {
        "account": "myorg-prod",
        "user": "ci",
        "private_key_file": "key.p8",
    }


@pytest.mark.usefixtures("_connections")
def test_environment_alone() -> None:
    environ = {"SNOWFLAKE_ACCOUNT": "a", "SNOWFLAKE_USER": "u"}
    assert connection_parameters(target(None), environ) == {"account": "a", "user": "u"}


@pytest.mark.usefixtures("_connections")
@pytest.mark.parametrize("passphrase", [None, "wörd"])
def test_the_text_of_a_private_key(passphrase: str | None) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    protection = serialization.BestAvailableEncryption(passphrase.encode()) if passphrase else NoEncryption()
    environ = {"SNOWFLAKE_PRIVATE_KEY_RAW": key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, protection).decode()}
    if passphrase:
        environ["SNOWFLAKE_PRIVATE_KEY_PASSPHRASE"] = passphrase
    assert connection_parameters(target("prod"), environ) == {
        "account": "myorg-prod",
        "user": "deployer",
        "private_key": key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()),
    }


@pytest.mark.usefixtures("_connections")
def test_what_is_not_a_private_key_appears_in_no_message() -> None:
    with pytest.raises(TargetError) as refusal:
        connection_parameters(target("prod"), {"SNOWFLAKE_PRIVATE_KEY_RAW": "a secret"})
    assert str(refusal.value) == (
        "targets.prod: private_key_raw is not a private key in PEM format, or its passphrase is missing or wrong\n"
        "hint: it is the text of the .p8 file; SNOWFLAKE_PRIVATE_KEY_PASSPHRASE is for an encrypted one"
    )


@pytest.mark.usefixtures("_connections")
def test_unknown_name() -> None:
    with pytest.raises(TargetError) as refusal:
        connection_parameters(target("prd"), {})
    assert str(refusal.value) == (
        "targets.prod.connection: no connection 'prd' in connections.toml; known: prod\n"
        "hint: run `snow connection add`, or set SNOWFLAKE_ACCOUNT, SNOWFLAKE_USER and your credentials"
    )

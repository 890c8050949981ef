"""Credentials, the child's environment, versions of pip, and the memo for many threads."""

from __future__ import annotations

import importlib.metadata
import os
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snowbuild.errors import ResolutionError
from snowbuild.resolve.child import main as child
from snowbuild.resolve.child.once import Once
from snowbuild.resolve.process import child_environment
from snowbuild.resolve.redact import redacted, secrets_of, without_credentials


@given(st.text("abcxyz0189-._~%", min_size=1), st.text("abcxyz0189-._~%:@", min_size=1))
def test_credentials_go_out_of_urls(user: str, password: str) -> None:
    url = f"https://{user}:{password}@example.org/simple/"

    assert without_credentials(f"<{url}> {url}") == "<https://example.org/simple/> https://example.org/simple/"


def test_a_password_may_hold_what_a_url_should_not() -> None:
    assert without_credentials("""//u:p"<'s>@example.org/simple/""") == "//example.org/simple/"
    assert without_credentials("""see https://u:p"<'s>@example.org/""") == "see https://example.org/"


def test_text_without_credentials_stays() -> None:
    text = "foo @ https://example.org/a@b//c@d/foo.whl, mail me@example.org"

    assert without_credentials(text) == text


def test_secrets_are_taken_out_wherever_they_stand() -> None:
    secrets = secrets_of(["https://alice:p%40ss@example.org/", "https://token123@example.org/", "http://[bad", "plain"])

    assert secrets == ("token123", "p%40ss", "p@ss")
    assert redacted("p@ss for token123 at https://x:y@h/", secrets) == "**** for **** at https://h/"


def test_the_childs_environment() -> None:
    given_variables = {
        "PATH": "/bin",
        "https_proxy": "http://proxy",
        "SSL_CERT_FILE": "/certs",
        "REQUESTS_CA_BUNDLE": "/bundle",
        "PIP_INDEX_URL": "https://evil.example",
        "PIP_CONFIG_FILE": "/etc/pip.conf",
        "PYTHONPATH": "/evil",
        "UV_INDEX_URL": "https://evil.example",
        "AWS_SECRET_ACCESS_KEY": "secret",
    }

    assert child_environment(given_variables) == {
        "PATH": "/bin",
        "https_proxy": "http://proxy",
        "SSL_CERT_FILE": "/certs",
        "REQUESTS_CA_BUNDLE": "/bundle",
        "PIP_CONFIG_FILE": os.devnull,
        "PYTHONHASHSEED": "0",
    }


@pytest.mark.parametrize(
    ("name", "version", "found"),
    [("pip", "25.2", "pip 25.2"), ("pip", "26.4", "pip 26.4"), ("pip-tools", "7.5.1", "pip-tools 7.5.1")],
)
def test_other_versions_of_pip_are_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, version: str, found: str
) -> None:
    versions = {"pip": "26.3", "pip-tools": "7.6.2", name: version}
    monkeypatch.setattr(child, "version", versions.__getitem__)

    with pytest.raises(ResolutionError) as caught:
        child.check_versions()

    needed = {"pip": "<26.4,>=25.3", "pip-tools": "<7.7,>=7.6"}[name]
    assert caught.value.problems[0].message == f"{found} cannot be used; {needed} is needed"


def test_a_missing_pip_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> str:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(child, "version", absent)

    with pytest.raises(ResolutionError) as caught:
        child.check_versions()

    assert caught.value.problems[0].message == "pip is missing; <26.4,>=25.3 is needed"


def test_once_makes_every_value_once() -> None:
    made: list[int] = []

    def make(key: int) -> int:
        time.sleep(0.01)
        made.append(key)
        return key * 2

    once = Once(make)
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(once, [1, 2, 1, 2, 1, 2, 1, 2])) == [2, 4, 2, 4, 2, 4, 2, 4]
    assert sorted(made) == [1, 2]
    assert (once.known(1), once.known(3)) == (2, None)


def test_once_forgets_failures() -> None:
    failures = [OSError("busy")]

    def make(key: str) -> int:
        if failures:
            raise failures.pop()
        return len(key)

    once = Once(make)
    with pytest.raises(OSError, match="busy"):
        once("x")
    assert once.known("x") is None
    assert once("x") == 1

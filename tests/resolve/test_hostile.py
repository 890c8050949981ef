"""Indexes that lie: about digests, names, and whose a project is."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from snowbuild.errors import ResolutionError
from tests.resolve.index import JSON_TYPE, Index, build_wheel

if TYPE_CHECKING:
    from pathlib import Path

    from tests.resolve.conftest import Resolve

pytestmark = pytest.mark.integration


@pytest.mark.parametrize("own_metadata", [True, False])
@pytest.mark.parametrize(
    ("inside", "reason"),
    [
        (("other", "2.0"), "its METADATA is for other"),
        (("app", "2.1"), "its METADATA is for version 2.1"),
        (("app", "two"), "its METADATA is for version two"),
    ],
)
def test_a_wheel_whose_metadata_is_anothers(
    resolve: Resolve, index: Index, own_metadata: bool, inside: tuple[str, str], reason: str
) -> None:
    index.own_metadata = own_metadata
    liar = replace(build_wheel(*inside), name="app", version="2.0", filename="app-2.0-py3-none-any.whl")
    index.add(build_wheel("app", "1.0"), liar)

    assert resolve("app")["app"].version == "1.0"
    with pytest.raises(ResolutionError) as caught:
        resolve("app==2.0")
    assert str(caught.value) == (
        "dependencies: no set of versions satisfies the requirements\n"
        "  snowbuild.toml requires app==2.0\n"
        "  app: wheels for Python 3.11 on x86_64 exist for 1.0, 2.0\n"
        f"  app: skipped app-2.0-py3-none-any.whl: {reason}\n"
        "hint: require app==1.0, the nearest version that resolves"
    )


def test_a_local_wheel_whose_metadata_is_anothers(resolve: Resolve, tmp_path: Path) -> None:
    (tmp_path / "mine-1.0-py3-none-any.whl").write_bytes(build_wheel("theirs").content)

    with pytest.raises(ResolutionError) as caught:
        resolve("./mine-1.0-py3-none-any.whl")

    assert str(caught.value) == "mine-1.0-py3-none-any.whl: not a usable wheel: its METADATA is for theirs"


def test_a_wheel_with_another_digest_is_passed_over(resolve: Resolve, index: Index) -> None:
    index.own_metadata = index.ranges = False
    liar = build_wheel("app", "2.0")
    index.add(build_wheel("app", "1.0"), liar)
    promised = build_wheel("app", "2.0", modules={"app.py": "pass"}).sha256
    page = json.loads(index.page("app")[2])
    page["files"][1]["hashes"]["sha256"] = promised
    index.answers["/simple/app/"] = (200, JSON_TYPE, json.dumps(page).encode())

    with pytest.raises(ResolutionError) as caught:
        resolve("app==2.0")

    assert str(caught.value) == (
        "dependencies: no set of versions satisfies the requirements\n"
        "  snowbuild.toml requires app==2.0\n"
        "  app: wheels for Python 3.11 on x86_64 exist for 1.0, 2.0\n"
        "  app: skipped app-2.0-py3-none-any.whl: its digest is "
        f"sha256:{liar.sha256}, the index promised sha256:{promised}\n"
        "hint: require app==1.0, the nearest version that resolves"
    )


def test_cut_and_slow_connections_are_taken_up_again(resolve: Resolve, index: Index) -> None:
    app, helper = build_wheel("app", requires=["helper"]), build_wheel("helper", padding=100_000)
    index.add(app, helper)
    straight = resolve("app")
    index.own_metadata = False
    index.cuts = {
        "/simple/app/": [10, 30],
        "/simple/helper/": [0],
        f"/files/{app.filename}": [100],
        f"/files/{helper.filename}": [5000, 70_000],
    }

    assert resolve("app") == straight
    # Metadata was known by digest already; a cut came where something was fetched all the same.
    assert index.cuts["/simple/app/"] == index.cuts["/simple/helper/"] == []


def test_an_index_that_cuts_every_answer(resolve: Resolve, index: Index) -> None:
    index.add(build_wheel("app"))
    index.cuts["/simple/app/"] = [10] * 20

    with pytest.raises(ResolutionError) as caught:
        resolve("app")

    assert str(caught.value) == (
        f"{index.url}app/: 127.0.0.1 broke the connection off\n"
        "hint: check the network, the proxy variables and dependencies.index-urls"
    )


def test_a_private_name_does_not_fall_back_to_the_public_index(resolve: Resolve, index: Index) -> None:
    """Where the private index lacks a version, or fails, the public one must not supply it."""
    index.add(build_wheel("secret", "1.0"))
    with Index() as public:
        public.add(build_wheel("secret", "99.0"))
        urls = (index.url, public.url)

        with pytest.raises(ResolutionError) as caught:
            resolve("secret>=50", index_urls=urls)
        index.answers["/simple/secret/"] = (500, "text/plain", b"")
        with pytest.raises(ResolutionError) as failing:
            resolve("secret", index_urls=urls)

        assert "secret: wheels for Python 3.11 on x86_64 exist for 1.0" in str(caught.value)
        assert str(failing.value).startswith(f"{index.url}secret/: 127.0.0.1 keeps failing")
        assert public.log == []


def test_pages_are_sent_again_only_when_they_have_changed(resolve: Resolve, index: Index, tmp_path: Path) -> None:
    index.etags = True
    index.add(build_wheel("app", "1.0"))
    assert resolve("app")["app"].version == "1.0"
    assert resolve("app")["app"].version == "1.0"
    kept = [p for p in (tmp_path / "cache" / "pages-1").rglob("*") if p.is_file()]
    assert len(kept) == 1

    index.add(build_wheel("app", "2.0"))
    assert resolve("app")["app"].version == "2.0"
    kept[0].write_bytes(b"damaged")
    assert resolve("app")["app"].version == "2.0"


def test_links_with_credentials_are_not_kept(resolve: Resolve, index: Index, tmp_path: Path) -> None:
    index.etags = True
    wheel = build_wheel("app")
    index.add(wheel)
    page = json.loads(index.page("app")[2])
    page["files"][0]["url"] = index.file_url(wheel).replace("://", "://alice:s3cr3t@")
    index.answers["/simple/app/"] = (200, JSON_TYPE, json.dumps(page).encode())

    assert resolve("app")["app"].wheels[0].url == index.file_url(wheel)
    written = [p for p in (tmp_path / "cache").rglob("*") if p.is_file()]
    assert written
    assert not [p for p in written if b"s3cr3t" in p.read_bytes()]

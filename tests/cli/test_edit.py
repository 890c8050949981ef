"""`snowbuild add` and `snowbuild remove`, against an index on loopback."""

from __future__ import annotations

import shutil
import threading
import tomllib
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.runner import Ran, snowbuild
from tests.resolve.index import Index, build_wheel

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.integration

TOML = """\
# What we serve.
[project]
name = "p"

[runtime]
python = "3.11"

[dependencies]
requirements = [
  "app==1.0",  # pinned until spring
]
exclude = ["plots"]
index-urls = ["{url}"]

[packages]
service = "none"
"""


@pytest.fixture(scope="module")
def index() -> Iterator[Index]:
    with Index() as running:
        running.add(
            build_wheel("app", "1.0", requires=["helper>=1", "plots"]),
            build_wheel("app", "2.0", requires=["helper>=2"]),
            build_wheel("helper", "1.0"),
            build_wheel("helper", "2.0"),
            build_wheel("other", "3.0", requires=["helper<2"]),
            build_wheel("plots", "1.0"),
        )
        yield running


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory, index: Index) -> Path:
    """A locked project that no test changes."""
    folder = tmp_path_factory.mktemp("fresh") / "project"
    folder.mkdir()
    (folder / "snowbuild.toml").write_text(TOML.format(url=index.url))
    assert run(folder, "lock").code == 0
    return folder


@pytest.fixture
def project(tmp_path: Path, fresh: Path) -> Path:
    return shutil.copytree(fresh, tmp_path / "project")


def run(folder: Path, *arguments: str) -> Ran:
    return snowbuild(folder, *arguments, SNOWBUILD_CACHE_DIR=str(folder.parent / "cache"))


def text_of(folder: Path) -> str:
    return (folder / "snowbuild.toml").read_bytes().decode()


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def lock_of(folder: Path) -> dict[str, Any]:
    return tomllib.loads((folder / "pylock.snowbuild.toml").read_text())


def locked(folder: Path) -> dict[str, str]:
    return {package["name"]: package["version"] for package in lock_of(folder)["packages"]}


def test_another_version_then_back(project: Path, index: Index) -> None:
    ran = run(project, "add", "App==2.0")
    assert (ran.code, ran.out) == (0, "~ app 1.0 (stage) → 2.0 (stage)\n")
    assert text_of(project) == TOML.format(url=index.url).replace("app==1.0", "App==2.0")
    assert locked(project) == {"app": "2.0", "helper": "2.0"}
    assert lock_of(project)["tool"]["snowbuild"]["requirements"] == ["App==2.0"]
    assert run(project, "lock", "--check").code == 0
    assert run(project, "add", "app==1.0").code == 0
    assert text_of(project) == TOML.format(url=index.url)


def test_what_changed_is_said(project: Path) -> None:
    ran = run(project, "add", "other")
    assert ran.code == 0
    assert ran.out == "~ helper 2.0 (stage) → 1.0 (stage)\n+ other 3.0  (stage)\n"
    assert ran.err == (
        "dependencies.requirements: + other\nwrote snowbuild.toml and pylock.snowbuild.toml: 3 distributions\n"
    )
    ran = run(project, "remove", "Other")
    assert (ran.code, ran.out) == (0, "- other 3.0\n")
    ran = run(project, "add", "app==1.0")
    assert (ran.code, ran.out, ran.err) == (0, "", "snowbuild.toml: nothing changed\n")


def test_licences_and_roots_are_locked(project: Path) -> None:
    table = lock_of(project)["tool"]["snowbuild"]
    assert (table["project"], table["requirements"]) == ("p", ["app==1.0"])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["add", "other", "helper>=2"], "helper"),
        (["add", "nothing-like-it"], "nothing-like-it"),
        (["add", "numpy=1"], 'not a requirement: "numpy=1"'),
        (["add", "wheels/gone-1.0-py3-none-any.whl"], 'no such file: "wheels/gone-1.0-py3-none-any.whl"'),
        (["add", "plots"], "dependencies.exclude: plots is excluded, so it would not be installed"),
        (["add", "-r", "gone.txt"], "gone.txt: no such file"),
        (["add"], "nothing to add"),
        (["remove", "helper"], "dependencies.requirements: helper is not listed here: it is required by app\n"
                               'hint: dependencies.exclude = ["helper"] leaves it out even though others require it'),
        (["remove", "apq", "app"], "dependencies.requirements: apq is not listed here\nhint: did you mean app?"),
        (["remove", "--constraint", "app"], "dependencies.constraints: app is not listed here, but under "
                                            "dependencies.requirements\nhint: snowbuild remove app"),
    ],
)  # fmt: skip
def test_nothing_is_written_when_it_does_not_work(fresh: Path, arguments: list[str], message: str) -> None:
    before = files(fresh)
    ran = run(fresh, *arguments)
    assert (ran.code, ran.out) == (1, "")
    assert message in ran.err
    assert files(fresh) == before


def test_constraints(project: Path, index: Index) -> None:
    assert run(project, "add", "--constraint", "helper<2").code == 0
    assert locked(project)["helper"] == "1.0"
    assert f'index-urls = ["{index.url}"]\nconstraints = ["helper<2"]\n' in text_of(project)
    assert run(project, "remove", "--constraint", "helper").code == 0
    assert text_of(project) == TOML.format(url=index.url)


def test_requirements_file(project: Path) -> None:
    (project.parent / "requirements.txt").write_text(
        "--pre\nother \\\n  ==3.0  # newest\n-c constraints.txt\n./mine-1.0-py3-none-any.whl\n"
    )
    (project.parent / "constraints.txt").write_text("helper<2\n")
    (project.parent / "mine-1.0-py3-none-any.whl").write_bytes(build_wheel("mine", "1.0").content)
    ran = run(project, "add", "-r", "../requirements.txt")
    assert ran.code == 0, ran.err
    assert ran.err.startswith(
        "warning: ../requirements.txt, line 1: --pre is ignored; set dependencies.prereleases = true\n"
    )
    assert locked(project) == {"app": "1.0", "helper": "1.0", "mine": "1.0", "other": "3.0"}
    assert '"other ==3.0"' in text_of(project)
    assert '"../mine-1.0-py3-none-any.whl"' in text_of(project)


def test_pyproject(project: Path) -> None:
    (project / "pyproject.toml").write_text('[project]\nname = "x"\ndependencies = ["other"]\n')
    ran = run(project, "add", "--pyproject", "pyproject.toml")
    assert ran.code == 0, ran.err
    assert "other" in locked(project)


def test_a_wheel_is_named_from_where_the_user_is(project: Path) -> None:
    (project / "wheels").mkdir()
    (project / "wheels" / "mine-1.0-py3-none-any.whl").write_bytes(build_wheel("mine", "1.0").content)
    ran = run(project / "wheels", "add", "mine-1.0-py3-none-any.whl", "--file", "../snowbuild.toml")
    assert ran.code == 0, ran.err
    assert '"wheels/mine-1.0-py3-none-any.whl"' in text_of(project)


def test_not_toml(tmp_path: Path) -> None:
    (tmp_path / "snowbuild.toml").write_text("[project\n")
    ran = run(tmp_path, "add", "other")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith("error: snowbuild.toml, line 1, column 9: not TOML: ")


class Meanwhile(list[str]):
    """An index's log; with the first request, somebody else edits a file."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.file = file
        self.requests = threading.Lock()

    def append(self, request: str) -> None:
        with self.requests:  # the index answers several at once
            if not self:
                self.file.write_text(self.file.read_text() + "# edited\n")
            super().append(request)


def test_another_edit_meanwhile_is_not_lost(project: Path, index: Index) -> None:
    before = files(project)
    index.log = Meanwhile(project / "snowbuild.toml")
    try:
        ran = run(project, "add", "other")
    finally:
        index.log = []
    assert (ran.code, ran.err) == (
        1, "error: snowbuild.toml: changed in the meantime; nothing was written\nhint: try again\n",
    )  # fmt: skip
    assert files(project) == {**before, "snowbuild.toml": before["snowbuild.toml"] + b"# edited\n"}


def test_mode_link_and_byte_order_mark_stay(project: Path) -> None:
    real = project / "real.toml"
    real.write_bytes(b"\xef\xbb\xbf" + (project / "snowbuild.toml").read_bytes())
    (project / "snowbuild.toml").unlink()
    real.chmod(0o600)
    (project / "snowbuild.toml").symlink_to("real.toml")
    assert run(project, "add", "other").code == 0
    assert (project / "snowbuild.toml").is_symlink()
    assert real.stat().st_mode & 0o777 == 0o600
    assert real.read_bytes().startswith(b"\xef\xbb\xbf# What we serve.")
    assert '"other"' in real.read_text(encoding="utf-8-sig")

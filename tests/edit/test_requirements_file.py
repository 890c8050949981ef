"""What pip's requirements files say, and what of it can be taken over."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from snowbuild.edit import read_pyproject, read_requirements_file
from snowbuild.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

MAIN = """\
# Comments go, wherever they are.
numpy>=1.26  # fast
pandas \\
  >=2 \\
  # A comment ends a continued line.

scikit-learn[alldeps] == 1.5.* ; python_version < "3.13"
example @ https://packages.example.com/example-1.0-py3-none-any.whl#sha256=00
wheels/an_example-1.0-py3-none-any.whl
numpy>=1.26
-c more/constraints.txt
--requirement=more/others.txt
"""


def write(folder: Path, **files: str) -> None:
    for name, text in files.items():
        path = folder / f"{name.replace('__', '/')}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def test_all_that_can_be_taken_over(tmp_path: Path) -> None:
    others = "tqdm\n../wheels/other-1.0-py3-none-any.whl\n-rdeeper.txt"
    write(tmp_path, main=MAIN, more__constraints="scipy<1.12\n-r deeper.txt", more__others=others, more__deeper="six")
    found = read_requirements_file(tmp_path / "main.txt", tmp_path)
    assert found.requirements == (
        "numpy>=1.26",
        "pandas >=2",
        'scikit-learn[alldeps] == 1.5.* ; python_version < "3.13"',
        "example @ https://packages.example.com/example-1.0-py3-none-any.whl#sha256=00",
        "wheels/an_example-1.0-py3-none-any.whl",
        "tqdm",
        "wheels/other-1.0-py3-none-any.whl",
        "six",
    )
    assert found.constraints == ("scipy<1.12", "six")
    assert found.notes == ()


def test_paths_are_relative_to_snowbuild_toml(tmp_path: Path) -> None:
    write(tmp_path, pip__main="./a-1.0-py3-none-any.whl")
    found = read_requirements_file(tmp_path / "pip" / "main.txt", tmp_path / "project")
    assert found.requirements == ("../pip/a-1.0-py3-none-any.whl",)


def test_byte_order_mark_and_line_ends_of_windows(tmp_path: Path) -> None:
    (tmp_path / "main.txt").write_bytes(b"\xef\xbb\xbfnumpy\\\r\n>=1\r\ntqdm\r\n")
    assert read_requirements_file(tmp_path / "main.txt", tmp_path).requirements == ("numpy>=1", "tqdm")


def test_options_that_are_not_taken_over_are_named(tmp_path: Path) -> None:
    write(
        tmp_path,
        main="--index-url https://user:password@packages.example.com/simple\n--pre\n--no-binary=:all:\n"
        "numpy==1.26.4 \\\n    --hash=sha256:00 \\\n    --hash=sha256:11\n"
        "tqdm --hash=sha256:22 --config-settings=a=b\n",
    )
    found = read_requirements_file(tmp_path / "main.txt", tmp_path)
    assert found.requirements == ("numpy==1.26.4", "tqdm")
    file = tmp_path / "main.txt"
    assert [str(note) for note in found.notes] == [
        f"{file}, line 1: --index-url is ignored\nhint: put it under dependencies.index-urls",
        f"{file}, line 2: --pre is ignored\nhint: set dependencies.prereleases = true",
        f"{file}, line 3: --no-binary is ignored",
        f"{file}, line 4: --hash is ignored\nhint: the lockfile already records the digest of every wheel",
        f"{file}, line 7: --config-settings is ignored",
    ]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("-e .", 'editable projects are not supported: "."\nhint: build a wheel and add that'),
        ("./project", 'only wheels can be used: "./project"\nhint: build a wheel and add that'),
        (
            "https://user:password@packages.example.com/a-1.0.tar.gz",
            'only wheels can be used: "https://***@packages.example.com/a-1.0.tar.gz"\n'
            "hint: build a wheel and add that",
        ),
        (
            "a @ git+https://packages.example.com/a.git",
            'expected a URL with http:// or https://, found "git+https://packages.example.com/a.git"\n'
            "hint: write it like https://packages.example.com/example-1.0-py3-none-any.whl",
        ),
        (
            "numpy=1",
            'not a requirement: "numpy=1": Expected semicolon (after name with no version specifier) or end\n'
            'hint: write it like "name>=1.0" (PEP 508)',
        ),
        ("numpy==${VERSION}", "environment variables are not supported\nhint: write the value instead"),
        ("--nonsense", "unknown option: --nonsense"),
        ("-r missing.txt", "no such file: {folder}/missing.txt"),
        ("-r main.txt", "includes itself: {folder}/main.txt"),
    ],
)
def test_what_cannot_be_taken_over(tmp_path: Path, line: str, problem: str) -> None:
    write(tmp_path, main=f"tqdm\n{line}\n-e ../other\n")
    with pytest.raises(ConfigError) as refusal:
        read_requirements_file(tmp_path / "main.txt", tmp_path)
    first, second = map(str, refusal.value.problems)
    assert first == f"{tmp_path}/main.txt, line 2: {problem.format(folder=tmp_path)}"
    assert second.startswith(f"{tmp_path}/main.txt, line 3: editable projects are not supported")


def test_not_utf_8(tmp_path: Path) -> None:
    (tmp_path / "main.txt").write_bytes(b"# \xe4\n")
    with pytest.raises(ConfigError) as refusal:
        read_requirements_file(tmp_path / "main.txt", tmp_path)
    assert str(refusal.value) == f"{tmp_path}/main.txt: not UTF-8\nhint: save the file as UTF-8"


def test_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as refusal:
        read_requirements_file(tmp_path / "main.txt", tmp_path)
    assert str(refusal.value) == f"{tmp_path}/main.txt: no such file"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[tool.other]\n", "missing\nhint: only the standard table [project] is read (PEP 621)"),
        (
            '[project]\ndynamic = ["dependencies"]\n',
            "dynamic: only its build backend knows them\n"
            "hint: write them to a requirements file, then `snowbuild add -r FILE`",
        ),
        ("[project]\ndependencies = [1]\n", "expected an array of strings"),
    ],
)
def test_pyproject_that_says_nothing(tmp_path: Path, text: str, problem: str) -> None:
    (tmp_path / "pyproject.toml").write_text(text)
    with pytest.raises(ConfigError) as refusal:
        read_pyproject(tmp_path / "pyproject.toml")
    assert str(refusal.value) == f"{tmp_path}/pyproject.toml: project.dependencies: {problem}"


def test_pyproject(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[project]\ndependencies = ["numpy>=1", "tqdm"]\n')
    assert read_pyproject(tmp_path / "pyproject.toml").requirements == ("numpy>=1", "tqdm")

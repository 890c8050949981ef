"""Edits of snowbuild.toml: what is meant changes, all else stays byte for byte."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snowbuild.edit import Key, add, names_in, remove
from snowbuild.errors import ConfigError

LINES = """\
# A project.
[dependencies]  # what it needs
requirements = [
  # Trained with this one.
  "autogluon.tabular==1.4.0",   # not 1.6
  'typing-extensions',
  # more to come
]
exclude = [ "matplotlib" ]

[targets.prod]   # somewhere
database = 'ML'
"""


@pytest.mark.parametrize(
    ("text", "requirements", "expected"),
    [
        # A replaced one keeps its place and its comment.
        (LINES, ["AutoGluon_tabular==1.5.0"], LINES.replace("autogluon.tabular==1.4.0", "AutoGluon_tabular==1.5.0")),
        # Its kind of string as well, where it can.
        (LINES, ["typing_extensions>4"], LINES.replace("typing-extensions", "typing_extensions>4")),
        # A new one comes last, with the comma that the others have.
        (LINES, ["numpy"], LINES.replace("more to come\n", "more to come\n  'numpy',\n")),
        (
            '[dependencies]\nrequirements = ["a"] # x\n',
            ["b>1", "c"],
            '[dependencies]\nrequirements = ["a", "b>1", "c"] # x\n',
        ),
        (
            '[dependencies]\nrequirements = [\n\t"a" # x\n]\n',
            ["b"],
            '[dependencies]\nrequirements = [\n\t"a", # x\n\t"b"\n]\n',
        ),
        ("[dependencies]\nrequirements = []\n", ["b"], '[dependencies]\nrequirements = ["b"]\n'),
        ("[dependencies]\n# nothing yet\n", ["b"], '[dependencies]\n# nothing yet\nrequirements = ["b"]\n'),
        ('[project]\nname = "p"\n', ["b"], '[project]\nname = "p"\n\n[dependencies]\nrequirements = ["b"]\n'),
        ('dependencies.exclude = ["x"]\n', ["b"], 'dependencies.exclude = ["x"]\ndependencies.requirements = ["b"]\n'),
        ('dependencies = { requirements = ["a"] }\n', ["b"], 'dependencies = { requirements = ["a", "b"] }\n'),
        # Quotation marks of a marker need no escapes.
        (
            "[dependencies]\nrequirements = []\n",
            ['b; python_version < "3.12"'],
            "[dependencies]\nrequirements = ['b; python_version < \"3.12\"']\n",
        ),
        # Several about one distribution replace together what there was.
        (
            '[dependencies]\nrequirements = ["a<1", "b", "a>2"]\n',
            ["a==1; os_name == 'nt'", "a==2"],
            '[dependencies]\nrequirements = ["a==1; os_name == \'nt\'", "b", "a==2"]\n',
        ),
        ('[dependencies]\nrequirements = ["a<1", "b", "a>2"]\n', ["a"], '[dependencies]\nrequirements = ["a", "b"]\n'),
        # A wheel is known by its file's name.
        (
            '[dependencies]\nrequirements = ["w/an_example-1.0-py3-none-any.whl"]\n',
            ["https://packages.example.com/an_example-2.0-py3-none-any.whl"],
            '[dependencies]\nrequirements = ["https://packages.example.com/an_example-2.0-py3-none-any.whl"]\n',
        ),
        (LINES, [], LINES),
        (LINES, ["typing-extensions"], LINES),
    ],
)
def test_add(text: str, requirements: list[str], expected: str) -> None:
    assert add(text, requirements) == expected
    assert add(text.replace("\n", "\r\n"), requirements) == expected.replace("\n", "\r\n")


@pytest.mark.parametrize(
    ("text", "names", "expected"),
    [
        (LINES, ["typing-extensions"], LINES.replace("  'typing-extensions',\n", "")),
        (LINES, ["autogluon-tabular"], LINES.replace('  "autogluon.tabular==1.4.0",   # not 1.6\n', "")),
        ('[dependencies]\nrequirements = ["a", "b", "c"]\n', ["a", "c"], '[dependencies]\nrequirements = ["b"]\n'),
        ('[dependencies]\nrequirements = ["a<1", "b", "a>2"]\n', ["a"], '[dependencies]\nrequirements = ["b"]\n'),
        ('[dependencies]\nrequirements = ["a"]\n', ["a"], "[dependencies]\nrequirements = []\n"),
    ],
)
def test_remove(text: str, names: list[str], expected: str) -> None:
    assert remove(text, names) == (expected, frozenset(names))


def test_remove_what_is_not_there() -> None:
    assert remove(LINES, ["numpy", "matplotlib"]) == (LINES, frozenset())
    assert remove("", ["numpy"]) == ("", frozenset())


def test_constraints_have_an_array_of_their_own() -> None:
    edited = add('[dependencies]\nrequirements = ["a"]\n', ["a<2"], Key.CONSTRAINTS)
    assert edited == '[dependencies]\nrequirements = ["a"]\nconstraints = ["a<2"]\n'
    assert names_in(edited, Key.CONSTRAINTS) == {"a"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('[dependencies]\nconstraints = ["a<2"]\n\n[project]\n', "[dependencies]\n\n[project]\n"),
        ('[dependencies]\nconstraints = [\n    "a<2",\n]\nexclude = []\n', "[dependencies]\nexclude = []\n"),
        ('dependencies.constraints = ["a"]\ndependencies.exclude = []\n', "dependencies.exclude = []\n"),
        ('dependencies = { exclude = [], constraints = ["a"] }\n', "dependencies = { exclude = []  }\n"),
        # No comment is lost.
        ('[dependencies]\nconstraints = ["a"] # why\n', "[dependencies]\nconstraints = [] # why\n"),
        ('[dependencies]\nconstraints = [\n# why\n"a"]\n', "[dependencies]\nconstraints = [\n# why\n]\n"),
    ],
)
def test_the_last_constraint_goes_with_its_key(text: str, expected: str) -> None:
    assert remove(text, ["a"], Key.CONSTRAINTS)[0] == expected
    assert remove(text.replace("\n", "\r\n"), ["a"], Key.CONSTRAINTS)[0] == expected.replace("\n", "\r\n")


@pytest.mark.parametrize("text", [LINES, '[dependencies]\nrequirements = ["a"]\n', 'dependencies.exclude = ["x"]\n'])
def test_a_constraint_that_is_added_and_removed_leaves_no_trace(text: str) -> None:
    assert remove(add(text, ["b<2"], Key.CONSTRAINTS), ["b"], Key.CONSTRAINTS)[0] == text


def test_a_new_wide_array_has_a_line_for_each() -> None:
    names = [f"a-rather-long-name-{n}" for n in range(5)]
    edited = add("[dependencies]\n", names)
    assert edited == "[dependencies]\nrequirements = [\n" + "".join(f'    "{n}",\n' for n in names) + "]\n"
    assert add(edited, ["b"]) == edited.replace('4",\n', '4",\n    "b",\n')


@pytest.mark.parametrize(
    ("requirement", "message"),
    [
        ("numpy=1", 'not a requirement: "numpy=1"'),
        ("https://packages.example.com/a-1.0.tar.gz", "not a wheel: a-1.0.tar.gz"),
        ("wheels/a.whl", "not a wheel: a.whl"),
    ],
)
def test_what_cannot_be_required(requirement: str, message: str) -> None:
    with pytest.raises(ConfigError) as refusal:
        add(LINES, [requirement])
    assert refusal.value.problems[0].message.startswith(message)


@pytest.mark.parametrize("text", ["dependencies = 3\n", "[[dependencies]]\n", "[dependencies]\nrequirements = 3\n"])
def test_what_is_no_array_is_left_alone(text: str) -> None:
    with pytest.raises(ConfigError) as refusal:
        add(text, ["a"])
    assert str(refusal.value) == (
        "dependencies.requirements: cannot be edited without changing other parts of it\nhint: edit the file yourself"
    )


def test_what_is_no_requirement_is_left_to_the_loader() -> None:
    text = '[dependencies]\nrequirements = [3, "=", "a"]\n'
    assert add(text, ["a>1"]) == text.replace('"a"', '"a>1"')


NAMES = st.sampled_from(["a", "b", "c-d", "e.f"])
ITEMS = st.builds("{}{}".format, NAMES, st.sampled_from(["", "==1", ">=2,<3"]))


@st.composite
def arrays(draw: st.DrawFn) -> str:
    """An array in any style that TOML allows."""
    items = draw(st.lists(ITEMS, unique_by=lambda item: item[:3].rstrip("=>")))
    gaps = st.sampled_from(["", " ", "\n", "\n    ", ' # it\'s "so", [really]\n  ', "\n\n  # above\n  "])
    body = "".join(
        f"{draw(gaps)}{quote}{item}{quote}{draw(gaps)}{',' if number < len(items) - 1 or draw(st.booleans()) else ''}"
        for number, item in enumerate(items)
        for quote in [draw(st.sampled_from("\"'"))]
    )
    return f"x = 1 # one\n[dependencies] # two\nrequirements = [{body}{draw(gaps)}] # three\nlast = '''y'''\n"


def comments(text: str) -> list[str]:
    return [line.partition("#")[2] for line in text.splitlines() if "#" in line]


@given(arrays(), ITEMS)
def test_added_in_any_style(text: str, item: str) -> None:
    before = tomllib.loads(text)["dependencies"]["requirements"]
    edited = add(text, [item])
    after = tomllib.loads(edited)
    name = item[:3].rstrip("=>")
    assert [r for r in after["dependencies"]["requirements"] if r != item] == [
        r for r in before if r[:3].rstrip("=>") != name
    ]
    assert after["dependencies"]["requirements"].count(item) == 1
    assert comments(edited) == comments(text)
    assert edited.startswith("x = 1 # one\n[dependencies] # two\nrequirements = [")
    assert edited.endswith("] # three\nlast = '''y'''\n")
    assert add(edited, [item]) == edited


@given(arrays(), st.sets(st.sampled_from(["a", "b", "c-d", "e-f"])))
def test_removed_in_any_style(text: str, names: set[str]) -> None:
    present = names_in(text, Key.REQUIREMENTS)
    edited, found = remove(text, names)
    assert found == present & names
    assert names_in(edited, Key.REQUIREMENTS) == present - names
    assert edited.endswith("] # three\nlast = '''y'''\n")
    if not found:
        assert edited == text

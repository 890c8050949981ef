"""docs/templates.md: its example renders, and it names every variable and every part."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from snowbuild.config import Argument
from snowbuild.render import load_templates, render_functions
from snowbuild.render.context import User, context
from snowbuild.render.literals import Identifier
from tests.render.support import NOWHERE, config, function, model, staged

DOCUMENT = (Path(__file__).parents[2] / "docs" / "templates.md").read_text()
WHEEL = staged("helper-1.0-py3-none-any.whl", "a" * 64)


def test_the_example_renders(tmp_path: Path) -> None:
    example = re.search(r"^```jinja\n(.*?)^```$", DOCUMENT, re.MULTILINE | re.DOTALL)
    assert example
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "score.py.j2").write_text(example[1])
    arguments = (Argument(name="AGE", type="NUMBER(3,0)"), Argument(name="EXPENSES", type="FLOAT"))
    scoring = function("risk_score", "score.py.j2", arguments=arguments, returns="FLOAT")

    (rendered,) = render_functions(config(scoring), (WHEEL,), (model(),), load_templates(tmp_path), {})

    text = rendered.modules[0].data.decode()
    assert text.startswith("'Scores one row: the handler of the SQL function RISK_SCORE'\n\nimport os\n")
    assert "('helper-1.0-py3-none-any.whl', 'aaaa" in text
    assert text.endswith(
        "def handler(\n"
        "    value_0,\n"
        "    value_1,\n"
        "):\n"
        '    """The answer for one row; NULL if a value is NULL."""\n'
        "    row = [\n"
        "        value_0,\n"
        "        value_1,\n"
        "    ]\n"
        "    if None in row:\n"
        "        return None\n"
        "    return float(MODEL.predict([row])[0])\n"
    )
    ast.parse(text)


def test_every_variable_is_in_the_table() -> None:
    user = User(path="src/mine.py", module=Identifier("mine"), function=Identifier("predict"))
    values = context(function(), (WHEEL,), model(), user)
    _, _, rest = DOCUMENT.partition("### Variables\n")
    table, _, _ = rest.partition("###")
    assert set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) == set(values)


def test_every_part_is_in_the_table() -> None:
    _, _, rest = DOCUMENT.partition("### Parts to include\n")
    table, _, _ = rest.partition("###")
    parts = {template.name for template in load_templates(NOWHERE).templates if template.name.startswith("_")}
    first_cells = "".join(re.findall(r"^\|([^|]*)\|", table, re.MULTILINE))
    assert set(re.findall(r"`(_\w+\.py\.j2)`", first_cells)) == parts

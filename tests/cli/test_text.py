"""What people and programs read."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import click
import pytest

from snowbuild.cli.plan_text import plan_markdown, plan_text, saved_text, size_change
from snowbuild.cli.text import distribution_changes
from snowbuild.distribution import Distribution, Rule, Source
from snowbuild.errors import Problem
from snowbuild.plan import Desired, Observed, Plan, diff
from snowbuild.plan.document import ModelSize, plan_json, read_saved, save
from tests.plan.cases import desired_from, observed_from


def plan_of(case: str) -> Plan:
    path = Path(__file__).parents[1] / "plan" / "cases" / f"{case}.toml"
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    return diff(desired_from(table), observed_from(table))


def test_plan_text() -> None:
    assert click.unstyle(plan_text(plan_of("template-changed"))) == (
        "+ upload  modules/cccccccccccccccc/f.py      1 kB  (changed)\n"
        "~ replace F(NUMBER)                      (template f.py.j2 changed)\n"
        "Plan: 1 file to upload (1 kB), 1 to replace; 3 kept."
    )


def test_a_saved_plan_reads_as_it_was_shown() -> None:
    plan = plan_of("template-changed")
    desired, observed = Desired(project="p", database="", schema="", lock_sha256=""), Observed()
    saved = read_saved(save(plan, desired, observed, target="prod", place="MYORG-PROD/ST"), "p.plan")
    *lines, last = saved_text(saved).splitlines()
    assert lines == plan_text(plan).splitlines()[:-1]
    assert last == "2 actions on prod (MYORG-PROD/ST); 3 kept."


def test_nothing_to_do() -> None:
    plan = plan_of("nothing-changed")
    assert plan_text(plan) == "Nothing to do: 3 kept."
    assert plan_markdown(plan, "prod") == "**prod**: nothing to do, 3 kept."


def test_plan_markdown() -> None:
    assert plan_markdown(plan_of("template-changed"), "prod") == (
        "**prod**: Plan: 1 file to upload (1 kB), 1 to replace; 3 kept.\n"
        "\n"
        "| action | what | size | why |\n"
        "|---|---|---:|---|\n"
        "| upload | `modules/cccccccccccccccc/f.py` | 1 kB | changed |\n"
        "| replace | `F(NUMBER)` |  | template f.py.j2 changed |"
    )


def test_plan_json() -> None:
    lock = {"path": "pylock.snowbuild.toml", "digest": "sha256:0", "changed": False}
    plain = plan_json(plan_of("template-changed"), target="prod", lock=lock)
    assert json.loads(json.dumps(plain)) == {
        "schema": "snowbuild.plan/1",
        "target": "prod",
        "lock": lock,
        "actions": [
            {
                "kind": "upload",
                "name": "modules/cccccccccccccccc/f.py",
                "reason": "changed",
                "path": "forecast/modules/cccccccccccccccc/f.py",
                "size": 1000,
                "digest": f"sha256:{'c' * 64}",
            },
            {
                "kind": "replace",
                "name": "F(NUMBER)",
                "reason": "template f.py.j2 changed",
                "digest": f"sha256:{'e' * 64}",
            },
        ],
        "models": [],
        "notes": [],
        "kept": 3,
        "summary": {"upload": {"files": 1, "bytes": 1000}, "functions": {"create": 0, "replace": 1, "drop": 0}},
    }


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (50_512_345, 25_401_234, "50.5 MB → 25.4 MB (50 % less)"),
        (1_420_000, 1_368_000, "1.4 MB → 1.4 MB (3.7 % less)"),
        (1_420_000, 1_419_000, "1.4 MB → 1.4 MB (0.07 % less)"),
        (1000, 1100, "1 kB → 1 kB (10 % more)"),
        (1000, 1000, "1 kB → 1 kB (as before)"),
    ],
)
def test_sizes_of_an_optimized_model(before: int, after: int, words: str) -> None:
    assert size_change(ModelSize(name="m", before=before, after=after)) == words


def test_optimized_models_are_in_every_form_of_a_plan() -> None:
    plan, sizes = plan_of("template-changed"), (ModelSize(name="m", before=2_000_000, after=1_000_000),)
    line = "Model m optimized for deployment: 2.0 MB → 1.0 MB (50 % less)."
    assert click.unstyle(plan_text(plan, sizes)).splitlines()[-2] == line
    assert plan_markdown(plan, "prod", sizes).splitlines()[1:4] == ["", line, ""]
    note = Problem(message="m.snowbuild.json is missing", where="models.m")
    plain = plan_json(plan, target="prod", lock={}, models=sizes, notes=(note,))
    assert plain["models"] == [{"name": "m", "before": 2_000_000, "after": 1_000_000}]
    assert plain["notes"] == [{"where": "models.m", "message": "m.snowbuild.json is missing", "hint": None}]
    desired, observed = Desired(project="p", database="", schema="", lock_sha256=""), Observed()
    saved = read_saved(save(plan, desired, observed, target="prod", place="", models=sizes), "p.plan")
    assert saved.models == sizes
    assert saved_text(saved).splitlines()[-2] == line
    nothing = plan_of("nothing-changed")
    assert plan_text(nothing, sizes) == plan_text(nothing)


def distribution(name: str, version: str, source: Source = Source.STAGE) -> Distribution:
    return Distribution(name=name, version=version, source=source, rule=Rule.REST)


def test_distribution_changes() -> None:
    before = [distribution("a", "1"), distribution("b", "1"), distribution("c", "1"), distribution("d", "1")]
    after = [
        distribution("b", "2"),
        distribution("c", "1", Source.CHANNEL),
        distribution("d", "1"),
        distribution("e", "1"),
    ]
    assert [click.unstyle(line) for line in distribution_changes(before, after)] == [
        "- a 1",
        "~ b 1 (stage) → 2 (stage)",
        "~ c 1 (stage) → 1 (channel)",
        "+ e 1  (stage)",
    ]

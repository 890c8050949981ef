"""`snowbuild explain`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from snowbuild.cli import console
from snowbuild.cli.console import paint
from snowbuild.cli.options import common, formatted
from snowbuild.config import lock_path_of
from snowbuild.distribution import Rule, Source
from snowbuild.lock import read_lock
from snowbuild.lock.explain import ROOT, Explanation, stands_in, version_of
from snowbuild.wording import counted, size

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from snowbuild.distribution import BytecodeArchive, Distribution, Wheel
    from snowbuild.lock.explain import Exclusion, Node

COLORS = {Source.CHANNEL: "cyan", Source.REPOSITORY: "blue", Source.STAGE: "magenta"}


@click.command("explain", short_help="Show why NAME is included, and what removing it would remove.")
@common
@formatted("text", "json")
@click.argument("name", required=False)
def explain_command(file: Path, output: str, name: str | None) -> None:
    """Show why NAME is included, its source, and what removing it would remove.

    Without NAME, show the whole tree. Only the lockfile is read.
    """
    path = lock_path_of(file)
    explanation = Explanation(read_lock(path))
    if output == "json":
        console.result_json(explanation_json(explanation, path.name, name))
    elif name is None:
        console.result(tree_text(explanation))
    else:
        console.result(distribution_text(explanation, explanation.find(name)))


def tree_text(explanation: Explanation) -> str:
    """All distributions as a tree from snowbuild.toml downwards, and a line for each source."""
    totals = explanation.totals()
    width = max((len(str(t.distributions)) for t in totals), default=0)
    tree = _branches(explanation, explanation.tree(), with_source=True)
    lines = [
        f"{_painted(t.source.value, t.source)}{'':{10 - len(t.source)}} {t.distributions:>{width}} "
        f"{'distribution ' if t.distributions == 1 else 'distributions'}  {size(t.size):>8}"
        + ("" if t.source is Source.STAGE else "  (installed by Snowflake; these wheels stand in locally)")
        for t in totals
    ]
    return "\n".join([paint(ROOT, bold=True), *tree, "", *lines] if lines else [f"{ROOT} requires nothing"])


def distribution_text(explanation: Explanation, distribution: Distribution) -> str:
    """Everything that the lock knows about one distribution."""
    facts = [
        ("source", _source(distribution, explanation.reason(distribution))),
        *([("locally", _locally(distribution))] if _differs_locally(distribution) else []),
        ("licence", distribution.license or "not declared"),
        *([("index", distribution.index)] if distribution.index else []),
        *_wheels(explanation, distribution),
    ]
    extras = f"[{','.join(distribution.extras)}]" if distribution.extras else ""
    return "\n".join(
        [
            paint(f"{distribution.name}{extras} {version_of(distribution)}", bold=True),
            *(f"  {key:<9} {value}" for key, value in facts),
            "  required by",
            *(f"    {line}" for line in _branches(explanation, explanation.requirers(distribution.name))),
            "  if excluded",
            *(f"    {line}" for line in _exclusion(explanation.without(distribution.name), distribution)),
        ]
    )


def explanation_json(explanation: Explanation, lockfile: str, name: str | None) -> dict[str, Any]:
    """Schema `snowbuild.explain/1`; with a name, `distributions` holds that one and `tree` leads up from it."""
    lock = explanation.lock
    chosen = None if name is None else explanation.find(name)
    nodes = explanation.tree() if chosen is None else explanation.requirers(chosen.name)
    return {
        "schema": "snowbuild.explain/1",
        "lock": {"path": lockfile, "python": lock.python, "architecture": lock.architecture, "service": lock.service},
        "name": None if chosen is None else chosen.name,
        "tree": [_node_json(node) for node in nodes],
        "distributions": [
            _distribution_json(explanation, d) for d in (lock.distributions if chosen is None else (chosen,))
        ],
        "sources": {t.source: {"distributions": t.distributions, "bytes": t.size} for t in explanation.totals()},
    }


def _branches(explanation: Explanation, nodes: Iterable[Node], *, with_source: bool = False) -> Iterator[str]:
    nodes = tuple(nodes)
    for node in nodes:
        is_last = node is nodes[-1]
        yield f"{'└── ' if is_last else '├── '}{_node_text(explanation, node, with_source=with_source)}"
        for line in _branches(explanation, node.nodes, with_source=with_source):
            yield f"{'    ' if is_last else '│   '}{line}"


def _node_text(explanation: Explanation, node: Node, *, with_source: bool) -> str:
    words = paint(node.requirement, dim=True)
    if node.name == ROOT:
        return f"{paint(ROOT, bold=True)}  {words}"
    distribution = explanation[node.name]
    name = _painted(f"{node.name} {version_of(distribution)}", distribution.source)
    implied = ", implied" if distribution.rule is Rule.IMPLIED else ""
    source = f"  {distribution.source.value}{implied}" if with_source else ""
    return f"{name}{source}  {words}{'  (see above)' if node.repeated else ''}"


def _painted(text: str, source: Source) -> str:
    return paint(text, fg=COLORS[source])


def _source(distribution: Distribution, reason: str) -> str:
    called = ""
    if distribution.service_name is not None and distribution.service_version is not None:
        called = f", as {distribution.service_name} {distribution.service_version}"
    return f"{_painted(distribution.source.value, distribution.source)}: {reason}{called}"


def _differs_locally(distribution: Distribution) -> bool:
    return stands_in(distribution) or distribution.rule is Rule.IMPLIED or not distribution.wheels


def _locally(distribution: Distribution) -> str:
    if not distribution.wheels:
        return "not available: no index has a wheel of it"
    if distribution.rule is Rule.IMPLIED:
        return f"{distribution.version}; Snowflake's own solver chooses the version there"
    return f"{distribution.version} stands in: no index has a wheel of {distribution.service_version} that fits"


def _wheels(explanation: Explanation, distribution: Distribution) -> Iterator[tuple[str, str]]:
    wheel = explanation.wheel(distribution)
    if wheel is not None:
        kind = "compiled code" if distribution.native else "pure Python"
        yield "wheel", f"{wheel.filename} ({kind})"
        if wheel.size is not None:
            yield "size", size(wheel.size)
        yield "digest", f"sha256:{wheel.sha256}"
    if (archive := distribution.bytecode) is not None:
        yield "bytecode", f"{archive.filename} ({size(archive.size)})"
        yield "digest", f"sha256:{archive.sha256}"
    others = len(distribution.wheels) - (wheel is not None)
    if others:
        yield ("also", f"{counted(others, 'wheel')} for other platforms")


def _exclusion(exclusion: Exclusion, distribution: Distribution) -> Iterator[str]:
    if exclusion.gone:
        yield f"also removed: {', '.join(exclusion.gone)}"
    if exclusion.implied:
        yield f"no longer shipped, because Snowflake installs it: {', '.join(exclusion.implied)}"
    if exclusion.stage_size:
        yield f"{size(exclusion.stage_size)} less on the stage"
    if not exclusion.gone:
        others = f": others also require everything that {distribution.name} requires" if distribution.requires else ""
        yield f"no other distribution would be removed{others}"


def _node_json(node: Node) -> dict[str, Any]:
    return {
        "name": node.name,
        "requirement": node.requirement,
        "repeated": node.repeated,
        "nodes": [_node_json(below) for below in node.nodes],
    }


def _distribution_json(explanation: Explanation, distribution: Distribution) -> dict[str, Any]:
    without = explanation.without(distribution.name)
    wheel = explanation.wheel(distribution)
    return {
        "name": distribution.name,
        "version": version_of(distribution),
        "extras": distribution.extras,
        "source": distribution.source,
        "rule": distribution.rule,
        "reason": explanation.reason(distribution),
        "service-name": distribution.service_name,
        "service-version": distribution.service_version,
        "local-version": distribution.version if distribution.wheels else None,
        "license": distribution.license,
        "index": distribution.index,
        "native": distribution.native,
        "wheel": None if wheel is None else _wheel_json(wheel),
        "bytecode": _archive_json(distribution.bytecode),
        "wheels": [_wheel_json(w) for w in distribution.wheels],
        "requires": distribution.requires,
        "required-by": [
            {"name": edge.requirer, "requirement": edge.requirement}
            for edge in explanation.required_by(distribution.name)
        ],
        "if-excluded": {"gone": without.gone, "implied": without.implied, "stage-bytes": without.stage_size},
    }


def _archive_json(archive: BytecodeArchive | None) -> dict[str, Any] | None:
    if archive is None:
        return None
    return {"filename": archive.filename, "size": archive.size, "digest": f"sha256:{archive.sha256}"}


def _wheel_json(wheel: Wheel) -> dict[str, Any]:
    return {
        "filename": wheel.filename,
        "url": wheel.url,
        "path": wheel.path,
        "size": wheel.size,
        "digest": f"sha256:{wheel.sha256}",
    }

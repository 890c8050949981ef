"""Jinja for rendering Python: sandboxed, strict about undefined values, and with every value written as a literal.

Jinja is only imported when something is rendered.
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any

from snowbuild.config.suggest import suggestion
from snowbuild.errors import RenderError
from snowbuild.files.tree import tree_sha256
from snowbuild.render.literals import Identifier, python

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    from jinja2 import Environment, StrictUndefined
    from jinja2.nodes import Template as Parsed

    from snowbuild.render.templates import Templates

# A macro or a captured block returns text, which would be written as a literal, quotes included. Exempting such text
# would also exempt the values that were put into it.
CAPTURES = ("Macro", "CallBlock", "FilterBlock", "AssignBlock", "Import", "FromImport", "ScopedEvalContextModifier")


FAILURES = (
    ArithmeticError,
    AttributeError,
    LookupError,
    MemoryError,
    RecursionError,
    TypeError,
    ValueError,
)
"""What a template's expressions and filters may raise, besides Jinja's own errors."""


class Renderer:
    """Renders the templates of a project."""

    def __init__(self, templates: Templates) -> None:
        from jinja2.sandbox import ImmutableSandboxedEnvironment, safe_range

        self._templates = templates
        self._environment: Environment = ImmutableSandboxedEnvironment(
            loader=_loader(templates),
            undefined=_undefined(),
            finalize=_finalize,
            # Escaping is for HTML; `_finalize` is what keeps values from becoming code.
            autoescape=False,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            newline_sequence="\n",
            cache_size=-1,
            auto_reload=False,
        )
        self._environment.globals = {"identifier": Identifier, "range": safe_range}

    def render(self, name: str, values: Mapping[str, object], *, where: str) -> str:
        """Render a template; `where` is the key that refers to it.

        Raises:
            RenderError: no such template, or it does not render; with its line.
        """
        from jinja2 import TemplateError, TemplateNotFound, TemplateSyntaxError, UndefinedError

        self._templates.template(name, where=where)
        for part in self._closure(name):
            self._parse(part)
        try:
            return self._environment.get_template(name).render(values)
        except TemplateSyntaxError as exc:
            raise self._syntax_error(exc) from exc
        except TemplateNotFound as exc:
            self._templates.template(str(exc.name), where=self._place(exc.__traceback__, name))
            raise
        except UndefinedError as exc:
            raise RenderError(
                str(exc.message), where=self._place(exc.__traceback__, name), hint=_hint(str(exc.message), values)
            ) from exc
        except RenderError as exc:
            problem = exc.problems[0]
            place = self._place(exc.__traceback__, name)
            raise RenderError(problem.message, where=place, hint=problem.hint) from exc
        except (TemplateError, *FAILURES) as exc:
            message = f"{type(exc).__name__}: {exc}"
            raise RenderError(message, where=self._place(exc.__traceback__, name)) from exc

    def place(self, name: str) -> str:
        """What messages call an existing template."""
        return self._templates.template(name).place

    def sha256(self, name: str) -> str:
        """The digest of a template, and of the templates that it includes."""
        names = self._closure(name)
        if names == {name}:
            return self._templates.template(name).sha256
        return tree_sha256((part, self._templates.template(part).sha256) for part in names)

    def _closure(self, name: str) -> set[str]:
        from jinja2.meta import find_referenced_templates

        found, waiting = set[str](), [name]
        while waiting:
            part = waiting.pop()
            if part in found:
                continue
            found.add(part)
            for reference in find_referenced_templates(self._parse(part)):
                if reference is None:
                    # The name is only known when rendering: it may be any template.
                    return {template.name for template in self._templates.templates}
                # A missing one is reported with its line if rendering gets there.
                if reference in self._templates:
                    waiting.append(reference)
        return found

    def _parse(self, name: str) -> Parsed:
        from jinja2 import TemplateSyntaxError, nodes

        try:
            parsed = self._environment.parse(self._templates.template(name).text, name, name)
        except TemplateSyntaxError as exc:
            raise self._syntax_error(exc) from exc
        for node in parsed.find_all(tuple(getattr(nodes, kind) for kind in CAPTURES)):
            raise RenderError(
                "macros, imports, captured and escaped blocks cannot be used: every value is written as a literal",
                where=f"{self.place(name)}:{node.lineno}",
                hint="use {% include %}, {% for %} and {% if %}",
            )
        return parsed

    def _place(self, trace: TracebackType | None, name: str) -> str:
        # Jinja rewrites tracebacks so that frames have the template's name and line; the last one is the place.
        place = self.place(name)
        while trace is not None:
            if trace.tb_frame.f_code.co_filename in self._templates:
                place = f"{self.place(trace.tb_frame.f_code.co_filename)}:{trace.tb_lineno}"
            trace = trace.tb_next
        return place

    def _syntax_error(self, exc: Any) -> RenderError:
        return RenderError(exc.message, where=f"{self.place(exc.name)}:{exc.lineno}", hint="fix the template")


def _loader(templates: Templates) -> Any:
    from jinja2 import FunctionLoader

    texts = {template.name: template.text for template in templates.templates}
    # The file name ends up in tracebacks, where `_place` looks for it.
    return FunctionLoader(lambda name: (texts[name], name, lambda: True) if name in texts else None)


def _finalize(value: object) -> str:
    from jinja2 import Undefined

    if isinstance(value, Undefined):
        return str(value)  # StrictUndefined raises.
    return python(value)


def _undefined() -> type[StrictUndefined]:
    from jinja2 import StrictUndefined

    class Undefined(StrictUndefined):
        """Names the attributes of our own values; Jinja would only name their classes, with their modules."""

        __slots__ = ()

        @property
        def _undefined_message(self) -> str:
            obj, name = self._undefined_obj, self._undefined_name
            if self._undefined_hint or name is None or isinstance(obj, type) or not is_dataclass(obj):
                return super()._undefined_message
            known = [
                *(f.name for f in fields(obj)),
                *(n for n, v in vars(type(obj)).items() if isinstance(v, property)),
            ]
            raise RenderError(f"{type(obj).__name__} has no attribute {name!r}", hint=suggestion(name, known))

    return Undefined


def _hint(message: str, values: Mapping[str, object]) -> str | None:
    if not message.endswith(" is undefined"):
        return None
    if message == "'model' is undefined":
        return 'give the function a model: model = "NAME"'
    return f"templates have {', '.join(sorted(values))}"

"""Jinja → loader, handlers, CREATE FUNCTION. Jinja is only imported when something is rendered."""

from snowbuild.render.modules import handler_paths, render_functions
from snowbuild.render.statement import create_function, package_literals
from snowbuild.render.templates import Template, Templates, load_templates
from snowbuild.render.values import Module, RenderedFunction

__all__ = [
    "Module",
    "RenderedFunction",
    "Template",
    "Templates",
    "create_function",
    "handler_paths",
    "load_templates",
    "package_literals",
    "render_functions",
]

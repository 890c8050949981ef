"""Templates, configuration and lock → the Python modules on the stage, whose bytes depend on nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snowbuild.digest import sha256_bytes
from snowbuild.errors import RenderError
from snowbuild.render.context import HANDLER, User, context
from snowbuild.render.handlers import check_handler
from snowbuild.render.jinja import Renderer
from snowbuild.render.literals import Identifier
from snowbuild.render.names import LOADER, module_names
from snowbuild.render.source import bound, parse, unix
from snowbuild.render.values import Module, RenderedFunction

if TYPE_CHECKING:
    from collections.abc import Mapping

    from snowbuild.config import Config, FunctionConfig
    from snowbuild.distribution import Distribution
    from snowbuild.models.values import Model
    from snowbuild.render.templates import Templates

LOADER_TEMPLATE = "loader.py.j2"
HANDLER_TEMPLATE = "generic.py.j2"


def render_functions(
    config: Config,
    distributions: tuple[Distribution, ...],
    models: tuple[Model, ...],
    templates: Templates,
    handlers: Mapping[str, bytes],
) -> tuple[RenderedFunction, ...]:
    """Render the modules of every function that needs no model, or whose model is among `models`.

    Args:
        config: Its functions are rendered, and the syntax is checked for its runtime's Python.
        distributions: Those whose source is `stage` are loaded from their wheels.
        models: The trained models.
        templates: As `load_templates` returns them.
        handlers: Path as in `handler`, relative to snowbuild.toml → the file's content.

    Returns:
        Sorted by name; modules that functions share are equal.

    Raises:
        RenderError: a template is missing, does not render or does not render Python; or the user's module lacks what
            a function calls.
    """
    return _Rendering(config, distributions, models, templates, handlers).functions()


def handler_paths(config: Config) -> tuple[str, ...]:
    """The files of the user's own handlers, as in snowbuild.toml; sorted, unique."""
    return tuple(sorted({f.handler.rpartition(":")[0] for f in config.functions if f.handler is not None}))


class _Rendering:
    def __init__(
        self,
        config: Config,
        distributions: tuple[Distribution, ...],
        models: tuple[Model, ...],
        templates: Templates,
        handlers: Mapping[str, bytes],
    ) -> None:
        self._config = config
        self._distributions = distributions
        self._models = {model.name: model for model in models}
        self._renderer = Renderer(templates)
        self._sources = handlers
        # All names count, so that a module keeps its name when another model is trained.
        self._names, self._user_names = module_names(
            [function.name for function in config.functions], handler_paths(config), [d.name for d in distributions]
        )

    def functions(self) -> tuple[RenderedFunction, ...]:
        wanted = [f for f in self._config.functions if f.model is None or f.model in self._models]
        if not wanted:
            return ()
        loader = self._module(f"{LOADER}.py", LOADER_TEMPLATE, {}, where=LOADER)
        return tuple(self._function(function, loader) for function in sorted(wanted, key=lambda f: f.name))

    def _function(self, function: FunctionConfig, loader: Module) -> RenderedFunction:
        model = None if function.model is None else self._models[function.model]
        where = f"functions.{function.name}"
        name = self._names[function.name]
        if function.handler is None:
            template, where = function.template or "", f"{where}.template"
            user, users = None, tuple[Module, ...]()
        else:
            template, where = HANDLER_TEMPLATE, f"{where}.handler"
            user, own = self._user(function, where)
            users = (own,)
        values = context(function, self._distributions, model, user)
        module = self._module(f"{name}.py", template, values, where=where)
        if HANDLER not in bound(parse(module.data, module.filename, self._python)):
            raise RenderError(
                f"the template of functions.{function.name} defines no function {HANDLER}",
                where=self._renderer.place(template),
                hint="write `def {{ handler }}(...):`",
            )
        return RenderedFunction(name=function.name, handler=f"{name}.{HANDLER}", modules=(module, loader, *users))

    def _module(self, filename: str, template: str, values: Mapping[str, object], *, where: str) -> Module:
        text = self._renderer.render(template, values, where=where)
        data = text.encode()
        parse(data, f"{self._renderer.place(template)} → {filename}", self._python)
        return Module(
            filename=filename,
            data=data,
            sha256=sha256_bytes(data),
            template=template,
            template_sha256=self._renderer.sha256(template),
        )

    def _user(self, function: FunctionConfig, where: str) -> tuple[User, Module]:
        path, _, name = (function.handler or "").rpartition(":")
        if not path or not name.isidentifier():
            raise RenderError(
                f"not a file and a function: {function.handler}", where=where, hint="write src/mine.py:predict"
            )
        if path not in self._sources:
            raise RenderError(f"no such file: {path}", where=where)
        data = unix(self._sources[path], path)
        check_handler(parse(data, path, self._python), function, path=path, name=name)
        module = self._user_names[path]
        digest = sha256_bytes(data)
        return (
            User(path=path, module=Identifier(module), function=Identifier(name)),
            Module(filename=f"{module}.py", data=data, sha256=digest, template=path, template_sha256=digest),
        )

    @property
    def _python(self) -> tuple[int, int]:
        return self._config.runtime.python[:2]

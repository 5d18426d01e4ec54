"""Calling macros and functions from templates without asking each time what kind of thing they are."""

from __future__ import annotations

from types import FunctionType
from typing import Any

from jinja2 import Template
from jinja2.environment import TemplateModule
from jinja2.runtime import Context, Macro


class QuickContext(Context):
    """Does what Context does. A page makes hundreds of calls, nearly all of macros and of plain functions, and for
    each the base class looks for marks that neither has; on a long table that is a fifth of the rendering."""

    def call(self, __obj: Any, *args: Any, **kwargs: Any) -> Any:
        kind = type(__obj)
        if kind is Macro:
            if kwargs:
                kwargs.pop("_loop_vars", None)
                kwargs.pop("_block_vars", None)
            return __obj(self.eval_ctx, *args, **kwargs)
        if kind is FunctionType and not hasattr(__obj, "jinja_pass_arg"):
            if kwargs:
                kwargs.pop("_loop_vars", None)
                kwargs.pop("_block_vars", None)
            return __obj(*args, **kwargs)
        return super().call(__obj, *args, **kwargs)


class QuickTemplate(Template):
    """Does what Template does. Each import of a component asks whether the page has globals that the component does
    not know; ours all have those of the environment, which the base class finds out by comparing them one by one."""

    _known: frozenset[str] | None = None

    def _get_default_module(self, ctx: Context | None = None) -> TemplateModule:
        if ctx is not None and self._module is not None and self._known is not None:
            if ctx.globals_keys <= self._known:
                return self._module
            return super()._get_default_module(ctx)
        found = super()._get_default_module(ctx)
        self._known = frozenset(self.globals)
        return found

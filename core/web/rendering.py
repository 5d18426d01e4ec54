"""Calling macros and functions from templates without asking each time what kind of thing they are."""

from __future__ import annotations

from types import FunctionType
from typing import Any

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

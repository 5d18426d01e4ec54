"""Writes docs/settings.md from the settings object: `python -m app.settings_page > docs/settings.md`."""

from __future__ import annotations

import sys
import typing
from typing import Literal, get_args, get_origin

from core.settings import Settings


def _kind(annotation: object) -> str:
    if get_origin(annotation) is Literal:
        return " or ".join(f"`{value}`" for value in get_args(annotation))
    return {"str": "text", "int": "number", "bool": "yes/no", "Path": "folder", "SecretStr": "secret"}[
        typing.cast(type, annotation).__name__
    ]


def render() -> str:
    """The page, one row per setting."""
    rows = []
    for name, field in Settings.model_fields.items():
        default = str(field.default)
        shown = "" if not default or default.startswith("**") else f"`{default}`"
        rows.append(
            f"| `RAPPORT_{name.upper()}` | {_kind(field.annotation)} | {shown} | {field.description} |"
        )
    return (
        "# Settings\n\nEnvironment variables, read once at start and checked; a wrong one stops the start with a line that\n"
        "names it. This page is made from the code (`python -m app.settings_page`), and a test compares the two.\n\n"
        "| variable | kind | default | what it does |\n| --- | --- | --- | --- |\n" + "\n".join(rows) + "\n"
    )


if __name__ == "__main__":
    sys.stdout.write(render())

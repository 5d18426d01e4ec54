"""The OpenAPI document, made from the same models that the views check with."""

from __future__ import annotations

from typing import Any

from flask import current_app
from spectree import SecurityScheme, SpecTree
from spectree.models import SecureType, SecuritySchemeData

from api.schemas import Problem

SPEC = SpecTree(
    "flask",
    title="Rapport API",
    version="1",
    path="unused",  # routes below this path would be left out of the document
    mode="strict",
    validation_error_model=Problem,
    naming_strategy=lambda model: model.__name__,
    nested_naming_strategy=lambda _outer, name: name,
    annotations=False,
    security_schemes=[
        SecurityScheme(
            name="token",
            data=SecuritySchemeData(
                type=SecureType.HTTP, scheme="bearer", description="An API token of your account."
            ),
        )
    ],
    security={"token": []},
)


def document() -> dict[str, Any]:
    """The document for the routes of the running application."""
    with current_app.app_context():
        made: dict[str, Any] = SPEC.spec
    return made

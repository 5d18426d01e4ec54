"""Strict JSON from strangers: no NaN, no doubled keys, no depth that breaks the parser."""

from __future__ import annotations

import json
from typing import Any, NoReturn, TypeVar

from flask import request
from pydantic import BaseModel, ValidationError

from core.errors import AppError, BadRequest, Invalid

DEEPEST = 40
Model = TypeVar("Model", bound=BaseModel)


class UnsupportedType(AppError):
    status = 415
    default_code = "error.json_needed"


def _refuse_constant(_text: str) -> NoReturn:
    raise BadRequest("error.json_number")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise BadRequest("error.json_doubled_key")
    return found


def _too_deep(text: str) -> bool:
    depth = 0
    in_string = escaped = False
    for character in text:
        if in_string:
            if escaped:
                escaped = False
            elif character == "\\":
                escaped = True
            elif character == '"':
                in_string = False
        elif character == '"':
            in_string = True
        elif character in "[{":
            depth += 1
            if depth > DEEPEST:
                return True
        elif character in "]}":
            depth -= 1
    return False


def parse_json(body: bytes) -> Any:
    """The value of a JSON text. Raises BadRequest with what is wrong."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        raise BadRequest("error.unreadable_text") from None
    if _too_deep(text):
        raise BadRequest("error.json_depth")
    try:
        value = json.loads(text, parse_constant=_refuse_constant, object_pairs_hook=_unique)
    except (ValueError, RecursionError):
        raise BadRequest("error.json") from None
    _check_texts(value)
    return value


def _check_texts(value: Any) -> None:
    if isinstance(value, str):
        if "\x00" in value or any(0xD800 <= ord(character) <= 0xDFFF for character in value):
            raise BadRequest("error.unreadable_text")
    elif isinstance(value, dict):
        for key, item in value.items():
            _check_texts(key)
            _check_texts(item)
    elif isinstance(value, list):
        for item in value:
            _check_texts(item)


def read_json(model: type[Model]) -> Model:
    """The request's body as `model`. Raises UnsupportedType, BadRequest or Invalid naming each field."""
    if request.mimetype != "application/json":
        raise UnsupportedType
    body = request.get_data(cache=False)
    parse_json(body)  # refuses what pydantic's own parser would let through
    try:
        # JSON has numbers and texts of its own: "1", 1.0 and true are no integers.
        return model.model_validate_json(body, strict=True)
    except ValidationError as error:
        raise Invalid(
            "error.invalid",
            errors=[
                Invalid(f"json.{item['type']}" if item["type"] == "missing" else "json.value",
                        field=".".join(str(part) for part in item["loc"]), detail=item["msg"])
                for item in error.errors(include_url=False, include_input=False)
            ],
        ) from None  # fmt: skip

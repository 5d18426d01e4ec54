"""Giving out kept files: always as a download, never as something that a browser runs as ours."""

from __future__ import annotations

import io

from flask import Response, send_file

from core.files import StoredFile, open_file

PREVIEWED = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})


def send_stored(file: StoredFile, *, name: str = "", inline: bool = False) -> Response:
    """The answer with the file's bytes. `inline` shows a picture in place; anything else stays a download.
    `name` is the name it is saved under, when that is not the one it was handed in with.

    Who may have it was decided before. Raises NotFound when the bytes are gone.
    """
    shown = inline and file.media_type in PREVIEWED
    answer = send_file(
        open_file(file),
        mimetype=file.media_type,
        as_attachment=not shown,
        download_name=name or file.name,
        conditional=False,
        etag=False,
        max_age=None,
    )
    answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def send_made(content: bytes, *, media_type: str, name: str, inline: bool = False) -> Response:
    """The answer with something that was just made for this person: a document, a picture of a page, an export."""
    shown = inline and media_type in PREVIEWED
    answer = send_file(
        io.BytesIO(content),
        mimetype=media_type,
        as_attachment=not shown,
        download_name=name,
        conditional=False,
        etag=False,
        max_age=None,
    )
    answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer

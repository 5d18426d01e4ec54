"""Files of a form: checked and kept at once, and carried in signed notes while the form is shown again, so that
nobody chooses a file twice."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from flask import request
from itsdangerous import BadSignature, URLSafeTimedSerializer
from werkzeug.datastructures import FileStorage

from core.errors import Invalid
from core.files import Kept, keep, path_of
from core.i18n import explain
from core.settings import get_settings
from core.web.context import actor
from core.web.forms import Form
from crm.service.ledger import MOST_FILES

HELD = 20 * 3600  # seconds; the sweep leaves what was handed in within a day


@dataclass
class Uploads:
    """`notes` go into hidden fields: one per kept file. `wrong`: what is the matter with which file."""

    kept: list[Kept] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    @property
    def notes(self) -> list[tuple[str, Kept]]:
        return [
            (_signer().dumps([item.digest, item.size, item.media_type, item.name]), item)
            for item in self.kept
        ]


def _signer() -> URLSafeTimedSerializer:
    # Of one person: a note that somebody else got hold of says nothing to us.
    return URLSafeTimedSerializer(get_settings().secret, salt=f"uploads:{actor().user_id}")


def _held(notes: Iterable[str]) -> list[Kept]:
    found: list[Kept] = []
    for note in notes:
        try:
            digest, size, media_type, name = _signer().loads(note[:2000], max_age=HELD)
        except (BadSignature, ValueError, TypeError):
            continue  # altered, too old, or somebody else's: as if it had not been sent
        if path_of(str(digest)).is_file():
            found.append(Kept(str(digest), int(size), str(media_type), str(name)))
    return found


def take_uploads() -> Uploads:
    """The files of the present request: those kept before and not taken away, and the new ones. Call it outside a
    transaction."""
    dropped = set(request.form.getlist("drop"))
    found = Uploads(_held(note for note in request.form.getlist("kept") if note not in dropped))
    for upload in request.files.getlist("files"):
        _take(found, upload)
    return found


def _take(found: Uploads, upload: FileStorage) -> None:
    name = upload.filename or ""
    if not name and not upload.stream.read(1):
        return  # the browser sends an empty part when no file is chosen
    upload.stream.seek(0)
    try:
        if len(found.kept) >= MOST_FILES:
            raise Invalid("cases.too_many_files", field="files", limit=MOST_FILES)
        kept = keep(upload.stream, name, field="files")
    except Invalid as error:
        shown = "".join(sign for sign in name if sign.isprintable())[-60:]
        found.wrong.append(f"{shown}: {explain(error)}" if shown else explain(error))
    else:
        if kept not in found.kept:
            found.kept.append(kept)


def tell(form: Form, uploads: Uploads) -> None:
    """Puts what is wrong with the files beside their field."""
    if uploads.wrong:
        form._fields["files"].errors = list(uploads.wrong)


__all__ = ["Uploads", "take_uploads", "tell"]

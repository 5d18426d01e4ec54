"""Setting documents: what was set once is kept for a while in a folder of a bounded size, by what went in.

Takes about 0.2 seconds. Never call it inside a transaction.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import secrets
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import structlog
from PIL import Image, ImageOps
from sqlalchemy.orm import Session

from core.db import JSONMap
from core.errors import NotFound, Unavailable
from core.files.store import path_of
from core.jobs import recurring
from core.settings import get_settings
from crm.brochures.coverage import FONTS
from crm.catalogue.pictures import draw_generic, draw_product

log = structlog.get_logger()

TEMPLATES = Path(__file__).parent / "templates"
TYPESETTER = Path(__file__).with_name("typesetter.py")
SECONDS = 40  # until a document that does not end is given up
MOST_FILES = 800  # in the folder: about 100 MB
KEPT_SECONDS = 7 * 86_400
PAGE_INCHES = 10  # of a picture beside the pages of documents
AT_A_TIME = threading.BoundedSemaphore(2)  # per process: more would only wait for each other


@dataclass(frozen=True)
class Drawing:
    """A product's picture, named by what it is drawn from."""

    name: str
    family: str
    params: str  # JSON
    sku: str
    words: str

    def svg(self) -> str:
        if self.family:
            return draw_product(self.family, json.loads(self.params), self.sku)
        return draw_generic(self.words, self.sku)


@dataclass(frozen=True)
class Sheet:
    """All that a document is made of. Two equal sheets are the same document."""

    template: str
    data: JSONMap
    drawings: tuple[Drawing, ...] = ()
    logo: str | None = None  # digest of the kept picture
    logo_size: tuple[int, int] = (1, 1)
    output: str = "pdf"
    missing: str = ""  # characters that no font of ours has
    is_co_branded: bool = False

    @property
    def digest(self) -> str:
        told = [
            _fingerprint(), self.template, self.data, self.logo, self.output,
            [[one.name, one.family, one.params, one.sku, one.words] for one in self.drawings],
        ]  # fmt: skip
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def print_document(sheet: Sheet) -> bytes:
    """The whole document: a PDF, or a PNG where the template makes a picture."""
    if sheet.output == "png":
        return _kept(f"{sheet.digest}.png", lambda: _set(sheet, "png", ppi=144, page=1))
    return _kept(f"{sheet.digest}.pdf", lambda: _set(sheet, "pdf"))


def print_page(sheet: Sheet, page: int, ppi: int) -> bytes:
    """One page as PNG. Raises NotFound where there is none."""
    return _kept(f"{sheet.digest}-{page}-{ppi}.png", lambda: _set(sheet, "png", ppi=ppi, page=page))


def print_first_page_of(digest: str, ppi: int) -> bytes:
    """The first page of a PDF that was handed in, as PNG. Raises NotFound when it cannot be shown."""
    path = path_of(digest)
    order = {
        "files": {"main": '#set page(width: auto, height: auto, margin: 0pt)\n#image("/' + digest + '", format: "pdf")'},
        "root": str(path.parent),
        "data": {},
    }  # fmt: skip
    try:
        return _kept(
            f"{digest}-file-{ppi}.png", lambda: _run({**order, "format": "png", "ppi": ppi, "page": 1})
        )
    except Unavailable as error:
        raise NotFound from error  # broken, locked, or too much: shown as a file without a picture


def print_picture_of(digest: str, ppi: int) -> bytes:
    """A small PNG of a picture that was handed in. Raises NotFound when it cannot be shown."""
    return _kept(f"{digest}-file-{ppi}.png", lambda: _small(digest, ppi * PAGE_INCHES))


def _small(digest: str, side: int) -> bytes:
    try:
        with Image.open(path_of(digest), formats=("PNG", "JPEG", "WEBP")) as picture:
            picture.draft("RGB", (side, side))
            small = ImageOps.exif_transpose(picture).convert("RGBA")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise NotFound from error
    small.thumbnail((side, side), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    small.save(out, "PNG", optimize=True)
    return out.getvalue()


def _set(sheet: Sheet, form: str, *, ppi: int | None = None, page: int = 1) -> bytes:
    files = {path.name: path.read_text("utf-8") for path in TEMPLATES.iterdir()}
    files["main"] = files[f"{sheet.template}.typ"]
    files |= {one.name: one.svg() for one in sheet.drawings}
    if sheet.logo is not None:
        files["logo.svg"] = _as_svg(path_of(sheet.logo).read_bytes(), sheet.logo_size)
    order = {"files": files, "root": "", "data": sheet.data, "format": form, "ppi": ppi, "page": page}
    return _run(order)


def _as_svg(png: bytes, size: tuple[int, int]) -> str:
    """Pictures travel as text; the points of the logo stay as they are."""
    width, height = size
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"><image width="{width}" '
        f'height="{height}" href="data:image/png;base64,{base64.b64encode(png).decode()}"/></svg>'
    )


def _run(order: Mapping[str, Any]) -> bytes:
    if not AT_A_TIME.acquire(timeout=SECONDS):
        raise Unavailable("document.failed")
    try:
        done = subprocess.run(  # noqa: S603 - our own program; what it is told goes through its input
            [sys.executable, "-P", str(TYPESETTER)],
            input=json.dumps({**order, "fonts": str(FONTS)}).encode(),
            capture_output=True,
            timeout=SECONDS,
            check=False,
            env={"PATH": "/usr/bin:/bin", "PYTHONPATH": os.environ.get("PYTHONPATH", "")},
        )
    except subprocess.TimeoutExpired as error:
        raise Unavailable("document.failed") from error
    finally:
        AT_A_TIME.release()
    if done.returncode == 3:
        raise NotFound
    if done.returncode != 0 or not done.stdout:
        log.error(
            "document_failed", code=done.returncode, told=done.stderr.decode("utf-8", "replace")[-2000:]
        )
        raise Unavailable("document.failed")
    return done.stdout


def folder() -> Path:
    return get_settings().home / "documents"


def _kept(name: str, make: Callable[[], bytes]) -> bytes:
    path = folder() / name
    try:
        content = path.read_bytes()
        os.utime(path)
    except FileNotFoundError:
        content = make()
        _keep(path, content)
    return content


def _keep(path: Path, content: bytes) -> None:
    """A document that cannot be kept (a full disk) is set again the next time."""
    draft = path.with_name(f".{secrets.token_hex(8)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.write_bytes(content)
        draft.replace(path)
        _bound(path.parent, MOST_FILES)
    except OSError:
        log.warning("document_not_kept", exc_info=True)
        draft.unlink(missing_ok=True)


def _bound(place: Path, most: int) -> None:
    files = [(entry.stat().st_mtime, entry.path) for entry in os.scandir(place)]
    if len(files) > most:
        for _moment, path in sorted(files)[: len(files) - most * 9 // 10]:
            Path(path).unlink(missing_ok=True)


@cache
def _fingerprint() -> str:
    """Of the templates: a new release sets everything anew."""
    told = hashlib.sha256(TYPESETTER.read_bytes())
    for path in sorted(TEMPLATES.iterdir()):
        told.update(path.read_bytes())
    return told.hexdigest()


@recurring("brochures.sweep_documents", every=timedelta(hours=6))
def sweep(_session: Session) -> None:
    """Documents that nobody asked for in a week leave the disk."""
    place = folder()
    if not place.is_dir():
        return
    before = time.time() - KEPT_SECONDS
    for path in place.iterdir():
        if path.stat().st_mtime < before:
            path.unlink(missing_ok=True)

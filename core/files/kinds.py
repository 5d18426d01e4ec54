"""What a file is, told by its content: a name or a sender's word is never believed."""

from __future__ import annotations

import io
import zipfile

from PIL import Image, UnidentifiedImageError

PICTURES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
DOCUMENTS = frozenset(
    {
        "application/pdf",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    }
)
TEXT = frozenset({"text/plain"})
VIDEO = frozenset({"video/mp4", "video/quicktime"})
ATTACHMENTS = PICTURES | DOCUMENTS | TEXT | VIDEO

ENDINGS: dict[str, tuple[str, ...]] = {
    "image/png": (".png",),
    "image/jpeg": (".jpg", ".jpeg"),
    "image/gif": (".gif",),
    "image/webp": (".webp",),
    "application/pdf": (".pdf",),
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": (".docx",),
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": (".xlsx",),
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": (".pptx",),
    "text/plain": (".txt", ".csv", ".log"),
    "video/mp4": (".mp4",),
    "video/quicktime": (".mov",),
}
UNREADABLE = (
    UnidentifiedImageError, Image.DecompressionBombError, Image.DecompressionBombWarning, OSError, ValueError, SyntaxError,
)  # fmt: skip
MOST_PIXELS = 40_000_000
MOST_PARTS = 5_000  # of an office document
MOST_UNPACKED = 200_000_000  # bytes that an office document may unpack to
_OFFICE = {
    "word/": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xl/": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ppt/": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}
_MARKUP = (b"<!doctype", b"<html", b"<svg", b"<?xml", b"<script", b"<head", b"<body", b"<iframe", b"<!--")


def media_type_of(content: bytes) -> str | None:
    """The type of `content`, or None when it is none that is taken, is broken, or is larger inside than it may be."""
    if content.startswith(b"%PDF-"):
        return "application/pdf"
    if content.startswith(b"PK\x03\x04"):
        return _office(content)
    if content[4:8] == b"ftyp":
        return "video/quicktime" if content[8:12] == b"qt  " else "video/mp4"
    if content.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"RIFF")):
        return _picture(content)
    return _text(content)


def _picture(content: bytes) -> str | None:
    """Reads the header alone: a picture of 50,000 by 50,000 points is refused before it is unpacked."""
    try:
        with Image.open(io.BytesIO(content), formats=("PNG", "JPEG", "GIF", "WEBP")) as picture:
            width, height = picture.size
            found = Image.MIME.get(picture.format or "")
    except UNREADABLE:
        return None
    return found if found in PICTURES and width * height <= MOST_PIXELS else None


def _office(content: bytes) -> str | None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return None
    names = {part.filename for part in parts}
    if "[Content_Types].xml" not in names or len(parts) > MOST_PARTS:
        return None
    if sum(part.file_size for part in parts) > MOST_UNPACKED:
        return None
    if any(name.endswith("vbaProject.bin") for name in names):
        return None  # macros
    return next((kind for folder, kind in _OFFICE.items() if any(n.startswith(folder) for n in names)), None)


def _text(content: bytes) -> str | None:
    if b"\x00" in content:
        return None
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return None
    start = content[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return None if start.startswith(_MARKUP) else "text/plain"

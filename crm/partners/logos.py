"""Logos, redrawn: whatever somebody hands in, what is kept and printed is a plain PNG of our own making."""

from __future__ import annotations

import io
from typing import BinaryIO

from PIL import Image, ImageOps

from core.errors import Invalid
from core.files import Kept, keep
from core.files.kinds import media_type_of

LARGEST = 2_000_000  # bytes that are taken
SMALLEST_SIDE, LARGEST_SIDE = 40, 8_000  # points of the picture that is handed in
WIDEST, HIGHEST = 1_600, 800  # points of what is kept: 13 cm in print at 300 dpi
LONGEST_SHAPE = 12  # times as wide as high, or the other way round
_TAKEN = frozenset({"image/png", "image/jpeg", "image/webp"})


def keep_logo(stream: BinaryIO) -> Kept:
    """Reads, redraws and stores a logo. Call it outside a transaction. Raises Invalid (field `logo`).

    Redrawing drops everything but the colours of the points: texts, profiles, scripts behind the picture, other frames.
    """
    content = stream.read(LARGEST + 1)
    if not content:
        raise Invalid("file.empty", field="logo")
    if len(content) > LARGEST:
        raise Invalid("file.too_large", field="logo", limit=LARGEST // 1_000_000)
    if media_type_of(content) not in _TAKEN:
        raise Invalid("logo.kind", field="logo")
    return keep(io.BytesIO(redraw(content)), "logo.png", kinds={"image/png"}, field="logo")


def redraw(content: bytes) -> bytes:
    """A clean PNG with transparency, cut to what is visible and no larger than it will be printed."""
    try:
        with Image.open(io.BytesIO(content), formats=("PNG", "JPEG", "WEBP")) as given:
            width, height = given.size
            if not (SMALLEST_SIDE <= width <= LARGEST_SIDE and SMALLEST_SIDE <= height <= LARGEST_SIDE):
                raise Invalid("logo.size", field="logo", least=SMALLEST_SIDE, most=LARGEST_SIDE)
            upright = ImageOps.exif_transpose(given).convert("RGBA")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise Invalid("logo.kind", field="logo") from error
    visible = upright.getchannel("A").point([0] * 8 + [255] * 248).getbbox()
    if visible is None:
        raise Invalid("logo.invisible", field="logo")
    cut = upright.crop(visible)
    if max(cut.size) > LONGEST_SHAPE * min(cut.size):
        raise Invalid("logo.shape", field="logo", most=LONGEST_SHAPE)
    cut.thumbnail((WIDEST, HIGHEST), Image.Resampling.LANCZOS)
    clean = Image.new("RGBA", cut.size)
    clean.paste(cut)
    out = io.BytesIO()
    clean.save(out, "PNG", optimize=True)
    return out.getvalue()

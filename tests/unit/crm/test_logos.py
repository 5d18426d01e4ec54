"""Logos are redrawn: what is kept is ours, cut to what is visible, of a size that prints."""

from __future__ import annotations

import io

import pytest
from PIL import Image, PngImagePlugin

from core.errors import Invalid
from core.files import path_of
from crm.partners.logos import keep_logo, redraw
from tests.factories.partners import png

pytestmark = pytest.mark.no_database


def _opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


def test_a_logo_is_cut_to_what_is_visible_and_keeps_its_colours() -> None:
    given = Image.new("RGBA", (900, 500), (0, 0, 0, 0))
    given.paste((12, 200, 99, 255), (300, 200, 700, 300))
    out = io.BytesIO()
    given.save(out, "PNG")
    logo = _opened(redraw(out.getvalue()))
    assert logo.size == (400, 100)
    assert logo.getpixel((200, 50)) == (12, 200, 99, 255)


def test_a_huge_logo_becomes_one_that_prints() -> None:
    logo = _opened(redraw(png(6000, 2000)))
    assert logo.size == (1600, 533)


def test_texts_and_profiles_do_not_survive() -> None:
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", "<script>alert(1)</script>")
    out = io.BytesIO()
    Image.new("RGB", (300, 100), "red").save(out, "PNG", pnginfo=info)
    clean = redraw(out.getvalue() + b"<script>alert(2)</script>")
    assert b"script" not in clean
    assert _opened(clean).info == {}


@pytest.mark.parametrize("form", ["JPEG", "WEBP"])
def test_other_pictures_become_png(form: str) -> None:
    out = io.BytesIO()
    Image.new("RGB", (300, 100), "navy").save(out, form)
    kept = keep_logo(io.BytesIO(out.getvalue()))
    assert kept.media_type == "image/png"
    assert kept.name == "logo.png"
    assert path_of(kept.digest).read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file.empty"),
        (b"x" * 2_000_001, "file.too_large"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "logo.kind"),
        (b"GIF89a" + b"\x00" * 60, "logo.kind"),
        (b"\x89PNG\r\n\x1a\n" + b"\x00" * 200, "logo.kind"),
        (png(20, 20), "logo.size"),
        (png(1300, 100), "logo.shape"),
        (png(300, 100, (10, 10, 10, 0)), "logo.invisible"),
    ],
)
def test_what_is_no_logo_is_refused_with_the_reason(content: bytes, code: str) -> None:
    with pytest.raises(Invalid) as caught:
        keep_logo(io.BytesIO(content))
    assert caught.value.code == code
    assert caught.value.field == "logo"

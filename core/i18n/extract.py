"""`make messages`: brings every room's catalogues up to date with its texts.

`python -m core.i18n.extract portal/shop admin` does only these folders.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po

from core.i18n.catalogue import FILES, ROOT, catalogue_folders

KEYWORDS = {
    "_": None, "gettext": None, "lazy_gettext": None, "N_": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2),
    "lazy_pgettext": ((1, "c"), 2),
}  # fmt: skip


def sources(room: Path) -> Iterator[Path]:
    """The source files of a room: below its folder, but not below another folder that has catalogues."""
    others = {folder.parent for folder in catalogue_folders()} - {room}
    for path in sorted(room.rglob("*")):
        if path.suffix in {".py", ".html", ".txt", ".liquid"} and not any(
            other in path.parents for other in others if room in other.parents
        ):
            if "static" in path.parts or (path.suffix != ".py" and "templates" not in path.parts):
                continue
            yield path


def template(room: Path) -> Catalog:
    """Every message of a room."""
    catalog = Catalog(charset="utf-8")
    for path in sources(room):
        method = "python" if path.suffix == ".py" else "jinja2.ext:babel_extract"
        with path.open("rb") as file:
            found = extract(
                method,
                file,
                keywords=KEYWORDS,
                comment_tags=("Translators:",),
                options={"silent": "false", "encoding": "utf-8"},
            )
            for _line, message, comments, context in found:
                catalog.add(message, None, auto_comments=comments, context=context)
    return catalog


def updated(room: Path, file_name: str) -> Catalog:
    """The room's catalogue with new messages added and gone ones dropped."""
    path = room / "locale" / file_name
    language = file_name.removesuffix(".po")
    if path.exists():
        with path.open("rb") as file:
            catalog = read_po(file, locale=language)
    else:
        catalog = Catalog(locale=language, project="Rapport", charset="utf-8", fuzzy=False)
    catalog.update(template(room), no_fuzzy_matching=True)
    catalog.obsolete.clear()
    return catalog


def write(catalog: Catalog, path: Path) -> None:
    buffer = io.BytesIO()
    write_po(
        buffer,
        catalog,
        width=110,
        no_location=True,
        sort_output=True,
        omit_header=True,
        include_previous=False,
    )
    header = (
        f'msgid ""\nmsgstr ""\n"Language: {path.stem}\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n'
        '"Content-Transfer-Encoding: 8bit\\n"\n"Plural-Forms: nplurals=1; plural=0;\\n"\n\n'
    )
    path.write_bytes(header.encode() + buffer.getvalue())


def main(arguments: list[str]) -> int:
    wanted = [(ROOT / name).resolve() for name in arguments]
    missing = 0
    for folder in catalogue_folders():
        room = folder.parent
        if wanted and room not in wanted:
            continue
        for file_name in FILES.values():
            catalog = updated(room, file_name)
            write(catalog, folder / file_name)
            empty = [
                message.id
                for message in catalog
                if message.id and not (message.string and all(message.string))
            ]
            missing += len(empty)
            sys.stdout.write(
                f"{folder.relative_to(ROOT)}/{file_name}: {len(catalog)} messages, {len(empty)} missing\n"
            )
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

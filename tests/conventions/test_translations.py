"""The interface is complete in all three languages; a missing translation fails."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po

from core.i18n.catalogue import FILES, PACKAGES, ROOT, catalogue_folders
from core.i18n.extract import sources, template

pytestmark = pytest.mark.no_database

FOLDERS = list(catalogue_folders())
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]")


def _is_wrong_script(character: str, want: str) -> bool:
    def has(codec: str) -> bool:
        try:
            character.encode(codec)
        except UnicodeEncodeError:
            return False
        return True

    if not "\u3400" <= character <= "\u9fff" or character == "着":
        return False
    if want == "zh_Hant":
        return has("gb2312") and not has("big5")
    return has("big5") and not has("gb2312")


def _texts(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string)


@pytest.mark.parametrize("file_name", sorted(FILES.values()))
@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: str(path.parent.relative_to(ROOT)))
def test_catalogue_is_complete(folder: Path, file_name: str) -> None:
    with (folder / file_name).open("rb") as file:
        catalogue = read_po(file, locale=file_name.removesuffix(".po"))
    problems = []
    wanted = template(folder.parent)
    for message in wanted:
        if not message.id:
            continue
        key = message.id[0] if isinstance(message.id, tuple) else message.id
        found = catalogue.get(key, message.context)
        if found is None or not all(_texts(found)) or not found.string:
            problems.append(f"missing: {key!r}")
            continue
        if found.fuzzy:
            problems.append(f"fuzzy: {key!r}")
        for text in _texts(found):
            placeholders = set(PLACEHOLDER.findall(str(message.id)))
            if not set(PLACEHOLDER.findall(text)) <= placeholders:
                problems.append(f"other placeholders: {key!r}")
            if wrong := [c for c in text if _is_wrong_script(c, file_name.removesuffix(".po"))]:
                problems.append(f"wrong script {''.join(wrong)}: {key!r}")
    assert problems == []


def test_every_source_with_messages_belongs_to_a_catalogue() -> None:
    covered = {path for folder in FOLDERS for path in sources(folder.parent)}
    pattern = re.compile(r"(?<![\w.])(?:_|N_|ngettext|lazy_gettext|gettext|pgettext)\(\s*[\"']")
    homeless = [
        str(path.relative_to(ROOT))
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.suffix in {".py", ".html", ".txt"}
        and "static" not in path.parts
        and path not in covered
        and pattern.search(path.read_text("utf-8"))
    ]
    assert homeless == []

"""The interface is complete in all three languages; a missing translation fails."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po

from core.i18n.catalogue import FILES, PACKAGES, ROOT, catalogue_folders
from core.i18n.extract import sources, template

pytestmark = pytest.mark.no_database

FOLDERS = list(catalogue_folders())
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]")
HALF_WIDTH = re.compile(r"[\u4e00-\u9fff][,;:!?()]|[,;:!?()][\u4e00-\u9fff]")
# Words of the other shore, and the quotation marks that go with them.
FOREIGN = {
    "zh_Hant.po": (
        "質量", "視頻", "默認", "信息", "郵箱", "登錄頁", "登錄密碼", "菜單", "用戶", "支持", "激活", "屏幕", "鏈接",
        "文檔", "創建", "打印", "軟件", "網絡", "服務器", "數據庫", "帳號", "保修", "工單", "列表", "審計", "“", "”",
    ),
    "zh_Hans.po": (
        "档案", "订阅", "搜寻", "登入", "资讯", "软体", "设定", "程式", "影片", "预设", "萤幕", "网路", "伺服器", "储存",
        "连结", "列印", "使用者", "账号", "保固", "到府", "稽核", "服务请求", "「", "」",
    ),
}  # fmt: skip


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


@pytest.mark.parametrize("file_name", sorted(FILES.values()))
def test_one_message_has_one_translation(file_name: str) -> None:
    """The catalogues are merged and the last room wins, so two translations of one message hide each other.

    Where one English word stands for two things, `pgettext` and `lazy_pgettext` tell them apart.
    """
    found: dict[tuple[str | None, str], dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for folder in FOLDERS:
        with (folder / file_name).open("rb") as file:
            catalogue = read_po(file, locale=file_name.removesuffix(".po"))
        for message in catalogue:
            if message.id:
                key = message.id[0] if isinstance(message.id, tuple) else message.id
                room = str(folder.parent.relative_to(ROOT))
                found[message.context, key][" | ".join(_texts(message))].append(room)
    assert {key: dict(texts) for key, texts in found.items() if len(texts) > 1} == {}


@pytest.mark.parametrize("file_name", sorted(FILES.values()))
def test_words_and_punctuation_are_those_of_the_reader(file_name: str) -> None:
    problems = []
    for folder in FOLDERS:
        with (folder / file_name).open("rb") as file:
            catalogue = read_po(file, locale=file_name.removesuffix(".po"))
        for message in catalogue:
            for text in _texts(message) if message.id else ():
                bare = PLACEHOLDER.sub("", text)
                wrong = [word for word in FOREIGN[file_name] if word in bare] + HALF_WIDTH.findall(bare)
                problems += [f"{folder.parent.relative_to(ROOT)}: {word} in {text!r}" for word in wrong]
    assert problems == []


def test_every_source_with_messages_belongs_to_a_catalogue() -> None:
    covered = {path for folder in FOLDERS for path in sources(folder.parent)}
    pattern = re.compile(r"(?<![\w.])(?:_|N_|ngettext|lazy_gettext|gettext|pgettext|lazy_pgettext)\(\s*[\"']")
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

"""Reading our own source: what the convention tests share."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = (
    "core",
    "crm",
    "clickstream",
    "knowledge_base",
    "recommender",
    "campaigns",
    "reports",
    "portal",
    "admin",
    "api",
    "app",
)


@cache
def files(*suffixes: str, packages: tuple[str, ...] = PACKAGES) -> tuple[Path, ...]:
    """Source files of our packages, whether committed yet or not."""
    found: list[Path] = []
    for package in packages:
        base = ROOT / package
        if base.is_dir():
            found += [
                path for path in base.rglob("*") if path.suffix in suffixes and "static" not in path.parts
            ]
    return tuple(sorted(found))


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def calls(path: Path) -> Iterator[ast.Call]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call):
            yield node


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def tracked() -> list[str]:
    """Files that git knows; everything below the root where there is no git."""
    answer = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if answer.returncode == 0:
        return answer.stdout.splitlines()
    return [str(path.relative_to(ROOT)) for path in ROOT.rglob("*") if path.is_file()]

"""A trained model on disk: arrays (npz) and a manifest (JSON) that names them by their hash.

The manifest is replaced last, by rename, so that a reader sees the old model or the new one, whole.
Nothing is ever unpickled.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from recommender.card import ModelCard
from recommender.interactions import Arrays

FORMAT = 1
MANIFEST = "manifest.json"
KEPT = 2  # arrays of the last model stay for a reader that has just read its manifest
MAX_MANIFEST = 1_000_000


class ArtifactError(Exception):
    """The model cannot be served; `reason` is one of missing, unreadable, altered, unfit."""

    def __init__(self, reason: str, detail: str) -> None:
        self.reason, self.detail = reason, detail
        super().__init__(f"model {reason}: {detail}")


@dataclass(frozen=True)
class Artifact:
    card: ModelCard
    arrays: Arrays
    version: str  # the hash of the arrays


def write_artifact(folder: Path, card: ModelCard, arrays: Arrays) -> str:
    """Writes and swaps atomically; returns the version."""
    folder.mkdir(parents=True, exist_ok=True)
    mark = secrets.token_hex(6)
    draft = folder / f".arrays-{mark}.tmp"
    draft_manifest = folder / f".manifest-{mark}.tmp"
    try:
        with draft.open("wb") as file:
            np.savez(file, allow_pickle=False, **arrays)
            file.flush()
            os.fsync(file.fileno())
        digest = _digest(draft)
        name = f"arrays-{digest[:16]}.npz"
        manifest = {
            "format": FORMAT,
            "arrays": name,
            "sha256": digest,
            "shapes": {key: [value.dtype.str, list(value.shape)] for key, value in arrays.items()},
            "card": card.to_json(),
        }
        draft.replace(folder / name)
        with draft_manifest.open("w", encoding="utf-8") as text:
            json.dump(manifest, text, indent=1)
            text.flush()
            os.fsync(text.fileno())
        draft_manifest.replace(folder / MANIFEST)
    finally:
        draft.unlink(missing_ok=True)
        draft_manifest.unlink(missing_ok=True)
    _prune(folder, name)
    return digest


def read_artifact(folder: Path) -> Artifact:
    """Raises ArtifactError for anything missing, cut off, altered or of another format."""
    path = folder / MANIFEST
    manifest = _manifest(path)
    try:
        digest, name, shapes = manifest["sha256"], manifest["arrays"], manifest["shapes"]
        card = ModelCard.from_json(manifest["card"])
        if not isinstance(name, str) or Path(name).name != name:
            raise ValueError("the arrays' name leads out of the folder")
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ArtifactError("unreadable", f"{path}: {error}") from None
    file = folder / name
    try:
        found = _digest(file)
        if found != digest:
            raise ArtifactError("altered", f"{file} does not have the hash that its manifest names")
        with np.load(file, allow_pickle=False) as stored:
            arrays = {key: stored[key] for key in stored.files}
    except FileNotFoundError:
        raise ArtifactError("missing", str(file)) from None
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise ArtifactError("unreadable", f"{file}: {error}") from None
    if shapes != {key: [value.dtype.str, list(value.shape)] for key, value in arrays.items()}:
        raise ArtifactError("unfit", f"{file} does not hold the arrays that its manifest lists")
    return Artifact(card, arrays, digest)


def artifact_version(folder: Path) -> str | None:
    """The hash that the manifest names now, without reading the arrays: cheap enough to ask often."""
    try:
        return str(_manifest(folder / MANIFEST)["sha256"])
    except (ArtifactError, KeyError):
        return None


def artifact_stamp(folder: Path) -> tuple[str, str] | None:
    """The hash and when the model was made: a training that finds nothing new gives the same hash at a later time."""
    try:
        manifest = _manifest(folder / MANIFEST)
        return str(manifest["sha256"]), str(manifest["card"]["created_at"])
    except (ArtifactError, KeyError, TypeError):
        return None


def read_card(folder: Path) -> ModelCard:
    """The card alone, without the arrays. Raises ArtifactError."""
    try:
        return ModelCard.from_json(_manifest(folder / MANIFEST)["card"])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ArtifactError("unreadable", f"{folder / MANIFEST}: {error}") from None


def list_versions(folder: Path) -> list[tuple[str, int]]:
    """The arrays that are kept, newest first: the beginning of their hash and their size in bytes."""
    files = [(path, path.stat()) for path in folder.glob("arrays-*.npz")]
    files.sort(key=lambda pair: pair[1].st_mtime, reverse=True)
    return [(path.stem.removeprefix("arrays-"), found.st_size) for path, found in files]


def _manifest(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > MAX_MANIFEST:
            raise ArtifactError("unreadable", f"{path} is too large")
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ArtifactError("missing", str(path)) from None
    except (OSError, ValueError, RecursionError) as error:
        raise ArtifactError("unreadable", f"{path}: {error}") from None
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise ArtifactError("unreadable", f"{path} is not of format {FORMAT}")
    return found


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _prune(folder: Path, current: str) -> None:
    others = [path for path in folder.glob("arrays-*.npz") if path.name != current]
    for path in sorted(others, key=lambda path: path.stat().st_mtime, reverse=True)[KEPT - 1 :]:
        path.unlink(missing_ok=True)

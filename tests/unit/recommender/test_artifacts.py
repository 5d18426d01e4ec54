"""A model on disk: whole or refused, and never unpickled."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from recommender.artifacts import MANIFEST, ArtifactError, artifact_version, read_artifact, write_artifact
from recommender.interactions import Interactions
from recommender.serving import Recommender
from recommender.training import train


@pytest.fixture
def folder(tmp_path: Path, kitchen: Interactions) -> Path:
    trained = train(kitchen, algorithm="item_item_jaccard")
    write_artifact(tmp_path, trained.card, trained.arrays)
    return tmp_path


def manifest(folder: Path) -> dict:
    return json.loads((folder / MANIFEST).read_text())


def rewrite(folder: Path, **changes: object) -> None:
    (folder / MANIFEST).write_text(json.dumps({**manifest(folder), **changes}))


def arrays(folder: Path) -> Path:
    return folder / manifest(folder)["arrays"]


def replace_arrays(folder: Path, **found: np.ndarray) -> None:
    """As someone who can write files and fixes the hash too."""
    path = arrays(folder)
    np.savez(path, **found)
    rewrite(
        folder,
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        shapes={key: [value.dtype.str, list(value.shape)] for key, value in found.items()},
    )


def test_what_is_written_is_read(folder: Path) -> None:
    found = read_artifact(folder)
    assert found.card.algorithm == "item_item_jaccard"
    assert found.card.chosen_because == "asked for by name"
    assert (found.card.users, found.card.items, found.card.interactions) == (5, 4, 8)
    assert (found.card.oldest_at, found.card.newest_at) == (
        "1970-01-02T00:00:00+00:00",
        "1970-04-11T00:00:00+00:00",
    )
    assert (
        found.version == artifact_version(folder) == hashlib.sha256(arrays(folder).read_bytes()).hexdigest()
    )
    assert found.arrays["item_ids"].tolist() == ["filter", "kettle", "lamp", "mug"]


def test_a_new_model_takes_the_place_of_the_old_and_the_last_but_one_goes(
    folder: Path, shop: Interactions
) -> None:
    versions = [artifact_version(folder)]
    for seed, algorithm in enumerate(("popularity", "item_item_cosine")):
        trained = train(shop, algorithm=algorithm, seed=seed)
        versions.append(write_artifact(folder, trained.card, trained.arrays))
    assert artifact_version(folder) == versions[-1]
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        [MANIFEST, *(f"arrays-{version[:16]}.npz" for version in versions[1:])]
    )


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 255
    path.write_bytes(bytes(data))


DAMAGE: dict[str, tuple[Callable[[Path], object], str]] = {
    "no manifest": (lambda folder: (folder / MANIFEST).unlink(), "missing"),
    "no arrays": (lambda folder: arrays(folder).unlink(), "missing"),
    "arrays cut off": (lambda folder: cut(arrays(folder)), "altered"),
    "a bit flipped": (lambda folder: flip(arrays(folder)), "altered"),
    "manifest cut off": (lambda folder: cut(folder / MANIFEST), "unreadable"),
    "manifest empty": (lambda folder: (folder / MANIFEST).write_text(""), "unreadable"),
    "manifest is a list": (lambda folder: (folder / MANIFEST).write_text("[]"), "unreadable"),
    "manifest nested without end": (lambda folder: (folder / MANIFEST).write_text("[" * 100_000), "unreadable"),
    "manifest is bytes": (lambda folder: (folder / MANIFEST).write_bytes(b"\xff\x00"), "unreadable"),
    "manifest is huge": (lambda folder: (folder / MANIFEST).write_bytes(b" " * 1_000_001), "unreadable"),
    "a later format": (lambda folder: rewrite(folder, format=99), "unreadable"),
    "no card": (lambda folder: rewrite(folder, card=None), "unreadable"),
    "a card without a field": (lambda folder: rewrite(folder, card={"candidates": []}), "unreadable"),
    "arrays elsewhere": (lambda folder: rewrite(folder, arrays="../secret.npz"), "unreadable"),
    "another hash": (lambda folder: rewrite(folder, sha256="0" * 64), "altered"),
    "other shapes": (lambda folder: rewrite(folder, shapes={}), "unfit"),
    "pickled objects": (
        lambda folder: replace_arrays(folder, item_ids=np.array([{"a": 1}], dtype=object)), "unreadable",
    ),
    "lists that point outside": (
        lambda folder: replace_arrays(
            folder, **{**read_artifact(folder).arrays, "item_item_jaccard.indices": np.full(4, 99, dtype=np.int32)}
        ), "unfit",
    ),
    "an array gone": (
        lambda folder: replace_arrays(folder, item_ids=read_artifact(folder).arrays["item_ids"]), "unfit",
    ),
    "an item twice": (
        lambda folder: replace_arrays(
            folder, **{**read_artifact(folder).arrays, "item_ids": np.array(["a", "a", "b", "c"])}
        ), "unfit",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", DAMAGE)
def test_a_damaged_model_is_refused_with_a_reason(folder: Path, what: str) -> None:
    damage, reason = DAMAGE[what]
    damage(folder)
    with pytest.raises(ArtifactError) as caught:
        Recommender.load(folder)
    assert caught.value.reason == reason


def test_a_failed_write_leaves_the_old_model_and_no_litter(folder: Path) -> None:
    before = artifact_version(folder)
    found = read_artifact(folder)
    with pytest.raises(ValueError, match="Object arrays cannot be saved"):
        write_artifact(folder, found.card, {**found.arrays, "bad": np.array([object()])})
    assert artifact_version(folder) == before
    assert not list(folder.glob(".*"))

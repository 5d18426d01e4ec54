"""The command as people and scripts use it: a real training process, exit codes, output."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.cli import cli
from recommender import process
from recommender.interactions import Interactions


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli, ["evaluate", "recommender", *map(str, arguments)])


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """Filter follows kettle; the test holds one new item, one known pair, one unknown user, one unknown item."""
    train_file, test_file = tmp_path / "train.tsv", tmp_path / "test.tsv"
    train_file.write_text(
        "user\titem\n"
        + "".join(f"u{n}\tkettle\nu{n}\tfilter\n" for n in range(5))
        + "v\tkettle\nw\tlamp\nw\tmug\n"
    )
    test_file.write_text("user\titem\nv\tfilter\nv\tkettle\nstranger\tlamp\nv\tghost\nw\tkettle\nw\tfilter\n")
    return train_file, test_file


def test_figures_by_hand(files: tuple[Path, Path]) -> None:
    found = run(
        "--train", files[0], "--test", files[1], "--algorithm", "item_item_jaccard", "--k", 1, "--json"
    )
    assert found.exit_code == 0, found.stderr
    told = json.loads(found.stdout)
    # v: filter is found (1/1); w: one popular item of two (1/2), at the first rank.
    assert told["recall@1"] == pytest.approx(0.75)
    assert told["ndcg@1"] == pytest.approx(1.0)
    assert (told["users"], told["unknown_users"], told["unknown_items"], told["known_pairs"]) == (2, 1, 1, 1)
    assert told["algorithm"] == "item_item_jaccard"
    assert told["peak_memory_bytes"] > 0
    assert told["card"]["interactions"] == 13


def test_text_output_names_the_figures(files: tuple[Path, Path]) -> None:
    found = run("--train", files[0], "--test", files[1])
    assert found.exit_code == 0, found.stderr
    assert "recall@20    1.0000" in found.stdout
    assert "algorithm    item_item_jaccard (too little history to compare" in found.stdout
    assert "\x1b" not in found.stdout


def test_a_malformed_line_is_named_and_the_code_is_2(files: tuple[Path, Path]) -> None:
    files[0].write_text("user\titem\nu\n")
    found = run("--train", files[0], "--test", files[1])
    assert found.exit_code == 2
    assert f"{files[0]}, line 2: 1 columns where the header has 2" in found.stderr
    assert found.stdout == ""


def test_nobody_to_test_is_code_2(files: tuple[Path, Path]) -> None:
    files[1].write_text("user\titem\nstranger\tlamp\n")
    found = run("--train", files[0], "--test", files[1])
    assert found.exit_code == 2
    assert "no user of the test file is known" in found.stderr


def test_unknown_algorithm_and_length_are_refused(files: tuple[Path, Path]) -> None:
    assert run("--train", files[0], "--test", files[1], "--algorithm", "magic").exit_code == 2
    assert run("--train", files[0], "--test", files[1], "--k", 0).exit_code == 2


def test_the_process_leaves_a_model_for_signals_of_the_database(tmp_path: Path, shop: Interactions) -> None:
    shop.save(tmp_path / "signals.npz")
    steps: list[str] = []
    card = process.run_training(
        tmp_path / "signals.npz",
        tmp_path / "model",
        algorithm="als",
        report=lambda what, done, total: steps.append(what),
    )
    assert (card["algorithm"], card["users"]) == ("als", 120)
    assert card["peak_memory_bytes"] > 10_000_000
    assert "fitting als on everything" in steps


def test_a_process_that_fails_says_why(tmp_path: Path) -> None:
    (tmp_path / "broken.npz").write_bytes(b"no zip")
    with pytest.raises(process.TrainingError, match=r"broken\.npz: cannot be read") as caught:
        process.run_training(tmp_path / "broken.npz", tmp_path / "model")
    assert caught.value.is_input
    assert not (tmp_path / "model").exists()


def test_openmp_comes_from_the_package_where_the_system_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> None:
        raise OSError(name)

    monkeypatch.setattr(process.ctypes, "CDLL", absent)
    monkeypatch.setattr(process.sys, "platform", "linux")
    folder = Path(process.environment()["LD_LIBRARY_PATH"].split(os.pathsep)[0])
    assert (folder / "libgomp.so.1").exists()
    monkeypatch.setattr(process, "bundled_openmp", lambda: None)
    with pytest.raises(process.TrainingError, match=r"libgomp\.so\.1 is missing"):
        process.environment()


def test_one_blas_thread_is_set_before_numpy_starts() -> None:
    assert process.environment()["OPENBLAS_NUM_THREADS"] == "1"

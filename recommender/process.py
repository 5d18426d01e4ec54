"""Training happens in a process of its own: its libraries, threads and memory never touch the web server."""

from __future__ import annotations

import ctypes
import importlib.metadata
import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


class TrainingError(Exception):
    """Training ended without a model; `is_input` tells a fault of the data from one of the machine."""

    def __init__(self, message: str, *, is_input: bool = False) -> None:
        self.is_input = is_input
        super().__init__(message)


def openmp_folder() -> Path | None:
    """Where libgomp.so.1 comes from if the system has none: the copy inside cmeel-libomp; None when not needed.

    Raises TrainingError where neither is there.
    """
    if not sys.platform.startswith("linux"):
        return None
    try:
        ctypes.CDLL("libgomp.so.1")
    except OSError:
        folder = bundled_openmp()
        if folder is None:
            raise TrainingError(
                "libgomp.so.1 is missing; install the package libgomp1 or cmeel-libomp"
            ) from None
        return folder
    return None


def bundled_openmp() -> Path | None:
    """The folder of cmeel-libomp that holds libgomp.so.1, if it is installed."""
    try:
        files = importlib.metadata.files("cmeel-libomp") or []
    except importlib.metadata.PackageNotFoundError:
        return None
    for file in files:
        if file.name == "libgomp.so.1":
            return Path(str(file.locate())).resolve(strict=False).parent
    return None


def environment() -> dict[str, str]:
    """The child's: one BLAS thread, set before NumPy starts, and OpenMP found where the system lacks it."""
    found = dict(os.environ)
    found.update(
        OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1", PYTHONUNBUFFERED="1", PYTHONIOENCODING="utf-8"
    )
    found.setdefault("OMP_NUM_THREADS", "2")
    found.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # waiting threads sleep: a busy machine stays usable
    found["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT), found.get("PYTHONPATH")]))
    if folder := openmp_folder():
        found["LD_LIBRARY_PATH"] = os.pathsep.join(filter(None, [str(folder), found.get("LD_LIBRARY_PATH")]))
    return found


def run_training(
    data: Path,
    folder: Path,
    *,
    algorithm: str = "auto",
    k: int = 20,
    seed: int = 0,
    sessions: Path | None = None,
    memory_mb: int | None = None,
    newest_by_source: Mapping[str, float] | None = None,
    report: Callable[[str, int, int], None] | None = None,
) -> dict[str, Any]:
    """Trains on a file (.tsv, .tsv.xz, .tsv.gz or .npz) and leaves the artifact in `folder`; returns the card.

    `newest_by_source` is kept on the card for those who serve.
    `memory_mb` bounds the child's own memory.
    Raises TrainingError. The child is ended when the caller is interrupted.
    """
    command = [
        sys.executable,
        "-m",
        "recommender.train_process",
        "--data",
        str(data),
        "--folder",
        str(folder),
    ]
    command += ["--algorithm", algorithm, "--k", str(k), "--seed", str(seed)]
    if sessions is not None:
        command += ["--sessions", str(sessions)]
    if newest_by_source:
        command += ["--newest-by-source", json.dumps(dict(newest_by_source))]
    if memory_mb is not None:
        command += ["--memory-mb", str(memory_mb)]
    with TemporaryFile("w+", encoding="utf-8") as errors:
        child = subprocess.Popen(  # noqa: S603 - our own module, arguments as a list
            command, env=environment(), stdout=subprocess.PIPE, stderr=errors, text=True, encoding="utf-8"
        )
        card: dict[str, Any] | None = None
        try:
            for line in child.stdout or ():
                message = _message(line)
                if "error" in message:
                    raise TrainingError(str(message["error"]), is_input=bool(message.get("input")))
                if "card" in message:
                    card = message["card"]
                elif report is not None and "step" in message:
                    report(message["step"], message["done"], message["total"])
            code = child.wait()
        finally:
            if child.poll() is None:
                child.kill()
                child.wait()
            if child.stdout:
                child.stdout.close()
        if code or card is None:
            errors.seek(0)
            last = errors.read()[-2_000:].strip().splitlines()
            raise TrainingError(
                f"the training process ended with code {code}" + (f": {last[-1]}" if last else "")
            )
    return card


def _message(line: str) -> dict[str, Any]:
    """A line of the child; anything that is not ours (a library's chatter) is passed over."""
    try:
        found = json.loads(line)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}

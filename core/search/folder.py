"""The folder of the embedded engine: generations of indexes, the pointers to them, and the writers' lock."""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.search.interface import IndexSpec, SearchBusyError

CURRENT, BUILDING, SUSPECT = "current", "building", "suspect"
LOCK_SECONDS, POLL_SECONDS = 10.0, 0.01


class IndexFolder:
    """`<kind>-<fingerprint>-<random>` are indexes; `<kind>.current` and `<kind>.building` name two of them."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._read: dict[str, tuple[tuple[int, int], str | None]] = {}

    def path(self, name: str) -> Path:
        return self.root / name

    def pointed(self, spec: IndexSpec, pointer: str) -> str | None:
        """The index that a pointer names. Asked at every search: read again only when it was replaced."""
        path = f"{self.root}/{spec.kind}.{pointer}"
        try:
            stat = os.stat(path)  # noqa: PTH116 - a Path costs more than the call
            seen = (stat.st_mtime_ns, stat.st_ino)
            held = self._read.get(path)
            if held is None or held[0] != seen:
                held = self._read[path] = (seen, Path(path).read_text("ascii").strip() or None)
        except (FileNotFoundError, UnicodeDecodeError):
            return None
        return held[1]

    def point(self, spec: IndexSpec, pointer: str, name: str) -> None:
        """Replaces a pointer atomically, also for readers in other processes and through a power cut."""
        target = self.root / f"{spec.kind}.{pointer}"
        draft = self.root / f"{spec.kind}.{pointer}.{secrets.token_hex(4)}"
        with draft.open("w", encoding="ascii") as handle:
            handle.write(name)
            handle.flush()
            os.fsync(handle.fileno())
        draft.replace(target)
        folder = os.open(self.root, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def unpoint(self, spec: IndexSpec, pointer: str) -> None:
        (self.root / f"{spec.kind}.{pointer}").unlink(missing_ok=True)

    def mark_suspect(self, spec: IndexSpec) -> None:
        self.root.mkdir(parents=True, exist_ok=True)
        (self.root / f"{spec.kind}.{SUSPECT}").touch()

    def is_suspect(self, spec: IndexSpec) -> bool:
        return (self.root / f"{spec.kind}.{SUSPECT}").exists()

    def make(self, spec: IndexSpec) -> str:
        name = f"{spec.kind}-{spec.fingerprint}-{secrets.token_hex(6)}"
        self.path(name).mkdir(parents=True)
        return name

    def fits(self, spec: IndexSpec, name: str) -> bool:
        return name.startswith(f"{spec.kind}-{spec.fingerprint}-")

    def sweep(self, spec: IndexSpec) -> None:
        """Removes generations that nothing points to. Readers of one keep its open files."""
        kept = {self.pointed(spec, CURRENT), self.pointed(spec, BUILDING)}
        for folder in self.root.glob(f"{spec.kind}-*"):
            if folder.name not in kept:
                shutil.rmtree(folder, ignore_errors=True)

    @contextmanager
    def writing(self, spec: IndexSpec) -> Iterator[None]:
        """Holds the one right to write this kind, over all processes. Raises SearchBusyError after a while."""
        self.root.mkdir(parents=True, exist_ok=True)
        handle = os.open(self.root / f"{spec.kind}.lock", os.O_CREAT | os.O_RDWR, 0o644)
        try:
            until = time.monotonic() + LOCK_SECONDS
            while True:
                try:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() > until:
                        raise SearchBusyError(f"another process writes the {spec.kind} index") from None
                    time.sleep(POLL_SECONDS)
            yield
        finally:
            os.close(handle)  # which lets go of the lock, too

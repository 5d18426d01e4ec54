"""A whole installation as real processes in a home of its own: started, killed, watched, and always ended."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from elasticsearch import Elasticsearch
from kombu import Connection
from sqlalchemy import create_engine, text
from sqlalchemy.engine import Engine, make_url

from core.db import build_engine
from tests.source import ROOT

PATIENCE = 120.0  # for what takes a second or two on an idle machine


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(
    condition: Callable[[], Any], seconds: float = PATIENCE, *, what: str = "", pause: float = 0.02
) -> Any:
    """What `condition` gives once it is true. Fails naming `what` when the time is over."""
    until = time.monotonic() + seconds
    while True:
        if found := condition():
            return found
        if time.monotonic() > until:
            raise AssertionError(f"waited {seconds} s in vain for {what or condition}")
        time.sleep(pause)


@dataclass
class Process:
    name: str
    popen: subprocess.Popen[bytes]
    log: Path

    @property
    def is_alive(self) -> bool:
        return self.popen.poll() is None

    def kill(self) -> None:
        """kill -9 of the process and of all it started in its session."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.popen.pid, signal.SIGKILL)
        self.popen.wait(30)

    def output(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")


@dataclass
class House:
    home: Path
    settings: dict[str, str]
    processes: list[Process] = field(default_factory=list)
    _engine: Engine | None = None

    @property
    def environment(self) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("RAPPORT_")}
        inherited.pop("XDG_RUNTIME_DIR", None)
        return {
            **inherited,
            "HOME": str(self.home),
            "PYTHONUNBUFFERED": "1",
            **self.settings,
        }

    @property
    def address(self) -> str:
        return f"http://{self.settings['RAPPORT_BIND']}"

    @property
    def engine(self) -> Engine:
        if self._engine is None:
            self._engine = build_engine(self.settings["RAPPORT_DATABASE_URL"])
        return self._engine

    def start(self, *command: str, module: str = "app", name: str = "", **more: str) -> Process:
        """Starts `rapport <command>` (or another module's command) in a session of its own."""
        name = name or f"{command[0]}-{len(self.processes)}"
        log = self.home / f"{name}.log"
        with log.open("ab") as sink:
            popen = subprocess.Popen(
                [sys.executable, "-m", module, *command], cwd=ROOT, env={**self.environment, **more},
                stdin=subprocess.DEVNULL, stdout=sink, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
        made = Process(name, popen, log)
        self.processes.append(made)
        return made

    def run(
        self, *command: str, module: str = "app", seconds: float = 120, **more: str
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", module, *command], cwd=ROOT, env={**self.environment, **more}, check=False,
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=seconds,
        )  # fmt: skip

    def drive(self, *command: str) -> Any:
        """A command of tests/faults/driver.py inside this installation; its answer is JSON."""
        done = self.run(*command, module="tests.faults.driver")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    def rows(self, statement: str, **values: object) -> list[tuple[Any, ...]]:
        with self.engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(statement), values)]

    def one(self, statement: str, **values: object) -> Any:
        return self.rows(statement, **values)[0][0]

    def jobs(self, state: str, name: str = "%") -> int:
        return int(
            self.one(
                "SELECT count(*) FROM job WHERE state = :state AND name LIKE :name", state=state, name=name
            )
        )

    def open_jobs(self, name: str = "%") -> int:
        return self.jobs("pending", name) + self.jobs("running", name)

    def get(
        self, path: str, *, seconds: float = 10, headers: Mapping[str, str] | None = None
    ) -> tuple[int, str]:
        request = urllib.request.Request(f"{self.address}{path}", headers=dict(headers or {}))
        try:
            with urllib.request.urlopen(request, timeout=seconds) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()

    def post_json(
        self, path: str, body: object, headers: Mapping[str, str], *, seconds: float = 10
    ) -> tuple[int, dict[str, Any]]:
        """Raises OSError when nobody answers."""
        request = urllib.request.Request(
            f"{self.address}{path}", data=json.dumps(body).encode(), method="POST",
            headers={"Content-Type": "application/json", **headers},
        )  # fmt: skip
        try:
            with urllib.request.urlopen(request, timeout=seconds) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.loads(error.read())

    def is_up(self) -> bool:
        try:
            return self.get("/healthz", seconds=2)[0] == 200
        except OSError:
            return False

    def start_web(self) -> Process:
        web = self.start("web")
        wait_until(lambda: self.is_up() or not web.is_alive, what="the web server", pause=0.05)
        assert web.is_alive, web.output()
        return web

    def end(self) -> None:
        for process in self.processes:
            process.kill()
        if self._engine is not None:
            self._engine.dispose()


@contextlib.contextmanager
def house(home: Path, *, database: str = "", **settings: str) -> Iterator[House]:
    """A migrated installation; `settings` without their prefix. Everything of it is gone afterwards."""
    home.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as stack:
        url = stack.enter_context(own_postgres(database)) if database else f"sqlite:///{home / 'rapport.db'}"
        given = {
            "home": str(home), "mode": "demo", "bind": f"127.0.0.1:{free_port()}", "database_url": url,
            "log_level": "INFO", **settings,
        }  # fmt: skip
        made = House(home, {f"RAPPORT_{name.upper()}": value for name, value in given.items()})
        if "broker_queue" in settings:
            stack.callback(delete_queue, settings["broker_url"], settings["broker_queue"])
        stack.callback(made.end)
        migrated = made.run("migrate")
        assert migrated.returncode == 0, migrated.stderr
        yield made


def delete_queue(url: str, name: str) -> None:
    """Leaves nothing on a shared RabbitMQ; a broker that is gone by now has nothing of ours."""
    if url.startswith("amqp"):
        with contextlib.suppress(OSError), Connection(url, connect_timeout=2) as line:
            line.default_channel.queue_delete(name)
            line.default_channel.exchange_delete(name)


@contextlib.contextmanager
def own_postgres(server: str) -> Iterator[str]:
    """A database of its own on the server of `server`."""
    url = make_url(server).set(database=f"rapport_{uuid.uuid4().hex[:12]}")
    admin = create_engine(url.set(database="postgres"), isolation_level="AUTOCOMMIT")
    try:
        with admin.connect() as connection:
            connection.execute(text(f'CREATE DATABASE "{url.database}"'))
        try:
            yield url.render_as_string(hide_password=False)
        finally:
            with admin.connect() as connection:
                connection.execute(text(f'DROP DATABASE "{url.database}" WITH (FORCE)'))
    finally:
        admin.dispose()


@contextlib.contextmanager
def own_indexes(url: str) -> Iterator[str]:
    """A prefix for index names on a shared Elasticsearch; its indexes are deleted afterwards."""
    prefix = f"t{uuid.uuid4().hex[:12]}"
    try:
        yield prefix
    finally:
        with Elasticsearch(url) as client:
            for name in client.indices.get(index=f"{prefix}-*").body:
                client.indices.delete(index=name)


class RedisServer:
    """A Redis of the test's own, which it may freeze and kill."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self._folder = folder
        self._popen: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        self._popen = subprocess.Popen(
            ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"],
            cwd=self._folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        wait_until(self._answers, what="redis-server")

    def _answers(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1) as line:
            line.sendall(b"PING\r\n")
            return line.recv(16).startswith(b"+PONG")
        return False

    def freeze(self) -> None:
        assert self._popen is not None
        self._popen.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self._popen is not None
        self._popen.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        if self._popen is not None:
            self._popen.kill()
            self._popen.wait(30)
            self._popen = None


class Proxy:
    """A TCP line to a server that can be frozen (nothing passes, nothing is refused) or cut."""

    def __init__(self, target: tuple[str, int]) -> None:
        self.port = free_port()
        self._target = target
        self._flows, self._ended = threading.Event(), threading.Event()
        self._flows.set()
        self._listener: socket.socket | None = None
        self._lines: list[socket.socket] = []
        self._threads: list[threading.Thread] = []

    def open(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", self.port))
        self._spawn(self._accept, self._listener)

    def _spawn(self, work: Callable[..., None], *arguments: socket.socket) -> None:
        thread = threading.Thread(target=work, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = listener.accept()
                far = socket.create_connection(self._target, 5)
                self._lines += [near, far]
                self._spawn(self._carry, near, far)
                self._spawn(self._carry, far, near)

    def _carry(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError, ValueError):
            while not self._ended.is_set():
                self._flows.wait(0.2)
                if self._flows.is_set() and select.select([source], [], [], 0.1)[0]:
                    data = source.recv(65536)
                    if not data:
                        break
                    target.sendall(data)
        for line in (source, target):
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)

    def freeze(self) -> None:
        self._flows.clear()

    def thaw(self) -> None:
        self._flows.set()

    def cut(self) -> None:
        """Every line breaks, and new ones are refused until open()."""
        for line in [self._listener, *self._lines]:
            if line is not None:
                with contextlib.suppress(OSError):
                    line.shutdown(socket.SHUT_RDWR)
                line.close()
        self._listener, self._lines = None, []

    def end(self) -> None:
        self._ended.set()
        self.cut()
        for thread in self._threads:
            thread.join(5)

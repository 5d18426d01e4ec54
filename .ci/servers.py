"""How each test service is configured, started, asked whether it is ready, and addressed."""

# ruff: noqa: S310, S603  (fixed commands, and addresses on loopback)

from __future__ import annotations

import json
import random
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

from fetch_elasticsearch import ensure
from processes import Command, ServiceFailed, own, switch

HOST = "127.0.0.1"
# Below the range from which the kernel gives ports to outgoing connections, which could take a port between
# our look and the service's start.
PORTS = range(20000, 32000)
READY_WITHIN = 180.0


def free_port() -> int:
    for _ in range(200):
        port = random.choice(PORTS)
        with socket.socket() as probe:
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return port
    raise ServiceFailed("no free port between 20000 and 32000")


class Server:
    user = ""
    variable = ""

    def __init__(self, home: Path, secret: str, durable: bool) -> None:
        self.home = home
        self.secret = secret
        self.durable = durable
        self.port = 0

    def prepare(self) -> Iterator[tuple[str, Command]]:
        """Yields the processes to start, in order; each is started before the next is asked for."""
        raise NotImplementedError

    def ready(self) -> bool:
        raise NotImplementedError

    def url(self) -> str:
        raise NotImplementedError

    def folder(self, name: str = "") -> Path:
        place = self.home / name if name else self.home
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        own(place, self.user)
        return place

    def write(self, name: str, text: str) -> Path:
        place = self.home / name
        place.touch(mode=0o600)
        place.write_text(text)
        own(place, self.user)
        return place

    def clear(self) -> None:
        shutil.rmtree(self.home, ignore_errors=True)

    def wait(self, alive: Callable[[], bool]) -> None:
        until = time.monotonic() + READY_WITHIN
        while time.monotonic() < until:
            if not alive():
                raise ServiceFailed(f"{self.home.name} ended while it started")
            if self.ready():
                return
            time.sleep(0.1)
        raise ServiceFailed(f"{self.home.name} was not ready within {READY_WITHIN:.0f} s")

    def answers(self, request: bytes, expected: bytes) -> bool:
        try:
            with socket.create_connection((HOST, self.port), timeout=2) as connection:
                connection.sendall(request)
                return expected in connection.recv(256)
        except OSError:
            return False


class Postgres(Server):
    user = "postgres"
    variable = "RAPPORT_TEST_POSTGRES_URL"

    def binaries(self) -> Path:
        found = sorted(
            Path("/usr/lib/postgresql").glob("*/bin/postgres"),
            key=lambda place: int(place.parent.parent.name),
        )
        if not found:
            raise ServiceFailed("PostgreSQL is missing; run .ci/install first")
        return found[-1].parent

    def execute(self, arguments: list[str], **environment: str) -> subprocess.CompletedProcess[str]:
        done: subprocess.CompletedProcess[str] = subprocess.run(
            arguments,
            cwd="/",
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", **environment},
            **switch(self.user),
        )
        return done

    def prepare(self) -> Iterator[tuple[str, Command]]:
        self.port = free_port()
        self.folder()
        data = self.folder("data")
        password = self.write("password", self.secret)
        made = self.execute(
            [
                str(self.binaries() / "initdb"),
                "-D",
                str(data),
                "-U",
                "rapport",
                "-E",
                "UTF8",
                "--locale=C.UTF-8",
                "-A",
                "scram-sha-256",
                f"--pwfile={password}",
                "--no-sync",
                "--no-instructions",
            ]
        )
        if made.returncode != 0:
            raise ServiceFailed(f"initdb: {made.stderr.strip()}")
        settings = {
            "listen_addresses": HOST,
            "port": self.port,
            "unix_socket_directories": "",
            "max_connections": 200,
            "shared_buffers": "128MB",
            "timezone": "UTC",
        }
        if not self.durable:
            settings |= {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        # Interrupt is PostgreSQL's fast shutdown: it ends its clients instead of waiting for them.
        yield (
            "postgres",
            Command([str(self.binaries() / "postgres"), "-D", str(data), *options], user=self.user, end=2),
        )

    def query(self, statement: str) -> bool:
        done = self.execute(
            ["psql", "-h", HOST, "-p", str(self.port), "-U", "rapport", "-d", "postgres", "-qtAc", statement],
            PGPASSWORD=self.secret,
            PGCONNECT_TIMEOUT="2",
        )
        return done.returncode == 0

    def ready(self) -> bool:
        return self.query("select 1") and self.query("create database rapport")

    def url(self) -> str:
        return f"postgresql+psycopg://rapport:{self.secret}@{HOST}:{self.port}/rapport"


class Redis(Server):
    user = "redis"
    variable = "RAPPORT_TEST_REDIS_URL"

    def prepare(self) -> Iterator[tuple[str, Command]]:
        self.port = free_port()
        data = self.folder()
        settings = self.write(
            "redis.conf",
            f"bind {HOST}\nport {self.port}\nrequirepass {self.secret}\n"
            f'dir {data}\nsave ""\nappendonly no\ndaemonize no\n',
        )
        yield "redis", Command(["redis-server", str(settings)], user=self.user)

    def ready(self) -> bool:
        return self.answers(f"AUTH {self.secret}\r\nPING\r\n".encode(), b"+OK")

    def url(self) -> str:
        return f"redis://:{self.secret}@{HOST}:{self.port}/0"


class RabbitMQ(Server):
    user = "rabbitmq"
    variable = "RAPPORT_TEST_RABBITMQ_URL"

    def prepare(self) -> Iterator[tuple[str, Command]]:
        self.port, distribution, names = free_port(), free_port(), free_port()
        home = self.folder()
        # No plugins, no file of the machine's own broker.
        plugins = self.write("enabled_plugins", "[].\n")
        machine = self.write("rabbitmq-env.conf", "")
        settings = self.write(
            "rabbitmq.conf",
            f"default_user = rapport\ndefault_pass = {self.secret}\n"
            "disk_free_limit.absolute = 50MB\n"
            "vm_memory_high_watermark.absolute = 512MB\n",
        )
        environment = {
            "HOME": str(home),
            "ERL_EPMD_PORT": str(names),
            "ERL_EPMD_ADDRESS": HOST,
            "ERL_CRASH_DUMP": "/dev/null",
            "RABBITMQ_NODENAME": f"rapport_{self.port}@localhost",
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_NODE_IP_ADDRESS": HOST,
            "RABBITMQ_DIST_PORT": str(distribution),
            "RABBITMQ_MNESIA_BASE": str(self.folder("mnesia")),
            "RABBITMQ_LOG_BASE": str(self.folder("log")),
            "RABBITMQ_LOGS": "-",
            "RABBITMQ_CONF_ENV_FILE": str(machine),
            "RABBITMQ_CONFIG_FILE": str(settings),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(home / "advanced.config"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(plugins),
            # Its schedulers would spin while idle and take the processors from the tests.
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+sbwt none +sbwtdcpu none +sbwtdio none",
        }
        # Erlang starts a name server that nobody ends; one of our own, started first, is used instead.
        yield (
            "rabbitmq.names",
            Command(["epmd", "-address", HOST, "-port", str(names)], user=self.user, environment=environment),
        )
        self.await_names(names)
        # The script in bin/ runs as any user; the one on the path wants to be root.
        yield (
            "rabbitmq",
            Command(
                ["/usr/lib/rabbitmq/bin/rabbitmq-server"],
                user=self.user,
                environment=environment,
                folder=home,
            ),
        )

    def await_names(self, port: int) -> None:
        until = time.monotonic() + 10
        while time.monotonic() < until:
            with socket.socket() as probe:
                if probe.connect_ex((HOST, port)) == 0:
                    return
            time.sleep(0.05)

    def ready(self) -> bool:
        # The method number of Connection.Start: it speaks AMQP, not only listens.
        return self.answers(b"AMQP\x00\x00\x09\x01", b"\x00\x0a\x00\x0a")

    def url(self) -> str:
        return f"amqp://rapport:{self.secret}@{HOST}:{self.port}/%2F"


class Elasticsearch(Server):
    user = "rapport-search"
    variable = "RAPPORT_TEST_ELASTICSEARCH_URL"

    def java(self) -> str:
        found = sorted(Path("/usr/lib/jvm").glob("java-17-openjdk-*/bin/java"))
        if not found:
            raise ServiceFailed("Java 17 is missing; run .ci/install first")
        return str(found[0].parent.parent)

    def prepare(self) -> Iterator[tuple[str, Command]]:
        self.port, transport = free_port(), free_port()
        home = self.folder()
        # A copy, because the cache may lie in a home folder that its user cannot enter.
        program = home / "program"
        shutil.copytree(ensure(), program)
        config = self.folder("config")
        for name in ("log4j2.properties", "jvm.options"):
            self.write(f"config/{name}", (program / "config" / name).read_text())
        self.folder("config/jvm.options.d")
        self.write("config/jvm.options.d/heap.options", "-Xms512m\n-Xmx512m\n")
        self.write(
            "config/elasticsearch.yml",
            "\n".join(
                [
                    "cluster.name: rapport-test",
                    "discovery.type: single-node",
                    f"network.host: {HOST}",
                    f"http.port: {self.port}",
                    f"transport.port: {transport}",
                    f"path.data: {self.folder('data')}",
                    f"path.logs: {self.folder('log')}",
                    "xpack.security.enabled: false",
                    "cluster.routing.allocation.disk.threshold_enabled: false",
                    "",
                ]
            ),
        )
        scratch = self.folder("tmp")
        environment = {
            "HOME": str(home),
            "ES_JAVA_HOME": self.java(),
            "ES_PATH_CONF": str(config),
            "ES_TMPDIR": str(scratch),
            "CLI_NAME": "server",
            "CLI_LIBS": "lib/tools/server-cli",
            # Else the starting processes leave files in /tmp.
            "CLI_JAVA_OPTS": f"-Djava.io.tmpdir={scratch}",
            "JDK_JAVA_OPTIONS": "-XX:-UsePerfData",
        }
        yield (
            "elasticsearch",
            Command(
                ["bash", "bin/elasticsearch-cli"], user=self.user, folder=program, environment=environment
            ),
        )

    def ready(self) -> bool:
        address = f"{self.url()}/_cluster/health?wait_for_status=yellow&timeout=1s"
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:
                return json.load(answer)["status"] in {"yellow", "green"}
        except (OSError, urllib.error.URLError, ValueError):
            return False

    def url(self) -> str:
        return f"http://{HOST}:{self.port}"


SERVERS: dict[str, type[Server]] = {
    "postgres": Postgres,
    "redis": Redis,
    "rabbitmq": RabbitMQ,
    "elasticsearch": Elasticsearch,
}

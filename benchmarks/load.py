"""A light load generator: raw HTTP/1.1 over asyncio, in a process of its own so that it takes no server's time.

    python -m benchmarks.load < plan.json      plan: {"host", "port", "paths", "headers", "seconds", "connections", "rate"}

Without `rate` every connection asks again as soon as it has its answer (saturation). With `rate`, requests start at
fixed moments whether or not earlier ones are answered (open loop), and a time counts from the moment at which the
request was due: a server that stalls cannot hide the waiting of those behind. Prints one JSON object.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from time import perf_counter

ROOT = Path(__file__).resolve().parents[1]


@dataclass
class Plan:
    host: str
    port: int
    paths: list[str]
    headers: dict[str, str] = field(default_factory=dict)
    seconds: float = 2.0
    connections: int = 8
    rate: float | None = None


@dataclass
class Result:
    """`times`: seconds of each answered request. `failed`: answers other than 200, and lost connections."""

    answered: int
    failed: int
    seconds: float
    times: list[float]

    @property
    def per_second(self) -> float:
        return self.answered / self.seconds

    def quantile(self, share: float) -> float:
        """Seconds that `share` of the requests took at most."""
        ranked = sorted(self.times)
        return ranked[min(int(len(ranked) * share), len(ranked) - 1)]


def run(plan: Plan) -> Result:
    """Runs `plan` in another process."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.load"],
        input=json.dumps(asdict(plan)), capture_output=True, text=True, check=True, cwd=ROOT, timeout=plan.seconds + 60,
    )  # fmt: skip
    return Result(**json.loads(done.stdout))


class Connection(asyncio.Protocol):
    """One kept connection with one request under way at most."""

    def __init__(self) -> None:
        self._buffer = b""
        self._answer: asyncio.Future[bool] | None = None
        self._transport: asyncio.Transport | None = None
        self.is_open = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport, self.is_open = transport, True

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_open = False
        self._settle(False)

    def ask(self, request: bytes) -> asyncio.Future[bool]:
        """Sends; the future says whether a whole answer with status 200 came."""
        assert self._transport is not None
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return self._answer

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, end, body = self._buffer.partition(b"\r\n\r\n")
        if not end:
            return
        lower = head.lower()
        at = lower.find(b"content-length:")
        length = int(lower[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
        if len(body) >= length:
            self._buffer = b""
            self._settle(head.startswith(b"HTTP/1.1 200"))

    def _settle(self, well: bool) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(well)


class Load:
    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        lines = "".join(f"{name}: {value}\r\n" for name, value in plan.headers.items())
        self._requests = [
            f"GET {path} HTTP/1.1\r\nHost: {plan.host}:{plan.port}\r\n{lines}\r\n".encode()
            for path in plan.paths
        ]
        self._times: list[float] = []
        self._failed = 0

    async def _connect(self) -> Connection:
        loop = asyncio.get_running_loop()
        _, made = await loop.create_connection(Connection, self._plan.host, self._plan.port)
        return made

    def _note(self, well: bool, since: float) -> None:
        if well:
            self._times.append(perf_counter() - since)
        else:
            self._failed += 1

    async def _saturate(self, until: float, first: int) -> None:
        connection, number = await self._connect(), first
        while (since := perf_counter()) < until:
            if not connection.is_open:
                connection = await self._connect()
            self._note(await connection.ask(self._requests[number % len(self._requests)]), since)
            number += 1

    async def _one(self, free: list[Connection], number: int, due: float) -> None:
        connection = free.pop() if free else await self._connect()
        if not connection.is_open:
            connection = await self._connect()
        self._note(await connection.ask(self._requests[number % len(self._requests)]), due)
        free.append(connection)

    async def _at_rate(self, rate: float) -> None:
        free = [await self._connect() for _ in range(self._plan.connections)]
        begun, under_way = perf_counter(), set()
        for number in range(int(self._plan.seconds * rate)):
            due = begun + number / rate
            if (wait := due - perf_counter()) > 0:
                await asyncio.sleep(wait)
            task = asyncio.create_task(self._one(free, number, due))
            under_way.add(task)
            task.add_done_callback(under_way.discard)
        if under_way:
            await asyncio.wait(set(under_way))

    async def run(self) -> Result:
        begun = perf_counter()
        if self._plan.rate is None:
            until = begun + self._plan.seconds
            await asyncio.gather(*(self._saturate(until, number) for number in range(self._plan.connections)))
        else:
            await self._at_rate(self._plan.rate)
        return Result(len(self._times), self._failed, perf_counter() - begun, self._times)


def main(arguments: Sequence[str]) -> int:
    if arguments:
        print(__doc__, file=sys.stderr)
        return 2
    result = asyncio.run(Load(Plan(**json.load(sys.stdin))).run())
    json.dump(asdict(result), sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

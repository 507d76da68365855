"""A small HTTP load generator: keep-alive connections on loopback, a bounded number of requests."""

import asyncio
import statistics
import time
from dataclasses import dataclass
from itertools import islice
from pathlib import Path


@dataclass(frozen=True)
class Load:
    """What a run of requests cost."""

    requests: int
    seconds: float
    cpu_us: float
    p50_ms: float
    p99_ms: float
    statuses: dict[int, int]

    @property
    def per_second(self) -> float:
        return self.requests / self.seconds


async def run(port: int, bodies: list[bytes], *, pid: int, path: str, connections: int = 32) -> Load:
    """Post every body once to 127.0.0.1; CPU time is the server's own, from /proc."""
    latencies: list[float] = []
    statuses: dict[int, int] = {}
    pending = iter(bodies)

    async def work() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for body in pending:
            head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            started = time.perf_counter()
            writer.write(head.encode() + f"Content-Length: {len(body)}\r\n\r\n".encode() + body)
            status = int((await reader.readline()).split()[1])
            length = 0
            while (line := await reader.readline()) != b"\r\n":
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            await reader.readexactly(length)
            latencies.append(time.perf_counter() - started)
            statuses[status] = statuses.get(status, 0) + 1
        writer.close()

    before, started = cpu_seconds(pid), time.perf_counter()
    await asyncio.gather(*(work() for _ in range(connections)))
    seconds, cpu = time.perf_counter() - started, cpu_seconds(pid) - before
    cuts = statistics.quantiles(latencies, n=100)
    return Load(len(bodies), seconds, cpu / len(bodies) * 1e6, cuts[49] * 1e3, cuts[98] * 1e3, statuses)


def cpu_seconds(pid: int) -> float:
    """User and system time of a process (Linux)."""
    fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    return sum(int(value) for value in islice(fields, 11, 13)) / 100.0

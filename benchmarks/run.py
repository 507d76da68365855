"""What a decision costs, in process and over HTTP, beside a FastAPI endpoint that does nothing.

Both servers run in turn on loopback, three interleaved rounds, medians printed: machines are
noisy, so read the ratio. Requests are bounded in number; the servers are stopped at the end.
"""

import asyncio
import json
import os
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from load import Load, run

from bawwab.core.events import Category, Message
from bawwab.core.journal import NoJournal
from bawwab.core.policy import default_policy
from bawwab.gate import Gate
from bawwab.stores.memory import MemoryState
from bawwab.stores.models import load_champion

BUDGET_US = 200.0  # CPU of one decision, HTTP included
REQUESTS = 4_000
ROUNDS = 3
HERE = Path(__file__).parent
WORDINGS = [
    "Your card *{a} was charged SAR {b}.50 at Jarir on 24/11/2026 18:42. Not you? Call the number on your card.",
    "عميلنا العزيز، تم خصم {b} ريال من بطاقتك *{a}. إذا لم تكن أنت فاتصل بالرقم المطبوع على البطاقة.",
    "{a}{b} is your verification code. Do not share it with anyone.",
    "Flight SV{b} to Riyadh is delayed to 21:40. Gate A{b}. We are sorry for the wait.",
    "Hi Layla, your order {a}-{b} is out for delivery today between 14:00 and 18:00.",
]


def texts(count: int, *, new_words: bool) -> Iterator[str]:
    """Templates with fresh values; with ``new_words``, no two wordings alike."""
    chance = random.Random(7)
    for _ in range(count):
        text = chance.choice(WORDINGS).format(a=chance.randint(1000, 9999), b=chance.randint(100, 999))
        yield f"{text} {_word(chance)} {_word(chance)}" if new_words else text


def _word(chance: random.Random) -> str:
    return "".join(chance.choice("abcdefghijklmnoprstuvw") for _ in range(chance.randint(4, 9)))


def in_process(*, new_words: bool, count: int = 3_000) -> float:
    """Median microseconds of a decision."""
    gate = Gate(
        state=MemoryState(),
        journal=NoJournal(),
        policy=default_policy(),
        model=load_champion(HERE.parent / "models"),
        keep_text="masked",
    )
    spent = []
    for number, text in enumerate(texts(count, new_words=new_words)):
        message = Message(
            message_id=f"m{number}",
            sender_id=f"s{number % 50}",
            recipient=f"r{number}",
            category=Category.UTILITY,
            text=text,
        )
        started = time.perf_counter()
        gate.score(message, now=1.8e9 + number)
        spent.append(time.perf_counter() - started)
    return statistics.median(spent[count // 3 :]) * 1e6


def bodies(prefix: str, count: int) -> list[bytes]:
    """Requests to post."""
    return [
        json.dumps(
            {
                "message_id": f"{prefix}{number}",
                "sender_id": f"s{number % 50}",
                "recipient_id": f"r{number}",
                "category": "utility",
                "text": text,
            }
        ).encode()
        for number, text in enumerate(texts(count, new_words=False))
    ]


@contextmanager
def server(command: list[str], port: int, ready: str) -> Iterator[int]:
    """Start a server, wait until it answers, stop it."""
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "BAWWAB_HOME": home, "OMP_NUM_THREADS": "1"}
        process = subprocess.Popen(command, cwd=HERE.parent, env=environment, stderr=subprocess.DEVNULL)  # noqa: S603
        try:
            _await(f"http://127.0.0.1:{port}{ready}", process)
            yield process.pid
        finally:
            process.terminate()
            process.wait(timeout=20)


def _await(url: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(200):
        if process.poll() is not None:
            sys.exit("the server did not start")
        try:
            urllib.request.urlopen(url, timeout=1).close()  # noqa: S310
        except OSError:
            time.sleep(0.1)
        else:
            return
    sys.exit("the server did not answer")


def free_port() -> int:
    """Find a port nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def over_http() -> dict[str, list[Load]]:
    """Interleave rounds of the two servers."""
    gate_port, noop_port = free_port(), free_port()
    bawwab = [str(Path(sys.executable).parent / "bawwab"), "serve", "--port", str(gate_port)]
    noop = [sys.executable, "-m", "uvicorn", "--app-dir", str(HERE), "noop:app", "--port", str(noop_port)]
    noop += ["--no-access-log", "--log-level", "warning"]
    found: dict[str, list[Load]] = {"no-op FastAPI": [], "bawwab": []}
    with server(bawwab, gate_port, "/readyz") as gate, server(noop, noop_port, "/docs") as idle:
        for number in range(ROUNDS + 1):
            for name, port, pid in (("no-op FastAPI", noop_port, idle), ("bawwab", gate_port, gate)):
                sent = bodies(f"{number}-", REQUESTS)
                load = asyncio.run(run(port, sent, pid=pid, path="/v1/score"))
                if number:
                    found[name].append(load)
    return found


def main() -> None:
    """Measure and print."""
    print(f"budget: {BUDGET_US:.0f} us CPU for a whole decision, HTTP included\n")
    known, new = in_process(new_words=False), in_process(new_words=True)
    print(f"in process, known wording : {known:7.0f} us")
    print(f"in process, new wording   : {new:7.0f} us\n")
    print(f"{'over HTTP, 32 connections':27s}{'req/s':>8s}{'CPU us':>8s}{'p50 ms':>8s}{'p99 ms':>8s}")
    for name, loads in over_http().items():
        middle = {
            field: statistics.median(getattr(load, field) for load in loads)
            for field in ("per_second", "cpu_us", "p50_ms", "p99_ms")
        }
        print(
            f"{name:27s}{middle['per_second']:8.0f}{middle['cpu_us']:8.0f}"
            f"{middle['p50_ms']:8.1f}{middle['p99_ms']:8.1f}   {loads[-1].statuses}"
        )


if __name__ == "__main__":
    main()

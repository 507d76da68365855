"""What a decision costs with its state in Redis, beside memory: in process, one worker, one decision at a time.

Run it beside a server: ``scripts/with_engines python benchmarks/shared_state.py``, or give its URL. Both write
their log to SQLite. They take turns in one run, five rounds of two hundred after a hundred to warm up; read the
ratio: machines are noisy. The number of decisions is bounded, and they go to a namespace that is dropped after.
"""

import asyncio
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from run import HERE, texts

from bawwab.core.events import Category, Message
from bawwab.core.policy import default_policy
from bawwab.gate import Gate
from bawwab.service.entrance import NoTurns, Turns
from bawwab.service.shared import open_shared
from bawwab.stores.memory import MemoryState
from bawwab.stores.models import load_champion
from bawwab.stores.sql import SqlLog

WARMING, ROUNDS, EACH = 100, 5, 200


def messages() -> Iterator[Message]:
    """Messages of fifty senders, to a recipient each."""
    for number, text in enumerate(texts(WARMING + ROUNDS * EACH, new_words=False)):
        yield Message(
            message_id=f"m{number}",
            sender_id=f"s{number % 50}",
            recipient=f"r{number}",
            category=Category.UTILITY,
            text=text,
        )


class Side:
    """One of the two, with its messages and the milliseconds that they took, turn and commit included."""

    def __init__(self, gate: Gate, turns: Turns) -> None:
        self._gate, self._turns = gate, turns
        self._messages = messages()
        self.spent: list[float] = []

    async def decide(self, count: int) -> None:
        """Decide the next messages, one after another."""
        for _ in range(count):
            message = next(self._messages)
            started = time.perf_counter()
            async with self._turns.take(partial(list, [message.sender_id])):
                self._gate.score(message, now=time.time())
            self.spent.append((time.perf_counter() - started) * 1e3)

    def __str__(self) -> str:
        cuts = statistics.quantiles(self.spent, n=100)
        return (
            f"median {cuts[49]:6.2f}  95 % within {cuts[94]:6.2f}  99 % within {cuts[98]:6.2f} ms a decision"
        )


def measure(url: str, folder: str, stack: ExitStack) -> None:
    """Measure both, by turns, and print."""
    model, policy = load_champion(HERE.parent / "models"), default_policy()
    logs = [
        SqlLog(f"sqlite:///{Path(folder) / name}", shared=name == "redis") for name in ("memory", "redis")
    ]
    for log in logs:
        stack.callback(log.close)
    memory = Side(Gate(state=MemoryState(), journal=logs[0], policy=policy, model=model), NoTurns())
    shared = open_shared(f"{url}?namespace=bench{os.getpid()}", policy, logs[1], stack)
    gate = Gate(
        state=shared.state, journal=shared.journal, policy=policy, model=model, confirm=shared.turns.confirm
    )
    redis = Side(gate, shared.turns)
    for side in (memory, redis):
        asyncio.run(side.decide(WARMING))
        side.spent.clear()
    for _ in range(ROUNDS):
        for side in (memory, redis):
            asyncio.run(side.decide(EACH))
    print(f"memory : {memory}")
    print(f"redis  : {redis}")
    print(f"load   : {os.getloadavg()[0]:.1f}")
    shared.rebuilder.outboxes.drop(shared.journal.name)
    shared.state.link.drop_all()


def main() -> None:
    """Measure beside the server that is given, or that the tests have."""
    url = sys.argv[1] if len(sys.argv) > 1 else os.environ["BAWWAB_TEST_REDIS"]
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        measure(url, folder, stack)


if __name__ == "__main__":
    main()

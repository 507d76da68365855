"""What a decision costs with its state in Redis, beside memory: in process, one worker, one decision at a time.

Run it beside a server: ``scripts/with_engines python benchmarks/shared_state.py``, or give its URL. Read the
ratio: machines are noisy. The number of decisions is bounded, and they go to a namespace that is dropped after.
"""

import asyncio
import os
import statistics
import sys
import time

from run import HERE, texts

from bawwab.core.events import Category, Message
from bawwab.core.journal import NoJournal
from bawwab.core.policy import default_policy
from bawwab.gate import Gate
from bawwab.service.entrance import NoTurns, Turns
from bawwab.stores.memory import MemoryState
from bawwab.stores.models import load_champion
from bawwab.stores.redis import RedisState
from bawwab.stores.redis.recent import RecentJournal
from bawwab.stores.redis.turns import RedisTurns

COUNT = 600


async def decide(gate: Gate, turns: Turns) -> float:
    """Median milliseconds of a decision, turn and commit included."""
    spent = []
    for number, text in enumerate(texts(COUNT, new_words=False)):
        sender = f"s{number % 50}"
        message = Message(
            message_id=f"m{number}",
            sender_id=sender,
            recipient=f"r{number}",
            category=Category.UTILITY,
            text=text,
        )
        started = time.perf_counter()
        async with turns.take(lambda sender=sender: [sender]):
            gate.score(message, now=1.8e9 + number)
        spent.append(time.perf_counter() - started)
    return statistics.median(spent[COUNT // 3 :]) * 1e3


def main() -> None:
    """Measure and print."""
    url = sys.argv[1] if len(sys.argv) > 1 else os.environ["BAWWAB_TEST_REDIS"]
    model, policy = load_champion(HERE.parent / "models"), default_policy()
    memory = Gate(state=MemoryState(), journal=NoJournal(), policy=policy, model=model)
    state = RedisState.at(f"{url}?namespace=bench{os.getpid()}")
    turns = RedisTurns(state.link)
    turns.mark()
    journal = RecentJournal(NoJournal(), state.link)
    redis = Gate(state=state, journal=journal, policy=policy, model=model, confirm=turns.confirm)
    print(f"memory : {asyncio.run(decide(memory, NoTurns())):6.2f} ms a decision")
    print(f"redis  : {asyncio.run(decide(redis, turns)):6.2f} ms a decision")
    state.link.drop_all()


if __name__ == "__main__":
    main()

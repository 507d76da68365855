"""Send a queue of messages through the gate: ``python examples/send_loop.py queue.jsonl``.

One message a line, with the fields of ``POST /v1/score``. A throttle for pace is asked again when
its time has come; what only a person can mend is printed; a stopped campaign is dropped.
"""

import heapq
import itertools
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec

from bawwab.client import Advice, Answer, Client, Message, RefusedError, Verdict


def run(
    gate: Client,
    queue: Iterable[Message],
    send: Callable[[Message], object],
    *,
    tell: Callable[[Message, str], object],
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], object] = time.sleep,
) -> None:
    """Ask, and do as told, until nothing waits."""
    order, stopped = itertools.count(), set[str]()
    waiting = [(clock(), next(order), message) for message in queue]
    while waiting:
        due, _, message = heapq.heappop(waiting)
        if message.campaign_id in stopped:
            tell(message, "its campaign was stopped")
            continue
        sleep(max(0.0, due - clock()))
        try:
            answer = gate.score(message)
        except RefusedError as error:
            tell(message, str(error))
            continue
        if answer.verdict is Verdict.ALLOW:
            send(message)
        elif answer.verdict is Verdict.THROTTLE and answer.advice is Advice.RETRY_LATER:
            heapq.heappush(waiting, (clock() + (answer.retry_after_seconds or 1.0), next(order), message))
        else:
            if answer.advice is Advice.STOP_CAMPAIGN and message.campaign_id:
                stopped.add(message.campaign_id)
            tell(message, why(answer))


def why(answer: Answer) -> str:
    """What a person needs in order to mend it."""
    codes = ", ".join(reason.code for reason in answer.reasons)
    return f"{answer.verdict}: {codes}; {answer.advice}"


if __name__ == "__main__":
    lines = Path(sys.argv[1]).read_bytes().splitlines()
    messages = [msgspec.json.decode(line, type=Message) for line in lines if line.strip()]
    with Client(sys.argv[2] if len(sys.argv) > 2 else "http://127.0.0.1:8000") as door:  # noqa: PLR2004
        run(
            door,
            messages,
            lambda message: print("sent", message.message_id),
            tell=lambda message, told: print("kept", message.message_id, told),
        )

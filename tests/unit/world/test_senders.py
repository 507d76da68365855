"""What honest senders and abusers do with an answer."""

from collections.abc import Callable

import msgspec
import pytest

from bawwab.core.decisions import Verdict
from bawwab.core.events import Message
from bawwab.world.author import PATIENCE, retry_at
from bawwab.world.doors import Answer
from bawwab.world.intent import Fortune, Intent, Role
from bawwab.world.platform import World
from bawwab.world.referees import Deaf
from world_kit import run_world, small


class Answering(Deaf):
    """Answers as a function says, and remembers when it was asked."""

    def __init__(self, answer: Callable[[int], Answer]) -> None:
        self.asked: dict[str, list[float]] = {}
        self._answer = answer

    def score(self, message: Message, *, now: float) -> Answer:
        times = self.asked.setdefault(message.message_id, [])
        times.append(now)
        return self._answer(len(times))


def run(answer: Callable[[int], Answer], name: str = "honest", days: float = 3.0) -> tuple[World, Answering]:
    door = Answering(answer)
    scenario = small(name, scale=0.01, days=days)
    if name == "honest":
        scenario = msgspec.structs.replace(scenario, honest=scenario.honest[:1])
    return run_world(scenario, door_for=lambda _: door), door


def early(world: World, role: Role) -> list[Intent]:
    limit = world.scenario.begins + 86_400.0
    return [i for i in world.engine.intents.values() if i.first_at < limit and i.truth.role is role]


def throttle(seconds: float) -> Answer:
    return Answer(Verdict.THROTTLE, seconds)


def test_an_honest_sender_asks_again_when_it_was_told() -> None:
    _, door = run(lambda attempt: throttle(600.0) if attempt == 1 else Answer(Verdict.ALLOW))
    waits = [times[1] - times[0] for times in door.asked.values() if len(times) > 1]
    assert waits
    assert all(600.0 <= wait < 600.1 for wait in waits)


def test_an_honest_sender_gives_up_after_a_day() -> None:
    world, door = run(lambda _: throttle(3000.0))
    found = early(world, Role.HONEST)
    assert {intent.fortune for intent in found} == {Fortune.LOST}
    assert all(times[-1] - times[0] <= PATIENCE for times in door.asked.values())


def test_a_block_is_final_for_an_honest_sender() -> None:
    world, _ = run(lambda _: Answer(Verdict.BLOCK))
    assert {intent.attempts for intent in early(world, Role.HONEST)} == {1}


@pytest.mark.parametrize("name", ["blast", "snowshoe"])
def test_an_abuser_who_is_refused_takes_another_identity_until_it_has_none(name: str) -> None:
    world, _ = run(lambda _: Answer(Verdict.BLOCK), name, days=21.0)
    assert any(operation.planned for operation in world.operations)
    for operation in world.operations:
        senders = {
            i.message.sender_id for i in world.engine.intents.values() if i.truth.agent == operation.agent
        }
        assert bool(senders) is (operation.planned > 0)  # in a small world some never get to send
        assert len(senders) <= operation.kind.identities[1]


def test_an_adaptive_opponent_sends_more_while_it_passes() -> None:
    passed, _ = run(lambda _: Answer(Verdict.ALLOW), "adaptive", days=21.0)
    refused, _ = run(lambda _: Answer(Verdict.BLOCK, None, "FRAUD_TEXT"), "adaptive", days=21.0)
    assert _abusive(passed) >= _abusive(refused)


def test_an_adaptive_opponent_changes_its_words_when_they_are_refused() -> None:
    world, _ = run(lambda _: Answer(Verdict.BLOCK, None, "FRAUD_TEXT"), "adaptive", days=21.0)
    forms = {i.truth.form for i in world.engine.intents.values() if i.is_abusive}
    assert len(forms) > 2


def test_retrying_is_never_a_millisecond_too_early() -> None:
    for k in range(2000):
        now, wait = 1.7724e9 + k * 0.137, 300.0 + k / 7.0
        assert retry_at(throttle(wait), now=now) >= now + wait


def _abusive(world: World) -> int:
    return sum(intent.is_abusive for intent in world.engine.intents.values())

from collections import Counter

from bawwab.core.events import SenderProfile
from bawwab.world.doors import Answer
from bawwab.world.feedback import Timed
from bawwab.world.intent import Intent
from bawwab.world.platform import World
from world_kit import run_world, small


class Diary:
    """Writes down who did what when."""

    def __init__(self) -> None:
        self.lines: list[tuple[float, str, str]] = []

    def registered(self, profile: SenderProfile, *, now: float) -> None:
        self.lines.append((now, "registered", profile.sender_id))

    def decided(self, intent: Intent, answer: Answer, *, now: float) -> None:
        self.lines.append((now, "decided", repr((intent.message, answer.verdict))))

    def heard(self, timed: Timed) -> None:
        self.lines.append((timed.known_at, "heard", repr(timed.item)))


def diary(name: str, seed: int = 1) -> tuple[World, Diary]:
    written = Diary()
    return run_world(small(name), seed=seed, witness=written), written


def test_the_same_seed_gives_the_same_world() -> None:
    assert diary("default")[1].lines == diary("default")[1].lines


def test_another_seed_gives_another_world() -> None:
    assert diary("default")[1].lines != diary("default", seed=2)[1].lines


def test_taking_agents_away_moves_nothing_of_the_others() -> None:
    whole, _ = diary("default")
    part, _ = diary("blast")
    mine = {i.message.message_id: repr((i.message, i.truth)) for i in part.engine.intents.values()}
    theirs = {i.message.message_id: repr((i.message, i.truth)) for i in whole.engine.intents.values()}
    assert len(mine) > 500
    assert {key: theirs.get(key) for key in mine} == mine


def test_a_sender_is_registered_before_it_sends() -> None:
    _, written = diary("default")
    known: set[str] = set()
    for _, what, who in written.lines:
        if what == "registered":
            known.add(who)
        if what == "decided":
            assert who.split("sender_id='")[1].split("'")[0] in known


def test_the_default_world_has_every_kind_of_sender() -> None:
    world, _ = diary("default")
    kinds = Counter(intent.truth.kind for intent in world.engine.intents.values())
    brigades = {agent.name for agent in world.scenario.brigade}
    assert set(world.scenario.agent_names) - brigades == set(kinds)


def test_no_two_messages_have_the_same_fate() -> None:
    world, _ = diary("default")
    fates = [intent.fate for intent in world.engine.intents.values()]
    assert len(set(fates)) == len(fates)


def test_a_message_to_somebody_who_blocked_the_sender_is_excused() -> None:
    world = run_world(small("brigade_on_shop", scale=0.3))
    excused = [intent for intent in world.engine.intents.values() if intent.excused]
    assert excused
    assert not any(intent.is_honest or intent.is_abusive for intent in excused)

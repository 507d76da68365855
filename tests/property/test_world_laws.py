"""The laws of the simulated world, over seeds, doors and small scenarios.

1. Time never runs backwards; nothing is known before it happened, or happens before its cause.
2. Nothing is heard about a message that was refused.
3. People do what they are inclined to: who never reports never does; rates follow propensities.
4. No field that a gate sees tells honest from abusive, but for what the platform may know.
5. What a door answers changes what senders do, never the luck of a message.
"""
# ruff: noqa: ARG002 - a door takes what a Door takes

import re
from collections import Counter, defaultdict

import msgspec
import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bawwab.core.decisions import Verdict
from bawwab.core.events import Message, Outcome, OutcomeKind, Report, SenderProfile
from bawwab.world.chance import stream
from bawwab.world.doors import Answer
from bawwab.world.feedback import Timed, complaint_probability
from bawwab.world.intent import Fortune, Intent, Role
from bawwab.world.platform import World
from bawwab.world.referees import Deaf
from world_kit import run_world, small

SEEDS = st.integers(min_value=0, max_value=2**32)
FEW = settings(max_examples=4, deadline=None)


class Moody(Deaf):
    """Allows, throttles and blocks at random."""

    def __init__(self, seed: int) -> None:
        self._chance = stream(seed, "moody")

    def score(self, message: Message, *, now: float) -> Answer:
        spot = self._chance.random()
        if spot < 0.6:
            return Answer(Verdict.ALLOW)
        if spot < 0.8:
            return Answer(Verdict.THROTTLE, float(60.0 + 7200.0 * self._chance.random()), "PACING")
        return Answer(Verdict.BLOCK, None, "FRAUD_TEXT")


class Diary:
    """Keeps everything in the order in which the platform learned it."""

    def __init__(self) -> None:
        self.times: list[float] = []
        self.profiles: list[SenderProfile] = []
        self.answers: list[tuple[Message, Answer, float]] = []
        self.feedback: list[Timed] = []

    def registered(self, profile: SenderProfile, *, now: float) -> None:
        self.times.append(now)
        self.profiles.append(profile)

    def decided(self, intent: Intent, answer: Answer, *, now: float) -> None:
        self.times.append(now)
        self.answers.append((intent.message, answer, now))

    def heard(self, timed: Timed) -> None:
        self.times.append(timed.known_at)
        self.feedback.append(timed)


def moody(seed: int, name: str = "default") -> tuple[World, Diary]:
    diary = Diary()
    return run_world(small(name, scale=0.02), seed=seed, door_for=lambda _: Moody(seed), witness=diary), diary


# --- 1 ---------------------------------------------------------------------------------------


@FEW
@given(SEEDS)
def test_time_never_runs_backwards(seed: int) -> None:
    world, diary = moody(seed)
    assert diary.times == sorted(diary.times)
    assert diary.times[-1] <= world.scenario.ends


@FEW
@given(SEEDS)
def test_nothing_is_known_before_it_happened_or_happens_before_its_cause(seed: int) -> None:
    world, diary = moody(seed)
    for timed in diary.feedback:
        assert timed.occurred_at <= timed.known_at
        intent = world.engine.intents.get(getattr(timed.item, "message_id", None) or "")
        if intent is not None:
            assert intent.first_at <= intent.settled_at < timed.occurred_at


@FEW
@given(SEEDS)
def test_every_item_carries_the_time_at_which_it_happened(seed: int) -> None:
    _, diary = moody(seed)
    assert all(message.occurred_at == now for message, _, now in diary.answers)
    for timed in diary.feedback:
        item = timed.item
        carried = item.reported_at if isinstance(item, Report) else getattr(item, "occurred_at", None)
        assert carried is None or carried == timed.occurred_at


@FEW
@given(SEEDS)
def test_a_message_is_read_after_it_was_delivered_and_answered_after_it_was_read(seed: int) -> None:
    _, diary = moody(seed)
    when: defaultdict[str, dict[OutcomeKind, float]] = defaultdict(dict)
    for timed in diary.feedback:
        if isinstance(timed.item, Outcome) and timed.item.message_id is not None:
            when[timed.item.message_id][timed.item.kind] = timed.occurred_at
    for times in when.values():
        order = [OutcomeKind.DELIVERED, OutcomeKind.READ, OutcomeKind.REPLIED]
        known = [times[kind] for kind in order if kind in times]
        assert known == sorted(known)
        assert OutcomeKind.DELIVERED not in times or OutcomeKind.FAILED not in times


# --- 2 ---------------------------------------------------------------------------------------


@FEW
@given(SEEDS)
def test_nothing_is_heard_about_a_message_that_was_refused(seed: int) -> None:
    world, diary = moody(seed)
    about = {getattr(timed.item, "message_id", None) for timed in diary.feedback} - {None}
    fortunes = {world.engine.intents[str(message_id)].fortune for message_id in about}
    assert fortunes <= {Fortune.ALLOWED}


@FEW
@given(SEEDS)
def test_an_allowed_message_is_never_asked_for_again(seed: int) -> None:
    _, diary = moody(seed)
    done: set[str] = set()
    for message, answer, _ in diary.answers:
        assert message.message_id not in done
        if answer.verdict is not Verdict.THROTTLE:
            done.add(message.message_id)


# --- 3 ---------------------------------------------------------------------------------------


@FEW
@given(SEEDS)
def test_who_never_reports_never_does_but_in_a_brigade(seed: int) -> None:
    world, diary = moody(seed, "blast")
    people = world.crowd.people
    silent = {people.ids[number] for number in np.flatnonzero(people.report == 0.0)}
    reporters = {timed.item.recipient for timed in diary.feedback if isinstance(timed.item, Report)}
    assert not silent & reporters


def test_complaints_follow_the_propensities() -> None:
    """Over all allowed messages, the complaints expected and those that come agree."""
    world = run_world(small(scale=0.1), seed=5)
    people = world.crowd.people
    reached = [
        i
        for i in world.engine.intents.values()
        if i.person >= 0 and i.fortune is Fortune.ALLOWED and not i.is_friend
    ]
    expected = sum(complaint_probability(i, people) for i in reached)
    came = sum(i.fate.complain < complaint_probability(i, people) for i in reached)
    assert abs(came - expected) < 5.0 * np.sqrt(expected)


def test_people_read_as_readily_as_they_are_inclined_to() -> None:
    diary = Diary()
    world = run_world(small("honest", scale=0.1), seed=3, witness=diary)
    read = Counter(
        timed.item.recipient
        for timed in diary.feedback
        if isinstance(timed.item, Outcome) and timed.item.kind is OutcomeKind.READ
    )
    delivered = Counter(
        timed.item.recipient
        for timed in diary.feedback
        if isinstance(timed.item, Outcome) and timed.item.kind is OutcomeKind.DELIVERED
    )
    inclined = dict(zip(world.crowd.people.ids, world.crowd.people.read, strict=True))
    expected = sum(count * inclined[person] for person, count in delivered.items())
    assert abs(read.total() / expected - 1.0) < 0.05  # the last day's are still unread


def test_about_a_quarter_of_reports_are_noise() -> None:
    """Expected reports on honest messages, of all, where everything is let out."""
    expected: defaultdict[Role, float] = defaultdict(float)
    for seed in range(8):
        world = run_world(small(), seed=seed)
        for intent in world.engine.intents.values():
            if intent.person >= 0 and not intent.is_friend:
                expected[intent.truth.role] += complaint_probability(intent, world.crowd.people)
    assert 0.20 < expected[Role.HONEST] / sum(expected.values()) < 0.33


# --- 4 ---------------------------------------------------------------------------------------

_ID = re.compile(r"[a-z]_[0-9a-f]+")


def ids_of(message: Message) -> list[str | None]:
    return [
        message.message_id,
        message.sender_id,
        message.recipient,
        message.template_id,
        message.campaign_id,
    ]


@FEW
@given(SEEDS)
def test_ids_are_digests_and_of_one_form(seed: int) -> None:
    world, diary = moody(seed)
    for intent in world.engine.intents.values():
        for value in ids_of(intent.message):
            assert value is None or _ID.fullmatch(value)
    forms = {
        role: {
            tuple(None if value is None else len(value) for value in ids_of(intent.message))
            for intent in world.engine.intents.values()
            if intent.truth.role is role
        }
        for role in (Role.HONEST, Role.ABUSIVE)
    }
    assert forms[Role.ABUSIVE] <= {
        (18, 14, 14, template, campaign) for template in (None, 14) for campaign in (None, 14)
    }
    assert {form[:3] for form in forms[Role.HONEST]} == {(18, 14, 14)}
    assert all(_ID.fullmatch(profile.sender_id) for profile in diary.profiles)


def test_no_id_is_of_one_side_only() -> None:
    """Leading digits of ids are spread alike over honest and abusive senders and messages."""
    first: dict[Role, Counter[str]] = {Role.HONEST: Counter(), Role.ABUSIVE: Counter()}
    for seed in range(4):
        for intent in run_world(small(), seed=seed).engine.intents.values():
            if intent.truth.role in first:
                first[intent.truth.role][intent.message.message_id[2]] += 1
    for counts in first.values():
        shares = np.array([counts[digit] for digit in "0123456789abcdef"]) / counts.total()
        assert np.abs(shares - 1 / 16).max() < 0.03


def test_names_hosts_and_habits_are_drawn_alike() -> None:
    honest: set[str] = set()
    abusive: set[str] = set()
    given_ids: dict[Role, Counter[bool]] = {Role.HONEST: Counter(), Role.ABUSIVE: Counter()}
    for seed in range(12):
        world = run_world(small(scale=0.01), seed=seed)
        for sender in world.engine.senders.values():
            names = honest if sender.role is Role.HONEST else abusive
            names.add(sender.profile.name or "")
        agents = {(i.truth.role, i.truth.agent): i for i in world.engine.intents.values()}
        for (role, _), intent in agents.items():
            if role in given_ids:
                given_ids[role][intent.message.template_id is None] += 1
    assert honest & abusive
    shares = [counts[True] / counts.total() for counts in given_ids.values()]
    assert abs(shares[0] - shares[1]) < 0.12


def test_some_abusers_are_vouched_for_and_some_honest_senders_are_not() -> None:
    seen = set()
    for seed in range(6):
        world = run_world(small(scale=0.01), seed=seed)
        seen |= {(sender.role, sender.profile.verified) for sender in world.engine.senders.values()}
    assert {(Role.HONEST, False), (Role.ABUSIVE, True)} <= seen


@FEW
@given(SEEDS)
def test_the_truth_is_in_no_field_of_a_message(seed: int) -> None:
    """Kinds and roles of the scenario occur nowhere in what the gate is given."""
    world, diary = moody(seed)
    names = {sender.kind for sender in world.engine.senders.values()} | {"abusive", "honest", "mask"}
    hidden = re.compile(r"\b(" + "|".join(names - {"bank", "shop", "school", "clinic", "utility"}) + r")/\d")
    for intent in world.engine.intents.values():
        given = msgspec.json.encode(intent.message).decode()
        assert not hidden.search(given)
    for profile in diary.profiles:
        assert not hidden.search(msgspec.json.encode(profile).decode())


# --- 5 ---------------------------------------------------------------------------------------


def _sent(intents: dict[str, Intent], one: str) -> tuple[str, str, float] | None:
    """What was sent to whom and when: a reply that never came moves the later messages of its sender by one."""
    intent = intents.get(one)
    return None if intent is None else (intent.message.text, intent.message.recipient, intent.first_at)


@FEW
@given(SEEDS)
@example(490)  # two messages of one text to one person, moved by one
def test_what_a_door_answers_never_changes_a_messages_luck(seed: int) -> None:
    scenario = small("honest")
    open_world = run_world(scenario, seed=seed).engine.intents
    moody_world = run_world(scenario, seed=seed, door_for=lambda _: Moody(seed)).engine.intents
    same = [one for one in open_world if _sent(open_world, one) == _sent(moody_world, one)]
    assert len(same) > 0.9 * len(open_world)
    assert all(open_world[one].fate == moody_world[one].fate for one in same)

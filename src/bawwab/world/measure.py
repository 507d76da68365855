"""From what happened in a world to its figures."""

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np

from bawwab.core.events import Report, ReportReason, SenderProfile, Survey
from bawwab.core.standing import Rate, wilson
from bawwab.world.brigade import BrigadeAttack
from bawwab.world.doors import Answer
from bawwab.world.feedback import Timed
from bawwab.world.figures import (
    BrigadeDamage,
    Figures,
    Opponents,
    Quantiles,
    Recovery,
    Reports,
    Service,
    Share,
    Timeline,
    Unwanted,
)
from bawwab.world.intent import Fortune, Intent, Role
from bawwab.world.platform import World

LATE = 300.0  # seconds after which an alert or a code has missed its moment
MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0
NEW_DAYS = 30.0  # a sender is new for its first month; the scenarios' word, not a policy's
BIN = 6 * HOUR
_IN_A_ROW = 5  # refusals in a row that make a false stop
_SHUT_AFTER = 3  # refusals at the end of an identity's life that say the door shut
_Z = 1.645  # 90 % two-sided
_FEW_ANSWERS = 10.0  # effective answers below which an interval says nothing


class Notebook:
    """A witness that keeps what the figures need of the feedback."""

    def __init__(self) -> None:
        self.surveys: list[Survey] = []
        self.reports: list[Report] = []

    def registered(self, profile: SenderProfile, *, now: float) -> None:
        """Keep nothing: the engine knows its senders."""

    def decided(self, intent: Intent, answer: Answer, *, now: float) -> None:
        """Keep nothing: the engine knows its intents."""

    def heard(self, timed: Timed) -> None:
        """Keep reports and answers."""
        if isinstance(timed.item, Survey):
            self.surveys.append(timed.item)
        elif isinstance(timed.item, Report) and timed.item.reason is not ReportReason.NOT_SPAM:
            self.reports.append(timed.item)


def measure(world: World, notes: Notebook, *, door: str, wall_seconds: float) -> Figures:
    """Take all figures of a world that has run."""
    intents = list(world.engine.intents.values())
    abusive = [intent for intent in intents if intent.is_abusive]
    honest = [intent for intent in intents if intent.is_honest]
    return Figures(
        door=door,
        leak=_leak(abusive),
        leak_of_fraud=_leak(intent for intent in abusive if intent.truth.fraud),
        opponents=_opponents(abusive, world, None),
        opponents_by_kind={
            kind: _opponents(found, world, kind) for kind, found in _by(abusive, lambda i: i.truth.kind)
        },
        service=_service(honest, world),
        service_by_category=_services(honest, world, lambda i: i.message.category.value),
        service_by_standing=_services(honest, world, lambda i: _standing(i, world)),
        service_by_kind=_services(honest, world, lambda i: i.truth.kind),
        bursts_within_a_minute=_bursts(honest),
        brigades=tuple(_damage(brigade, honest, world) for brigade in world.brigades),
        recovery=_recovery(honest, world),
        unwanted=_unwanted(intents, world, notes.surveys),
        reports=_reports(world, notes.reports),
        refusals_of_honest=dict(Counter(i.reason for i in honest if _is_harmed(i, world)).most_common()),
        timelines=tuple(_timelines(abusive + honest, world)),
        messages=len(intents),
        attempts=sum(intent.attempts for intent in intents),
        feedback=world.engine.feedback_items,
        wall_seconds=round(wall_seconds, 2),
    )


# --- leak ------------------------------------------------------------------------------------


def _leak(abusive: Iterable[Intent]) -> Share:
    fortunes = Counter(intent.fortune for intent in abusive)
    return Share(fortunes[Fortune.ALLOWED], fortunes.total())


def _opponents(abusive: Sequence[Intent], world: World, kind: str | None) -> Opponents:
    operations = [op for op in world.operations if kind in {None, op.kind.name}]
    lives = [_life(found) for _, found in _by(abusive, lambda i: i.message.sender_id)]
    leak = _leak(abusive)
    tried = {(i.truth.agent, i.message.recipient) for i in abusive}
    reached = {(i.truth.agent, i.message.recipient) for i in abusive if i.fortune is Fortune.ALLOWED}
    minutes = [minutes for _, minutes in lives]
    return Opponents(
        operations=len(operations),
        identities=len(lives),
        planned=sum(op.planned for op in operations),
        leak=leak,
        people_reached=Share(len(reached), len(tried)),
        messages_until_stopped=_quantiles([float(messages) for messages, _ in lives]),
        minutes_until_stopped=_quantiles(minutes),
        never_stopped=Share(sum(math.isinf(spell) for spell in minutes), len(lives)),
        identities_per_100_delivered=round(100.0 * len(lives) / leak.count, 2) if leak.count else None,
    )


def _life(found: Sequence[Intent]) -> tuple[int, float]:
    """Messages an identity got out, and minutes until the door shut for good; inf if it never did."""
    ordered = sorted(found, key=lambda intent: intent.first_at)
    passed = [intent.fortune is Fortune.ALLOWED for intent in ordered]
    tail = next((back for back, out in enumerate(reversed(passed)) if out), len(passed))
    if tail < min(_SHUT_AFTER, len(passed)):
        return sum(passed), np.inf
    shut = ordered[len(passed) - tail]
    return sum(passed), (shut.first_at - ordered[0].first_at) / MINUTE


# --- service ---------------------------------------------------------------------------------


def _service(honest: Sequence[Intent], world: World) -> Service:
    fortunes = Counter(intent.fortune for intent in honest)
    late = sum(_is_late(intent, world) for intent in honest)
    return Service(
        blocked=Share(fortunes[Fortune.BLOCKED], len(honest)),
        lost=Share(fortunes[Fortune.LOST], len(honest)),
        late=Share(late, len(honest)),
    )


def _services(honest: Sequence[Intent], world: World, of: Callable[[Intent], str]) -> dict[str, Service]:
    return {name: _service(found, world) for name, found in _by(honest, of)}


def _is_late(intent: Intent, world: World) -> bool:
    if intent.fortune is Fortune.ALLOWED:
        return intent.waited > LATE
    return intent.fortune is Fortune.PENDING and world.scenario.ends - intent.first_at > LATE


def _is_harmed(intent: Intent, world: World) -> bool:
    return intent.fortune in {Fortune.BLOCKED, Fortune.LOST} or _is_late(intent, world)


def _standing(intent: Intent, world: World) -> str:
    age = world.engine.senders[intent.message.sender_id].age_days(now=intent.first_at)
    return "new" if age < NEW_DAYS else "established"


def _bursts(honest: Sequence[Intent]) -> Share:
    bursts = [intent for intent in honest if intent.truth.burst]
    quick = [i for i in bursts if i.fortune is Fortune.ALLOWED and i.waited <= MINUTE]
    return Share(len(quick), len(bursts))


def _damage(brigade: BrigadeAttack, honest: Sequence[Intent], world: World) -> BrigadeDamage:
    mine = [i for i in honest if i.message.sender_id == brigade.victim.sender_id]
    starts = brigade.starts_at
    before = [i for i in mine if starts - 7 * DAY <= i.first_at < starts]
    after = [i for i in mine if starts <= i.first_at < starts + 7 * DAY]
    return BrigadeDamage(
        name=brigade.plan.name,
        victim=brigade.victim.kind.name,
        day=round((starts - world.scenario.begins) / DAY, 2),
        reports=brigade.reported,
        before=Share(sum(_is_harmed(i, world) for i in before), len(before)),
        after=Share(sum(_is_harmed(i, world) for i in after), len(after)),
    )


def _recovery(honest: Sequence[Intent], world: World) -> Recovery:
    hours = [
        spell
        for sender_id, found in _by(honest, lambda i: i.message.sender_id)
        for spell in _stops(found, world, _taken_over_at(sender_id, world))
    ]
    ended = [spell for spell in hours if np.isfinite(spell)]
    return Recovery(false_stops=len(hours), recovered=len(ended), hours=_quantiles(hours))


def _stops(found: Sequence[Intent], world: World, until: float) -> Iterator[float]:
    """Hours of each stop: so many refused in a row, until one passes at once."""
    row, since = 0, 0.0
    for intent in sorted(found, key=lambda intent: intent.first_at):
        if intent.first_at >= until:
            break
        if _is_harmed(intent, world):
            since = intent.first_at if row == 0 else since
            row += 1
            continue
        if row >= _IN_A_ROW:
            yield (intent.first_at - since) / HOUR
        row = 0
    if row >= _IN_A_ROW:
        yield np.inf


def _taken_over_at(sender_id: str, world: World) -> float:
    """When a sender fell into other hands: from then on, stopping it is no mistake."""
    starts = [
        op.starts_at for op in world.operations if op.victim is not None and op.victim.sender_id == sender_id
    ]
    return min(starts, default=np.inf)


# --- what people say -------------------------------------------------------------------------


def _unwanted(intents: Sequence[Intent], world: World, surveys: Sequence[Survey]) -> Unwanted:
    allowed = [intent for intent in intents if intent.fortune is Fortune.ALLOWED]
    estimate = _estimate(surveys)
    covered = [_is_covered(sender_id, found, world) for sender_id, found in _by(allowed, _sender_of)]
    said = [answer for answer in covered if answer is not None]
    return Unwanted(
        truth=_truly_unwanted(allowed),
        estimate=None if estimate is None else estimate.estimate,
        low=None if estimate is None else estimate.low,
        high=None if estimate is None else estimate.high,
        answers=len(surveys),
        covered=Share(sum(said), len(said)),
    )


def _estimate(surveys: Sequence[Survey]) -> Rate | None:
    """Hajek's estimate of the platform's unwanted rate, with Kish's effective answers."""
    answers = [survey for survey in surveys if survey.wanted is not None]
    weights = np.array([1.0 / survey.sampling_probability for survey in answers])
    if not len(weights):
        return None
    unwanted = np.array([survey.wanted is False for survey in answers])
    effective = float(weights.sum() ** 2 / (weights**2).sum())
    share = float((weights * unwanted).sum() / weights.sum())
    low, high = wilson(share * effective, effective, _Z)
    return Rate(share, low, high, effective)


def _is_covered(sender_id: str, found: Sequence[Intent], world: World) -> bool | None:
    rate = world.engine.door.unwanted_rate(sender_id, now=world.scenario.ends)
    truth = _truly_unwanted(found).value
    if rate is None or truth is None or rate.messages < _FEW_ANSWERS:
        return None
    return rate.low <= truth <= rate.high


def _truly_unwanted(allowed: Sequence[Intent]) -> Share:
    unwanted = sum(not (intent.truth.wanted or intent.is_friend) for intent in allowed)
    return Share(unwanted, len(allowed))


def _reports(world: World, reports: Sequence[Report]) -> Reports:
    about: Counter[str] = Counter()
    for report in reports:
        if not report.retract:
            intent = world.engine.intents.get(report.message_id or "")
            about["brigade" if intent is None else intent.truth.role.value] += 1
    return Reports(
        about_abuse=about[Role.ABUSIVE.value],
        about_honest=about[Role.HONEST.value],
        by_brigades=about["brigade"],
    )


# --- time ------------------------------------------------------------------------------------


def _timelines(intents: Sequence[Intent], world: World) -> Iterator[Timeline]:
    bins = int(np.ceil((world.scenario.ends - world.scenario.begins) / BIN))
    for kind, found in _by(intents, lambda i: i.truth.kind):
        tried, passed = np.zeros(bins, dtype=int), np.zeros(bins, dtype=int)
        for intent in found:
            spot = min(bins - 1, int((intent.first_at - world.scenario.begins) // BIN))
            tried[spot] += 1
            is_out = intent.fortune is Fortune.ALLOWED
            passed[spot] += is_out if intent.is_abusive else not _is_harmed(intent, world)
        honest = found[0].truth.role is Role.HONEST
        yield Timeline(kind=kind, honest=honest, tried=tuple(tried.tolist()), passed=tuple(passed.tolist()))


def _by(intents: Iterable[Intent], of: Callable[[Intent], str]) -> list[tuple[str, list[Intent]]]:
    groups: defaultdict[str, list[Intent]] = defaultdict(list)
    for intent in intents:
        groups[of(intent)].append(intent)
    return sorted(groups.items())


def _sender_of(intent: Intent) -> str:
    return intent.message.sender_id


def _quantiles(values: Sequence[float]) -> Quantiles:
    if not values:
        return Quantiles(None, None, 0)
    ordered = np.sort(np.asarray(values, dtype=float))
    median, p90 = (float(ordered[int(q * (len(ordered) - 1) + 0.5)]) for q in (0.5, 0.9))
    return Quantiles(_finite(median), _finite(p90), len(ordered))


def _finite(value: float) -> float | None:
    return round(value, 2) if np.isfinite(value) else None

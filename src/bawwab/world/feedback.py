"""What people do with a message that reached them, when, and when the platform hears of it.

Everything here follows from the message's `Fate` and the person's propensities; nothing is drawn.
Times are those of the world: ``occurred_at`` when it was done, ``known_at`` when it was heard of,
days later where connectivity is bad.
"""

import math
from collections.abc import Iterator
from statistics import NormalDist
from typing import NamedTuple

from bawwab.core.events import Category, Feedback, Outcome, OutcomeKind, Report, ReportReason, Survey
from bawwab.world.chance import to_milliseconds
from bawwab.world.intent import Intent, Role
from bawwab.world.people import NOBODY, Culture, People, Relations

HOUR, DAY = 3600.0, 86_400.0
LOST_ON_THE_WAY = 0.004  # share of messages to living numbers that are not delivered
_WANTED_SHARE = 0.1  # a wanted message is complained of a tenth as readily as the average one
_MOST = 0.9  # nobody is certain to do anything
_READ_MEDIAN, _READ_SIGMA = 900.0, 1.8
_REPLY_MEDIAN, _REPLY_SIGMA = 600.0, 1.5
_ANNOYED = {True: 0.03, False: 0.7}  # share annoyed, by whether the message was wanted
_SILENT = 0.1  # share of answers that leave out whether the message was wanted
_NORMAL = NormalDist()
_NEW_SENDER_ASKS = 25.0  # about so many of a sender's first messages are asked about

# Reasons given, by what the message is: (reason, share) in order.
_REASONS = {
    "fraud": ((ReportReason.FRAUD, 0.4), (ReportReason.SPAM, 0.2), (ReportReason.BLOCK, 0.4)),
    "unwanted": ((ReportReason.SPAM, 0.35), (ReportReason.BLOCK, 0.45), (ReportReason.NOT_INTERESTED, 0.2)),
    "honest": ((ReportReason.BLOCK, 0.5), (ReportReason.NOT_INTERESTED, 0.3), (ReportReason.SPAM, 0.2)),
}


class Timed(NamedTuple):
    """An item of feedback with its two times."""

    occurred_at: float
    known_at: float
    item: Feedback


class Crowd(NamedTuple):
    """Whom messages reach."""

    people: People
    culture: Culture
    relations: Relations


def reactions(intent: Intent, crowd: Crowd, *, sent_before: int) -> Iterator[Timed]:
    """Everything that follows from a message that was allowed.

    Parameters
    ----------
    intent : Intent
        Allowed at ``intent.settled_at``.
    crowd : Crowd
    sent_before : int
        Messages of this sender that were allowed before this one.
    """
    delivered_at = intent.settled_at + _travel_time(intent, crowd)
    if intent.person == NOBODY or intent.fate.lost_on_the_way < LOST_ON_THE_WAY:
        yield _outcome(intent, crowd, OutcomeKind.FAILED, intent.settled_at + 5.0)
        return
    sender_id = intent.message.sender_id
    if crowd.relations.has_blocked(sender_id, intent.person, now=delivered_at):
        return
    yield _outcome(intent, crowd, OutcomeKind.DELIVERED, delivered_at)
    if intent.is_friend:
        yield from _praise(intent, crowd, delivered_at)
    else:
        yield from _behave(intent, crowd, delivered_at)
    yield from _survey(intent, crowd, delivered_at, sent_before=sent_before)


def survey_probability(culture: Culture, *, sent_before: int) -> float:
    """Probability of asking about a message: higher while little is known of its sender.

    Examples
    --------
    >>> culture = Culture(0.02, 0.2, 0.35, 0.5, 14.0, 0.05)
    >>> survey_probability(culture, sent_before=0), survey_probability(culture, sent_before=100_000)
    (0.2, 0.02)
    """
    early = _NEW_SENDER_ASKS / (1.0 + sent_before)
    return round(max(culture.survey, min(culture.survey_of_new, early)), 6)


def complaint_probability(intent: Intent, people: People) -> float:
    """Probability that this person complains; an unwanted message is complained of far more."""
    taking = intent.taking
    unwanted = min(1.0, max(taking.unwanted, 1e-3))
    heavier = (1.0 - _WANTED_SHARE * (1.0 - unwanted)) / unwanted
    weight = _WANTED_SHARE if intent.truth.wanted else heavier
    return float(min(_MOST, taking.complaint * weight * people.report[intent.person]))


def report_delay(culture: Culture, spot: float) -> float:
    """Delay of a report: log-uniform within the hour, the day, and the tail.

    Examples
    --------
    >>> culture = Culture(0.02, 0.2, 0.35, 0.5, 14.0, 0.05)
    >>> [round(report_delay(culture, spot)) for spot in (0.0, 0.35, 0.5, 0.999999)]
    [30, 3600, 86400, 1209594]
    """
    steps = (
        (0.0, culture.within_hour, 30.0, HOUR),
        (culture.within_hour, culture.within_day, HOUR, DAY),
        (culture.within_day, 1.0, DAY, culture.tail_days * DAY),
    )
    for low, high, shortest, longest in steps:
        if spot < high:
            share = (spot - low) / (high - low)
            return shortest * math.exp(share * math.log(longest / shortest))
    return culture.tail_days * DAY


# --- what people do --------------------------------------------------------------------------


def _behave(intent: Intent, crowd: Crowd, delivered_at: float) -> Iterator[Timed]:
    fate, people, person = intent.fate, crowd.people, intent.person
    complains = fate.complain < complaint_probability(intent, people)
    read_at = delivered_at + _log_normal(_READ_MEDIAN, _READ_SIGMA, fate.read_after)
    if not complains and fate.read >= people.read[person]:
        return
    yield _outcome(intent, crowd, OutcomeKind.READ, read_at)
    if complains:
        yield from _complain(intent, crowd, read_at)
    elif fate.reply < min(_MOST, intent.taking.reply * people.reply[person]):
        replied_at = read_at + _log_normal(_REPLY_MEDIAN, _REPLY_SIGMA, fate.reply_after)
        yield _outcome(intent, crowd, OutcomeKind.REPLIED, replied_at)
    if fate.opt_out < _opt_out_probability(intent, people):
        yield from _opt_out(intent, crowd, read_at + 30.0)


def _complain(intent: Intent, crowd: Crowd, read_at: float) -> Iterator[Timed]:
    sender_id, person = intent.message.sender_id, intent.person
    at = read_at + report_delay(crowd.culture, intent.fate.complain_after)
    if (sender_id, person) in crowd.relations.complained:
        return
    crowd.relations.complained[sender_id, person] = at
    report = make_report(intent, crowd.people, _reason(intent), at)
    if report.reason is ReportReason.BLOCK:
        crowd.relations.block(sender_id, person, since=at)
    yield _timed(intent, crowd, at, report)
    if intent.truth.role is Role.HONEST and intent.fate.retract < crowd.culture.retract:
        yield from _retract(intent, crowd, report, at)


def _retract(intent: Intent, crowd: Crowd, report: Report, at: float) -> Iterator[Timed]:
    item = make_report(intent, crowd.people, report.reason, at + DAY, retract=True)
    taken_back = _timed(intent, crowd, at + DAY, item)
    if report.reason is ReportReason.BLOCK:
        crowd.relations.unblock(report.sender_id, intent.person, at=taken_back.known_at)
    yield taken_back


def _reason(intent: Intent) -> ReportReason:
    truth = intent.truth
    nature = "fraud" if truth.fraud else ("unwanted" if truth.role is Role.ABUSIVE else "honest")
    left = intent.fate.reason
    for reason, share in _REASONS[nature]:
        if left < share:
            return reason
        left -= share
    return ReportReason.SPAM


def _opt_out_probability(intent: Intent, people: People) -> float:
    unwanted = min(1.0, max(intent.taking.unwanted, 1e-3))
    weight = 0.0 if intent.truth.wanted else 1.0 / unwanted
    return float(min(_MOST, intent.taking.opt_out * weight * people.opt_out[intent.person]))


def _opt_out(intent: Intent, crowd: Crowd, at: float) -> Iterator[Timed]:
    message = intent.message
    crowd.relations.opted_out.setdefault((message.sender_id, intent.person), at)
    item = Outcome(
        kind=OutcomeKind.OPTED_OUT,
        sender_id=message.sender_id,
        recipient=message.recipient,
        category=Category.MARKETING,
        occurred_at=to_milliseconds(at),
    )
    yield _timed(intent, crowd, at, item)


def _praise(intent: Intent, crowd: Crowd, delivered_at: float) -> Iterator[Timed]:
    """Friends read, answer and praise."""
    fate = intent.fate
    read_at = delivered_at + 60.0 + 600.0 * fate.read_after
    yield _outcome(intent, crowd, OutcomeKind.READ, read_at)
    if fate.reply < 0.7:  # noqa: PLR2004 - most of them, most of the time
        yield _outcome(intent, crowd, OutcomeKind.REPLIED, read_at + 30.0 + 600.0 * fate.reply_after)
    if fate.complain < 0.2:  # noqa: PLR2004 - now and then
        at = read_at + 60.0 + HOUR * fate.complain_after
        yield _timed(intent, crowd, at, make_report(intent, crowd.people, ReportReason.NOT_SPAM, at))


def _survey(intent: Intent, crowd: Crowd, delivered_at: float, *, sent_before: int) -> Iterator[Timed]:
    fate, asked = intent.fate, survey_probability(crowd.culture, sent_before=sent_before)
    if fate.asked >= asked:
        return
    if not intent.is_friend and fate.answers >= crowd.people.answer[intent.person]:
        return
    wanted = intent.truth.wanted or intent.is_friend
    at = delivered_at + 2.0 * HOUR + _log_normal(2.0 * HOUR, 1.2, fate.answers_after)
    item = Survey(
        recipient=intent.message.recipient,
        sender_id=intent.message.sender_id,
        sampling_probability=asked,
        wanted=None if fate.silent < _SILENT else wanted,
        annoying=fate.annoyed < _ANNOYED[wanted],
        survey_id="q_" + intent.message.message_id[2:],
        message_id=intent.message.message_id,
        answered_at=to_milliseconds(at),
    )
    yield _timed(intent, crowd, at, item)


# --- when ------------------------------------------------------------------------------------


def make_report(
    intent: Intent, people: People, reason: ReportReason, at: float, *, retract: bool = False
) -> Report:
    """Make the report of an intent's recipient."""
    message = intent.message
    return Report(
        reason=reason,
        recipient=people.ids[intent.person],
        sender_id=message.sender_id,
        report_id="c_" + message.message_id[2:],
        message_id=message.message_id,
        reported_at=to_milliseconds(at),
        retract=retract,
    )


def _outcome(intent: Intent, crowd: Crowd, kind: OutcomeKind, at: float) -> Timed:
    message = intent.message
    item = Outcome(
        kind=kind,
        sender_id=message.sender_id,
        recipient=message.recipient,
        message_id=message.message_id,
        occurred_at=to_milliseconds(at),
    )
    return _timed(intent, crowd, at, item)


def _timed(intent: Intent, crowd: Crowd, at: float, item: Feedback) -> Timed:
    late = 1.0 + 4.0 * intent.fate.late
    if intent.person != NOBODY:
        late += DAY * crowd.people.late[crowd.people.region[intent.person]] * (0.5 + intent.fate.late)
    return Timed(to_milliseconds(at), to_milliseconds(at + late), item)


def _travel_time(intent: Intent, crowd: Crowd) -> float:
    """Seconds to the phone; where connectivity is bad, until it is next in reach."""
    seconds = 1.0 + 4.0 * intent.fate.travel
    if intent.person == NOBODY:
        return seconds
    late_days = crowd.people.late[crowd.people.region[intent.person]]
    return float(seconds + DAY * late_days * 0.5 * intent.fate.travel)


def _log_normal(median: float, sigma: float, spot: float) -> float:
    return median * math.exp(sigma * _NORMAL.inv_cdf(min(max(spot, 1e-9), 1.0 - 1e-9)))

import msgspec
import numpy as np

from bawwab.core.events import Category, Message, Outcome, OutcomeKind, Report, ReportReason, Survey
from bawwab.stores.library import MessageClass
from bawwab.world.feedback import Crowd, Timed, reactions, report_delay, survey_probability
from bawwab.world.intent import FATE_SIZE, Fate, Intent, Role, Taking, Truth
from bawwab.world.people import NOBODY, Culture, People, Relations, draw_people
from world_kit import small

CULTURE = Culture(
    survey=0.02, survey_of_new=0.2, within_hour=0.35, within_day=0.5, tail_days=14.0, retract=0.05
)
PEOPLE = draw_people(small(), seed=1)
REPORTERS = np.flatnonzero(PEOPLE.report > 1.0)


def intent(person: int, *, role: Role = Role.ABUSIVE, complaint: float = 0.01, **fate: float) -> Intent:
    middle = Fate(*[0.5] * FATE_SIZE)
    message = Message(
        message_id="m_1",
        sender_id="s_1",
        recipient="r_1" if person == NOBODY else PEOPLE.ids[person],
        category=Category.MARKETING,
        text="hello",
    )
    truth = Truth(
        role=role, kind="x", agent="x/0", label=MessageClass.PROMOTIONAL, form="hello", wanted=False
    )
    taking = Taking(unwanted=1.0, complaint=complaint, opt_out=0.0, reply=0.0)
    made = Intent(message, truth, taking, person, msgspec.structs.replace(middle, **fate), 1000.0)
    made.settled_at = 1000.0
    return made


def react(made: Intent, people: People = PEOPLE, relations: Relations | None = None) -> list[Timed]:
    return list(reactions(made, Crowd(people, CULTURE, relations or Relations()), sent_before=0))


def kinds(found: list[Timed]) -> list[OutcomeKind]:
    return [timed.item.kind for timed in found if isinstance(timed.item, Outcome)]


def test_a_number_that_nobody_answers_fails() -> None:
    assert kinds(react(intent(NOBODY))) == [OutcomeKind.FAILED]


def test_somebody_who_blocked_the_sender_is_not_reached() -> None:
    relations = Relations()
    relations.block("s_1", 3, since=10.0)
    assert react(intent(3), relations=relations) == []


def test_a_block_that_was_taken_back_holds_no_longer() -> None:
    relations = Relations()
    relations.block("s_1", 3, since=10.0)
    relations.unblock("s_1", 3, at=20.0)
    assert kinds(react(intent(3), relations=relations))[0] is OutcomeKind.DELIVERED


def test_somebody_complains_once_of_a_sender() -> None:
    relations, person = Relations(), int(REPORTERS[0])
    first = react(intent(person, complain=0.0, asked=0.9), relations=relations)
    second = react(intent(person, complain=0.0, asked=0.9), relations=relations)
    assert any(isinstance(timed.item, Report) for timed in first)
    assert not any(isinstance(timed.item, Report) for timed in second)


def test_who_never_reports_never_does() -> None:
    person = int(np.flatnonzero(PEOPLE.report == 0.0)[0])
    found = react(intent(person, complaint=1.0, complain=0.0))
    assert not any(isinstance(timed.item, Report) for timed in found)


def test_a_complaint_about_an_honest_sender_may_be_taken_back() -> None:
    relations, person = Relations(), int(REPORTERS[0])
    found = react(
        intent(person, role=Role.HONEST, complain=0.0, reason=0.1, retract=0.0, asked=0.9),
        relations=relations,
    )
    reports = [timed.item for timed in found if isinstance(timed.item, Report)]
    assert [(report.reason, report.retract) for report in reports] == [
        (ReportReason.BLOCK, False),
        (ReportReason.BLOCK, True),
    ]


def test_a_survey_answer_carries_the_probability_of_having_been_asked() -> None:
    answers = [
        timed.item for timed in react(intent(3, asked=0.0, answers=0.0)) if isinstance(timed.item, Survey)
    ]
    assert [answer.sampling_probability for answer in answers] == [0.2]


def test_where_connectivity_is_bad_things_are_known_days_later() -> None:
    remote = int(PEOPLE.living_in("PG")[0])
    near = int(PEOPLE.living_in("GB")[0])
    late = [timed.known_at - timed.occurred_at for timed in react(intent(remote))]
    soon = [timed.known_at - timed.occurred_at for timed in react(intent(near))]
    assert min(late) > 3600.0
    assert max(soon) < 10.0


def test_a_third_of_reports_come_within_the_hour_and_half_within_the_day() -> None:
    delays = np.array([report_delay(CULTURE, spot) for spot in np.linspace(0.0, 0.9999, 2000)])
    assert abs(np.mean(delays <= 3600.0) - 0.35) < 0.01
    assert abs(np.mean(delays <= 86_400.0) - 0.5) < 0.01
    assert delays.max() < 14 * 86_400.0


def test_new_senders_are_asked_about_more_often() -> None:
    chances = [survey_probability(CULTURE, sent_before=sent) for sent in (0, 200, 10_000)]
    assert chances == sorted(chances, reverse=True)
    assert chances[-1] == CULTURE.survey

"""What is unlinked of a record, of the bill and of the state, and what is left to others."""

from pathlib import Path

import pytest
from sqlalchemy import insert, select

from bawwab.core.events import Report, ReportReason, Resolution, Survey
from bawwab.core.records import Credit, Decided, Raised, Record, Reported, Resolved, Surveyed
from bawwab.core.state.bundles import Answered, Bundle, Counted, Tier, key
from bawwab.core.state.window import Window
from bawwab.stores.erasure import Recipient, Sender, Subject, erase_from_log
from bawwab.stores.memory import MemoryState
from bawwab.stores.schema import open_engine, records, to_row, usage
from kit import Platform

NOW = 1_800_000_000.0
OURS, OTHERS = "s:shop", "s:bank"


def resolved(*given: Credit, owner: str = OURS) -> Resolved:
    return Resolved(
        now=NOW,
        appeal_id="a",
        decision_id="d",
        outcome=Resolution.UPHELD,
        owner=owner,
        template="t",
        domains=(),
        lifts_suspension=False,
        credits=given,
    )


def counted(owner: str) -> Counted:
    return Counted(owner, "t", "c", (), 1.0, False, 0.0, 1.0, NOW)


def reported(owner: str) -> Reported:
    report = Report(reason=ReportReason.SPAM, sender_id=owner[2:], recipient="ann")
    return Reported(now=NOW, report=report, report_id="r", effect=counted(owner))


def surveyed(owner: str) -> Surveyed:
    survey = Survey(recipient="ann", sender_id=owner[2:], wanted=True, sampling_probability=1.0)
    return Surveyed(now=NOW, survey=survey, survey_id="s", owner=owner, counted=True, evidence=0.0)


def test_a_reviews_credit_loses_the_recipients_name_and_nobody_elses() -> None:
    ann = Recipient("ann")
    record = ann.unlink(resolved(Credit("r1", "ann", upheld=True), Credit("r2", "bob", upheld=False)))
    assert isinstance(record, Resolved)
    assert record.credits == (Credit("r1", ann.token, upheld=True), Credit("r2", "bob", upheld=False))


def owner_in(record: Record) -> str:
    if isinstance(record, Reported):
        assert record.effect is not None
        return record.effect.owner
    assert isinstance(record, Surveyed | Raised | Resolved)
    return record.owner


@pytest.mark.parametrize("owner", [OURS, OTHERS])
@pytest.mark.parametrize("kind", ["report", "survey", "raise", "resolution"])
def test_a_sender_is_renamed_wherever_it_owns_and_nobody_else_is(kind: str, owner: str) -> None:
    made: dict[str, Record] = {
        "report": reported(owner),
        "survey": surveyed(owner),
        "raise": Raised(now=NOW, owner=owner, tier=Tier(1, NOW)),
        "resolution": resolved(owner=owner),
    }
    shop = Sender("shop")
    assert owner_in(shop.unlink(made[kind])) == (shop.new_owner if owner == OURS else OTHERS)


@pytest.mark.parametrize("subject", [Recipient("r1"), Sender("shop")])
def test_a_decision_keeps_neither_the_text_nor_the_digest_that_a_known_text_could_be_tried_against(
    platform: Platform, subject: Subject
) -> None:
    platform.send("dear Ann, your parcel has arrived")
    (decided,) = platform.logged
    assert isinstance(decided, Decided)
    assert decided.payload
    left = subject.unlink(decided)
    assert isinstance(left, Decided)
    assert (left.message.text, left.payload) == ("", b"")


def test_an_erased_persons_decision_leads_nowhere_and_still_counts(platform: Platform) -> None:
    platform.send("dear Ann, call 0501234567")
    (decided,) = platform.logged
    left = Recipient("r1").unlink(decided)
    assert isinstance(left, Decided)
    assert (left.contacts, left.led, left.new_contact) == ((), True, True)


@pytest.mark.parametrize("bundle", [Bundle.CONTACT, Bundle.HABIT])
def test_a_senders_contacts_are_its_own(bundle: str) -> None:
    shop = Sender("shop")
    assert (shop.owns(key(bundle, OURS, "n1")), shop.owns(key(bundle, OTHERS, "n1"))) == (True, False)


def erase(folder: Path, subject: Subject, *held: Record) -> str:
    """Erase from a log of these records; all that it holds afterwards."""
    engine = open_engine(f"sqlite:///{folder / 'log.sqlite'}")
    with engine.begin() as connection:
        connection.execute(insert(records), [to_row(seq, record) for seq, record in enumerate(held, 1)])
    erase_from_log(engine, subject, through=len(held))
    with engine.connect() as connection:
        found = str(connection.execute(select(records).order_by(records.c.seq)).all())
    engine.dispose()
    return found


def test_a_review_of_someone_elses_message_no_longer_names_who_reported_it(tmp_path: Path) -> None:
    found = erase(tmp_path, Recipient("ann"), resolved(Credit("r1", "ann", upheld=True)))
    assert "ann" not in found


BILLED = {"day": 20_000, "category": "utility", "region": "", "messages": 3, "currency": "EUR", "micros": 9}


def test_old_bills_keep_their_sums_and_lose_the_name(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'log.sqlite'}")
    shop = Sender("shop")
    with engine.begin() as connection:
        rows = [{**BILLED, "sender_id": owner[2:], "owner": owner} for owner in (OURS, OTHERS)]
        connection.execute(insert(usage), rows)
    erase_from_log(engine, shop, through=0)
    with engine.connect() as connection:
        left = connection.execute(select(usage.c.sender_id, usage.c.owner, usage.c.messages)).all()
    engine.dispose()
    assert [tuple(row) for row in left] == [(shop.token, shop.new_owner, 3), ("bank", OTHERS, 3)]


def revised(state: MemoryState, subject: Subject) -> MemoryState:
    list(state.revise(subject))
    return state


WINDOW = Window(60.0)


def test_a_recipient_stays_counted_among_those_reached_without_their_name() -> None:
    state, reached = MemoryState(), key(Bundle.REACHED, OURS)
    for recipient in ("ann", "bob"):
        state.see(reached, recipient, WINDOW, now=NOW)
    ann = Recipient("ann")
    assert set(revised(state, ann).dump().sets[reached][1]) == {ann.token, "bob"}


def test_a_sender_stays_counted_among_a_campaigns_owners_without_its_name() -> None:
    state, owners = MemoryState(), key(Bundle.CAMPAIGN_OWNERS, "c")
    for owner in (OURS, OTHERS):
        state.see(owners, owner, WINDOW, now=NOW)
    shop = Sender("shop")
    assert set(revised(state, shop).dump().sets[owners][1]) == {shop.new_owner, OTHERS}


def answered(recipient: str) -> Answered:
    return Answered(b"digest", "d", "allow", NOW, NOW, NOW, "", 0.0, "t", "c", recipient)


@pytest.mark.parametrize("recipient", ["ann", "bob"])
def test_what_was_answered_loses_the_recipient_and_the_digest_of_their_text(recipient: str) -> None:
    state, entry, ann = MemoryState(), key(Bundle.MESSAGE, "shop", "m"), Recipient("ann")
    state.put(entry, answered(recipient), now=NOW, ttl=60.0)
    found = revised(state, ann).fact(entry, now=NOW)
    expected = (ann.token, b"") if recipient == "ann" else ("bob", b"digest")
    assert (found.recipient, found.payload) == expected


@pytest.mark.parametrize("owner", [OURS, OTHERS])
def test_a_report_is_taken_back_from_the_counters_that_go_on(owner: str) -> None:
    state, entry, shop = MemoryState(), key(Bundle.REPORT, "r"), Sender("shop")
    state.put(entry, counted(owner), now=NOW, ttl=60.0)
    assert revised(state, shop).fact(entry, now=NOW).owner == (shop.new_owner if owner == OURS else OTHERS)

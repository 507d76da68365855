"""Loading what the state knows about one message, in one place."""

from typing import NamedTuple

from bawwab.core.events import Category, Message, SenderProfile, owner_of
from bawwab.core.habit import Contact, past_of, strangest
from bawwab.core.policy import Policy
from bawwab.core.signals import Context
from bawwab.core.standing import first_step
from bawwab.core.state.bundles import (
    CONTACT,
    DAY,
    HABIT,
    OWNER,
    RECIPIENT,
    SHARED,
    TEMPLATE,
    Bundle,
    HabitRow,
    Member,
    SharedRow,
    Tier,
    Trust,
    key,
)
from bawwab.core.state.cell import CellAnswer
from bawwab.core.state.port import StateStore
from bawwab.core.state.window import Window
from bawwab.core.text.analysis import TextAnalysis
from bawwab.core.text.contacts import together
from bawwab.core.text.trust import LinkTrust, compare
from bawwab.gate.wording import EVERYONE, Head, find_head, leading_to
from bawwab.gate.words import Words

_MOST_CONTACTS = 7  # rows looked up and written for one message; honest ones have two or three contacts
SAME_WORDING = 0.8  # near enough that one owner's trust carries over; decisions/0003


class Found(NamedTuple):
    """The signals' context, and what only the rules need."""

    context: Context
    owner: str
    wording: Head
    campaign: Head
    domains: tuple[str, ...]
    tier: Tier | None
    step: int
    reached: int
    reached_before: bool
    limit_frees_in: float
    business_initiated: bool
    closed: bool
    opted_out: bool
    vouched_wording: bool
    strange_contact: bool
    throughput: CellAnswer
    pair: CellAnswer
    budget: CellAnswer
    paced_now: int
    unanswered_frees_in: float


def look_up(
    state: StateStore, message: Message, text: TextAnalysis, words: Words, policy: Policy, *, now: float
) -> Found:
    """Gather everything about sender, wording, campaign, links and recipient."""
    sender, recipient = message.sender_id, message.recipient
    profile: SenderProfile | None = state.fact(key(Bundle.PROFILE, sender), now=now)
    owner = owner_of(sender, None) if profile is None else profile.owner
    links = _trust_links(text, profile)
    domains = tuple(dict.fromkeys(t.link.registered_domain for t in links if not t.own))
    led = _led(state, owner, (*domains, *text.contacts), policy, now=now)
    template = f"{text.template:016x}"
    head = find_head(state, owner, template, words.signature, alike=SAME_WORDING, now=now)
    wording = leading_to(head, led.strangest)
    campaign = find_head(
        state, EVERYONE, template, words.signature, alike=policy.campaign.similarity, now=now
    )
    owner_row = state.row(key(Bundle.OWNER, owner), now=now)
    template_row = state.row(key(Bundle.TEMPLATE, owner, wording.template), now=now)
    shared, domain_owners = _domains(state, domains, policy, now=now)
    trust: Trust | None = state.fact(key(Bundle.TRUSTED, owner, wording.template), now=now)
    vouched = trust is not None and set(domains) <= set(trust.domains)
    unanswered_key = key(Bundle.UNANSWERED, sender, recipient)
    unanswered_window = Window(policy.pace.unanswered.window)
    context = Context(
        message=message,
        now=now,
        text=text,
        score=words.score,
        links=links,
        profile=profile,
        known_since=None if owner_row is None else owner_row.since,
        owner=OWNER.values(owner_row, now=now),
        template=TEMPLATE.values(template_row, now=now),
        template_since=None if template_row is None else template_row.since,
        campaign=SHARED.values(state.row(key(Bundle.CAMPAIGN, campaign.template), now=now), now=now),
        campaign_owners=state.seen_count(
            key(Bundle.CAMPAIGN_OWNERS, campaign.template), Window(policy.campaign.window), now=now
        ),
        domain=shared,
        domain_owners=domain_owners,
        contacts=led.contacts,
        habit=led.habit,
        habit_since=led.since,
        recipient=RECIPIENT.values(state.row(key(Bundle.RECIPIENT, recipient), now=now), now=now),
        messaged=state.fact(key(Bundle.MESSAGED, sender, recipient), now=now),
        consent=_consent(state, message, Category.MARKETING, now=now),
        unanswered=state.seen_count(unanswered_key, unanswered_window, now=now),
        trusted=False,
    )
    reached_key = key(Bundle.REACHED, owner)
    tier: Tier | None = state.fact(key(Bundle.TIER, owner), now=now)
    members: tuple[Member, ...] = state.fact(key(Bundle.MEMBERS, owner), now=now) or ()
    start = first_step(members, policy.limit, now=now)
    oldest = state.seen_oldest(reached_key, policy.reached, now=now)
    unanswered_oldest = state.seen_oldest(unanswered_key, unanswered_window, now=now)
    return Found(
        context=context,
        owner=owner,
        wording=wording,
        campaign=campaign,
        domains=domains,
        tier=tier,
        step=start if tier is None else max(start, tier.step),
        reached=state.seen_count(reached_key, policy.reached, now=now),
        reached_before=state.seen(reached_key, recipient, policy.reached, now=now),
        limit_frees_in=0.0 if oldest is None else oldest + policy.limit.window - now,
        business_initiated=not _in_conversation(state, message, now=now),
        closed=state.fact(key(Bundle.CLOSED, sender, recipient), now=now) is not None,
        opted_out=_opted_out(state, message, now=now),
        vouched_wording=vouched,
        strange_contact=led.strangest is not None,
        throughput=state.test(key(Bundle.THROUGHPUT, owner), policy.pace.throughput.rate, now=now),
        pair=state.test(key(Bundle.PAIR_RATE, sender, recipient), policy.pace.pair.rate, now=now),
        budget=state.test(key(Bundle.BUDGET, recipient), policy.pace.recipient_budget.rate, now=now),
        paced_now=state.seen_count(key(Bundle.PACED, owner), Window(policy.pace.max_wait), now=now),
        unanswered_frees_in=(
            0.0 if unanswered_oldest is None else unanswered_oldest + unanswered_window.seconds - now
        ),
    )


def _trust_links(text: TextAnalysis, profile: SenderProfile | None) -> tuple[LinkTrust, ...]:
    if not text.links:
        return ()
    domains = () if profile is None else profile.domains
    return tuple(compare(link, domains) for link in text.links)


def _domains(
    state: StateStore, domains: tuple[str, ...], policy: Policy, *, now: float
) -> tuple[SharedRow, int]:
    """Worst of the linked domains."""
    worst, owners = SharedRow(), 0
    for domain in domains:
        row = SHARED.values(state.row(key(Bundle.DOMAIN, domain), now=now), now=now)
        if (row.complaints_week, row.refused_week) >= (worst.complaints_week, worst.refused_week):
            worst = row
        window = Window(policy.campaign.window)
        owners = max(owners, state.seen_count(key(Bundle.DOMAIN_OWNERS, domain), window, now=now))
    return worst, owners


class _Led(NamedTuple):
    """Where a message leads, as its owner has led people there before; what is strange about it."""

    contacts: tuple[Contact, ...] = ()
    habit: HabitRow = HabitRow()
    since: float | None = None
    strangest: str | None = None


def _led(state: StateStore, owner: str, names: tuple[str, ...], policy: Policy, *, now: float) -> _Led:
    if not names:
        return _Led()
    contacts = tuple(_contact(state, owner, name, now=now) for name in _at_most(names))
    watched = state.row(key(Bundle.HABIT, owner), now=now)
    habit, since = HABIT.values(watched, now=now), None if watched is None else watched.since
    past = past_of(habit, since)
    return _Led(contacts, habit, since, strangest(contacts, past, from_=policy.pace.strange_contact, now=now))


def _at_most(names: tuple[str, ...]) -> tuple[str, ...]:
    """A few of them, and one name for all others: a text may be full of numbers, and none may hide there."""
    if len(names) <= _MOST_CONTACTS:
        return names
    return (*names[:_MOST_CONTACTS], together(names[_MOST_CONTACTS:]))


def _contact(state: StateStore, owner: str, name: str, *, now: float) -> Contact:
    row = state.row(key(Bundle.CONTACT, owner, name), now=now)
    return Contact(name, None if row is None else row.since, CONTACT.values(row, now=now).led_month)


def _consent(state: StateStore, message: Message, category: Category, *, now: float) -> bool | None:
    entry = key(Bundle.CONSENT, message.sender_id, message.recipient, category.value)
    consent = state.fact(entry, now=now)
    return None if consent is None else bool(consent.opted_in)


def _opted_out(state: StateStore, message: Message, *, now: float) -> bool:
    """An opt-out stops marketing alone: codes, alerts and replies pass whatever it was narrowed to."""
    return message.category is Category.MARKETING and (
        _consent(state, message, Category.MARKETING, now=now) is False
    )


def _in_conversation(state: StateStore, message: Message, *, now: float) -> bool:
    last = message.last_inbound_at
    if last is not None and 0.0 <= now - last <= DAY:
        return True
    return state.fact(key(Bundle.INBOUND, message.sender_id, message.recipient), now=now) is not None

"""Labelled messages put into circumstances: who might have sent them, how declared, to whom.

A corpus knows what was written, not who wrote it. Until a log says more, each message is put
into a few circumstances drawn from wide ranges. The ranges are assumptions, all of them in
`Ranges`; what only a sender's past can tell (volume, complaints, surveys) stays unknown, so that
a model fitted here takes no stand on it. The simulated world's log replaces this.
"""

import math
import random
from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from bawwab.core.events import Category, Message, SenderProfile
from bawwab.core.habit import Contact
from bawwab.core.model.text import TextScore
from bawwab.core.signals import Context
from bawwab.core.state.bundles import DAY, MONTH, HabitRow
from bawwab.core.text.analysis import TextAnalysis
from bawwab.core.text.trust import compare
from bawwab.stores.library import MessageClass

NOW = 1_800_000_000.0
ANCIENT = 2000.0  # days; ages of senders are drawn evenly on the logarithm up to here
_BUSY = 20_000.0  # messages of a month, drawn likewise
_UNRELATED = ("example.com", "example.org", "harbour.example", "orchard.example")


class Ranges(msgspec.Struct, frozen=True, kw_only=True):
    """Probabilities from which circumstances are drawn. None is measured; each is wide on purpose."""

    verified: float = 0.5
    hijacked: float = 0.06  # fraud sent through a verified account
    known_links: float = 0.85  # a verified sender's links lead to its verified domains
    known_links_of_unverified: float = 0.35
    own_name: float = 0.5  # a well-known name in an honest message is the sender's own
    look_alike: float = 0.02  # an honest link that imitates the sender's own domain (another TLD)
    look_alike_of_fraud: float = 0.15
    new_contact: float = 0.04  # an honest sender with a past leads to a number or link it never gave out
    new_contact_of_hijacker: float = 0.95
    registered: float = 0.7
    in_conversation: float = 0.08
    declared_honestly: float = 0.6  # promotional text declared as marketing
    opted_in: float = 0.6
    refused: float = 0.15
    styled: float = 0.25  # typed by accident or in a style as anybody might; of the copies after the first
    disguised: float = 0.5  # fraud with characters attacked; likewise (`dressing`)


class Drawn(NamedTuple):
    """A message in its circumstances, and whether letting it through would be wrong."""

    context: Context
    abuse: bool


def draw(
    label: MessageClass,
    text: str,
    analysis: TextAnalysis,
    score: TextScore,
    *,
    chance: random.Random,
    ranges: Ranges,
) -> Drawn:
    """Put one message into circumstances."""
    fraud = label is MessageClass.FRAUD
    vouched = chance.random() < (ranges.hijacked if fraud else ranges.verified)
    profile = _profile(analysis, ranges, chance, fraud=fraud, verified=vouched)
    if not fraud and score.brands and chance.random() < ranges.own_name:
        profile = msgspec.structs.replace(profile, name=" ".join(score.brands))
    message = _message(label, text, analysis, ranges, chance)
    links = tuple(compare(link, profile.domains) for link in analysis.links)
    led_to = (*(trust.link.registered_domain for trust in links if not trust.own), *analysis.contacts)
    share = ranges.new_contact_of_hijacker if fraud else ranges.new_contact
    is_first = bool(led_to) and vouched and chance.random() < share
    contacts, habit = _first_contact(led_to[0], chance) if is_first else ((), HabitRow())
    context = Context(
        message=message,
        now=NOW,
        text=analysis,
        score=score,
        links=links,
        profile=profile,
        contacts=contacts,
        habit=habit,
        habit_since=NOW - MONTH,
    )
    return Drawn(context, is_abuse(label, message))


def _first_contact(name: str, chance: random.Random) -> tuple[tuple[Contact, ...], HabitRow]:
    """Where a sender with a past leads for the first time, and that past."""
    allowed = math.expm1(chance.random() * math.log1p(_BUSY))
    return (Contact(name, None, 0.0),), HabitRow(allowed_month=allowed)


def is_abuse(label: MessageClass, message: Message) -> bool:
    """Fraud always; promotional words without leave; nothing else.

    Leave is an opt-in, or, for what is declared as marketing, not having refused; a reply within
    a conversation may offer something.
    """
    if label is MessageClass.FRAUD:
        return True
    if label is MessageClass.SERVICE or message.opted_in is True:
        return False
    if message.category is Category.MARKETING:
        return message.opted_in is False
    return not (message.category is Category.SERVICE and message.last_inbound_at is not None)


def _message(
    label: MessageClass, text: str, analysis: TextAnalysis, ranges: Ranges, chance: random.Random
) -> Message:
    talking = chance.random() < ranges.in_conversation
    return Message(
        message_id="m",
        sender_id="s",
        recipient="r",
        category=_category(label, analysis, ranges, chance, talking=talking),
        text=text,
        opted_in=_consent(ranges, chance),
        last_inbound_at=NOW - DAY * chance.random() if talking else None,
    )


def _category(
    label: MessageClass, analysis: TextAnalysis, ranges: Ranges, chance: random.Random, *, talking: bool
) -> Category:
    if talking:
        return Category.SERVICE
    if label is MessageClass.PROMOTIONAL and chance.random() < ranges.declared_honestly:
        return Category.MARKETING
    if label is MessageClass.SERVICE:
        code = analysis.counts.code > 0 and not analysis.links
        return _one_of(chance, {Category.AUTHENTICATION: 0.6 if code else 0.02, Category.MARKETING: 0.05})
    return _one_of(chance, {Category.AUTHENTICATION: 0.1, Category.MARKETING: 0.2})


def _one_of(chance: random.Random, shares: dict[Category, float]) -> Category:
    """Draw a category; what the shares leave is utility."""
    point = chance.random()
    for category, share in shares.items():
        if point < share:
            return category
        point -= share
    return Category.UTILITY


def _consent(ranges: Ranges, chance: random.Random) -> bool | None:
    point = chance.random()
    if point < ranges.refused:
        return False
    return True if point > 1.0 - ranges.opted_in else None


def _profile(
    analysis: TextAnalysis, ranges: Ranges, chance: random.Random, *, fraud: bool, verified: bool
) -> SenderProfile:
    days = math.expm1(chance.random() * math.log1p(ANCIENT))
    registered = verified or chance.random() < ranges.registered
    return SenderProfile(
        sender_id="s",
        verified=verified,
        domains=tuple(_domains(analysis, ranges, chance, fraud=fraud, verified=verified)),
        registered_at=NOW - days * DAY if registered else None,
    )


def _domains(
    analysis: TextAnalysis, ranges: Ranges, chance: random.Random, *, fraud: bool, verified: bool
) -> Iterator[str]:
    linked = [link for link in analysis.links if link.registered_domain and not link.is_shortener]
    if fraud:
        if linked and chance.random() < ranges.look_alike_of_fraud:
            yield _other_suffix(linked[0].registered_domain)
        elif verified or chance.random() < ranges.known_links_of_unverified:
            yield chance.choice(_UNRELATED)
        return
    known = ranges.known_links if verified else ranges.known_links_of_unverified
    if linked and chance.random() < known:
        yield from sorted({link.registered_domain for link in linked})
    elif linked and chance.random() < ranges.look_alike:
        yield _other_suffix(linked[0].registered_domain)
    elif verified:
        yield chance.choice(_UNRELATED)


def _other_suffix(domain: str) -> str:
    name = domain.partition(".")[0]
    return f"{name}.com" if not domain.endswith(".com") else f"{name}.net"

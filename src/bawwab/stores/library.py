"""The message library: forms and slots in `data/messages/`, and the messages made of them.

A *form* is one wording with slots; filling it with a variety's values gives a message. The
format is described in `data/messages/FORMAT.md`.
"""

import datetime as dt
import hashlib
import random
import re
import tomllib
from collections.abc import Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from bawwab.core.errors import ConfigurationError

SERVICE_KINDS = frozenset(
    [
        "card_purchase",
        "debit",
        "credit",
        "transfer_in",
        "transfer_out",
        "withdrawal",
        "declined",
        "low_balance",
        "statement",
        "one_time_code",
        "login_alert",
        "fraud_alert",
        "payment_reminder",
        "delivery_out",
        "delivery_held",
        "delivered",
        "pickup_code",
        "travel_change",
        "appointment",
        "order_receipt",
        "account_notice",
        "public_notice",
        "outage",
        "sensor_alert",
        "support_reply",
        "usage_notice",
        "safety_warning",
        "feedback_request",
        "personal_chat",
    ]
)
PROMOTIONAL_KINDS = frozenset(
    [
        "sale",
        "coupon",
        "loyalty",
        "new_product",
        "bank_offer",
        "telecom_bundle",
        "event",
        "charity",
        "political",
    ]
)
FRAUD_KINDS = frozenset(
    [
        "parcel_fee",
        "bank_suspension",
        "fake_fraud_alert",
        "tax_refund",
        "toll_or_fine",
        "prize",
        "job",
        "loan",
        "investment",
        "family_emergency",
        "code_theft",
        "fake_support",
        "account_closing",
        "subsidy",
        "wallet_topup",
        "marketplace_link",
        "airtime_request",
        "payment_diversion",
        "premium_rate",
        "points_expiry",
        "gambling",
        "stranger_lure",
        "extortion",
    ]
)
SLOTS = frozenset(
    [
        "amount",
        "small_amount",
        "balance",
        "bank",
        "wallet",
        "merchant",
        "shop",
        "carrier",
        "airline",
        "telecom",
        "utility",
        "gov",
        "clinic",
        "school",
        "brand",
        "app",
        "person",
        "city",
        "street",
        "product",
        "plate",
        "sensor",
        "train",
        "flight",
        "card",
        "account",
        "code",
        "pin",
        "date",
        "time",
        "day",
        "month",
        "ref",
        "tracking",
        "order",
        "percent",
        "link_own",
        "link_bad",
        "phone_own",
        "hotline",
        "phone_bad",
        "payid",
        "chat",
        "days",
        "hours",
        "minutes",
        "count",
    ]
)
_SLOT = re.compile(r"\{(\w+)\}")
_MARK = re.compile(r"#|\^|\$A|\$a")
_UPPER = "ABCDEFGHJKLMNPQRSTUVWXYZ"
_TOKEN = "abcdefghijkmnopqrstuvwxyz23456789"  # noqa: S105 - characters of short links


class Half(StrEnum):
    """Whose a wording is: a model that was trained on `train` is judged on `trial`."""

    TRAIN = "train"
    TRIAL = "trial"


class MessageClass(StrEnum):
    """What a message is, whatever it is declared as."""

    SERVICE = "service"
    PROMOTIONAL = "promotional"
    FRAUD = "fraud"


KINDS = {
    MessageClass.SERVICE: SERVICE_KINDS,
    MessageClass.PROMOTIONAL: PROMOTIONAL_KINDS,
    MessageClass.FRAUD: FRAUD_KINDS,
}
PRIVATE = "personal_chat"
"""What people write to one another: no business sends it, and frauds imitate it."""
Form = Annotated[str, msgspec.Meta(min_length=4, max_length=1000)]


class Kind(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"label": "class"}):
    """Forms of one kind of message."""

    name: str
    label: MessageClass
    forms: tuple[Form, ...]


class Pair(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Two forms alike but for the one thing that makes the second a fraud."""

    differs: Literal["link", "number", "request", "channel", "code", "payee", "amount"]
    service: Form
    fraud: Form


class Variety(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One language as its businesses write it."""

    name: str
    language: str
    slots: dict[str, tuple[str, ...]]
    kind: tuple[Kind, ...]
    pair: tuple[Pair, ...] = ()


class LibraryForm(msgspec.Struct, frozen=True):
    """One form with where it stands; both sides of a minimal pair are of the same half."""

    variety: str
    language: str
    label: MessageClass
    kind: str
    number: int
    text: str
    half: Half = Half.TRAIN


class LibraryMessage(msgspec.Struct, frozen=True):
    """One filled form."""

    form: LibraryForm
    text: str


def read_library(folder: Path) -> tuple[Variety, ...]:
    """Read every variety of ``folder``, in the order of their names.

    Raises
    ------
    ConfigurationError
        Naming the file and what is wrong in it.
    """
    return tuple(read_variety(path) for path in sorted(folder.glob("*.toml")))


def read_variety(path: Path) -> Variety:
    """Read and check one file."""
    try:
        raw = tomllib.loads(path.read_text("utf-8"))
        variety = msgspec.convert({"name": path.stem, **raw}, Variety)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise ConfigurationError(f"{path}: {error}") from error
    for complaint in complaints(variety):
        raise ConfigurationError(f"{path}: {complaint}")
    return variety


def complaints(variety: Variety) -> Iterator[str]:
    """What is wrong with a variety: kinds, slots, slots without values."""
    for kind in variety.kind:
        if kind.name not in KINDS[kind.label]:
            yield f"kind {kind.name!r} is not a kind of class {kind.label.value}"
    for name in variety.slots:
        if name not in SLOTS:
            yield f"slot {name!r} is not in the table of FORMAT.md"
    for form in forms(variety):
        for name in _SLOT.findall(form.text):
            if name not in variety.slots:
                yield f"form {form.text[:50]!r} uses slot {name!r}, which has no values"


def forms(variety: Variety) -> Iterator[LibraryForm]:
    """Every form of a variety, pairs last."""
    number = 0
    for kind in variety.kind:
        for text in kind.forms:
            where = half_of(text)
            yield LibraryForm(variety.name, variety.language, kind.label, kind.name, number, text, where)
            number += 1
    for pair in variety.pair:
        sides = ((MessageClass.SERVICE, pair.service), (MessageClass.FRAUD, pair.fraud))
        where = half_of(pair.service)
        for label, text in sides:
            yield LibraryForm(variety.name, variety.language, label, "pair", number, text, where)
            number += 1


def half_of(text: str) -> Half:
    """Say whose a wording is, by its own text alone: a third of them are the trial's.

    Examples
    --------
    >>> half_of("Your code is {code}.").value, half_of("Use {code} to sign in.").value
    ('train', 'trial')
    """
    digest = hashlib.sha256(text.encode()).digest()
    return Half.TRIAL if digest[0] % 3 == 0 else Half.TRAIN


def fill(
    form: LibraryForm,
    variety: Variety,
    chance: random.Random,
    *,
    fixed: Mapping[str, str] | None = None,
    moment: dt.datetime | None = None,
) -> LibraryMessage:
    """Fill a form with values of its variety; one name stands for one value within a message.

    Parameters
    ----------
    form : LibraryForm
    variety : Variety
        The variety of the form.
    chance : random.Random
        Draws every value that is not fixed.
    fixed : mapping, optional
        Slots that have their value already, such as the sender's own name.
    moment : datetime, optional
        What dates and times are about; any time of a year by default.
    """
    chosen: dict[str, str] = dict(fixed or {})
    drawn = dt.datetime(2026, 1, 1, tzinfo=dt.UTC) + dt.timedelta(minutes=chance.randrange(525_600))
    moment = drawn if moment is None else moment

    def value(match: re.Match[str]) -> str:
        name = match[1]
        if name not in chosen:
            chosen[name] = _expand(chance.choice(variety.slots[name]), name)
        return chosen[name]

    def _expand(pattern: str, name: str) -> str:
        nested = _SLOT.sub(value, pattern)
        if name in {"date", "time"} and "%" in nested:
            nested = moment.strftime(nested)
        return _MARK.sub(lambda mark: _draw(mark[0], chance), nested)

    return LibraryMessage(form, _SLOT.sub(value, form.text))


def messages(library: tuple[Variety, ...], *, fillings: int, seed: int) -> Iterator[LibraryMessage]:
    """Fill every form ``fillings`` times, the same for the same seed."""
    for variety in library:
        for form in forms(variety):
            for copy in range(fillings):
                chance = random.Random(f"{seed}/{variety.name}/{form.text}/{copy}")  # noqa: S311
                yield fill(form, variety, chance)


def _draw(mark: str, chance: random.Random) -> str:
    if mark == "#":
        return chance.choice("0123456789")
    if mark == "^":
        return chance.choice("123456789")
    return chance.choice(_UPPER if mark == "$A" else _TOKEN)

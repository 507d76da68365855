"""From counted messages to a bill: integers of a millionth of the currency, so that it adds up exactly."""

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from bawwab.core.events import Category
from bawwab.core.policy import Fees
from bawwab.service.schemas import UsageCategory, UsageRow
from bawwab.stores.ledger import Allowed

MICRO = 1_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class _Line(NamedTuple):
    day: int
    sender_id: str
    owner: str
    category: str


class _Sum(NamedTuple):
    messages: int = 0
    micros: int = 0

    def plus(self, messages: int, micros: int) -> "_Sum":
        return _Sum(self.messages + messages, self.micros + micros)


def price(fees: Fees, category: str, region: str) -> int:
    """Millionths of the currency for one allowed message.

    Examples
    --------
    >>> from bawwab.core.policy import default_policy
    >>> price(default_policy().fees, "marketing", "SA")
    45500
    """
    return int((Decimal(repr(fees.of(Category(category), region))) * MICRO).to_integral_value())


def by_category(counted: Iterable[Allowed], fees: Fees) -> tuple[UsageCategory, ...]:
    """Messages and fee of every category, also of those without any."""
    sums: dict[str, _Sum] = defaultdict(_Sum)
    for row in counted:
        micros = row.messages * price(fees, row.category, row.region)
        sums[row.category] = sums[row.category].plus(row.messages, micros)
    return tuple(
        UsageCategory(category=category, messages=sums[category].messages, fee=_fee(sums[category]))
        for category in Category
    )


def by_day(counted: Iterable[Allowed], fees: Fees) -> tuple[UsageRow, ...]:
    """Messages and fee by day, sender and category."""
    sums: dict[_Line, _Sum] = defaultdict(_Sum)
    for row in counted:
        line = _Line(row.day, row.sender_id, row.owner, row.category)
        sums[line] = sums[line].plus(row.messages, row.messages * price(fees, row.category, row.region))
    return tuple(
        UsageRow(
            day=(_EPOCH + timedelta(days=line.day)).date(),
            sender_id=line.sender_id,
            portfolio_id=line.owner[2:] if line.owner.startswith("p:") else None,
            category=Category(line.category),
            messages=found.messages,
            fee=_fee(found),
        )
        for line, found in sorted(sums.items())
    )


def as_csv(rows: Sequence[UsageRow], currency: str) -> bytes:
    """Write the rows as CSV."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(("day", "sender_id", "portfolio_id", "category", "messages", "fee", "currency"))
    for row in rows:
        fee = f"{Decimal(repr(row.fee)):f}"
        about = (row.day.isoformat(), row.sender_id, row.portfolio_id or "")
        writer.writerow((*about, row.category.value, row.messages, fee, currency))
    return file.getvalue().encode(errors="surrogatepass")


def _fee(found: _Sum) -> float:
    return found.micros / MICRO

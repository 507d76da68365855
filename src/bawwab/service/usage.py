"""From counted messages to a bill: integers of a millionth of the currency, so that it adds up exactly."""

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from bawwab.core.events import Category
from bawwab.core.policy import MICRO, Fee, Fees
from bawwab.service.schemas import UsageCategory, UsageRow
from bawwab.stores.ledger import Allowed

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class _Line(NamedTuple):
    day: int
    sender_id: str
    owner: str
    category: str
    currency: str


class _Sum(NamedTuple):
    messages: int = 0
    micros: int = 0

    def plus(self, messages: int, fee: Fee) -> "_Sum":
        return _Sum(self.messages + messages, self.micros + messages * fee.micros)

    @property
    def fee(self) -> float:
        return self.micros / MICRO


def fee_of(row: Allowed, fees: Fees) -> Fee:
    """Fee that was settled when the message was decided; today's, where none was kept."""
    if row.currency is None or row.micros is None:
        return fees.of(Category(row.category), row.region)
    return Fee(row.currency, row.micros)


def by_category(counted: Iterable[Allowed], fees: Fees) -> tuple[UsageCategory, ...]:
    """Messages and fee of every category, also of those without any; a line for each currency."""
    sums = {(fees.currency, category.value): _Sum() for category in Category}
    for row in counted:
        fee = fee_of(row, fees)
        line = fee.currency, row.category
        sums[line] = sums.get(line, _Sum()).plus(row.messages, fee)
    return tuple(
        UsageCategory(category=Category(name), messages=found.messages, fee=found.fee, currency=currency)
        for (currency, name), found in sums.items()
    )


def by_day(counted: Iterable[Allowed], fees: Fees) -> tuple[UsageRow, ...]:
    """Messages and fee by day, sender and category; a line for each currency."""
    sums: dict[_Line, _Sum] = defaultdict(_Sum)
    for row in counted:
        fee = fee_of(row, fees)
        line = _Line(row.day, row.sender_id, row.owner, row.category, fee.currency)
        sums[line] = sums[line].plus(row.messages, fee)
    return tuple(
        UsageRow(
            day=(_EPOCH + timedelta(days=line.day)).date(),
            sender_id=line.sender_id,
            portfolio_id=line.owner[2:] if line.owner.startswith("p:") else None,
            category=Category(line.category),
            messages=found.messages,
            fee=found.fee,
            currency=line.currency,
        )
        for line, found in sorted(sums.items())
    )


def as_csv(rows: Sequence[UsageRow]) -> bytes:
    """Write the rows as CSV."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(("day", "sender_id", "portfolio_id", "category", "messages", "fee", "currency"))
    for row in rows:
        fee = f"{Decimal(repr(row.fee)):f}"
        about = (row.day.isoformat(), row.sender_id, row.portfolio_id or "")
        writer.writerow((*about, row.category.value, row.messages, fee, row.currency))
    return file.getvalue().encode(errors="surrogatepass")

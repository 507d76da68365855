"""What is paid is what was allowed, once, at the price list's fees."""

import csv
import io
from collections import Counter
from typing import Any

import pytest
from msgspec.structs import replace

from bawwab.core.records import Decided
from bawwab.stores.ledger import drop_old
from engines_kit import LOG_ENGINES
from service_kit import START, Service

pytestmark = pytest.mark.parametrize("log_engine", LOG_ENGINES)

DAY = 86_400.0


def usage(service: Service, **query: str) -> Any:
    answer = service.client.get("/v1/usage", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def billed(answer: Any) -> dict[str, tuple[int, float]]:
    found = {entry["category"]: (entry["messages"], entry["fee"]) for entry in answer["categories"]}
    return {category: pair for category, pair in found.items() if pair[0]}


def business(service: Service) -> None:
    """Three days, two regions, refusals, a repeat and a dry run among them."""
    for day in range(3):
        service.time.now = START + day * DAY
        for region in ("SA", "de", None):
            service.score(sender_id="shop", recipient_region=region)
        service.score(sender_id="shop", category="marketing", opted_in=True, recipient_region="SA")
        service.score(sender_id="shop", text="a scam")
        service.score(sender_id="shop", dry_run=True)
        repeated = service.message(sender_id="bank", category="authentication")
        for _ in range(2):
            service.post("/v1/score", repeated)


def test_only_allowed_messages_are_paid_once(service: Service) -> None:
    business(service)
    expected = {"utility": (9, 0.0945), "marketing": (3, 0.1365)}  # 3 x (.0115 + .01 + .01), 3 x .0455
    assert billed(usage(service, sender_id="shop")) == expected
    assert billed(usage(service, sender_id="bank")) == {"authentication": (3, 0.036)}


def test_usage_adds_up_to_the_log(service: Service) -> None:
    business(service)
    answer = usage(service)
    logged = Counter(
        record.message.category.value
        for _, record in service.log.read()
        if isinstance(record, Decided) and record.decision.verdict == "allow"
    )
    assert {category: messages for category, (messages, _) in billed(answer).items()} == logged
    assert sum(row["messages"] for row in answer["days"]) == logged.total()


def test_from_is_inclusive_and_to_is_not(service: Service) -> None:
    business(service)
    one = usage(
        service, sender_id="bank", **{"from": "2027-01-16T08:00:00Z", "to": "2027-01-17T11:00:00+03:00"}
    )
    assert billed(one) == {"authentication": (1, 0.012)}
    days = usage(service, sender_id="bank", **{"from": "2027-01-15", "to": "2027-01-17"})
    assert billed(days) == {"authentication": (2, 0.024)}


def test_a_portfolio_is_billed_together(service: Service) -> None:
    for sender in ("shop", "bank"):
        service.client.put(f"/v1/senders/{sender}", json={"portfolio_id": "group"})
    business(service)
    assert billed(usage(service, portfolio_id="group"))["authentication"] == (3, 0.036)
    assert billed(usage(service, portfolio_id="other")) == {}


def test_csv_says_the_same_by_day(service: Service) -> None:
    business(service)
    answer = service.client.get("/v1/usage?sender_id=shop&format=csv")
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert (len(rows), rows[0]["day"], rows[0]["currency"]) == (6, "2027-01-15", "USD")
    assert sum(float(row["fee"]) for row in rows) == pytest.approx(0.231)


def test_what_is_dropped_from_the_log_is_still_billed(service: Service) -> None:
    business(service)
    before = usage(service)
    while drop_old(service.log.engine, before=START + 2 * DAY, through=service.log.committed):
        pass
    assert len(list(service.log.read())) < service.log.appended
    after = usage(service)
    assert (after["categories"], after["days"]) == (before["categories"], before["days"])


def with_fees(service: Service, **fees: Any) -> None:
    """Another price list from now on, as after a restart with another policy."""
    gate = service.entrance.gate
    gate.policy = replace(gate.policy, fees=replace(gate.policy.fees, **fees))


@pytest.mark.parametrize("dropped", [False, True])
def test_a_new_price_list_leaves_the_past_as_it_was(service: Service, dropped: bool) -> None:  # noqa: FBT001
    business(service)
    before = usage(service)
    if dropped:
        while drop_old(service.log.engine, before=START + 2 * DAY, through=service.log.committed):
            pass
    with_fees(service, utility=9.0, region={})
    assert usage(service, to="2027-01-18")["days"] == before["days"]
    service.score(sender_id="late", recipient_region="SA")
    assert billed(usage(service, sender_id="late")) == {"utility": (1, 9.0)}


def test_sums_of_two_currencies_are_kept_apart(service: Service) -> None:
    service.score(sender_id="shop")
    with_fees(service, currency="EUR")
    service.score(sender_id="shop")
    answer = usage(service, sender_id="shop")
    lines = {(line["currency"], line["messages"]) for line in answer["categories"] if line["messages"]}
    assert lines == {("USD", 1), ("EUR", 1)}
    assert {row["currency"] for row in answer["days"]} == {"USD", "EUR"}


@pytest.mark.parametrize(
    "query",
    [
        {"from": "yesterday"},
        {"from": "2027-01-15T08:00:00"},
        {"to": "0001-01-01T00:00:00+14:00"},
        {"from": "2027-01-15", "to": "2027-01-14"},
        {"sender_id": ""},
        {"format": "xml"},
    ],
)
def test_what_cannot_be_meant_is_refused(service: Service, query: dict[str, str]) -> None:
    assert service.client.get("/v1/usage", params=query).status_code == 422


def test_nobody_owes_nothing(service: Service) -> None:
    assert billed(usage(service, sender_id="nobody")) == {}

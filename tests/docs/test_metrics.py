"""docs/reference/metrics.md lists every metric with its type and its labels."""

import re
from pathlib import Path

import httpx
import pytest

from server_kit import running
from service_kit import write_model

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "metrics.md").read_text("utf-8")
ROWS = {
    name: (kind, set(re.findall(r"`(\w+)`", labels)))
    for name, kind, labels in re.findall(r"^\| `(bawwab_\w+)` \| (\w+) \| ([^|]*)\|", PAGE, re.MULTILINE)
}
MESSAGE = {
    "message_id": "m1",
    "sender_id": "shop",
    "recipient_id": "r1",
    "category": "utility",
    "text": "your parcel has arrived",
}


@pytest.fixture(scope="module")
def scraped(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("server")
    write_model(folder / "models")
    with running(folder / "var", folder / "models") as url, httpx.Client(base_url=url) as client:
        client.post("/v1/score", json=MESSAGE)
        client.post("/v1/reports", json={"reason": "spam", "sender_id": "shop", "recipient_id": "r1"})
        return client.get("/metrics").text


def test_every_metric_has_a_row_and_every_row_a_metric(scraped: str) -> None:
    exposed = dict(re.findall(r"^# TYPE (\S+) (\S+)", scraped, re.MULTILINE))
    assert {name: kind for name, (kind, _) in ROWS.items()} == exposed


def test_labels_are_what_the_page_says(scraped: str) -> None:
    for name, labels in re.findall(r"^(bawwab_\w+?)(?:_bucket|_sum|_count)?\{(.*)\}", scraped, re.MULTILINE):
        assert set(re.findall(r"(\w+)=", labels)) - {"le"} == ROWS[name][1], name

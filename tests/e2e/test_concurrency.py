"""Many at once, and a clock that steps."""

import asyncio
from typing import Any

import httpx
import pytest

from service_kit import START, Service


def test_a_thousand_parallel_copies_are_one_message(service: Service) -> None:
    message = service.message()

    async def ask() -> list[Any]:
        transport = httpx.ASGITransport(app=service.client.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            answers = await asyncio.gather(*(client.post("/v1/score", json=message) for _ in range(1_000)))
        return [answer.json() for answer in answers]

    answers = asyncio.run(ask())
    assert all(answer == answers[0] for answer in answers)
    service.log.flush()
    assert len(list(service.log.read())) == 1
    assert service.client.get("/v1/senders/shop").json()["limit"]["remaining"] == 249


@pytest.mark.parametrize("step", [-86_400.0, -1.0, -START, 86_400.0, 10 * 365 * 86_400.0])
def test_a_clock_that_steps_breaks_nothing(service: Service, step: float) -> None:
    first = service.message()
    before = service.post("/v1/score", first).json()
    service.time.now += step
    again = service.post("/v1/score", first)
    assert again.status_code == 200
    if step < 7 * 86_400.0:
        assert again.json() == before
    report = {"sender_id": "shop", "recipient_id": first["recipient_id"], "reason": "spam"}
    assert service.post("/v1/reports", report).status_code == 202
    assert service.score()["verdict"] in {"allow", "throttle"}
    assert service.client.get("/v1/senders/shop").status_code == 200


def test_a_limit_is_not_widened_by_setting_the_clock_back(service: Service) -> None:
    for _ in range(3):
        remaining = service.score()["limit"]["remaining"]
        service.time.now -= 3_600.0
    assert remaining == 247

"""``BAWWAB_CLOCK=event``: time is what the events say."""

from typing import Any

from service_kit import Service


def at(minute: int, hour: int = 8) -> str:
    return f"2027-01-15T{hour:02}:{minute:02}:00Z"


def report(**fields: Any) -> dict[str, Any]:
    return {"sender_id": "shop", "recipient_id": "r1", "reason": "spam", **fields}


def test_the_first_item_sets_it(replay: Service) -> None:
    assert replay.score(occurred_at=at(5))["evaluated_at"] == at(5)


def test_the_first_item_needs_a_time(replay: Service) -> None:
    assert replay.post("/v1/score", replay.message()).status_code == 422


def test_an_older_item_arrives_now(replay: Service) -> None:
    replay.score(occurred_at=at(5))
    assert replay.score(occurred_at=at(1))["evaluated_at"] == at(5)
    assert replay.score()["evaluated_at"] == at(5)


def test_feedback_moves_it(replay: Service) -> None:
    replay.score(occurred_at=at(5))
    replay.post("/v1/reports", report(reported_at=at(9)))
    assert replay.score()["evaluated_at"] == at(9)


def test_an_item_without_effect_moves_it_and_that_is_logged(replay: Service) -> None:
    replay.score(occurred_at=at(5))
    replay.post("/v1/reports", report(report_id="a", reported_at=at(6)))
    replay.post("/v1/reports", report(report_id="a", reported_at=at(7)))
    assert replay.score()["evaluated_at"] == at(7)
    assert [type(record).__name__ for _, record in replay.log.read()][2] == "Ticked"


def test_too_far_ahead_is_refused_and_moves_nothing(replay: Service) -> None:
    replay.score(occurred_at=at(5))
    assert replay.post("/v1/score", replay.message(occurred_at="2027-02-14T08:05:01Z")).status_code == 422
    assert replay.score()["evaluated_at"] == at(5)


def test_a_refused_item_moves_nothing(replay: Service) -> None:
    message = replay.message(occurred_at=at(5))
    replay.post("/v1/score", message)
    changed = message | {"text": "another", "occurred_at": at(50)}
    assert replay.post("/v1/score", changed).status_code == 422
    assert replay.score()["evaluated_at"] == at(5)


def test_a_dry_run_has_its_own_time_and_moves_nothing(replay: Service) -> None:
    replay.score(occurred_at=at(5))
    assert replay.score(occurred_at=at(30), dry_run=True)["evaluated_at"] == at(30)
    assert replay.score(occurred_at=at(1), dry_run=True)["evaluated_at"] == at(1)
    assert replay.score()["evaluated_at"] == at(5)


def test_a_dry_run_ahead_leaves_the_limit_as_it_was(replay: Service) -> None:
    first = replay.score(occurred_at=at(5))
    replay.score(occurred_at="2027-01-20T08:00:00Z", dry_run=True)
    assert replay.score()["limit"]["remaining"] == first["limit"]["remaining"] - 1


def test_a_profile_put_before_anything_counts_from_the_start(replay: Service) -> None:
    profile = {"verified": True, "registered_at": "2020-01-01T00:00:00Z"}
    assert replay.client.put("/v1/senders/shop", json=profile).status_code == 201
    assert replay.score(occurred_at=at(5))["limit"]["quota"] == 10_000


def test_a_profile_moves_nothing(replay: Service) -> None:
    replay.client.put("/v1/senders/shop", json={"registered_at": at(59)})
    assert replay.score(occurred_at=at(5))["evaluated_at"] == at(5)


def test_a_batch_moves_it_item_by_item(replay: Service) -> None:
    messages = [replay.message(occurred_at=at(minute)) for minute in (1, 3, 2)]
    decisions = replay.post("/v1/score/batch", {"messages": messages}).json()["decisions"]
    assert [decision["evaluated_at"] for decision in decisions] == [at(1), at(3), at(3)]

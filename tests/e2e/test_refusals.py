"""What cannot be taken gets a clear problem, never a verdict, never an echo, never a 500."""

from typing import Any

import pytest

from service_kit import Service

PRIVATE = "my very private words"


def problem_of(answer: Any) -> Any:
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == answer.status_code
    return problem


MALFORMED = {
    "nothing": b"",
    "cut off": b'{"message_id": "m1"',
    "not utf-8": b'{"message_id": "\xff"}',
    "a lone surrogate, escaped": b'{"message_id": "\\ud800"}',
    "a lone surrogate, encoded": b'{"message_id": "\xed\xa0\x80"}',
    "a byte order mark": b"\xef\xbb\xbf{}",
    "NaN": b'{"opted_in": NaN}',
}


@pytest.mark.parametrize("body", MALFORMED.values(), ids=MALFORMED.keys())
def test_malformed_json_is_400(service: Service, body: bytes) -> None:
    assert problem_of(service.send_raw("/v1/score", body))["status"] == 400


@pytest.mark.parametrize("body", [b"[]", b"null", b"3", b'"text"', b"[" * 50_000])
def test_json_of_another_shape_is_refused(service: Service, body: bytes) -> None:
    assert problem_of(service.send_raw("/v1/score", body))["status"] in {400, 422}


INVALID: dict[str, tuple[dict[str, Any], str]] = {
    "empty text": ({"text": ""}, "text"),
    "4,097 characters": ({"text": "x" * 4_097}, "text"),
    "an unknown category": ({"category": PRIVATE}, "category"),
    "an unknown field": ({"mood": PRIVATE}, "mood"),
    "a number as text": ({"text": 5}, "text"),
    "text as a boolean": ({"opted_in": "true"}, "opted_in"),
    "a number as a boolean": ({"opted_in": 1}, "opted_in"),
    "an empty id": ({"message_id": ""}, "message_id"),
    "a long id": ({"sender_id": "s" * 129}, "sender_id"),
    "an id with NUL": ({"recipient_id": "r\0"}, "recipient_id"),
    "a time without a zone": ({"occurred_at": "2027-01-15T08:00:00"}, "occurred_at"),
    "a time that is none": ({"last_inbound_at": "yesterday"}, "last_inbound_at"),
    "a time in seconds": ({"occurred_at": 1_800_000_000}, "occurred_at"),
    "the year one": ({"last_inbound_at": "0001-01-01T00:00:00+14:00"}, "last_inbound_at"),
    "the last moment": ({"last_inbound_at": "9999-12-31T23:59:59-14:00"}, "last_inbound_at"),
    "a language that is none": ({"language": "english!"}, "language"),
    "a region that is none": ({"recipient_region": "Egypt"}, "recipient_region"),
}


@pytest.mark.parametrize(("fields", "field"), INVALID.values(), ids=INVALID.keys())
def test_an_invalid_field_is_422_and_named(service: Service, fields: dict[str, Any], field: str) -> None:
    problem = problem_of(service.post("/v1/score", service.message(**fields)))
    assert (problem["status"], problem["errors"][0]["field"]) == (422, field)


@pytest.mark.parametrize("field", ["message_id", "sender_id", "recipient_id", "category", "text"])
def test_a_missing_field_is_named(service: Service, field: str) -> None:
    message = service.message()
    del message[field]
    assert problem_of(service.post("/v1/score", message))["errors"][0] == {
        "field": field,
        "problem": "required",
    }


@pytest.mark.parametrize(
    "fields", [{"category": PRIVATE}, {"text": PRIVATE * 500}, {"text": PRIVATE, "sender_id": ""}]
)
def test_no_problem_repeats_what_was_sent(service: Service, fields: dict[str, Any]) -> None:
    answer = service.post("/v1/score", service.message(**fields))
    assert (answer.status_code, PRIVATE in answer.text) == (422, False)


def test_a_problem_says_what_would_be_right(service: Service) -> None:
    problem = problem_of(service.post("/v1/score", service.message(category="promo")))
    assert "authentication, utility, marketing, service" in problem["errors"][0]["remedy"]


class TestSize:
    def test_64_kib_are_the_most_for_one_message(self, service: Service) -> None:
        assert problem_of(service.send_raw("/v1/score", b" " * 65_537))["status"] == 413
        assert problem_of(service.send_raw("/v1/score", b" " * 65_536))["status"] == 400

    def test_it_holds_without_a_declared_length(self, service: Service) -> None:
        def pieces() -> Any:
            for _ in range(70):
                yield b" " * 1_024

        headers = {"content-type": "application/json"}
        answer = service.client.post("/v1/score", content=pieces(), headers=headers)
        assert problem_of(answer)["status"] == 413

    def test_batches_may_be_larger(self, service: Service) -> None:
        body = b'{"messages": [' + b" " * 1_000_000 + b"]}"
        assert service.send_raw("/v1/score/batch", body).status_code == 200

    def test_24_mib_are_the_most_for_a_batch(self, service: Service) -> None:
        assert problem_of(service.send_raw("/v1/reports", b" " * (24 * 2**20 + 1)))["status"] == 413


class TestMediaType:
    @pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "application/jsonx"])
    def test_only_json_is_read(self, service: Service, kind: str) -> None:
        answer = service.client.post("/v1/score", content=b"{}", headers={"content-type": kind})
        assert problem_of(answer)["status"] == 415

    def test_a_missing_type_is_refused(self, service: Service) -> None:
        assert problem_of(service.client.post("/v1/score", content=b"{}"))["status"] == 415

    def test_a_charset_is_fine(self, service: Service) -> None:
        kind = "Application/JSON; charset=utf-8"
        answer = service.client.post("/v1/score", content=b"{}", headers={"content-type": kind})
        assert answer.status_code == 422

    @pytest.mark.parametrize("encoding", ["gzip", "br", "zstd", "deflate, gzip"])
    def test_compressed_bodies_are_refused(self, service: Service, encoding: str) -> None:
        answer = service.send_raw("/v1/score", b"{}", **{"content-encoding": encoding})
        assert problem_of(answer)["type"] == "urn:bawwab:encoding"


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/v1/score", "POST"),
        ("DELETE", "/v1/senders/a", "GET, HEAD, PUT"),
        ("POST", "/healthz", "GET, HEAD"),
        ("PATCH", "/v1/decisions/d", "GET, HEAD"),
    ],
)
def test_another_method_is_405_with_those_that_work(
    service: Service, method: str, path: str, allowed: str
) -> None:
    answer = service.client.request(method, path)
    assert (problem_of(answer)["status"], answer.headers["allow"]) == (405, allowed)


@pytest.mark.parametrize("path", ["/", "/v1", "/v1/scores", "/v1/score/", "/v2/score", "/%2e%2e/etc/passwd"])
def test_an_unknown_path_is_404(service: Service, path: str) -> None:
    assert problem_of(service.client.get(path))["status"] == 404

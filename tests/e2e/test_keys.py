"""Who may ask for what, and how often."""

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bawwab.service.guard import KeyGuard
from bawwab.service.keys import KeyRing, KnownKeys
from bawwab.service.operation import Access
from service_kit import Service, Time, run_service


class Keyed:
    """A service that wants keys, and its key ring."""

    def __init__(self, folder: Path, **guard: Any) -> None:
        self.ring, self.time = KeyRing(folder), Time()
        given = {"required": True, "quota": None, **guard}
        self.guard = KeyGuard(KnownKeys(self.ring, read=self.time), read=self.time, **given)

    def key(self, *scopes: str) -> dict[str, str]:
        made = self.ring.create(tuple(Access(scope) for scope in scopes), name="", now=1.0)
        self.time.now += 1.0
        return {"authorization": f"Bearer {made}"}


@pytest.fixture
def keyed(tmp_path: Path) -> Keyed:
    return Keyed(tmp_path)


@pytest.fixture
def service(tmp_path: Path, keyed: Keyed) -> Iterator[Service]:
    with run_service(tmp_path, guard=keyed.guard) as service:
        yield service


REPORT = {"sender_id": "shop", "recipient_id": "r", "reason": "spam"}
ALLOWED: list[tuple[str, str, str, Any]] = [
    ("score", "POST", "/v1/score", None),
    ("feedback", "POST", "/v1/reports", REPORT),
    ("operate", "PUT", "/v1/senders/shop", {}),
    ("score operate", "GET", "/v1/model", None),
    ("operate", "GET", "/metrics", None),
]


def ask(service: Service, method: str, path: str, body: Any, **headers: str) -> Any:
    given = service.message() if path == "/v1/score" else body
    return service.client.request(method, path, json=given, headers=headers)


@pytest.mark.parametrize(("scopes", "method", "path", "body"), ALLOWED)
def test_every_scope_opens_its_own_doors(  # noqa: PLR0917 - the cases of one law
    service: Service, keyed: Keyed, scopes: str, method: str, path: str, body: Any
) -> None:
    for scope in Access:
        status = ask(service, method, path, body, **keyed.key(scope)).status_code
        assert (status < 300) == (scope in scopes.split()), scope
        assert status < 300 or status == 403


@pytest.mark.parametrize(("scopes", "method", "path", "body"), ALLOWED)
def test_without_a_key_there_is_no_way(
    service: Service, scopes: str, method: str, path: str, body: Any
) -> None:
    answer = ask(service, method, path, body)
    assert answer.status_code == 401, scopes
    assert answer.headers["www-authenticate"].startswith("Bearer ")


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_needs_no_key(service: Service, path: str) -> None:
    assert service.client.get(path).status_code == 200


@pytest.mark.parametrize("scheme", ["Basic", "Digest", "bearerx", ""])
def test_another_scheme_is_no_key(service: Service, keyed: Keyed, scheme: str) -> None:
    key = keyed.key("score")["authorization"].removeprefix("Bearer ")
    sent = base64.b64encode(f"me:{key}".encode()).decode() if scheme == "Basic" else key
    assert service.client.get("/v1/model", headers={"authorization": f"{scheme} {sent}"}).status_code == 401


def test_one_key_may_hold_several_scopes(service: Service, keyed: Keyed) -> None:
    both = keyed.key("score", "feedback")
    assert ask(service, "POST", "/v1/score", None, **both).status_code == 200
    assert ask(service, "POST", "/v1/reports", REPORT, **both).status_code == 202


def test_a_revoked_key_opens_nothing(service: Service, keyed: Keyed) -> None:
    key = keyed.key("score")
    keyed.ring.revoke(keyed.ring.keys()[0].id, now=2.0)
    keyed.time.now += 1.0
    assert ask(service, "GET", "/v1/model", None, **key).status_code == 401


def test_an_operators_key_is_named_in_the_log(service: Service, keyed: Keyed) -> None:
    ask(service, "PUT", "/v1/senders/shop", {}, **keyed.key("operate"))
    service.log.flush()
    [(_, record)] = service.log.read()
    assert record.by == keyed.ring.keys()[0].id  # type: ignore[union-attr] # a profile was put


def test_a_quota_is_told_and_kept_and_refilled(tmp_path: Path) -> None:
    keyed = Keyed(tmp_path, quota=2.0)
    with run_service(tmp_path, guard=keyed.guard) as service:
        mine, others = keyed.key("score"), keyed.key("score")
        first = ask(service, "GET", "/v1/model", None, **mine)
        assert first.headers["ratelimit-policy"] == '"key";q=2;w=1'
        assert first.headers["ratelimit"] == '"key";r=1;t=1'
        assert ask(service, "GET", "/v1/model", None, **mine).status_code == 200
        refused = ask(service, "GET", "/v1/model", None, **mine)
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "1")
        assert refused.headers["ratelimit"] == '"key";r=0;t=1'
        assert ask(service, "GET", "/v1/model", None, **others).status_code == 200
        keyed.time.now += 0.5
        assert ask(service, "GET", "/v1/model", None, **mine).status_code == 200


def test_a_presented_key_counts_where_none_is_required(tmp_path: Path) -> None:
    keyed = Keyed(tmp_path, required=False)
    with run_service(tmp_path, guard=keyed.guard) as service:
        assert ask(service, "GET", "/v1/model", None).status_code == 200
        assert ask(service, "GET", "/v1/model", None, **keyed.key("feedback")).status_code == 403
        assert ask(service, "GET", "/v1/model", None, authorization="Bearer x").status_code == 401


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "gate.example"},
        {"host": "10.0.0.5:8000"},
        {"x-forwarded-for": "203.0.113.9"},
        {"forwarded": "for=203.0.113.9"},
        {"via": "1.1 proxy"},
        {"x-real-ip": "203.0.113.9"},
    ],
    ids=str,
)
def test_without_keys_what_came_through_a_proxy_is_refused(tmp_path: Path, headers: dict[str, str]) -> None:
    keyed = Keyed(tmp_path, required=False, local_only=True)
    with run_service(tmp_path, guard=keyed.guard) as service:
        given = {"host": "127.0.0.1:8000", **headers}
        refused = ask(service, "GET", "/v1/model", None, **given)
        assert refused.status_code == 401
        assert "BAWWAB_REQUIRE_KEY=1" in refused.json()["detail"]
        assert ask(service, "GET", "/healthz", None, **given).status_code == 200
        assert ask(service, "GET", "/v1/model", None, **given, **keyed.key("score")).status_code == 200


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost:8000", "localhost", "[::1]:8000"])
def test_without_keys_this_machine_is_served(tmp_path: Path, host: str) -> None:
    keyed = Keyed(tmp_path, required=False, local_only=True)
    with run_service(tmp_path, guard=keyed.guard) as service:
        assert ask(service, "GET", "/v1/model", None, host=host).status_code == 200

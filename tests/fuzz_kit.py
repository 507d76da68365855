"""Every operation of the OpenAPI document, asked with whatever its schema allows, and what it does not."""

from collections import Counter
from contextlib import suppress
from typing import Any, NamedTuple

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS

from service_kit import Service

CHECKED = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
)


class Known(NamedTuple):
    """Ids that there are, so that more than the way to a 404 is tried."""

    sender: str
    decision: str
    appeal: str


def fuzz(
    service: Service, *, examples: int, seed: int | None = None, key: str | None = None
) -> Counter[tuple[str, int]]:
    """Ask ``examples`` times in each mode of each operation; how often which status was answered.

    Every second case names ids that there are; ``key`` is sent with all but every eighth.

    Raises
    ------
    Exception
        An answer is a 5xx, undocumented, or not as documented.
    """
    known = _business(service, key)
    schema: Any = schemathesis.openapi.from_dict(service.client.get("/openapi.json").json())
    answered: Counter[tuple[str, int]] = Counter()
    for result in schema.get_all_operations():
        operation = result.ok()
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            _ask(operation, mode, service, answered, _Dress(known, key), examples=examples, seed=seed)
    return answered


def _business(service: Service, key: str | None) -> Known:
    """A refusal that is contested."""
    headers = {"authorization": f"Bearer {key}"} if key else {}
    message = service.message(text="a scam https://shady.example/a")
    decided = service.client.post("/v1/score", json=message, headers=headers).json()
    contested = {"decision_id": decided["decision_id"]}
    appeal = service.client.post("/v1/appeals", json=contested, headers=headers).json()
    return Known("shop", decided["decision_id"], appeal["appeal_id"])


class _Dress:
    """Gives a case ids that there are, and the key."""

    def __init__(self, known: Known, key: str | None) -> None:
        self._known, self._key, self._cases = known, key, 0

    def __call__(self, case: Any) -> None:
        self._cases += 1
        if self._key and self._cases % 8:
            case.headers = {**(case.headers or {}), "Authorization": f"Bearer {self._key}"}
        if self._cases % 2:
            return
        ids = {
            "senders": self._known.sender,
            "decisions": self._known.decision,
            "appeals": self._known.appeal,
        }
        if "id" in (case.path_parameters or {}):
            case.path_parameters["id"] = ids[case.path.split("/")[2]]
        if isinstance(case.body, dict) and "decision_id" in case.body:
            case.body["decision_id"] = self._known.decision
        if isinstance(case.query, dict) and "sender_id" in case.query:
            case.query["sender_id"] = self._known.sender


def _ask(
    operation: Any,
    mode: GenerationMode,
    service: Service,
    answered: Counter[tuple[str, int]],
    dress: "_Dress",
    *,
    examples: int,
    seed: int | None,
) -> None:
    checks = CHECKS.get_by_names(list(CHECKED))

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=seed is None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
    @given(operation.as_strategy(generation_mode=mode))
    def ask(case: Any) -> None:
        dress(case)
        response = case.call(session=None, base_url="http://testserver", app=service.client.app, timeout=120)
        answered[operation.label, response.status_code] += 1
        case.validate_response(response, checks=checks)

    with suppress(Unsatisfiable):  # nothing that this operation takes can be wrong
        ask()

"""Every operation of the OpenAPI document, asked with whatever its schema allows, and what it does not."""

from collections import Counter
from contextlib import suppress
from typing import Any

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


def fuzz(service: Service, *, examples: int, seed: int | None = None) -> Counter[tuple[str, int]]:
    """Ask ``examples`` times in each mode of each operation; how often which status was answered.

    Raises
    ------
    Exception
        An answer is a 5xx, undocumented, or not as documented.
    """
    schema: Any = schemathesis.openapi.from_dict(service.client.get("/openapi.json").json())
    answered: Counter[tuple[str, int]] = Counter()
    for result in schema.get_all_operations():
        operation = result.ok()
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            _ask(operation, mode, service, answered, examples=examples, seed=seed)
    return answered


def _ask(
    operation: Any,
    mode: GenerationMode,
    service: Service,
    answered: Counter[tuple[str, int]],
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
        response = case.call(session=None, base_url="http://testserver", app=service.client.app)
        answered[operation.label, response.status_code] += 1
        case.validate_response(response, checks=checks)

    with suppress(Unsatisfiable):  # nothing that this operation takes can be wrong
        ask()

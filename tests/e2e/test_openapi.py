"""The OpenAPI document is what is checked in, and what the service does."""

import json
from pathlib import Path

from fuzz_kit import fuzz
from service_kit import Service

PAGE = Path(__file__).parents[2] / "docs" / "openapi.json"


def test_the_document_is_the_one_checked_in(service: Service) -> None:
    """`scripts/write_openapi.py` writes it."""
    assert service.client.get("/openapi.json").json() == json.loads(PAGE.read_text("utf-8"))


def test_every_operation_answers_as_documented(service: Service) -> None:
    answered = fuzz(service, examples=5)
    operations = {label for label, _ in answered}
    assert len(operations) == sum(map(len, service.client.get("/openapi.json").json()["paths"].values()))

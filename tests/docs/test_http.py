"""docs/reference/http.md names every operation, field, value and status of the service."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from service_kit import run_service

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "http.md").read_text("utf-8")
SECTIONS: dict[tuple[str, str], str] = {
    (found[1], found[2]): body
    for heading, body in re.findall(r"^###? (.+)\n((?:(?!^##).*\n?)*)", PAGE, re.MULTILINE)
    for found in re.finditer(r"`(GET|POST|PUT|DELETE) (/\S+)`", heading)
}


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with run_service(tmp_path_factory.mktemp("service")) as service:
        return service.client.get("/openapi.json").json()


def test_every_route_is_named(tmp_path: Path) -> None:
    with run_service(tmp_path) as service:
        inner: Any = service.client.app
        paths = {route.path.replace(":path", "") for route in inner._app.routes}
    assert {path for path in paths if f"{path}`" not in PAGE} == set()


def operations(described: Any) -> Iterator[tuple[str, str, Any]]:
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


def test_every_operation_has_a_section_and_every_section_an_operation(described: Any) -> None:
    known = {(method, path) for method, path, _ in operations(described)}
    assert known == set(SECTIONS) - {("GET", "/docs"), ("GET", "/openapi.json")}


def test_every_status_of_an_operation_is_named(described: Any) -> None:
    missing = {
        f"{method} {path}": lacking
        for method, path, operation in operations(described)
        if (lacking := [s for s in operation["responses"] if s not in SECTIONS[method, path]])
    }
    assert missing == {}


def test_every_scope_that_opens_an_operation_is_named(described: Any) -> None:
    for method, path, operation in operations(described):
        scopes = [scope for way in operation.get("security", []) for scope in way.get("key", [])]
        text = SECTIONS[method, path]
        assert "Any scope." in text or all(f"`{scope}`" in text for scope in scopes), (method, path)


def test_every_field_is_named_where_it_is_taken_or_given(described: Any) -> None:
    schemas = described["components"]["schemas"]
    missing = {
        f"{method} {path}": lacking
        for method, path, operation in operations(described)
        if (lacking := _fields(operation, schemas) - _named(_with_referred(method, path)))
    }
    assert missing == {}


def test_every_value_of_a_choice_is_named(described: Any) -> None:
    schemas = described["components"]["schemas"]
    values = {value for name, s in schemas.items() if name != "ReasonCode" for value in s.get("enum", [])}
    assert values - _named(PAGE) == set()


def test_every_field_of_a_problem_is_named(described: Any) -> None:
    assert set(described["components"]["schemas"]["Problem"]["properties"]) <= _named(PAGE)


def test_every_type_of_a_problem_is_named() -> None:
    root = Path(__file__).parents[2] / "src" / "bawwab" / "service"
    code = "".join(path.read_text("utf-8") for path in root.rglob("*.py"))
    names = set(re.findall(r'\bname="([a-z-]+)"', code))
    assert {name for name in names if f"urn:bawwab:{name}" not in PAGE} == set()


def _with_referred(method: str, path: str) -> str:
    """Section of an operation, and of those that it refers to for its answer."""
    text = SECTIONS[method, path]
    return text + "".join(body for (m, p), body in SECTIONS.items() if f"that of `{m} {p}`" in text)


def _named(text: str) -> set[str]:
    """Words in code spans."""
    return {word for span in re.findall(r"`([^`\n]+)`", text) for word in re.findall(r"\w+", span)}


def _fields(operation: Any, schemas: Any) -> set[str]:
    asked = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    told = [
        content.get("schema", {})
        for status, answer in operation["responses"].items()
        if status < "400"
        for content in answer.get("content", {}).values()
    ]
    names = {field for schema in [asked.get("schema", {}), *told] for field in _properties(schema, schemas)}
    return names | {parameter["name"] for parameter in operation["parameters"] if parameter["in"] == "query"}


def _properties(schema: Any, schemas: Any) -> Iterator[str]:
    """Fields of what is taken or given at the top, of one item where it is a list."""
    for choice in schema.get("anyOf", [schema]):
        named = choice.get("items", choice).get("$ref", "").rsplit("/", 1)[-1]
        yield from schemas.get(named, {}).get("properties", {})

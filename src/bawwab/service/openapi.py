"""The OpenAPI document, made from the operations and the types they check with."""

import re
from typing import Any

import msgspec

from bawwab.service.operation import Operation
from bawwab.service.problems import MEDIA_TYPE, TITLES, Problem

_REFERENCE = "#/components/schemas/{name}"
_PARAMETER = re.compile(r"\{(\w+):path\}")
_KEY_PROBLEMS = (401, 403, 429)


def document(operations: list[Operation], *, version: str) -> dict[str, Any]:
    """Write the document."""
    operations = [operation for operation in operations if not operation.is_page]
    types = _types(operations)
    schemas, components = msgspec.json.schema_components(types, ref_template=_REFERENCE)
    schema_of = dict(zip(map(id, types), schemas, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        path = _PARAMETER.sub(r"{\1}", operation.path)
        paths.setdefault(path, {})[operation.method.lower()] = _describe(operation, schema_of)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "bawwab",
            "version": version,
            "description": "Doorkeeper for business messages: allow, throttle or block, with reasons.",
        },
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
        },
    }


def _types(operations: list[Operation]) -> list[Any]:
    taken = [operation.takes for operation in operations if operation.takes is not None]
    given = [kind for operation in operations for kind in operation.gives.values()]
    return [Problem, *taken, *given, *(hidden for op in operations for hidden in op.mentions)]


def _describe(operation: Operation, schema_of: dict[int, Any]) -> dict[str, Any]:
    described: dict[str, Any] = {
        "summary": operation.summary,
        "operationId": _operation_id(operation),
        "parameters": _parameters(operation),
        "responses": _responses(operation, schema_of),
    }
    if operation.takes is not None:
        content = {"application/json": {"schema": schema_of[id(operation.takes)]}}
        described["requestBody"] = {"required": True, "content": content}
    if operation.access:
        described["security"] = [{}, *({"key": [scope.value]} for scope in operation.access)]
    return described


def _operation_id(operation: Operation) -> str:
    words = re.findall(r"[a-z]+", _PARAMETER.sub("", operation.path.replace("/v1", "")))
    return "_".join((operation.method.lower(), *words))


def _parameters(operation: Operation) -> list[dict[str, Any]]:
    ids = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
        for name in _PARAMETER.findall(operation.path)
    ]
    queries = [
        {"name": name, "in": "query", "required": False, "schema": schema}
        for name, schema in (operation.query or {}).items()
    ]
    return ids + queries


def _responses(operation: Operation, schema_of: dict[int, Any]) -> dict[str, Any]:
    refused = (*operation.refuses, *(_KEY_PROBLEMS if operation.access else ()))
    answers = {
        str(status): _response("Done" if status < 400 else TITLES[status], operation, schema_of[id(kind)])  # noqa: PLR2004
        for status, kind in operation.gives.items()
    }
    problems = {
        str(status): {
            "description": TITLES[status],
            "content": {MEDIA_TYPE.decode(): {"schema": {"$ref": _REFERENCE.format(name="Problem")}}},
        }
        for status in sorted(refused)
    }
    return answers | problems


def _response(description: str, operation: Operation, schema: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    others = {kind: {"schema": {"type": "string"}} for kind in operation.also}
    return {"description": description, "content": {operation.media_type: {"schema": schema}, **others}}

"""Pages for people: rendered here, escaped, one style sheet inline, no script, nothing from elsewhere."""

import base64
import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from bawwab.service.operation import Call, Operation, Reply
from bawwab.service.problems import Headers

_FOLDER = Path(__file__).parent
_STYLE = (_FOLDER / "style.css").read_text("utf-8")
_DIGEST = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_POLICY = (
    f"default-src 'none'; style-src 'sha256-{_DIGEST}'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
HEADERS: Headers = (
    ("content-security-policy", _POLICY),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("cache-control", "no-store"),
)
HTML = "text/html; charset=utf-8"

_pages = Environment(
    loader=FileSystemLoader(_FOLDER), autoescape=True, undefined=StrictUndefined, trim_blocks=True
)
_pages.globals["style"] = Markup(_STYLE)  # noqa: S704 - our own file
_pages.filters["path"] = lambda text: quote(str(text), safe="")
_pages.filters["percent"] = lambda share: f"{100 * share:.2f} %"
_pages.filters["time"] = lambda at: "" if at is None else at.strftime("%Y-%m-%d %H:%M:%S")


def page(name: str, **values: object) -> Reply:
    """Render a page."""
    body = _pages.get_template(f"{name}.html").render(values)
    return Reply(body.encode(errors="replace"), headers=HEADERS, media_type=HTML)


def reference(document: Mapping[str, Any]) -> Operation:
    """``/docs``: the OpenAPI document, to be read."""
    schemas = document["components"]["schemas"]

    async def show(_: Call) -> Reply:
        return page("docs", document=document, schemas=schemas, kind_of=kind_of)

    return Operation(
        method="GET",
        path="/docs",
        summary="This API, to be read",
        handle=show,
        gives={200: str},
        media_type=HTML,
        is_page=True,
    )


def kind_of(schema: Mapping[str, Any]) -> str:
    """Type of a value in a few words.

    Examples
    --------
    >>> kind_of({"anyOf": [{"type": "string", "maxLength": 256}, {"type": "null"}]})
    'string (maxLength 256) or null'
    >>> kind_of({"type": "array", "items": {"$ref": "#/components/schemas/Reason"}})
    'list of Reason'
    """
    if "$ref" in schema:
        return str(schema["$ref"].rsplit("/", 1)[-1])
    choices = schema.get("anyOf") or schema.get("oneOf")
    if choices:
        return " or ".join(kind_of(choice) for choice in choices)
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    if schema.get("type") == "array":
        items = schema.get("items")
        return f"list of {kind_of(items)}" if isinstance(items, Mapping) else "list"
    bounds = [f"{name} {schema[name]}" for name in _BOUNDS if name in schema]
    named = str(schema.get("format") or schema.get("type") or "any")
    return f"{named} ({', '.join(bounds)})" if bounds else named


_BOUNDS = ("minLength", "maxLength", "minimum", "exclusiveMinimum", "maximum", "maxItems")

"""Errors as callers see them: RFC 9457 problem details that never repeat what was sent."""

import re

import msgspec

from bawwab.core.errors import (
    AlreadyResolvedError,
    BawwabError,
    ClockError,
    ModelError,
    PayloadMismatchError,
    StoreError,
    UnknownItemError,
)

MEDIA_TYPE = b"application/problem+json"
Headers = tuple[tuple[str, str], ...]

TITLES = {
    400: "Malformed request",
    401: "An API key is needed",
    403: "The API key may not do this",
    404: "Not found",
    405: "Method not allowed",
    409: "Conflict",
    413: "Too large",
    415: "Unsupported media type",
    422: "Cannot be taken",
    429: "Too many requests",
    500: "Internal error",
    503: "Not ready",
}


class FieldError(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing wrong with a request: where, what, and what would be right."""

    field: str
    problem: str
    remedy: str = ""


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Problem details (RFC 9457); ``index`` is the place of the bad item in a list."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    errors: tuple[FieldError, ...] = ()
    index: int | None = None
    request_id: str | None = None


class ProblemError(Exception):
    """Raised to answer with a problem."""

    def __init__(self, problem: Problem, headers: Headers = ()) -> None:
        super().__init__(problem.title)
        self.problem = problem
        self.headers = headers


def problem(
    status: int,
    detail: str,
    *,
    name: str = "",
    errors: tuple[FieldError, ...] = (),
    index: int | None = None,
    headers: Headers = (),
) -> ProblemError:
    """Make a problem to raise; ``name`` tells apart problems of one status."""
    kind = f"urn:bawwab:{name}" if name else "about:blank"
    found = Problem(type=kind, title=TITLES[status], status=status, detail=detail, errors=errors, index=index)
    return ProblemError(found, headers)


def invalid(field: str, what: str, remedy: str = "", *, index: int | None = None) -> ProblemError:
    """422 for one field."""
    errors = (FieldError(field, what, remedy),)
    return problem(422, f"{field}: {what}", name="invalid", errors=errors, index=index)


RETRY_SECONDS = 1
_RETRY: Headers = (("retry-after", str(RETRY_SECONDS)),)


def from_error(error: BawwabError) -> ProblemError:  # noqa: PLR0911 - one line an error
    """Problem for an error of the layers below."""
    match error:
        case PayloadMismatchError():
            return problem(422, str(error), name="message-id-reused")
        case ClockError():
            return invalid("occurred_at", str(error), "correct the caller's clock")
        case AlreadyResolvedError():
            return problem(409, str(error), name="already-resolved")
        case UnknownItemError():
            return problem(404, str(error))
        case StoreError():
            return problem(503, "the log or the state does not answer", name="store", headers=_RETRY)
        case ModelError():
            return problem(503, "no model is ready", name="model", headers=_RETRY)
        case _:
            return problem(422, str(error))


# --- what the decoder found ------------------------------------------------------------------

_PLACE = re.compile(r" - at `(?:key in )?\$\.?(?P<path>[^`]*)`$")
_INDEX = re.compile(r"^\[(\d+)\]")
_UNKNOWN = re.compile(r"Object contains unknown field `(?P<name>.*)`$", re.DOTALL)
_MISSING = re.compile(r"Object missing required field `(?P<name>[^`]*)`$")
_LONGEST_NAME = 64

_CHOICES = {
    "category": "authentication, utility, marketing, service",
    "reason": "spam, fraud, block, not_interested, not_spam",
    "kind": "delivered, read, replied, opted_in, opted_out, failed",
    "outcome": "upheld, overturned",
}


def from_decoding(error: msgspec.DecodeError | UnicodeDecodeError | RecursionError) -> ProblemError:
    """400 for what is no JSON, 422 for JSON that is not what was asked for."""
    if isinstance(error, msgspec.ValidationError):
        return _from_validation(str(error))
    if isinstance(error, UnicodeDecodeError):
        return problem(400, "the body is not valid UTF-8", name="malformed")
    return problem(400, "the body is not well-formed JSON", name="malformed")


def _from_validation(said: str) -> ProblemError:
    place = _PLACE.search(said)
    path = "" if place is None else place["path"]
    found = _INDEX.match(path)
    index = None if found is None else int(found[1])
    what = said if place is None else said[: place.start()]
    for pattern, text in ((_UNKNOWN, "unknown field"), (_MISSING, "required")):
        if match := pattern.match(what):
            name = ".".join(part for part in (path, match["name"][:_LONGEST_NAME]) if part)
            return invalid(name, text, index=index)
    field = path or "body"
    if what.startswith("Invalid enum value"):
        choices = _CHOICES.get(path.rsplit(".", 1)[-1], "the documented values")
        return invalid(field, "not one of the allowed values", f"one of: {choices}", index=index)
    return invalid(field, what.replace("`", ""), index=index)

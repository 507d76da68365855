"""One way for every request: authorise, read, decode, handle, encode.

An `Operation` says what a method on a path takes and gives; a `Resource` is the ASGI endpoint of
a path. Both the checks and the OpenAPI document are made from the same msgspec types, at a third
of what pydantic costs a request (docs/decisions).
"""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple, Protocol
from urllib.parse import parse_qsl, unquote_to_bytes

import msgspec
from starlette.types import Receive, Scope, Send

from bawwab.core.errors import BawwabError
from bawwab.service.body import FORM, JSON, ONE_ITEM, GoneError, read_body
from bawwab.service.logs import new_request_id, refused_request, report_crash
from bawwab.service.metrics import Metrics
from bawwab.service.problems import (
    MEDIA_TYPE,
    Headers,
    ProblemError,
    from_decoding,
    from_error,
    invalid,
    problem,
)
from bawwab.service.trail import Trail

encode = msgspec.json.Encoder().encode
_HARMLESS = re.compile(rb"[A-Za-z0-9._-]{1,64}").fullmatch
_FIELDS = 32  # more than any of our forms and queries has
_OURS = 500
_UNSEEN = 500, "something broke here; it is logged under this request id"


class Access(StrEnum):
    """What a key must be good for."""

    SCORE = "score"
    FEEDBACK = "feedback"
    OPERATE = "operate"


READ = (Access.SCORE, Access.OPERATE)
_OPERATORS = (Access.OPERATE,)
ANYONE = (Access.SCORE, Access.FEEDBACK, Access.OPERATE)


class Call(NamedTuple):
    """A request that passed every check."""

    body: Any
    id: str
    query: Mapping[str, str]
    by: str
    request_id: str = ""


class Reply(NamedTuple):
    """What is answered; ``bytes`` go out as they are."""

    body: Any
    status: int = 200
    headers: Headers = ()
    media_type: str = "application/json"


Handler = Callable[[Call], Awaitable[Reply]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """What one method on one path does.

    ``takes`` is the type of the body, ``gives`` the answers' types by status, ``refuses`` the
    other statuses that are documented, ``mentions`` types that those refer to by name alone.
    ``access`` lists scopes of which a key must have one; where it is empty, none is needed.
    ``also`` names other media types that it can answer in. A page is for people: it takes a form
    where it takes anything, and stays out of the OpenAPI document.
    """

    method: str
    path: str
    summary: str
    handle: Handler
    gives: Mapping[int, Any]
    takes: Any = None
    largest: int = ONE_ITEM
    access: tuple[Access, ...] = ()
    refuses: tuple[int, ...] = ()
    query: Mapping[str, Any] | None = None
    mentions: tuple[Any, ...] = ()
    media_type: str = "application/json"
    also: tuple[str, ...] = ()
    is_page: bool = False


class Passed(NamedTuple):
    """Who was let in, and what is to be told them about their quota."""

    by: str
    headers: Headers = ()


class Guard(Protocol):
    """What every request passes first: is its key good for this, and has it calls left."""

    def admit(self, scope: Scope, access: tuple[Access, ...]) -> Passed:
        """Name of who calls; raises `ProblemError` for those who may not."""


class Resource:
    """The operations of one path, as an ASGI application."""

    def __init__(self, operations: list[Operation], guard: Guard, metrics: Metrics, trail: Trail) -> None:
        self.operations = {operation.method: operation for operation in operations}
        self._guard, self._metrics, self._trail = guard, metrics, trail
        self._decoders = {
            op.method: msgspec.json.Decoder(op.takes)
            for op in operations
            if op.takes is not None and not op.is_page
        }
        if "GET" in self.operations:
            self.operations["HEAD"] = self.operations["GET"]
        self._allow = ", ".join(sorted(self.operations))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        started = time.perf_counter()
        operation = self.operations.get(scope["method"])
        try:
            reply = await self._perform(operation, scope, receive)
        except GoneError:
            return
        except ProblemError as error:
            reply = _tell(error, scope)
        except BawwabError as error:
            reply = _tell(from_error(error), scope)
        except Exception as error:  # noqa: BLE001 - the last line: nothing leaves without an answer
            reply = _crash(error, scope)
        self._metrics.answered(
            operation.path if operation else "", reply.status, time.perf_counter() - started
        )
        await send_reply(reply, send)

    async def _perform(self, operation: Operation | None, scope: Scope, receive: Receive) -> Reply:
        if operation is None:
            raise problem(405, f"only {self._allow}", headers=(("allow", self._allow),))
        passed = self._guard.admit(scope, operation.access)
        body = await self._read(operation, scope, receive)
        call = Call(body, _path_id(scope), _query(scope), passed.by)
        if operation.access == _OPERATORS and operation.takes is not None:
            reply = await self._operate(operation, call, scope)
        else:
            reply = await operation.handle(call)
        return reply._replace(headers=(*reply.headers, *passed.headers)) if passed.headers else reply

    async def _operate(self, operation: Operation, call: Call, scope: Scope) -> Reply:
        """Do what an operator asks, and leave a trail; the log's own record names the key as well."""
        call = call._replace(request_id=_request_id(scope))
        reply = await operation.handle(call)
        what = {"request_id": call.request_id, "id": call.id, "status": reply.status}
        await asyncio.to_thread(self._trail.note, operation.summary, by=call.by, **what)
        return reply._replace(headers=(*reply.headers, ("x-request-id", call.request_id)))

    async def _read(self, operation: Operation, scope: Scope, receive: Receive) -> Any:  # noqa: ANN401 - as declared
        if operation.takes is None:
            return None
        kind = FORM if operation.is_page else JSON
        raw = await read_body(scope, receive, largest=operation.largest, kind=kind)
        if operation.is_page:
            return _pairs(raw)
        try:
            return self._decoders[operation.method].decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise from_decoding(error) from None


def _path_id(scope: Scope) -> str:
    """Id in the path; it was routed as it was sent, so that any id can be in it."""
    encoded: str = scope["path_params"].get("id", "") if "path_params" in scope else ""
    if "%" not in encoded:
        return encoded
    try:
        return unquote_to_bytes(encoded).decode()
    except UnicodeDecodeError:
        raise invalid("id", "not UTF-8 once percent-decoded") from None


def _query(scope: Scope) -> Mapping[str, str]:
    raw = scope["query_string"]
    return _pairs(raw) if raw else {}


def _pairs(raw: bytes) -> Mapping[str, str]:
    try:
        return dict(parse_qsl(raw.decode("latin-1"), keep_blank_values=True, max_num_fields=_FIELDS))
    except ValueError:
        raise problem(400, f"more than {_FIELDS} parameters", name="malformed") from None


def _request_id(scope: Scope) -> str:
    """Name of a request: its caller's, if that is harmless, or a new one."""
    for name, value in scope["headers"]:
        if name == b"x-request-id" and _HARMLESS(value):
            return str(value.decode())
    return new_request_id()


def _tell(error: ProblemError, scope: Scope) -> Reply:
    """Refuse, under a name by which the request can be spoken of; log it if it is our fault."""
    request_id, status = _request_id(scope), error.problem.status
    if status >= _OURS:
        detail = error.problem.detail
        refused_request(status=status, request_id=request_id, path=scope["path"], detail=detail)
    named = msgspec.structs.replace(error.problem, request_id=request_id)
    return _refuse(ProblemError(named, (*error.headers, ("x-request-id", request_id))))


def _refuse(error: ProblemError) -> Reply:
    return Reply(error.problem, error.problem.status, error.headers, MEDIA_TYPE.decode())


def _crash(error: Exception, scope: Scope) -> Reply:
    request_id = _request_id(scope)
    report_crash(error, request_id)
    status, detail = _UNSEEN
    made = problem(status, detail).problem
    return _refuse(ProblemError(msgspec.structs.replace(made, request_id=request_id)))


async def send_reply(reply: Reply, send: Send) -> None:
    """Send an answer."""
    body = reply.body if isinstance(reply.body, bytes) else encode(reply.body)
    headers = [
        (b"content-type", reply.media_type.encode()),
        (b"content-length", b"%d" % len(body)),
        *((name.encode(), value.encode()) for name, value in reply.headers),
    ]
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})

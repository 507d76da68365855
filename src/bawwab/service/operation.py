"""One way for every request: authorise, read, decode, handle, encode.

An `Operation` says what a method on a path takes and gives; a `Resource` is the ASGI endpoint of
a path. Both the checks and the OpenAPI document are made from the same msgspec types, at a third
of what pydantic costs a request (docs/decisions).
"""

import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple, Protocol
from urllib.parse import parse_qsl, unquote_to_bytes

import msgspec
from starlette.types import Receive, Scope, Send

from bawwab.core.errors import BawwabError
from bawwab.service.body import ONE_ITEM, GoneError, read_body
from bawwab.service.logs import new_request_id, report_crash
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

encode = msgspec.json.Encoder().encode
_UNSEEN = 500, "something broke here; it is logged under this request id"


class Access(StrEnum):
    """What a key must be good for."""

    SCORE = "score"
    FEEDBACK = "feedback"
    OPERATE = "operate"


READ = (Access.SCORE, Access.OPERATE)
ANYONE = (Access.SCORE, Access.FEEDBACK, Access.OPERATE)


class Call(NamedTuple):
    """A request that passed every check."""

    body: Any
    id: str
    query: Mapping[str, str]
    by: str


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
    ``also`` names other media types that it can answer in.
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

    def __init__(self, operations: list[Operation], guard: Guard, metrics: Metrics) -> None:
        self.operations = {operation.method: operation for operation in operations}
        self._guard, self._metrics = guard, metrics
        self._decoders = {
            op.method: msgspec.json.Decoder(op.takes) for op in operations if op.takes is not None
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
            reply = _refuse(error)
        except BawwabError as error:
            reply = _refuse(from_error(error))
        except Exception as error:  # noqa: BLE001 - the last line: nothing leaves without an answer
            reply = _crash(error)
        self._metrics.answered(
            operation.path if operation else "", reply.status, time.perf_counter() - started
        )
        await send_reply(reply, send)

    async def _perform(self, operation: Operation | None, scope: Scope, receive: Receive) -> Reply:
        if operation is None:
            raise problem(405, f"only {self._allow}", headers=(("allow", self._allow),))
        passed = self._guard.admit(scope, operation.access)
        body = await self._read(operation, scope, receive)
        reply = await operation.handle(Call(body, _path_id(scope), _query(scope), passed.by))
        return reply._replace(headers=(*reply.headers, *passed.headers)) if passed.headers else reply

    async def _read(self, operation: Operation, scope: Scope, receive: Receive) -> Any:  # noqa: ANN401 - as declared
        if operation.takes is None:
            return None
        raw = await read_body(scope, receive, largest=operation.largest)
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
    return dict(parse_qsl(raw.decode("latin-1"), keep_blank_values=True)) if raw else {}


def _refuse(error: ProblemError) -> Reply:
    return Reply(error.problem, error.problem.status, error.headers, MEDIA_TYPE.decode())


def _crash(error: Exception) -> Reply:
    request_id = new_request_id()
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

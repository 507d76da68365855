"""Reading a request's body: its size is limited while it streams, its type is JSON, plainly."""

from starlette.types import Receive, Scope

from bawwab.service.problems import Headers, ProblemError, problem

ONE_ITEM = 64 * 1024
MANY_ITEMS = 24 * 1024 * 1024
JSON, FORM = b"application/json", b"application/x-www-form-urlencoded"
_PLAIN: Headers = (("accept-encoding", "identity"),)


class GoneError(Exception):
    """The caller hung up before its request was whole."""


async def read_body(scope: Scope, receive: Receive, *, largest: int, kind: bytes = JSON) -> bytes:
    """Read the body of a request that must have one.

    Raises
    ------
    ProblemError
        413 beyond ``largest`` bytes; 415 for compressed bodies and what is not declared ``kind``.
    GoneError
        The caller hung up.
    """
    _check_headers(scope, largest, kind)
    message = await receive()
    if message["type"] == "http.disconnect":
        raise GoneError
    body: bytes = message.get("body", b"")
    if not message.get("more_body", False):
        return _check_size(body, largest)
    return await _read_rest(receive, body, largest)


async def _read_rest(receive: Receive, first: bytes, largest: int) -> bytes:
    body, more = bytearray(first), True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise GoneError
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > largest:
            raise _too_large(largest)
    return bytes(body)


def _check_headers(scope: Scope, largest: int, wanted: bytes) -> None:
    kind = b""
    for name, value in scope["headers"]:
        if name == b"content-type":
            kind = value
        elif name == b"content-encoding" and value.strip().lower() != b"identity":
            raise problem(
                415, "compressed bodies are not read; send it plainly", name="encoding", headers=_PLAIN
            )
        elif name == b"content-length" and value.isdigit() and int(value) > largest:
            raise _too_large(largest)
    if kind != wanted and kind.split(b";")[0].strip().lower() != wanted:
        raise problem(415, f"send it with Content-Type: {wanted.decode()}", name="media-type")


def _check_size(body: bytes, largest: int) -> bytes:
    if len(body) > largest:
        raise _too_large(largest)
    return body


def _too_large(largest: int) -> ProblemError:
    return problem(413, f"the body is larger than {largest} bytes", name="too-large")

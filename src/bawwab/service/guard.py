"""Who may pass: API keys, their scopes and their quotas."""

import base64
import binascii
import math
from collections.abc import Callable

import structlog
from starlette.types import Scope

from bawwab.core.errors import ConfigurationError
from bawwab.core.state.cell import CellAnswer, Rate, hit
from bawwab.service.keys import Key, KnownKeys
from bawwab.service.operation import Access, Passed
from bawwab.service.problems import Headers, ProblemError, problem
from bawwab.service.settings import is_loopback

LOCAL = "local"
_FORWARDED = (b"forwarded", b"via", b"x-real-ip", b"x-forwarded-")  # what proxies add


class OpenDoor:
    """No keys: the server is bound to a loopback address, whoever reaches it may do anything."""

    def admit(self, scope: Scope, access: tuple[Access, ...]) -> Passed:  # noqa: ARG002 - as a Guard
        """Name the caller."""
        return Passed(LOCAL)


class KeyGuard:
    """Lets those pass whose key is good for what they ask, as often as their quota says.

    A key that is presented is held to its scopes and its quota even where none is required.

    Parameters
    ----------
    known : KnownKeys
        The keys.
    required : bool
        Whether those without a key are refused.
    local_only : bool
        Whether, where none is required, that holds for this machine's own requests alone.
    quota : float, optional
        Requests per second of one key.
    read : Callable
        The clock of the quota; wall time, whatever the events say.
    """

    def __init__(
        self,
        known: KnownKeys,
        *,
        required: bool,
        quota: float | None,
        read: Callable[[], float],
        local_only: bool = False,
    ) -> None:
        self._known, self._required, self._read, self._local_only = known, required, read, local_only
        self._quota = None if quota is None else Quota(quota)
        self._cells: dict[str, float] = {}

    def admit(self, scope: Scope, access: tuple[Access, ...]) -> Passed:
        """Name the caller.

        Raises
        ------
        ProblemError
            401 without a good key, 403 with one of another scope, 429 beyond its quota.
        """
        if not access:
            return Passed(LOCAL)
        presented = _presented(scope)
        if presented is None:
            if self._required:
                raise _unknown("send an API key as Authorization: Bearer …", scope)
            if self._local_only and _comes_from_elsewhere(scope):
                raise _unknown(_ELSEWHERE, scope)
            return Passed(LOCAL)
        key = self._find(presented)
        if key is None:
            raise _unknown("this API key is unknown or revoked", scope, error="invalid_token")
        headers = self._spend(key)
        if not set(access) & set(key.scopes):
            raise _forbidden(access)
        return Passed(key.id, headers)

    def _find(self, presented: str) -> Key | None:
        try:
            return self._known.find(presented)
        except ConfigurationError as error:
            structlog.get_logger("bawwab").error("no key is good", why=str(error))
            return None

    def _spend(self, key: Key) -> Headers:
        if self._quota is None:
            return ()
        tat, answer = hit(self._cells.get(key.id), self._quota.rate, now=self._read())
        self._cells[key.id] = tat
        headers = self._quota.headers(answer)
        if answer.limited:
            wait = ("retry-after", str(max(1, math.ceil(answer.retry_after))))
            detail = f"this key may make {self._quota.per_second:g} requests a second"
            raise problem(429, detail, name="quota", headers=(wait, *headers))
        return headers


class Quota:
    """So many requests a second, and how that is said in headers (draft-ietf-httpapi-ratelimit-headers-11).

    Examples
    --------
    A second's worth may come at once; below one a second, one may:

    >>> Quota(50.0).rate, Quota(0.5).rate
    (Rate(burst=50, interval=0.02), Rate(burst=1, interval=2.0))
    """

    def __init__(self, per_second: float) -> None:
        self.per_second = per_second
        self.rate = Rate(max(1, int(per_second)), 1.0 / per_second)
        window = max(1, math.ceil(self.rate.burst * self.rate.interval))
        self._policy = ("ratelimit-policy", f'"key";q={self.rate.burst};w={window}')

    def headers(self, answer: CellAnswer) -> Headers:
        """What is left, and in how many seconds all of it is back."""
        left = f'"key";r={answer.remaining};t={math.ceil(answer.reset_after)}'
        return (self._policy, ("ratelimit", left))


def _presented(scope: Scope) -> str | None:
    """Key of a request; the operators' pages also take it as the password of a browser's prompt."""
    for name, value in scope["headers"]:
        if name != b"authorization":
            continue
        scheme, _, credentials = value.decode("latin-1").strip().partition(" ")
        if scheme.lower() == "bearer":
            return str(credentials.strip())
        if scheme.lower() == "basic" and _for_people(scope):
            return _password(credentials)
    return None


_ELSEWHERE = (
    "API keys are off for this machine alone, and this request came by way of a proxy or under another "
    "name; start the server with BAWWAB_REQUIRE_KEY=1 and send a key"
)


def _comes_from_elsewhere(scope: Scope) -> bool:
    """Whether a request shows that it was passed on, or was sent to a name that is not this machine's."""
    return any(
        name.startswith(_FORWARDED) or (name == b"host" and not is_loopback(_host(value)))
        for name, value in scope["headers"]
    )


def _host(value: bytes) -> str:
    """Host of a ``Host`` header, without port and brackets."""
    host = value.decode("latin-1").strip()
    return host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]


def _password(credentials: str) -> str:
    try:
        return base64.b64decode(credentials.strip()).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _for_people(scope: Scope) -> bool:
    return str(scope["path"]).startswith("/console")


def _unknown(detail: str, scope: Scope, *, error: str = "") -> ProblemError:
    how = 'Bearer realm="bawwab"' + (f', error="{error}"' if error else "")
    how = 'Basic realm="bawwab: any name, an operator\'s key", charset="UTF-8"' if _for_people(scope) else how
    return problem(401, detail, name="key", headers=(("www-authenticate", how),))


def _forbidden(access: tuple[Access, ...]) -> ProblemError:
    scopes = " or ".join(access)
    how = f'Bearer realm="bawwab", error="insufficient_scope", scope="{" ".join(access)}"'
    headers = (("www-authenticate", how),)
    return problem(403, f"this needs a key of scope {scopes}", name="scope", headers=headers)

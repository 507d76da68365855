"""The way to Redis: bounded in time, one kind of error, and a pause after a failure.

A caller waits for one reply at most `TIMEOUT`, and, within `Link.within`, no longer in all than it
says: a Redis that is slow costs its callers as little as one that is gone. After a failure nobody
asks again for a moment, so that requests are answered at once by the policy's fail modes.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import Any, NoReturn, TypeVar
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import structlog
from redis import Redis
from redis.backoff import NoBackoff
from redis.cluster import RedisCluster
from redis.exceptions import ClusterDownError, NoScriptError, RedisClusterException, RedisError
from redis.exceptions import ConnectionError as LostConnectionError
from redis.exceptions import TimeoutError as NoReplyError
from redis.retry import Retry

from bawwab.core.errors import ConfigurationError, StoreError
from bawwab.stores.redis.verbs import Ask

TIMEOUT = 0.25  # seconds for one reply; one on a local network takes a thousandth
PAUSE = 1.0  # seconds after a failure until Redis is asked again
SCHEMES = {"redis": "redis", "rediss": "rediss", "redis+cluster": "redis", "rediss+cluster": "rediss"}
NAMESPACE = "bawwab"

_ERRORS = (RedisError, RedisClusterException, OSError)  # the second is no kind of the first
_LOST = (LostConnectionError, NoReplyError, ClusterDownError, RedisClusterException, OSError)
_AT_ONCE = 2_000  # keys dropped together

T = TypeVar("T")
_deadline: ContextVar[float | None] = ContextVar("deadline", default=None)  # each task has its own


class Link:
    """Commands to one Redis, or to one Redis Cluster.

    Parameters
    ----------
    client : redis.Redis or redis.cluster.RedisCluster
        The connections.
    scripts : dict
        Text of every script by its digest; loaded where Redis does not know them.
    namespace : str
        First part of every key.
    read : Callable
        A clock that never steps back.
    """

    def __init__(
        self,
        client: Any,  # noqa: ANN401 - the two clients share no type
        scripts: dict[str, str],
        *,
        namespace: str = NAMESPACE,
        read: Callable[[], float] = time.monotonic,
    ) -> None:
        self.client = client
        self.namespace = namespace
        self._scripts, self._read = scripts, read
        self._silent_until = 0.0

    def ask(self, ask: Ask[T]) -> T:
        """Send one command and read its reply.

        Raises
        ------
        StoreError
            Redis did not answer, or refused.
        """
        self._check()
        try:
            try:
                reply = self.client.execute_command(*ask.command)
            except NoScriptError:
                self._load_scripts()
                reply = self.client.execute_command(*ask.command)
        except _ERRORS as error:
            self._fail(error)
        return ask.read(reply)

    def ask_all(self, asks: Sequence[Ask[Any]]) -> list[Any]:
        """Send commands together, in order; read all replies.

        Raises
        ------
        StoreError
            Redis did not answer, or refused one of them.
        """
        if not asks:
            return []
        self._check()
        try:
            replies = self._send([ask.command for ask in asks])
            again = [i for i, reply in enumerate(replies) if isinstance(reply, NoScriptError)]
            if again:
                self._load_scripts()
                for place, reply in zip(again, self._send([asks[i].command for i in again]), strict=True):
                    replies[place] = reply
        except _ERRORS as error:
            self._fail(error)
        for reply in replies:
            if isinstance(reply, Exception):
                self._fail(reply)
        return [ask.read(reply) for ask, reply in zip(asks, replies, strict=True)]

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """Spend at most so long on everything asked inside; the last reply may take `TIMEOUT` more."""
        before = _deadline.set(self._read() + seconds)
        try:
            yield
        finally:
            _deadline.reset(before)

    @staticmethod
    def take_time() -> None:
        """Spend as long as it takes on what is left of `within`: it must not be left half done."""
        _deadline.set(None)

    def drop_all(self) -> None:
        """Drop every key of this namespace.

        Raises
        ------
        StoreError
            Redis did not answer.
        """
        try:
            found: list[bytes] = []
            for name in self.client.scan_iter(match=f"{self.namespace}:*", count=1_000):
                found.append(name)
                if len(found) == _AT_ONCE:
                    self._unlink(found)
                    found = []
            self._unlink(found)
        except _ERRORS as error:
            self._fail(error)

    def policies(self) -> set[str]:
        """What each server does when its memory is full.

        Raises
        ------
        StoreError
            It does not say.
        """
        return {str(about.get("maxmemory_policy", "")) for about in self._about("memory")}

    def close(self) -> None:
        """End the connections."""
        with suppress(*_ERRORS):
            self.client.close()

    def _about(self, section: str) -> list[dict[str, Any]]:
        try:
            if hasattr(self.client, "get_primaries"):
                answers = self.client.info(section, target_nodes="primaries")
                return list(answers.values()) if section not in answers and _nested(answers) else [answers]
            return [self.client.info(section)]
        except _ERRORS as error:
            self._fail(error)

    def _unlink(self, names: list[bytes]) -> None:
        if names:
            self._send([("UNLINK", name) for name in names])

    def _send(self, commands: Sequence[tuple[Any, ...]]) -> list[Any]:
        with self.client.pipeline(transaction=False) as pipeline:
            for command in commands:
                pipeline.execute_command(*command)
            replies: list[Any] = pipeline.execute(raise_on_error=False)
        return replies

    def _load_scripts(self) -> None:
        for text in self._scripts.values():
            self.client.script_load(text)

    def _check(self) -> None:
        now = self._read()
        if now < self._silent_until:
            raise StoreError("the state does not answer")
        deadline = _deadline.get()
        if deadline is not None and now > deadline:
            self._silent_until = now + PAUSE
            raise StoreError("the state answers too slowly")

    def _fail(self, error: Exception) -> NoReturn:
        if isinstance(error, _LOST):
            if self._read() >= self._silent_until:
                structlog.get_logger("bawwab").error("the state does not answer", why=_cause(error))
            self._silent_until = self._read() + PAUSE
        raise StoreError(f"the state does not answer: {_cause(error)}") from error


def open_link(url: str, scripts: dict[str, str]) -> Link:
    """Connect to ``redis://``, ``rediss://`` (TLS), or either with ``+cluster``.

    ``?namespace=`` names the keys of one platform where several share a server.

    Raises
    ------
    ConfigurationError
        The URL is none; it is not repeated, since it may hold a password.
    StoreError
        Nobody answers there.
    """
    clean, namespace, is_cluster = _parse(url)
    try:
        client = _client(clean, is_cluster=is_cluster)
        link = Link(client, scripts, namespace=namespace)
        client.ping()
    except ValueError as error:
        raise ConfigurationError("BAWWAB_STATE is no URL of Redis; give redis://host:port/0") from error
    except _ERRORS as error:
        raise StoreError(f"Redis at {where(url)} does not answer: {_cause(error)}") from error
    return link


def where(url: str) -> str:
    """Host and port of a URL, without what is secret in it.

    Examples
    --------
    >>> where("redis://user:secret@db.example:6380/0")
    'db.example:6380'
    """
    parts = urlsplit(url)
    return f"{parts.hostname or 'localhost'}:{parts.port or 6379}"


def _parse(url: str) -> tuple[str, str, bool]:
    scheme, found, rest = url.partition("://")
    if not found or scheme not in SCHEMES:
        known = ", ".join(f"{name}://" for name in SCHEMES)
        raise ConfigurationError(f"BAWWAB_STATE names {scheme!r}; give memory: or one of {known}")
    try:
        parts = urlsplit(f"{SCHEMES[scheme]}://{rest}")
        parts.port  # noqa: B018 - it is read to be checked
    except ValueError as error:
        raise ConfigurationError("BAWWAB_STATE is no URL; give redis://host:port/0") from error
    query = dict(parse_qsl(parts.query))
    namespace = query.pop("namespace", NAMESPACE)
    if not namespace or set(namespace) & set("{}:*?[]\\"):
        raise ConfigurationError(f"BAWWAB_STATE: the namespace {namespace!r} has one of {{}}:*?[]\\")
    return urlunsplit(parts._replace(query=urlencode(query))), namespace, scheme.endswith("+cluster")


def _client(url: str, *, is_cluster: bool) -> Any:  # noqa: ANN401 - the two clients share no type
    kind = RedisCluster if is_cluster else Redis
    once_more = Retry(NoBackoff(), 1)  # a connection that a restart has cut is replaced unnoticed
    return kind.from_url(
        url, socket_timeout=TIMEOUT, socket_connect_timeout=TIMEOUT, retry=once_more, protocol=2
    )


def _nested(answers: dict[str, Any]) -> bool:
    return bool(answers) and all(isinstance(value, dict) for value in answers.values())


def _cause(error: Exception) -> str:
    """What went wrong, on one line; the library names hosts, never passwords."""
    return " ".join(str(error).split())[:200] or type(error).__name__

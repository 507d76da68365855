"""Turns: who decides about an owner at a time, over all processes; and whether the state is whole.

A turn is a key with an end, so that a process that dies holds nobody up for longer than `LEASE`. It
is kept for longer right before anything is committed, and only if it is still held: one whose turn
has run out commits nothing. Each turn stands in a slot with a *mark* that says which filling of the
state it belongs to. Where a server has come back empty its marks are gone, and no turn is to be had
until the state has been rebuilt from the log.
"""

import asyncio
import hashlib
import secrets
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from enum import StrEnum
from typing import Any
from weakref import WeakValueDictionary

from bawwab.core.errors import StoreError
from bawwab.core.state.bundles import CONTACT, FACT_TYPES, HABIT, OWNER, REPORTER, SHARED, TEMPLATE
from bawwab.stores.redis.link import Link
from bawwab.stores.redis.verbs import GIVE, KEEP, TAKE, Ask, Script, command

LEASE = 3.0  # seconds; a decision takes a hundredth, and never more than ASKING and a reply
ASKING = 0.75  # seconds that one decision may spend on asking
PATIENCE = 5.0  # seconds for which a turn is waited for: longer than a dead holder keeps it
MARKS = 64  # so that each master of a cluster has some
_AGAIN = 0.002  # seconds until a turn that was busy is asked for again
_NEXT = 0.2  # seconds for which a free turn is kept for the process that asked first

Names = Callable[[], Sequence[str]]


class Whole(StrEnum):
    """What the marks say of the state."""

    OURS = "whole"
    BROKEN = "the state is being rebuilt from the log"
    OLD = "another version of bawwab has filled the state; run this one's bawwab rebuild-state"
    FOREIGN = (
        "the state follows another log; give every server the same BAWWAB_LOG, or a namespace of its own"
    )


class RedisTurns:
    """Turns in Redis.

    Parameters
    ----------
    link : Link
        The way there.
    log : str
        Name of the log that the state follows.
    read : Callable
        A clock that never steps back.
    """

    def __init__(self, link: Link, log: str, *, read: Callable[[], float] = time.monotonic) -> None:
        self._link, self._read = link, read
        self._ours = f"{LAYOUT}:{log}:"
        self._held: tuple[str, Sequence[str]] = ("", ())
        self._queues = WeakValueDictionary[str, asyncio.Lock]()

    @asynccontextmanager
    async def take(self, names: Names) -> AsyncIterator[None]:
        """Hold the turns of ``names``, which are asked for again once held, lest they have changed.

        Raises
        ------
        StoreError
            The state does not answer or is not whole, or others have held a turn for too long.
        """
        await asyncio.sleep(0)  # a long list lets others in between
        token, wanted = secrets.token_hex(8), sorted(set(names()))
        async with AsyncExitStack() as stack:
            while True:
                await self._take_all(wanted, token, stack)
                if (needed := sorted(set(names()))) == wanted:
                    break
                await stack.aclose()
                wanted = needed
            self._held = token, wanted
            try:
                with self._link.within(ASKING):
                    yield
            finally:
                self._held = "", ()

    def confirm(self) -> None:
        """Keep the turns that are held for as long as a commit may take.

        Raises
        ------
        StoreError
            One of them has run out: what was decided on it must not be committed.
        """
        token, names = self._held
        asks = [self._ask(KEEP, name, token, LEASE, read=bool) for name in names]
        if not all(self._link.ask_all(asks)):
            raise StoreError("the turn has run out before the decision was made")
        self._link.take_time()

    def look(self) -> Whole:
        """Whether every mark is there, all of one filling, and whose."""
        marks = set(self._link.ask_all([Ask(("GET", self._mark(place)), _text) for place in range(MARKS)]))
        if len(marks) > 1 or "" in marks:
            return Whole.BROKEN
        [mark] = marks
        if mark.startswith(self._ours):
            return Whole.OURS
        return Whole.OLD if mark.split(":")[1:2] == self._ours.split(":")[1:2] else Whole.FOREIGN

    def mark(self) -> None:
        """State that the state is whole."""
        filling = f"{self._ours}{secrets.token_hex(8)}"
        self._link.ask_all([Ask(("SET", self._mark(place), filling), _text) for place in range(MARKS)])

    def unmark(self) -> None:
        """Let nobody have a turn."""
        self._link.ask_all([Ask(("UNLINK", self._mark(place)), bool) for place in range(MARKS)])

    async def _take_all(self, names: Sequence[str], token: str, stack: AsyncExitStack) -> None:
        """Take turns in order; within this process those who want the same one queue up."""
        for name in names:
            await stack.enter_async_context(self._queues.setdefault(name, asyncio.Lock()))
        stack.callback(self._give, names, token)
        until = self._read() + PATIENCE
        for name in names:
            while not self._take(name, token):
                if self._read() > until:
                    raise StoreError("others hold the turn for too long")
                await asyncio.sleep(_AGAIN)

    def _take(self, name: str, token: str) -> bool:
        reply = self._link.ask(self._ask(TAKE, name, token, LEASE, _NEXT, read=_unread))
        if reply == -1:
            raise StoreError("the state is being rebuilt from the log")
        if reply == 0:
            return False
        if not _text(reply).startswith(self._ours):
            raise StoreError("another version or another log has filled the state; see /readyz")
        return True

    def _give(self, names: Sequence[str], token: str) -> None:
        try:
            self._link.ask_all([self._ask(GIVE, name, token, read=_unread) for name in names])
        except StoreError:
            return  # it ends by itself

    def _ask(
        self, script: Script, name: str, token: str, *seconds: float, read: Callable[[Any], Any]
    ) -> Ask[Any]:
        digest = hashlib.blake2b(name.encode(errors="surrogatepass"), digest_size=2).digest()
        place = int.from_bytes(digest, "little") % MARKS
        turn = f"{self._link.namespace}:{{turn{place}}}:{name}"
        keys = [turn, self._mark(place), f"{turn}:next"] if script is TAKE else [turn]
        return Ask(command(script, keys, token, *(int(length * 1_000) for length in seconds)), read)

    def _mark(self, place: int) -> str:
        return f"{self._link.namespace}:{{turn{place}}}:whole"


def _layout() -> str:
    """Digest of what rows and facts consist of: state that another version wrote is not read."""
    rows = [field for row in (OWNER, TEMPLATE, CONTACT, HABIT, SHARED, REPORTER) for field in row.fields]
    facts = [
        (bundle, getattr(kind, "__struct_fields__", kind)) for bundle, kind in sorted(FACT_TYPES.items())
    ]
    return hashlib.blake2b(repr((rows, facts)).encode(), digest_size=6).hexdigest()


LAYOUT = _layout()


def _text(reply: bytes | None) -> str:
    return "" if reply is None else reply.decode() if isinstance(reply, bytes) else str(reply)


def _unread(reply: Any) -> Any:  # noqa: ANN401 - a number or a mark
    return reply

"""The engine: simulated time, the door in its middle, and what follows from every answer."""

import heapq
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Protocol

from bawwab.core.decisions import Verdict
from bawwab.core.events import Category, SenderProfile
from bawwab.world.doors import Answer, Door
from bawwab.world.feedback import Crowd, Timed, reactions
from bawwab.world.intent import Fortune, Intent, Role, Sender

Action = Callable[[], None]
Progress = Callable[[float], None]
_STEPS = 200  # how often progress is told


class Witness(Protocol):
    """Someone who writes down what happens, as the platform sees it."""

    def registered(self, profile: SenderProfile, *, now: float) -> None:
        """A sender was registered."""

    def decided(self, intent: Intent, answer: Answer, *, now: float) -> None:
        """A message was decided."""

    def heard(self, timed: Timed) -> None:
        """Feedback became known."""


class Engine:
    """Runs one world against one door.

    Events are ordered by time, then by the agent they belong to, then by that agent's own count:
    what one agent does never reorders what others do.

    Parameters
    ----------
    crowd : Crowd
    ends : float
        Last moment; what would happen later does not.
    witness : Witness, optional
    """

    door: Door

    def __init__(self, crowd: Crowd, *, ends: float, witness: Witness | None = None) -> None:
        self.crowd = crowd
        self.ends = ends
        self.now = float("-inf")
        self.intents: dict[str, Intent] = {}
        self.senders: dict[str, Sender] = {}
        self.feedback_items = 0
        self._witness = witness
        self._queue: list[tuple[float, str, int, Action]] = []
        self._counts: Counter[str] = Counter()
        self._allowed: Counter[str] = Counter()

    # --- time --------------------------------------------------------------------------------

    def at(self, time: float, agent: str, action: Action) -> None:
        """Let ``action`` happen at ``time``, in the name of ``agent``."""
        if time > self.ends:
            return
        self._counts[agent] += 1
        heapq.heappush(self._queue, (max(time, self.now), agent, self._counts[agent], action))

    def run(self, *, begins: float, progress: Progress | None = None) -> None:
        """Run until the queue is empty."""
        next_step, step = begins, (self.ends - begins) / _STEPS
        while self._queue:
            self.now, _, _, action = heapq.heappop(self._queue)
            action()
            if progress is not None and self.now >= next_step:
                progress((self.now - begins) / (self.ends - begins))
                next_step = self.now + step
        if progress is not None:
            progress(1.0)

    # --- what agents do ----------------------------------------------------------------------

    def register(self, sender: Sender) -> None:
        """Put a sender's profile."""
        self.senders[sender.sender_id] = sender
        self.door.put_profile(sender.profile, now=self.now)
        if self._witness is not None:
            self._witness.registered(sender.profile, now=self.now)

    def knock(self, intent: Intent) -> Answer:
        """Ask the door about a message, as it stands now."""
        message = intent.message
        if intent.attempts == 0:
            self.intents[message.message_id] = intent
        intent.attempts += 1
        intent.excused = self._is_excused(intent)
        answer = self.door.score(message, now=self.now)
        if self._witness is not None:
            self._witness.decided(intent, answer, now=self.now)
        if answer.verdict is Verdict.ALLOW:
            self._deliver(intent)
        else:
            intent.reason = answer.reason
            if answer.verdict is Verdict.BLOCK:
                self.settle(intent, Fortune.BLOCKED)
        return answer

    def settle(self, intent: Intent, fortune: Fortune) -> None:
        """Write down what became of a message."""
        intent.fortune, intent.settled_at = fortune, self.now

    def hear(self, timed: Timed, agent: str) -> None:
        """Let the door hear of something when it becomes known."""
        self.at(timed.known_at, agent, partial(self._tell, timed))

    def _tell(self, timed: Timed) -> None:
        self.feedback_items += 1
        self.door.observe(timed.item, now=self.now)
        if self._witness is not None:
            self._witness.heard(timed)

    def _deliver(self, intent: Intent) -> None:
        self.settle(intent, Fortune.ALLOWED)
        sender_id, agent = intent.message.sender_id, intent.truth.agent
        before = self._allowed[sender_id]
        self._allowed[sender_id] += 1
        for timed in reactions(intent, self.crowd, sent_before=before):
            self.hear(timed, agent)

    def _is_excused(self, intent: Intent) -> bool:
        """Whether an honest sender would not send this, had it heard already."""
        if intent.truth.role is not Role.HONEST:
            return False
        relations, message = self.crowd.relations, intent.message
        if relations.has_opted_out(message.sender_id, intent.person, now=self.now):
            return message.category is Category.MARKETING
        if message.category is Category.AUTHENTICATION:
            return False
        return relations.has_blocked(message.sender_id, intent.person, now=self.now)

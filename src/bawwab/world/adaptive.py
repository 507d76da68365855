"""An opponent that reads every refusal and changes what was refused.

It probes with a few messages, doubles while they pass, and when they do not, looks at the reason
code: words, disguise, bait, category, pace or identity is changed, towards what has passed before
(Thompson sampling over what it has tried). It knows the public contract and no number of ours.
"""

import math
from collections import Counter
from functools import partial

import numpy as np

from bawwab.core.decisions import NATURE, Nature, ReasonCode, Verdict
from bawwab.core.events import Category
from bawwab.world.abuse import Operation
from bawwab.world.author import Cast, Draft, carry_time, retry_at
from bawwab.world.chance import draw_count, to_milliseconds
from bawwab.world.disguise import DISGUISES
from bawwab.world.doors import Answer
from bawwab.world.intent import Fortune, Intent
from bawwab.world.scenario import Abuse

PROBE = 4  # messages of a first try
LARGEST = 256
_PASSES, _FAILS = 0.75, 0.5  # shares allowed from which it doubles, or changes something
_WORDINGS = (6.0, 10.0)
_PACES = (6, 20, 60, 200)  # messages an hour
_CONVERSATION = 0.5

# What a reason code points at; anything else: try at random.
_HINTS = {
    ReasonCode.FRAUD_TEXT: ("words", "disguise"),
    ReasonCode.UNSOLICITED_TEXT: ("words", "claim"),
    ReasonCode.CATEGORY_MISUSE: ("category", "claim"),
    ReasonCode.LINK_RISK: ("bait", "words"),
    ReasonCode.OBFUSCATED_TEXT: ("disguise",),
    ReasonCode.CAMPAIGN: ("words", "disguise", "bait"),
    ReasonCode.TEMPLATE_COMPLAINTS: ("words",),
    ReasonCode.PACING: ("pace", "words"),
    ReasonCode.SENDER_NEW: ("pace", "mask"),
    ReasonCode.RATE_LIMIT: ("pace",),
    ReasonCode.MESSAGING_LIMIT: ("mask",),
}


class AdaptiveAttacker(Operation):
    """One such opponent."""

    def __init__(self, kind: Abuse, number: int, cast: Cast) -> None:
        super().__init__(kind, number, cast)
        self.wordings = self._draw_wordings(kind.kinds, draw_count(self._chance, _WORDINGS))
        self._options: dict[str, tuple[str, ...]] = {
            "words": tuple(str(index) for index in range(len(self.wordings))),
            "disguise": tuple(DISGUISES),
            "category": tuple(category.value for category in kind.categories),
            "claim": ("none", "opted_in"),
            "pace": tuple(str(pace) for pace in _PACES),
        }
        self._passed: Counter[tuple[str, str]] = Counter()
        self._refused: Counter[tuple[str, str]] = Counter()
        self._tactic = {name: self._sample(name) for name in self._options}
        self._batch, self._results, self._codes = PROBE, list[bool](), list[str]()
        self._ends_at = math.inf

    def enter(self) -> None:
        """Begin."""
        self.planned = round(self.daily * self.days)
        self._ends_at = self.starts_at + self.days * 86_400.0
        self.cast.engine.at(self.starts_at, self.agent, self._step)

    # --- sending -----------------------------------------------------------------------------

    def _step(self) -> None:
        engine = self.cast.engine
        if self._sent >= self.planned or engine.now > self._ends_at:
            return
        mask = self._mask(0)
        if mask is None:
            return
        self._sent += 1
        draft = self._draft(self._next_targets(1)[0])
        intent = self.author.compose(draft, mask.business)
        answer = engine.knock(intent)
        self._learn(intent, answer)
        pause = 3600.0 / int(self._tactic["pace"]) * float(self._draws.exponential())
        engine.at(to_milliseconds(engine.now + pause), self.agent, self._step)

    def _draft(self, person: int) -> Draft:
        tactic = self._tactic
        wording = self.wordings[int(tactic["words"])]
        category = Category(tactic["category"])
        claims = category is Category.SERVICE and self._draws.random() < _CONVERSATION
        return Draft(
            category=category,
            wording=wording,
            taking=self.taking,
            person=person,
            fate=self.author.fates(1)[0],
            opted_in=True if tactic["claim"] == "opted_in" else None,
            last_inbound_at=to_milliseconds(self.cast.engine.now - 600.0) if claims else None,
            text=DISGUISES[tactic["disguise"]](self.author.write(wording), self._draws, self._material),
        )

    def _retry(self, intent: Intent) -> None:
        engine = self.cast.engine
        if engine.now > self._ends_at:
            return
        carry_time(intent, engine.now)
        if engine.knock(intent).verdict is Verdict.THROTTLE:
            engine.settle(intent, Fortune.ABANDONED)

    # --- learning ----------------------------------------------------------------------------

    def _learn(self, intent: Intent, answer: Answer) -> None:
        self._results.append(answer.allowed)
        if not answer.allowed:
            self._codes.append(answer.reason)
        if answer.verdict is Verdict.THROTTLE:
            self.cast.engine.settle(intent, Fortune.ABANDONED)
            if _nature(answer.reason) is Nature.PACE:
                again = retry_at(answer, now=self.cast.engine.now)
                self.cast.engine.at(again, self.agent, partial(self._retry, intent))
        (self._passed if answer.allowed else self._refused).update(self._tactic.items())
        if len(self._results) >= self._batch:
            self._judge_batch()

    def _judge_batch(self) -> None:
        share = sum(self._results) / len(self._results)
        if share >= _PASSES:
            self._batch = min(LARGEST, 2 * self._batch)
        elif share < _FAILS:
            self._change(max(self._codes, key=self._codes.count))
            self._batch = PROBE
        self._results.clear()
        self._codes.clear()

    def _change(self, code: str) -> None:
        """Change what the reason code points at."""
        chance = self._draws
        hints = _HINTS.get(ReasonCode(code) if code in set(ReasonCode) else ReasonCode.FRAUD_TEXT, ())
        if _nature(code) is Nature.CONDUCT and code != ReasonCode.TEMPLATE_COMPLAINTS:
            hints = ("mask", "words")
        names = hints or (*self._options, "bait")
        name = names[int(chance.integers(len(names)))]
        if name == "mask":
            self._masks[0] = None
        elif name == "bait":
            self.wordings = self._with_new_bait(self.wordings)
        elif name == "pace":
            slower = max(0, _PACES.index(int(self._tactic["pace"])) - 1)
            self._tactic["pace"] = str(_PACES[slower])
        else:
            self._tactic[name] = self._sample(name)
        self._count_failure()

    def _count_failure(self) -> None:
        mask = self._masks[0]
        if mask is not None:
            mask.refused_in_row += 1
            if mask.refused_in_row >= self._rotate_after:
                self._masks[0] = None

    def _tries(self, name: str, value: str) -> tuple[float, float]:
        return 1.0 + self._passed[name, value], 1.0 + self._refused[name, value]

    def _sample(self, name: str) -> str:
        """Thompson sampling: of what was tried, mostly what passed."""
        scores = [float(self._draws.beta(*self._tries(name, value))) for value in self._options[name]]
        return self._options[name][int(np.argmax(scores))]


def _nature(code: str) -> Nature | None:
    return NATURE[ReasonCode(code)] if code in set(ReasonCode) else None

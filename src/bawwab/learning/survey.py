"""Whom to ask next whether a message was wanted: ``bawwab survey sample``.

Asked are recipients of messages that went out lately, each at most once, and nobody who was asked,
or has answered, within a period. Every message that may be asked about has a known probability of
it, never 0; answers weighted by its inverse estimate the unwanted rate without bias, however the
sample leans (Horvitz, Thompson 1952).

It leans to where the rate is least certain. A sender's messages of one category are a stratum; with
``a`` answers of the last month, spread ``s = sqrt(p (1 - p))`` and ``n`` more answers, the variance
of its rate is about ``s**2 / (a + n)``. The sum of these over the strata is least where
``n = c s - a``, cut at nothing and at all of the stratum's messages (Neyman 1934, answers at hand
counted). A tenth of the sample is spread evenly over all messages.

One number a person, made of pseudonym, seed and the log's end, decides whether they are asked and
about which of their messages: message ``i`` has a wish ``w_i`` to be asked about, the person the sum
``W``, and ``w_i / max(1, W)`` is the probability. The number of people asked is random, at most the
size in expectation.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import pyarrow as pa

from bawwab.core.state.bundles import DAY, MONTH
from bawwab.learning.exported import EVEN, Connection, end_of, one, set_variables

EVENLY = 0.1  # of the sample: ten times the variance of an even sample at worst, and no probability of 0
PRIOR_UNWANTED, PRIOR_ANSWERS = 1.0, 4.0  # a stratum starts as if one of four had not wanted it


class Ask(NamedTuple):
    """A message to ask its recipient about, and the probability with which it was drawn."""

    decision_id: str
    message_id: str
    sender_id: str
    category: str
    recipient: str
    sent_at: float
    sampling_probability: float


class Stratum(NamedTuple):
    """A sender's messages of one category, and the answers at hand."""

    sender_id: str
    category: str
    messages: int
    answers: int
    unwanted: int

    @property
    def spread(self) -> float:
        """Standard deviation of one answer, as far as is known."""
        share = (self.unwanted + PRIOR_UNWANTED) / (self.answers + PRIOR_ANSWERS)
        return math.sqrt(share * (1.0 - share))


def open_frame(log: Connection, *, days: float, period: float, asked: Sequence[str], size: int) -> None:
    """Lay down who may be asked about what, and each stratum's wish; `draw` then draws.

    Parameters
    ----------
    log : Connection
        From `open_export`.
    days : float
        Messages of so many days before the log's end.
    period : float
        Days within which nobody is asked twice.
    asked : sequence of str
        Pseudonyms of those who were asked within the period.
    size : int
        People to ask, in expectation at most.
    """
    end = end_of(log)
    set_variables(log, since=end - days * DAY, period=end - period * DAY, month=end - MONTH)
    log.register("asked", pa.table({"recipient": pa.array(list(asked), pa.string())}))
    log.execute(_ELIGIBLE)
    strata = [Stratum(*row) for row in log.execute(_STRATA).fetchall()]
    wishes = wishes_of(strata, size)
    columns = {
        "sender_id": pa.array([stratum.sender_id for stratum in strata], pa.string()),
        "category": pa.array([stratum.category for stratum in strata], pa.string()),
        "wish": pa.array(wishes, pa.float64()),
    }
    log.register("wishes", pa.table(columns))


def draw(log: Connection, *, seed: int) -> list[Ask]:
    """Draw; the same log and seed give the same people, the log a day later others."""
    set_variables(log, seed=f"/{seed}/{end_of(log)!r}")
    return [Ask(*row) for row in log.execute(_DRAW).fetchall()]


def eligible(log: Connection) -> int:
    """People who may be asked."""
    return int(one(log, "SELECT count(DISTINCT recipient) FROM eligible"))


def wishes_of(strata: Sequence[Stratum], size: int) -> list[float]:
    """Wish of each stratum's messages to be asked about, in (0, 1].

    Examples
    --------
    The one of whom nothing is known is asked more than the one with forty answers:

    >>> strata = [Stratum("new", "utility", 100, 0, 0), Stratum("known", "utility", 100, 40, 10)]
    >>> [round(wish, 3) for wish in wishes_of(strata, 20)]
    [0.19, 0.01]
    """
    total = sum(stratum.messages for stratum in strata)
    if total <= size:
        return [1.0] * len(strata)
    evenly = EVENLY * size / total
    more = _allocate(strata, (1.0 - EVENLY) * size)
    return [min(1.0, evenly + count / stratum.messages) for stratum, count in zip(strata, more, strict=True)]


def _allocate(strata: Sequence[Stratum], size: float) -> list[float]:
    """Answers to seek of each stratum: ``c s - a`` within bounds, ``c`` such that they sum to ``size``."""

    def sought(c: float) -> list[float]:
        return [min(float(s.messages), max(0.0, c * s.spread - s.answers)) for s in strata]

    low, high = 0.0, max((s.answers + s.messages) / s.spread for s in strata)
    for _ in range(100):
        middle = (low + high) / 2.0
        low, high = (middle, high) if sum(sought(middle)) < size else (low, middle)
    return sought(low)


_ELIGIBLE = """
CREATE OR REPLACE TEMP TABLE eligible AS
SELECT decision_id, message_id, sender_id, category, recipient, known_at
FROM decisions
WHERE verdict = 'allow' AND known_at > getvariable('since') AND NOT starts_with(recipient, 'erased:')
  AND recipient NOT IN (SELECT recipient FROM asked)
  AND recipient NOT IN (SELECT recipient FROM surveys WHERE known_at > getvariable('period'))
"""
_STRATA = """
WITH answered AS (
    SELECT d.sender_id, d.category, count(*) AS answers, count(*) FILTER (NOT s.wanted) AS unwanted
    FROM surveys s JOIN decisions d USING (sender_id, message_id, recipient)
    WHERE s.known_at > getvariable('month') AND s.wanted IS NOT NULL AND d.verdict = 'allow'
    GROUP BY ALL
),
sent AS (SELECT sender_id, category, count(*) AS messages FROM eligible GROUP BY ALL)
SELECT sender_id, category, messages, coalesce(answers, 0), coalesce(unwanted, 0)
FROM sent LEFT JOIN answered USING (sender_id, category) ORDER BY ALL
"""
_DRAW = f"""
WITH wished AS (
    SELECT eligible.*, wish,
           greatest(1, sum(wish) OVER (PARTITION BY recipient)) AS whole,
           sum(wish) OVER (PARTITION BY recipient ORDER BY decision_id) AS upto
    FROM eligible JOIN wishes USING (sender_id, category)
)
SELECT decision_id, message_id, sender_id, category, recipient, known_at, wish / whole
FROM wished
WHERE {EVEN.format(of="recipient")} * whole >= upto - wish AND {EVEN.format(of="recipient")} * whole < upto
ORDER BY known_at, decision_id
"""  # noqa: S608 - names of ours

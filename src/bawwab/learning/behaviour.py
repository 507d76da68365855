"""Labels from what recipients and reviewers said, as known at a cut-off.

==============  ==================================================================================
who says it     label and weight
==============  ==================================================================================
a reviewer      gold: 1 or 0, weight 10
a survey        unwanted 1, wanted 0; weight 1 / probability of having been asked, at most 50
a report        1 with weight 0.75: a quarter of reported texts are neither spam nor fraud
                (METHODS section 3); `not_spam` is 0 with the same weight; a retracted one is nothing
silence         0, with weight 0.02 times the share of reports that come within the message's age:
                most people never report, and the late ones have not yet
a refusal       nothing: what was not sent cannot be complained of (*censored*)
==============  ==================================================================================

The loudest voice wins: reviewer, survey, report, silence.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from bawwab.learning.replay import Replayed

REVIEW, REPORT, SILENCE = 10.0, 0.75, 0.02
LARGEST_SURVEY = 50.0
_REVIEWED, _ASKED, _REPORTED = 3, 2, 1


class Labels(NamedTuple):
    """Label and weight of every replayed message; weight 0: nothing is known of it."""

    abuse: NDArray[np.int64]
    weight: NDArray[np.float64]


class Voice(NamedTuple):
    """What one source says of one message."""

    rank: int
    abuse: int
    weight: float


class DelayCurve:
    """How late reports come: the share that is known by a given age of the message.

    Estimated from the delays of the reports themselves, each counted by the inverse of the chance
    that it could have been seen by the cut-off, had it come at that delay (delays are cut off on
    the right: young messages can only have shown short ones).
    """

    def __init__(self, delays: NDArray[np.float64], ages: NDArray[np.float64]) -> None:
        if len(delays) == 0:
            self._delays, self._share = np.array([0.0]), np.array([1.0])
            return
        order = np.argsort(delays)
        observable = np.array([(ages >= delay).mean() for delay in delays[order]])
        mass = 1.0 / np.maximum(observable, 0.05)
        self._delays = delays[order]
        self._share = np.cumsum(mass) / mass.sum()

    def known_by(self, age: NDArray[np.float64]) -> NDArray[np.float64]:
        """Share of all reports that have come by ``age`` seconds.

        Examples
        --------
        >>> curve = DelayCurve(np.array([60.0, 3600.0]), np.array([86400.0] * 4))
        >>> curve.known_by(np.array([0.0, 60.0, 86400.0])).tolist()
        [0.0, 0.5, 1.0]
        """
        position = np.searchsorted(self._delays, age, side="right")
        shares: NDArray[np.float64] = np.concatenate(([0.0], self._share))[position]
        return shares


def labels_of(replayed: Replayed, events: Iterable[dict[str, Any]], *, cutoff: float) -> Labels:
    """Label replayed messages by what was known at ``cutoff``; later events are not looked at."""
    place = {key: row for row, key in enumerate(zip(replayed.sender_ids, replayed.message_ids, strict=True))}
    voices: dict[int, Voice] = {}
    reported: dict[str, int] = {}
    delays: list[float] = []
    for event in events:
        if event["known_at"] > cutoff:
            continue
        row = place.get((event["sender_id"], event["message_id"]))
        if row is None or not replayed.allowed[row]:
            continue
        if event["type"] == "report" and event["retract"]:
            taken_back = reported.pop(event["report_id"], None)
            if taken_back is not None and voices[taken_back].rank == _REPORTED:
                del voices[taken_back]
            continue
        voice = _voice(event)
        if voice is None:
            continue
        if voice.rank == _REPORTED:
            delays.append(event["known_at"] - replayed.at[row])
            reported[event["report_id"]] = row
        if row not in voices or voice.rank > voices[row].rank:
            voices[row] = voice
    ages = np.maximum(cutoff - replayed.at, 0.0)
    curve = DelayCurve(np.array(delays), ages[replayed.allowed & (replayed.at <= cutoff)])
    abuse = np.zeros(len(replayed.at), np.int64)
    weight = np.where(replayed.allowed, SILENCE * curve.known_by(ages), 0.0)
    weight[replayed.at > cutoff] = 0.0
    for row, voice in voices.items():
        abuse[row], weight[row] = voice.abuse, voice.weight
    return Labels(abuse, weight / np.maximum(replayed.propensity, 0.01))


def _voice(event: dict[str, Any]) -> Voice | None:
    if event["type"] == "survey":
        if event["wanted"] is None:
            return None
        weight = min(LARGEST_SURVEY, 1.0 / event["sampling_probability"])
        return Voice(_ASKED, int(not event["wanted"]), weight)
    if event["type"] == "report":
        return Voice(_REPORTED, int(event["report_reason"] != "not_spam"), REPORT)
    if event["type"] == "resolution":
        return Voice(_REVIEWED, int(event["outcome"] == "upheld"), REVIEW)
    return None

"""Labels from what recipients and reviewers said, as known at a cut-off.

==============  ==================================================================================
who says it     label and weight
==============  ==================================================================================
a reviewer      gold: 1 or 0, weight 10; of refused messages too
a survey        unwanted 1, wanted 0; weight 1 / probability of having been asked, at most 50
a report        1 with weight 0.75: about a quarter of the texts that people report are neither spam
                nor fraud; `not_spam` is 0 with the same weight; a retracted one is nothing.
                Where the log says what the gate counted it for, that times 0.75: a report over a cap
                or by someone never written to says nothing, and is no silence either
silence         0, with weight 0.02 times the share of reports that come within the message's age:
                most people never report, and the late ones have not yet
a refusal       nothing: what was not sent cannot be complained of (*censored*)
==============  ==================================================================================

The loudest voice wins: reviewer, survey, report, silence. What is heard is what was known at the
cut-off: it is taken away where it is read, `labels_of` for a stream, `open_export` for a log.
"""

from collections.abc import Hashable, Iterable
from enum import IntEnum
from typing import Any, Generic, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from bawwab.learning.replay import Replayed

REVIEW, REPORT, SILENCE = 10.0, 0.75, 0.02
LARGEST_SURVEY = 50.0
K = TypeVar("K", bound=Hashable)


class Speaker(IntEnum):
    """Who says it, the loudest last."""

    NOBODY = 0
    REPORTER = 1
    ASKED = 2
    REVIEWER = 3


class Labels(NamedTuple):
    """Label and weight of messages, and whose word it is (a `Speaker`); weight 0: nothing is known of it.

    ``censored`` counts the refusals that no reviewer has spoken of.
    """

    abuse: NDArray[np.int64]
    weight: NDArray[np.float64]
    speaker: NDArray[np.int64]
    censored: int

    def take(self, rows: NDArray[np.bool_]) -> "Labels":
        """Those of some of the messages."""
        return Labels(self.abuse[rows], self.weight[rows], self.speaker[rows], self.censored)


class Voice(NamedTuple):
    """What one source says of one message."""

    speaker: Speaker
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
        self._delays = np.sort(delays)
        younger = np.searchsorted(np.sort(ages), self._delays, side="left")
        mass = 1.0 / np.maximum((len(ages) - younger) / len(ages), 0.05)
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


class Said(NamedTuple, Generic[K]):
    """Something said of one message, and what had become of that message when."""

    key: K
    sent_at: float
    allowed: bool
    event: dict[str, Any]


class Heard(NamedTuple, Generic[K]):
    """The loudest voice about each message of which anything was said, and how late reports came."""

    voices: dict[K, Voice]
    delays: NDArray[np.float64]


def hear(sayings: Iterable[Said[K]]) -> Heard[K]:
    """Hear what was said, in the order in which it became known."""
    voices: dict[K, Voice] = {}
    reported: dict[str, K] = {}
    delays: list[float] = []
    for key, sent_at, allowed, event in sayings:
        if event["type"] == "report" and event["retract"]:
            taken_back = reported.pop(event["report_id"], None)
            if taken_back is not None and voices[taken_back].speaker is Speaker.REPORTER:
                del voices[taken_back]
            continue
        voice = _voice(event)
        if voice is None or not (allowed or voice.speaker is Speaker.REVIEWER):
            continue
        if voice.speaker is Speaker.REPORTER:
            delays.append(event["known_at"] - sent_at)
            reported[event["report_id"]] = key
        if key not in voices or voice.speaker > voices[key].speaker:
            voices[key] = voice
    return Heard(voices, np.array(delays))


def silence(curve: DelayCurve, ages: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weight with which nothing said of messages of these ages speaks for them."""
    return SILENCE * curve.known_by(ages)


def unbiased(weight: NDArray[np.float64], propensity: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weights that also count for what chance held back."""
    return weight / np.maximum(propensity, 0.01)


def labels_of(replayed: Replayed, events: Iterable[dict[str, Any]], *, cutoff: float) -> Labels:
    """Label replayed messages by what was known at ``cutoff``."""
    known = (event for event in events if event["known_at"] <= cutoff)
    decided = replayed.at <= cutoff
    place = {key: row for row, key in enumerate(zip(replayed.sender_ids, replayed.message_ids, strict=True))}
    rows = ((place.get((event["sender_id"], event["message_id"])), event) for event in known)
    said = (
        Said(row, replayed.at[row], bool(replayed.allowed[row]), event)
        for row, event in rows
        if row is not None
    )
    heard = hear(said)
    ages, sent = cutoff - replayed.at, replayed.allowed & decided
    curve = DelayCurve(heard.delays, ages[sent])
    abuse, speaker = np.zeros(len(ages), np.int64), np.zeros(len(ages), np.int64)
    weight = np.where(sent, silence(curve, ages), 0.0)
    for row, voice in heard.voices.items():
        speaker[row], abuse[row], weight[row] = voice
    censored = int((decided & ~replayed.allowed & (speaker == Speaker.NOBODY)).sum())
    return Labels(abuse, unbiased(weight, replayed.propensity), speaker, censored)


def _voice(event: dict[str, Any]) -> Voice | None:
    if event["type"] == "survey":
        if event["wanted"] is None:
            return None
        weight = min(LARGEST_SURVEY, 1.0 / event["sampling_probability"])
        return Voice(Speaker.ASKED, int(not event["wanted"]), weight)
    if event["type"] == "report":
        counted = event.get("weight")
        weight = REPORT if counted is None else REPORT * counted
        return Voice(Speaker.REPORTER, int(event["report_reason"] != "not_spam"), weight)
    if event["type"] == "resolution":
        return Voice(Speaker.REVIEWER, int(event["outcome"] == "upheld"), REVIEW)
    return None

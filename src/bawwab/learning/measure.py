"""Figures of scores against truth: what was refused that should not be, and what was caught."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta
from sklearn.metrics import average_precision_score, brier_score_loss, roc_auc_score

from bawwab.core.events import Category, Message
from bawwab.core.model.risk import RiskModel
from bawwab.core.model.text import TextScore
from bawwab.core.policy import Policy
from bawwab.core.rules import is_unlike_service
from bawwab.core.signals import NAMES, Context
from bawwab.core.text.analysis import TextAnalysis
from bawwab.core.text.links import compare
from bawwab.learning.contexts import NOW
from bawwab.learning.frame import frame_of
from bawwab.learning.prepare import Prepared
from bawwab.learning.samples import Sample
from bawwab.stores.library import MessageClass

FALSE_POSITIVE_RATES = (0.001, 0.005, 0.01)
REAL = "real"


class Interval(NamedTuple):
    """A share with its exact 95 % interval."""

    count: int  # type: ignore[assignment] # hides tuple.count, which nobody asks an interval for
    of: int
    share: float
    low: float
    high: float


def exact(count: int, of: int, *, confidence: float = 0.95) -> Interval:
    """Clopper-Pearson interval.

    Examples
    --------
    >>> [round(x, 4) for x in exact(0, 100)[2:]]
    [0.0, 0.0, 0.0362]
    """
    tail = (1.0 - confidence) / 2.0
    low = float(beta.ppf(tail, count, of - count + 1)) if count else 0.0
    high = float(beta.ppf(1.0 - tail, count + 1, of - count)) if count < of else 1.0
    return Interval(count, of, count / of if of else 0.0, low, high)


NAMES_NOTHING = NAMES.index("names_nothing")


class Judged(NamedTuple):
    """Each message from a sender nobody knows: its score, and whether its content is refused."""

    logits: NDArray[np.float64]
    refused: NDArray[np.bool_]


def judge(prepared: Prepared, scores: Sequence[TextScore], risk: RiskModel, policy: Policy) -> Judged:
    """Score every message as if an unknown, unregistered sender had sent it."""
    contexts = [
        stranger(sample, analysis, score)
        for sample, analysis, score in zip(prepared.samples, prepared.analyses, scores, strict=True)
    ]
    frame = frame_of(contexts)
    logits = risk.logits(frame)
    content = policy.content
    odds = 1.0 / (1.0 + np.exp(-logits))
    bare = frame[:, NAMES_NOTHING] > 0.0
    throttle = np.array(
        [
            content.held_from(context.message.category, names_nothing=alone)
            for context, alone in zip(contexts, bare, strict=True)
        ]
    )
    misdeclared = np.array(
        [
            is_unlike_service(text.scores, score, content, plainly=alone)
            for text, score, alone in zip(scores, odds, bare, strict=True)
        ]
    )
    known = np.array([score.known >= content.known_share for score in scores])
    return Judged(logits, known & ((odds >= throttle) | misdeclared))


def stranger(sample: Sample, analysis: TextAnalysis, score: TextScore) -> Context:
    """A message of an unknown sender, declared as what most such messages are."""
    bare_code = analysis.counts.code > 0 and not analysis.links and sample.label is MessageClass.SERVICE
    message = Message(
        message_id="m",
        sender_id="s",
        recipient="r",
        category=Category.AUTHENTICATION if bare_code else Category.UTILITY,
        text=sample.text,
    )
    links = tuple(compare(link, ()) for link in analysis.links)
    return Context(message=message, now=NOW, text=analysis, score=score, links=links)


def figures(
    prepared: Prepared, scores: Sequence[TextScore], risk: RiskModel, policy: Policy
) -> dict[str, Any]:
    """All figures of one set of out-of-fold scores; captured rows first."""
    judged = judge(prepared, scores, risk, policy)
    return {
        "basis": "every source scored by models that had not seen it; unknown sender, declared as utility",
        "headline": _headline(prepared, judged),
        "sources": by_group(prepared, judged, [sample.source for sample in prepared.samples]),
        "languages": by_group(prepared, judged, prepared.languages),
    }


def _headline(prepared: Prepared, judged: Judged) -> dict[str, Any]:
    real = np.array([s.source != "library" for s in prepared.samples])
    captured = np.array([s.captured for s in prepared.samples])
    rows = {"captured": real & captured, "corpora": real, "library": ~real, "all": real | True}
    return {name: _figures(prepared, judged, chosen) for name, chosen in rows.items()}


def by_group(prepared: Prepared, judged: Judged, keys: Sequence[str]) -> dict[str, Any]:
    """Figures of each group that has any."""
    names = np.array(keys)
    return {name: _figures(prepared, judged, names == name) for name in sorted(set(keys))}


def _figures(prepared: Prepared, judged: Judged, rows: NDArray[np.bool_]) -> dict[str, Any]:
    kind = np.array([sample.kind for sample in prepared.samples])
    service = rows & (prepared.labels == 0) & (kind != "chat")
    chat = rows & (prepared.labels == 0) & (kind == "chat")
    promotional, fraud = rows & (prepared.labels == 1), rows & (prepared.labels == 2)  # noqa: PLR2004 - a class
    found: dict[str, Any] = {}
    for name, chosen in (
        ("service_refused", service),
        ("chat_refused", chat),
        ("promotional_refused", promotional),
        ("fraud_refused", fraud),
    ):
        if chosen.any():
            found[name] = exact(int(judged.refused[chosen].sum()), int(chosen.sum()))._asdict()
    if service.any() and fraud.any():
        found |= ranking(judged.logits[service], judged.logits[fraud])
    return found


def ranking(honest: NDArray[np.float64], fraud: NDArray[np.float64]) -> dict[str, Any]:
    """How well scores rank fraud above service, and the recall at small false-positive rates."""
    truth = np.concatenate([np.zeros(len(honest)), np.ones(len(fraud))])
    logits = np.concatenate([honest, fraud])
    odds = 1.0 / (1.0 + np.exp(-logits))
    return {
        "auc": float(roc_auc_score(truth, logits)),
        "average_precision": float(average_precision_score(truth, logits)),
        "brier": float(brier_score_loss(truth, odds)),
        "recall_at_fpr": {
            str(rate): float(np.mean(fraud > np.quantile(honest, 1.0 - rate)))
            for rate in FALSE_POSITIVE_RATES
        },
        "fpr_at_recall": {
            str(recall): float(np.mean(honest >= np.quantile(fraud, 1.0 - recall)))
            for recall in (0.7, 0.8, 0.85, 0.9)
        },
    }


def to_json(figures_found: dict[str, Any]) -> bytes:
    """Figures as JSON."""
    return msgspec.json.format(msgspec.json.encode(figures_found), indent=1) + b"\n"

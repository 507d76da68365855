"""Fitting: a text model, its out-of-fold scores, and the risk model upon them."""

import random
from collections.abc import Sequence
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from bawwab.core.model.risk import RiskModel
from bawwab.core.model.text import CLASSES, TextModel, TextScore
from bawwab.core.text.analysis import analyse
from bawwab.learning.contexts import Drawn, Ranges, draw
from bawwab.learning.dressing import dressed
from bawwab.learning.frame import frame_of
from bawwab.learning.lived import SHARE as SHARE_LIVED
from bawwab.learning.lived import Lived
from bawwab.learning.parallel import Tell, in_parallel, silent
from bawwab.learning.prepare import Prepared
from bawwab.learning.risk_model import calibrated, centred, compile_trees, fit_trees, platt, sum_to
from bawwab.learning.text_model import LEAST_ROWS, STRENGTHS, HashedTextClassifier

FRAUD_SHARE = 0.7  # of abuse; the rest is promotional without leave


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What a training run may be told; all of it is recorded in the manifest."""

    seed: int = 20261125
    folds: int = 5
    jobs: int = 1
    buckets: int = 2**18
    strengths: tuple[float, ...] = STRENGTHS
    least_rows: tuple[int, ...] = LEAST_ROWS
    iterations: int = 50
    draws: int = 2
    base_rate: float = 0.10
    trees: int = 400
    resamples: int = 200


def fit_text(prepared: Prepared, settings: Settings) -> HashedTextClassifier:
    """Fit the text model on masked texts."""
    return untrained(settings).fit(prepared.masked, prepared.labels, prepared.weight)


def untrained(settings: Settings) -> HashedTextClassifier:
    """Return the text model as the settings want it."""
    return HashedTextClassifier(
        buckets=settings.buckets,
        strengths=settings.strengths,
        least_rows=settings.least_rows,
        iterations=settings.iterations,
    )


def score_texts(model: TextModel, masked: Sequence[str]) -> list[TextScore]:
    """Score texts as the gate does."""
    return [model.score(text) for text in masked]


# --- risk ------------------------------------------------------------------------------------


class Circumstances(msgspec.Struct, frozen=True, kw_only=True):
    """Messages in drawn circumstances: the frame, and what each row was made of."""

    drawn: tuple[Drawn, ...]
    origin: NDArray[np.int64]
    frame: NDArray[np.float64]
    abuse: NDArray[np.int64]
    weight: NDArray[np.float64]


def draw_circumstances(prepared: Prepared, scores: Sequence[TextScore], settings: Settings) -> Circumstances:
    """Put every message into a few circumstances.

    The first copy, which is judged, stands as it was written. A later one may be typed otherwise; it
    keeps the score of its words, since it reads the same.
    """
    ranges = Ranges()
    drawn, origin = [], []
    for row, (sample, analysis, score) in enumerate(
        zip(prepared.samples, prepared.analyses, scores, strict=True)
    ):
        for copy in range(settings.draws):
            chance = random.Random(f"{settings.seed}/{copy}/{sample.text}")  # noqa: S311 - no secret
            typist = random.Random(f"{settings.seed}/{copy}/typed/{sample.text}")  # noqa: S311 - no secret
            text = dressed(sample.label, sample.text, ranges, typist) if copy else sample.text
            seen = analysis if text == sample.text else analyse(text)
            drawn.append(draw(sample.label, text, seen, score, chance=chance, ranges=ranges))
            origin.append(row)
    rows = np.array(origin, dtype=np.int64)
    abuse = np.array([item.abuse for item in drawn], dtype=np.int64)
    return Circumstances(
        drawn=tuple(drawn),
        origin=rows,
        frame=frame_of(item.context for item in drawn),
        abuse=abuse,
        weight=_to_base_rate(prepared.weight[rows], abuse, prepared.labels[rows], settings.base_rate),
    )


def _to_base_rate(
    weight: NDArray[np.float64], abuse: NDArray[np.int64], labels: NDArray[np.int64], rate: float
) -> NDArray[np.float64]:
    """Weights under which abuse has its base rate, and fraud its share of abuse."""
    fraud = labels == CLASSES.index("fraud")
    shares = (
        (abuse == 0, 1.0 - rate),
        (fraud, rate * FRAUD_SHARE),
        ((abuse == 1) & ~fraud, rate * (1 - FRAUD_SHARE)),
    )
    scaled = np.zeros(len(weight))
    for rows, share in shares:
        total = weight[rows].sum()
        if total > 0:
            scaled[rows] = weight[rows] * share / total
    return scaled * len(weight)


class Rows(NamedTuple):
    """What a risk model is fitted on."""

    frame: NDArray[np.float64]
    abuse: NDArray[np.int64]
    weight: NDArray[np.float64]

    def take(self, rows: NDArray[np.bool_]) -> "Rows":
        """Some of them."""
        return Rows(self.frame[rows], self.abuse[rows], self.weight[rows])


class RiskFit(msgspec.Struct, frozen=True):
    """The risk model, and the log-odds it gives messages that it was not fitted on."""

    model: RiskModel
    logits: NDArray[np.float64]


def fit_risk(
    made: Circumstances,
    folds: NDArray[np.int64],
    settings: Settings,
    *,
    lived: Lived | None = None,
    tell: Tell = silent,
) -> RiskFit:
    """Fit, compile and calibrate; ``folds`` are those of the messages, streams join them in turn."""
    past = Lived.nothing() if lived is None else lived
    share = SHARE_LIVED if len(past.abuse) else 0.0
    frame = np.concatenate([made.frame, past.frame])
    abuse = np.concatenate([made.abuse, past.abuse])
    weight = np.concatenate([sum_to(made.weight, 1.0 - share), sum_to(past.weight, share)]) * len(abuse)
    names = np.unique(folds)
    of_row = np.concatenate([folds[made.origin], names[past.stream % len(names)]])
    every = np.ones(len(abuse), np.bool_)
    shown = [*(of_row != name for name in names), every]
    tasks = [(Rows(frame, abuse, weight).take(rows), settings) for rows in shown]
    *partial, model = in_parallel(fit_rows, tasks, jobs=settings.jobs, name="risk model", tell=tell)
    logits = np.zeros(len(abuse))
    for name, learned in zip(names, partial, strict=True):
        logits[of_row == name] = learned.logits(frame[of_row == name])
    slope, intercept = platt(logits, abuse, weight)
    ours = slope * logits[: len(made.abuse)] + intercept
    return RiskFit(centred(calibrated(model, slope, intercept), made.frame[:2000]), ours)


def fit_rows(rows: Rows, settings: Settings) -> RiskModel:
    """Fit trees and compile them, uncalibrated."""
    return compile_trees(fit_trees(*rows, seed=settings.seed, trees=settings.trees))

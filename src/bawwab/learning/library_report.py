"""What the message library teaches, and where its authors show through: ``make library-report``.

Everything is judged on *captured* messages, real ones from sources that the judging model has not
seen. A service message counts as refused where its words look more fraudulent than those of the
captured fraud at the stated recall.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold, cross_val_predict
from sklearn.pipeline import make_pipeline

from bawwab.core.model.text import CLASSES
from bawwab.core.text.entities import mask
from bawwab.core.text.tokens import symbols
from bawwab.learning.fit import Settings, fit_text, score_texts
from bawwab.learning.folds import folds_of, near_duplicates
from bawwab.learning.measure import Interval, exact
from bawwab.learning.prepare import Prepared, prepare
from bawwab.learning.samples import LIBRARY, Sources, read_samples
from bawwab.stores.library import Variety, forms, read_library

RECALLS = (0.5, 0.7, 0.8, 0.85, 0.9)
SERVICE, PROMOTIONAL, FRAUD = range(len(CLASSES))


class Refused(msgspec.Struct, frozen=True):
    """Captured service messages refused at one recall of captured fraud."""

    recall: float
    refused: Interval
    of: int


def report(sources: Sources, *, settings: Settings, folds: int = 3) -> dict[str, Any]:
    """Everything the report says, ready for JSON."""
    if sources.library is None:
        raise ValueError("a report on the library needs the library")
    library = read_library(sources.library)
    everything = prepare(read_samples(sources, seed=settings.seed))
    return {
        "counts": counts(library),
        "near_duplicate_forms": near_duplicate_share(library),
        "teaches": teaches(everything, settings=settings, folds=folds),
        "style": {
            "library_from_captured_service": told_apart(everything),
            "fraud_from_service_without_entities": style_leak(library),
        },
    }


def counts(library: Iterable[Variety]) -> dict[str, dict[str, int]]:
    """Forms by variety and class."""
    return {variety.name: dict(Counter(form.label.value for form in forms(variety))) for variety in library}


def near_duplicate_share(library: Sequence[Variety]) -> dict[str, Any]:
    """Share of forms that another form nearly repeats (Jaccard >= 0.7, entities masked)."""
    texts = [mask(form.text).text for variety in library for form in forms(variety) if form.kind != "pair"]
    clusters = near_duplicates(texts)
    repeats = len(texts) - len(np.unique(clusters))
    return {"repeats": repeats, "of": len(texts), "share": repeats / len(texts)}


def teaches(everything: Prepared, *, settings: Settings, folds: int) -> dict[str, Any]:
    """Refusals with the library alone, the corpora alone, and both, on sources left out."""
    ours = np.array([sample.source == LIBRARY for sample in everything.samples])
    judged = captured(everything) & ~ours
    alone = score_rows(everything.take(ours), everything, judged, settings)
    found = {"library alone": refusals(everything, judged, alone)}
    groups = folds_of(everything.by_source()[~ours], everything.labels[~ours], count=folds)
    for name, kept in (("corpora", ~ours), ("corpora and library", np.ones(len(ours), bool))):
        scores = np.zeros(len(ours))
        for fold in np.unique(groups):
            out = np.zeros(len(ours), bool)
            out[np.flatnonzero(~ours)[groups == fold]] = True
            learner = everything.take(kept & ~out & ~np.isin(everything.clusters, everything.clusters[out]))
            scores[out & judged] = score_rows(learner, everything, out & judged, settings)
        found[name] = refusals(everything, judged, scores[judged])
    return found


def captured(prepared: Prepared) -> NDArray[np.bool_]:
    """Real business messages and real fraud."""
    return np.array(
        [sample.captured and (sample.kind == "business" or sample.y == FRAUD) for sample in prepared.samples]
    )


def score_rows(
    learner: Prepared, everything: Prepared, rows: NDArray[np.bool_], settings: Settings
) -> NDArray[np.float64]:
    """Log-odds of fraud of some rows, by a model fitted on ``learner``."""
    model = fit_text(learner, settings).compiled()
    masked = [everything.analyses[row].masked for row in np.flatnonzero(rows)]
    return np.array([score.fraud for score in score_texts(model, masked)])


def refusals(everything: Prepared, judged: NDArray[np.bool_], scores: NDArray[np.float64]) -> dict[str, Any]:
    """Service refused at each recall of fraud, and the area under the curve."""
    labels = everything.labels[judged]
    honest, fraud = scores[labels == SERVICE], scores[labels == FRAUD]
    lines = [float(np.quantile(fraud, 1.0 - recall)) for recall in RECALLS]
    return {
        "service": len(honest),
        "fraud": len(fraud),
        "auc": float(roc_auc_score(np.r_[np.zeros(len(honest)), np.ones(len(fraud))], np.r_[honest, fraud])),
        "refused": [
            Refused(recall, exact(int((honest >= line).sum()), len(honest)), len(honest))
            for recall, line in zip(RECALLS, lines, strict=True)
        ],
    }


def told_apart(everything: Prepared) -> dict[str, Any]:
    """How well a classifier tells our service messages from captured ones of the same language."""
    service = everything.labels == SERVICE
    ours = np.array([sample.source == LIBRARY for sample in everything.samples])
    languages = np.array(everything.languages)
    real = captured(everything) & ~ours & service
    shared = service & np.isin(languages, np.unique(languages[real])) & (real | ours)
    rows = np.flatnonzero(shared)
    texts = [symbols(everything.analyses[row].masked) for row in rows]
    groups = everything.by_source()[rows]
    return _auc(texts, ours[rows].astype(int), np.where(ours[rows], everything.clusters[rows], groups))


def style_leak(library: Sequence[Variety]) -> dict[str, Any]:
    """How well fraud is told from service when every entity is taken out."""
    texts, labels, groups = [], [], []
    for number, variety in enumerate(library):
        for form in forms(variety):
            if form.label.value == CLASSES[PROMOTIONAL]:
                continue
            texts.append("".join(c for c in symbols(mask(form.text).text) if not "\ue000" <= c <= "\uf8ff"))
            labels.append(int(form.label.value == CLASSES[FRAUD]))
            groups.append(number * 10_000 + form.number // 2)
    return _auc(texts, np.array(labels), np.array(groups))


def _auc(texts: Sequence[str], labels: NDArray[np.int64], groups: NDArray[np.int64]) -> dict[str, Any]:
    judge = make_pipeline(
        TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), min_df=2, max_features=60_000),
        LogisticRegression(max_iter=300, C=3.0),
    )
    chances = cross_val_predict(
        judge, list(texts), labels, groups=groups, cv=GroupKFold(3), method="predict_proba"
    )[:, 1]
    return {"auc": float(roc_auc_score(labels, chances)), "of": len(texts)}


def write(found: dict[str, Any], path: Path) -> None:
    """Store the report as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(msgspec.json.format(msgspec.json.encode(found), indent=2) + b"\n")

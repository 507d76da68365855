"""What the words alone say of languages, and of kinds of fraud, that the text model never saw.

For each, text models are fitted without a few languages (kinds) at a time and without whatever
nearly repeats them, and their scores are judged as those of an unknown sender, next to the
scores of models that only left out the message's own source or wording.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bawwab.core.model.risk import RiskModel
from bawwab.core.model.text import FRAUD, SERVICE, TextScore
from bawwab.core.policy import Policy
from bawwab.learning.folds import folds_of
from bawwab.learning.measure import Judged, exact, judge, ranking
from bawwab.learning.prepare import Prepared
from bawwab.learning.samples import LIBRARY

FOLDS = 3
LEAST = 20  # messages of service and of fraud that a language must have to be told by itself
OTHERS = "others"
SCHEMES = ("languages", "kinds of fraud")


def folds_by_language(prepared: Prepared) -> NDArray[np.int64]:
    """Folds in which a language is whole."""
    return folds_of(prepared.by_language(), prepared.labels, count=FOLDS)


def folds_by_kind(prepared: Prepared) -> NDArray[np.int64]:
    """Folds in which a kind of fraud of the library is whole, and so is a source, as ever."""
    sources = prepared.by_source()
    keys = [
        f"kind/{sample.category}" if is_kind else f"source/{source}"
        for sample, source, is_kind in zip(
            prepared.samples, sources.tolist(), of_library(prepared), strict=True
        )
    ]
    return folds_of(np.unique(keys, return_inverse=True)[1], prepared.labels, count=FOLDS)


def of_library(prepared: Prepared) -> NDArray[np.bool_]:
    """Frauds of the message library: the only ones whose kind is known."""
    return np.array([sample.source == LIBRARY and sample.y == FRAUD for sample in prepared.samples])


def left_out(
    prepared: Prepared, scores: Mapping[str, Sequence[TextScore]], risk: RiskModel, policy: Policy
) -> dict[str, Any]:
    """Figures of both schemes; ``scores`` holds theirs, and those of ``sources``."""
    judged = {name: judge(prepared, found, risk, policy) for name, found in scores.items()}
    usual = judged["sources"]
    return {
        "languages": _languages(prepared, usual, judged["languages"]),
        "kinds of fraud": _kinds(prepared, usual, judged["kinds of fraud"]),
    }


def _languages(prepared: Prepared, usual: Judged, strange: Judged) -> dict[str, Any]:
    talk = np.array([sample.kind == "chat" for sample in prepared.samples])
    service, fraud = (prepared.labels == SERVICE) & ~talk, prepared.labels == FRAUD
    names = np.array(prepared.languages)
    few = [
        name
        for name in np.unique(names).tolist()
        if min((service & (names == name)).sum(), (fraud & (names == name)).sum()) < LEAST
    ]
    names = np.where(np.isin(names, few), OTHERS, names)
    return {
        name: {
            "known": _refusals(usual, service & (names == name), fraud & (names == name)),
            "left_out": _refusals(strange, service & (names == name), fraud & (names == name)),
        }
        for name in np.unique(names).tolist()
    }


def _kinds(prepared: Prepared, usual: Judged, strange: Judged) -> dict[str, Any]:
    talk = np.array([sample.kind == "chat" for sample in prepared.samples])
    service = (prepared.labels == SERVICE) & ~talk
    kinds = np.array([sample.category for sample in prepared.samples])
    ours = of_library(prepared)
    return {
        kind: {
            "known": _refusals(usual, service, ours & (kinds == kind)),
            "left_out": _refusals(strange, service, ours & (kinds == kind)),
        }
        for kind in np.unique(kinds[ours]).tolist()
    }


def _refusals(judged: Judged, service: NDArray[np.bool_], fraud: NDArray[np.bool_]) -> dict[str, Any]:
    found: dict[str, Any] = {
        f"{name}_refused": exact(int(judged.refused[rows].sum()), int(rows.sum()))._asdict()
        for name, rows in (("service", service), ("fraud", fraud))
        if rows.any()
    }
    if service.any() and fraud.any():
        found["auc"] = ranking(judged.logits[service], judged.logits[fraud])["auc"]
    return found

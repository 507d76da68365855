"""Samples read once and for all: analysed, clustered, weighted."""

from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from bawwab.core.text.analysis import TextAnalysis, analyse
from bawwab.learning.folds import joined, near_duplicates
from bawwab.learning.samples import LIBRARY, Sample, balance

# Most abuse rows of the one are texts of the other, shortened: they are left out together.
FAMILY = {"mendeley_minus_uci": "uci_sms"}


class Prepared(msgspec.Struct, frozen=True, kw_only=True):
    """Samples with what every later step needs of them, in one order."""

    samples: tuple[Sample, ...]
    analyses: tuple[TextAnalysis, ...]
    labels: NDArray[np.int64]
    weight: NDArray[np.float64]
    clusters: NDArray[np.int64]

    @property
    def masked(self) -> list[str]:
        """Masked texts."""
        return [analysis.masked for analysis in self.analyses]

    @property
    def languages(self) -> list[str]:
        """Languages without their regions."""
        return [sample.base_language for sample in self.samples]

    def by_source(self) -> NDArray[np.int64]:
        """Number the groups to leave out: each source is one; so is each wording of the library."""
        wordings = joined(self.clusters, [sample.form or None for sample in self.samples])
        keys = [
            f"{LIBRARY}/{wording}" if sample.source == LIBRARY else FAMILY.get(sample.source, sample.source)
            for sample, wording in zip(self.samples, wordings, strict=True)
        ]
        return np.unique(keys, return_inverse=True)[1]

    def by_language(self) -> NDArray[np.int64]:
        """Number the languages."""
        return np.unique(self.languages, return_inverse=True)[1]

    def without(self, held_out: NDArray[np.bool_]) -> "Prepared":
        """All rows but the held-out ones and whatever is nearly one of them."""
        return self.take(self.far_from(held_out))

    def far_from(self, held_out: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Which rows are neither held out nor nearly one of those that are."""
        return np.asarray(~held_out & ~np.isin(self.clusters, self.clusters[held_out]))

    def take(self, rows: NDArray[np.bool_]) -> "Prepared":
        """Some of the rows, weighted anew."""
        chosen = np.flatnonzero(rows)
        samples = tuple(self.samples[row] for row in chosen)
        return Prepared(
            samples=samples,
            analyses=tuple(self.analyses[row] for row in chosen),
            labels=self.labels[chosen],
            weight=balance(samples),
            clusters=self.clusters[chosen],
        )


def prepare(samples: Sequence[Sample]) -> Prepared:
    """Analyse samples, find near-duplicates and weigh."""
    analyses = tuple(analyse(sample.text) for sample in samples)
    return Prepared(
        samples=tuple(samples),
        analyses=analyses,
        labels=np.array([sample.y for sample in samples], dtype=np.int64),
        weight=balance(samples),
        clusters=near_duplicates([analysis.masked for analysis in analyses]),
    )

"""All labelled messages, corpora and library together, as training sees them."""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from bawwab.core.model.text import CLASSES
from bawwab.learning.corpora import Row, RowKind, read_corpora
from bawwab.stores.library import (
    PRIVATE,
    Half,
    LibraryForm,
    MessageClass,
    half_of,
    messages,
    read_library,
)

LIBRARY = "library"
# A composed source says the same again and again: 200 rows of it teach as much as all
# (data/business_ham/README.md).
SOURCE_CAP = 200.0
LIBRARY_CAP = math.inf
CHAT_WEIGHT = 0.75  # private talk is not what the gate judges, but frauds imitate it
# Rows that a language must have, as it were, in each class: smooths the balance of classes.
SMOOTHING = 5.0
LARGEST_FACTOR = 4.0
CLASS_SHARES = (0.4, 0.3, 0.3)


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """One labelled message."""

    text: str
    label: MessageClass
    language: str
    source: str
    kind: RowKind
    category: str
    weight: float
    captured: bool
    form: str = ""
    half: Half | None = None

    @property
    def y(self) -> int:
        """Position of the class in `CLASSES`."""
        return CLASSES.index(self.label.value)

    @property
    def base_language(self) -> str:
        """Language without its region.

        Examples
        --------
        >>> Sample(text="您好", label=MessageClass.SERVICE, language="zh-TW", source="s", kind="business",
        ...        category="", weight=1.0, captured=True).base_language
        'zh'
        """
        return base_language(self.language)


def base_language(tag: str) -> str:
    """Language without its region or script."""
    return tag.replace("_", "-").partition("-")[0].lower() or "und"


class Sources(NamedTuple):
    """Where training looks for messages."""

    data: tuple[Path, ...]
    library: Path | None
    fillings: int = 1


def read_samples(sources: Sources, *, seed: int) -> tuple[Sample, ...]:
    """Read corpora and library; the same for the same seed."""
    found = [_from_row(row, row.label) for row in read_corpora(sources.data) if row.label is not None]
    if sources.library is not None:
        found += _from_library(sources.library, fillings=sources.fillings, seed=seed)
    return tuple(found)


def _from_row(row: Row, label: MessageClass) -> Sample:
    return Sample(
        text=row.text,
        label=label,
        language=row.language,
        source=row.source,
        kind=row.kind,
        category=row.category,
        weight=row.weight,
        captured=row.captured,
    )


def _from_library(folder: Path, *, fillings: int, seed: int) -> Iterable[Sample]:
    for message in messages(read_library(folder), fillings=fillings, seed=seed):
        form = message.form
        yield Sample(
            text=message.text,
            label=form.label,
            language=form.language,
            source=LIBRARY,
            kind=_kind_of(form),
            category=form.kind,
            weight=(CHAT_WEIGHT if form.kind == PRIVATE else 1.0) / fillings,
            captured=False,
            form=f"{form.variety}/{form.number}",
            half=half_of(form.text),
        )


def _kind_of(form: LibraryForm) -> RowKind:
    if form.kind == PRIVATE:
        return "chat"
    return "business" if form.label is MessageClass.SERVICE else "abuse"


def balance(samples: Sequence[Sample]) -> NDArray[np.float64]:
    """Weights under which no source, language or author speaks for a class.

    A source weighs at most `SOURCE_CAP` rows within a class. Within a language every class that
    has rows weighs the same: the geometric mean over the classes, an absent one counted as
    `SMOOTHING` rows, so that a language known from one class only weighs little. Last, the
    classes share the total as in `CLASS_SHARES`.
    """
    weight = np.array([sample.weight for sample in samples])
    weight *= _source_factors(samples, weight)
    weight *= _language_factors(samples, weight)
    labels = np.array([sample.y for sample in samples])
    totals = np.bincount(labels, weight, minlength=len(CLASSES))
    return np.asarray(weight * (np.array(CLASS_SHARES) / np.maximum(totals, 1e-9))[labels] * len(samples))


def _source_factors(samples: Sequence[Sample], weight: NDArray[np.float64]) -> NDArray[np.float64]:
    keys = [(sample.source, sample.y) for sample in samples]
    mass: dict[tuple[str, int], float] = defaultdict(float)
    for key, amount in zip(keys, weight, strict=True):
        mass[key] += amount
    caps = {key: LIBRARY_CAP if key[0] == LIBRARY else SOURCE_CAP for key in mass}
    return np.array([min(1.0, caps[key] / mass[key]) for key in keys])


def _language_factors(samples: Sequence[Sample], weight: NDArray[np.float64]) -> NDArray[np.float64]:
    keys = [(sample.base_language, sample.y) for sample in samples]
    mass: dict[tuple[str, int], float] = defaultdict(float)
    for key, amount in zip(keys, weight, strict=True):
        mass[key] += amount
    target = {
        language: math.exp(
            sum(math.log(mass.get((language, y), 0.0) + SMOOTHING) for y in range(len(CLASSES)))
            / len(CLASSES)
        )
        for language in {key[0] for key in keys}
    }
    return np.array([min(LARGEST_FACTOR, target[key[0]] / mass[key]) for key in keys])

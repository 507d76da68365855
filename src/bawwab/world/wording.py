"""Words: forms of the message library, bound to a sender, filled message by message.

A wording is drawn from one half of the library (`stores.library.Half`), so that a model trained
on the other half is judged on wordings it has not seen. Rows of real corpora can be mixed in;
they are taken as they are, halved in the same way.
"""

import csv
import datetime as dt
import hashlib
import random
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from bawwab.core.errors import ConfigurationError
from bawwab.stores.library import (
    KINDS,
    PRIVATE,
    Half,
    LibraryForm,
    MessageClass,
    Variety,
    fill,
    forms,
    half_of,
    read_library,
)
from bawwab.world.chance import token

FOLDER = Path("data/messages")
FALLBACK = "en"
_MARK = re.compile(r"#|\^|\$A|\$a")
_LETTERS = {
    "#": "0123456789",
    "^": "123456789",
    "$A": "ABCDEFGHJKLMNPQRSTUVWXYZ",
    "$a": "abcdefghijkmnopqrstuvwxyz23456789",
}
_LONGEST = 1000  # characters of a corpus row that is taken as a wording

# Categories of labelled corpora, and the kinds of the library that they can stand for.
_CORPUS_KINDS = {
    "otp": ("one_time_code",),
    "bank": ("card_purchase", "account_notice"),
    "bank_txn": ("card_purchase", "debit", "credit"),
    "appointment": ("appointment",),
    "order": ("order_receipt",),
    "payment": ("payment_reminder",),
    "bill": ("payment_reminder", "statement"),
    "delivery": ("delivery_out", "delivered"),
    "iot": ("sensor_alert",),
    "government": ("public_notice",),
    "smishing": ("parcel_fee", "bank_suspension", "prize", "toll_or_fine"),
    "fraud": ("prize", "subsidy"),
    "scam": ("job", "investment", "loan"),
}


class Wording:
    """One wording of one sender: what it fixes is fixed, the rest is drawn for every message."""

    def __init__(self, form: LibraryForm, variety: Variety, fixed: Mapping[str, str], name: str) -> None:
        self.form = form
        self.name = name
        self._variety = variety
        self._fixed = {slot: value for slot, value in fixed.items() if "{" + slot + "}" in form.text}

    @property
    def language(self) -> str:
        """BCP 47 tag."""
        return self.form.language

    def write(self, chance: random.Random, *, now: float) -> str:
        """Write one message."""
        moment = dt.datetime.fromtimestamp(now, dt.UTC)
        return fill(self.form, self._variety, chance, fixed=self._fixed, moment=moment).text

    def rebound(self, **fixed: str) -> "Wording":
        """Give the same wording with other fixed slots."""
        return Wording(self.form, self._variety, {**self._fixed, **fixed}, self.name)


@dataclass(frozen=True, slots=True)
class Pool:
    """Forms of one variety by kind."""

    variety: Variety
    by_kind: dict[str, list[LibraryForm]]


class Phrasebook:
    """Every wording that may be used.

    Parameters
    ----------
    library : sequence of Variety
    half : Half or None
        Which half to draw from; None for all of it.
    corpora : iterable of Path
        Labelled CSV files, or folders of them, whose rows are mixed in.
    """

    def __init__(
        self, library: Sequence[Variety], *, half: Half | None, corpora: Iterable[Path] = ()
    ) -> None:
        self.half = half
        self._pools = {variety.name: Pool(variety, defaultdict(list)) for variety in library}
        for variety in library:
            for form in forms(variety):
                self._add(form, variety.name)
        languages = {variety.language: variety.name for variety in library}
        languages |= {name: name for name in self._pools if name in languages}  # the plainest variety
        for form in _corpus_forms(corpora):
            if form.language in languages:
                self._add(form, languages[form.language])

    def _add(self, form: LibraryForm, variety: str) -> None:
        if self.half is None or form.half is self.half:
            self._pools[variety].by_kind[form.kind].append(form)

    @cached_property
    def digest(self) -> str:
        """Name of exactly these words."""
        found = hashlib.sha256()
        for name, pool in sorted(self._pools.items()):
            found.update(
                repr((name, sorted(pool.variety.slots.items()), sorted(pool.by_kind.items()))).encode()
            )
        return found.hexdigest()[:12]

    def slot(self, variety: str, name: str, chance: np.random.Generator) -> str:
        """Draw a value for a slot that a sender keeps, such as its name."""
        values = self._pool(variety).variety.slots.get(name, ())
        return _expanded(values[int(chance.integers(len(values)))], chance) if values else ""

    def draw(
        self,
        variety: str,
        kinds: Sequence[str],
        chance: np.random.Generator,
        *,
        count: int,
        seed: int,
    ) -> list[Wording]:
        """Draw ``count`` different wordings of the given kinds, or as many as there are."""
        pool, found = self._candidates(variety, kinds)
        order = chance.permutation(len(found))[:count]
        return [
            Wording(found[index], pool.variety, {}, "t_" + token(seed, found[index].text))
            for index in (int(spot) for spot in order)
        ]

    def _candidates(self, variety: str, kinds: Sequence[str]) -> tuple[Pool, list[LibraryForm]]:
        """Forms of these kinds; failing that of the language, of the class, or in English."""
        home = self._pool(variety)
        language = home.variety.language
        relatives = [pool for pool in self._pools.values() if pool.variety.language == language]
        english = [pool for pool in self._pools.values() if pool.variety.name == FALLBACK]
        tries = [(home, kinds), *((pool, kinds) for pool in relatives), (home, _siblings(kinds))]
        tries += [(pool, kinds) for pool in english]
        for pool, wanted in tries:
            found = [form for kind in wanted for form in pool.by_kind.get(kind, ())]
            if found:
                return pool, found
        raise ConfigurationError(f"no wording of kinds {', '.join(kinds)} in {variety} or {FALLBACK}")

    def _pool(self, variety: str) -> Pool:
        pool = self._pools.get(variety) or self._pools.get(FALLBACK)
        if pool is None:
            raise ConfigurationError(f"the message library has neither {variety} nor {FALLBACK}")
        return pool


def open_phrasebook(
    folder: Path | None = None, *, half: Half | None = Half.TRIAL, corpora: Iterable[Path] = ()
) -> Phrasebook:
    """Read the message library, and the corpora that are to be mixed in.

    Raises
    ------
    ConfigurationError
        There is no library in ``folder``.
    """
    place = library_folder() if folder is None else folder
    library = read_library(place)
    if not library:
        raise ConfigurationError(f"{place}: no message library there; run from the project's folder")
    return Phrasebook(library, half=half, corpora=corpora)


def library_folder() -> Path:
    """Where the message library is: under the working folder, or beside the sources."""
    beside = Path(__file__).resolve().parents[3] / FOLDER
    return beside if not FOLDER.is_dir() and beside.is_dir() else FOLDER


def _siblings(kinds: Sequence[str]) -> list[str]:
    """Every kind of the class that these kinds are of."""
    for label in MessageClass:
        if kinds[0] in KINDS[label]:
            return sorted(KINDS[label] - {PRIVATE})
    return []


def _expanded(value: str, chance: np.random.Generator) -> str:
    """Draw what the marks of a slot's value stand for."""
    plain = re.sub(r"\{\w+\}", "", value)
    return _MARK.sub(lambda mark: _drawn(mark[0], chance), plain)


def _drawn(mark: str, chance: np.random.Generator) -> str:
    letters = _LETTERS[mark]
    return letters[int(chance.integers(len(letters)))]


def _corpus_forms(places: Iterable[Path]) -> Iterable[LibraryForm]:
    for place in places:
        files = sorted(place.rglob("*.csv")) if place.is_dir() else [place]
        for path in files:
            with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
                yield from _rows_as_forms(csv.DictReader(file), path.parent.name)


def _rows_as_forms(rows: Iterable[dict[str, str]], source: str) -> Iterable[LibraryForm]:
    for number, row in enumerate(rows):
        text = (row.get("text") or "").replace("{", "(").replace("}", ")")
        kinds = _CORPUS_KINDS.get(row.get("category") or "", ())
        if not kinds or not 0 < len(text) <= _LONGEST:
            continue
        language, half = (row.get("lang") or "").split("-")[0], half_of(text)
        label = next(label for label in MessageClass if kinds[0] in KINDS[label])
        for kind in kinds:
            yield LibraryForm(source, language, label, kind, number, text, half)

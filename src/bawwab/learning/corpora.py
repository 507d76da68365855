"""Labelled messages: CSV files in, rows with a class and a weight out.

A labelled file has the columns ``text,label,lang,source,category``; others are ignored but for
``built``, which says whether a text was captured or composed. A file of *row labels* has the
columns ``digest,class`` and decides, row by row, where a corpus is silent; it holds no text.
What the categories of each corpus mean for us stands in ``corpora.toml``.
"""

import csv
import hashlib
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from bawwab.core.errors import ConfigurationError
from bawwab.stores.library import MessageClass

COLUMNS = ("text", "label", "lang", "source", "category")
ROW_LABEL_COLUMNS = ("digest", "class")
LONGEST = 4096  # characters of a message, by contract

RowKind = Literal["business", "chat", "abuse"]


class Meaning(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What rows of one category are to us."""

    use: Literal["service", "promotional", "fraud", "none", "drop"]
    kind: RowKind
    weight: Annotated[float, msgspec.Meta(ge=0.0, le=1.0)]


class _Corpus(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    ham: Meaning | None = None
    spam: Meaning | None = None
    categories: dict[str, Meaning] = {}


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One labelled message.

    ``label`` is None where nobody has said what it is; ``captured`` where a real sender sent it.
    """

    text: str
    label: MessageClass | None
    language: str
    source: str
    category: str
    kind: RowKind
    weight: float
    captured: bool

    @property
    def digest(self) -> str:
        """Name of the row in files of row labels."""
        return row_digest(self.text)


def row_digest(text: str) -> str:
    """First 16 hexadecimal digits of the text's SHA-256.

    Examples
    --------
    >>> row_digest("WINNER!!")
    'b1d889ed007e0f28'
    """
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def read_corpora(places: Iterable[Path]) -> tuple[Row, ...]:
    """Read every labelled CSV under ``places`` (files or folders), row labels applied.

    Exact repetitions of a text are dropped; rows that say nothing to us too.

    Raises
    ------
    ConfigurationError
        Naming the file, the row and the field.
    """
    files = sorted({path for place in places for path in _csv_files(place)})
    headers = {path: _header(path) for path in files}
    row_labels: dict[str, str] = {}
    for path in files:
        if headers[path] == ROW_LABEL_COLUMNS:
            row_labels.update(_read_row_labels(path))
    rows: dict[str, Row] = {}
    for path in files:
        if headers[path] != ROW_LABEL_COLUMNS:
            for row in _read_rows(path, row_labels):
                rows.setdefault(row.text, row)
    return tuple(rows.values())


def _csv_files(place: Path) -> Iterator[Path]:
    if place.is_dir():
        yield from place.rglob("*.csv")
    elif place.is_file():
        yield place
    else:
        raise ConfigurationError(f"{place}: no such file or folder of labelled messages")


def _header(path: Path) -> tuple[str, ...]:
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        return tuple(next(csv.reader(file), ()))


def _read_row_labels(path: Path) -> dict[str, str]:
    labels = {}
    for number, record in _records(path, ROW_LABEL_COLUMNS):
        if record["class"] not in {"service", "promotional", "fraud", "drop"}:
            raise ConfigurationError(f"{path}: row {number}: field 'class': {record['class']!r} is no class")
        labels[record["digest"]] = record["class"]
    return labels


def _read_rows(path: Path, row_labels: Mapping[str, str]) -> Iterator[Row]:
    for number, record in _records(path, COLUMNS):
        complaint = _complaint(record)
        if complaint:
            raise ConfigurationError(f"{path}: row {number}: {complaint}")
        meaning = meaning_of(record["source"], record["label"], record["category"])
        use = row_labels.get(row_digest(record["text"]), meaning.use)
        if use == "drop":
            continue
        yield Row(
            text=record["text"],
            label=None if use == "none" else MessageClass(use),
            language=record["lang"],
            source=record["source"],
            category=record["category"],
            kind=meaning.kind,
            weight=meaning.weight,
            captured=record.get("built", "real") == "real" and record["source"] not in COMPOSED,
        )


# Sources whose texts nobody caught on their way to a phone, whatever `built` says of them: their
# datasheets call them partly composed, a service's menus, or written as examples.
COMPOSED = frozenset({"banglabarta", "momconnect_health", "hisabbox_bd_momo", "kulturman_bf_momo"})


def _records(path: Path, columns: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    missing = [name for name in columns if name not in _header(path)]
    if missing:
        raise ConfigurationError(f"{path}: row 1: field {missing[0]!r} is missing from the header")
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            for number, record in enumerate(csv.DictReader(file), start=2):
                if None in record.values():
                    raise ConfigurationError(f"{path}: row {number}: fewer fields than the header has")
                yield number, record
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{path}: not UTF-8: {error}") from error


def _complaint(record: Mapping[str, str]) -> str:
    if not record["text"].strip():
        return "field 'text' is empty"
    if len(record["text"]) > LONGEST:
        return f"field 'text' has {len(record['text'])} characters, at most {LONGEST} are a message"
    if record["label"] not in {"ham", "spam"}:
        return f"field 'label' is {record['label']!r}, must be 'ham' or 'spam'"
    return "" if record["source"] else "field 'source' is empty"


def meaning_of(source: str, label: str, category: str) -> Meaning:
    """What a row is to us.

    Examples
    --------
    >>> meaning_of("banglabarta", "spam", "promo").use
    'promotional'
    >>> meaning_of("somebody's corpus", "ham", "bank").use
    'service'
    """
    own, default = _table().get(source, _Corpus()), _table()["default"]
    special = own.categories.get(category)
    if special is not None:
        return special
    side = own.ham if label == "ham" else own.spam
    known = default.categories.get(category)
    fallback = default.ham if label == "ham" else default.spam
    meaning = (side or known) if label == "ham" else (known or side)
    found = meaning or fallback
    if found is None:  # pragma: no cover - the packaged table has both
        raise ConfigurationError("corpora.toml: [default] needs ham and spam")
    return found


@cache
def _table() -> dict[str, _Corpus]:
    text = resources.files("bawwab.learning").joinpath("corpora.toml").read_text("utf-8")
    return msgspec.convert(tomllib.loads(text), dict[str, _Corpus])

"""Model versions on disk: checked byte by byte before anything in them is believed.

::

    models/
      champion.json          which version is served, and which ones were before
      <version>/
        manifest.json        SHA-256 of every other file, and what the version was made from
        weights.npz          text model: arrays without objects
        tables.json          risk model: one table a signal
        certificates.json    what may be blocked on its word
        metrics.json, README.md, …   for people; covered by the manifest as well
"""

import hashlib
import io
import math
import os
import zipfile
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from bawwab.core.decisions import ModelName
from bawwab.core.errors import ModelError
from bawwab.core.model.model import Certificate, Model
from bawwab.core.model.risk import RiskModel, Table
from bawwab.core.model.text import CLASSES, TextModel
from bawwab.core.signals import CATALOGUE_DIGEST, NAMES
from bawwab.core.text import ngrams
from bawwab.core.text.views import VIEWS, buckets_of, widths

FORMAT = 4
MANIFEST, CHAMPION = "manifest.json", "champion.json"
WEIGHTS, TABLES, CERTIFICATES = "weights.npz", "tables.json", "certificates.json"
LARGEST_FILE = 16 * 2**20  # bytes; a version is to be 2 MB in all, so this only stops nonsense
LARGEST_LOGIT = 1e4
BUCKETS = (2**8, 2**22)
REMEMBERED = 20  # champions kept for rolling back

T = TypeVar("T")


class Manifest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a version consists of and what it was made from."""

    format: int
    version: str
    trained_at: str
    files: dict[str, str]
    catalogue: str
    data_digest: str
    code_digest: str
    libraries: dict[str, str]
    parameters: dict[str, Any]
    seed: int


class Champion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which version is served; ``history`` holds its predecessors, the latest last."""

    version: str
    digest: str
    history: tuple[ModelName, ...] = ()


class _Tables(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    intercept: float
    tables: tuple[Table, ...]


# --- reading ---------------------------------------------------------------------------------


def load_champion(models: Path) -> Model:
    """Load the version that ``champion.json`` points to.

    Raises
    ------
    ModelError
        Naming the file that is missing, altered or malformed.
    """
    pointer = read_champion(models)
    model = load_version(models, pointer.version)
    if model.name.digest != pointer.digest:
        raise ModelError(
            f"{models / pointer.version / MANIFEST}: is not the one that {CHAMPION} points to; promote again"
        )
    return model


def load_version(models: Path, version: str) -> Model:
    """Load one version, after every byte of it was checked against its manifest.

    Raises
    ------
    ModelError
        Naming the file that is missing, altered or malformed.
    """
    folder = _folder(models, version)
    raw = _bytes(folder / MANIFEST)
    manifest = read_manifest(folder)
    if manifest.version != version:
        raise ModelError(f"{folder / MANIFEST}: is of version {manifest.version!r}, not {version!r}")
    _check_files(folder, manifest)
    if manifest.catalogue != CATALOGUE_DIGEST:
        raise ModelError(f"{folder / MANIFEST}: fitted on other signals than this code computes; train again")
    return Model(
        name=ModelName(version, hashlib.sha256(raw).hexdigest()),
        text=_text_model(folder / WEIGHTS),
        risk=_risk_model(folder / TABLES),
        certificates=_certificates(folder / CERTIFICATES),
        catalogue=manifest.catalogue,
        training_data=manifest.data_digest,
        trained_at=manifest.trained_at,
    )


def read_champion(models: Path) -> Champion:
    """Read the pointer to the champion."""
    return _decode(models / CHAMPION, Champion)


def read_manifest(folder: Path) -> Manifest:
    """Read a version's manifest, unchecked against the files."""
    manifest = _decode(folder / MANIFEST, Manifest)
    if manifest.format != FORMAT:
        raise ModelError(f"{folder / MANIFEST}: format {manifest.format}, this code reads {FORMAT}")
    return manifest


def _folder(models: Path, version: str) -> Path:
    if not version or version.startswith(".") or "/" in version or "\\" in version:
        raise ModelError(f"{version!r} is not the name of a model version")
    folder = models / version
    if not folder.is_dir():
        raise ModelError(f"{folder}: no such model version")
    return folder


def _check_files(folder: Path, manifest: Manifest) -> None:
    for needed in (WEIGHTS, TABLES, CERTIFICATES):
        if needed not in manifest.files:
            raise ModelError(f"{folder / MANIFEST}: does not list {needed}")
    for path in sorted(folder.iterdir()):
        if path.name != MANIFEST and path.name not in manifest.files:
            raise ModelError(f"{path}: is not listed in {MANIFEST}")
    for name, digest in sorted(manifest.files.items()):
        if hashlib.sha256(_bytes(folder / Path(name).name)).hexdigest() != digest:
            raise ModelError(f"{folder / name}: differs from what {MANIFEST} says; restore or train again")


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            raw = file.read(LARGEST_FILE + 1)
    except OSError as error:
        raise ModelError(f"{path}: cannot be read ({error.strerror})") from error
    if len(raw) > LARGEST_FILE:
        raise ModelError(f"{path}: larger than {LARGEST_FILE} bytes")
    return raw


def _decode(path: Path, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(_bytes(path), type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ModelError(f"{path}: {error}") from error


_ARRAYS = ("weights", "scale", "intercept", "known")


def _text_model(path: Path) -> TextModel:
    try:
        with np.load(io.BytesIO(_bytes(path)), allow_pickle=False) as arrays:
            weights, scale, intercept, known = (arrays[name] for name in _ARRAYS)
    except (ValueError, KeyError, EOFError, OSError, zipfile.BadZipFile) as error:
        raise ModelError(f"{path}: {error}") from error
    buckets = buckets_of(len(weights))
    if not BUCKETS[0] <= buckets <= BUCKETS[1] or buckets & (buckets - 1):
        low, high = BUCKETS
        raise ModelError(f"{path}: {buckets} buckets, must be a power of two from {low} to {high}")
    width, columns = len(CLASSES), widths(buckets)
    _check_array(path, "weights", weights, np.int8, (sum(columns), width))
    _check_array(path, "scale", scale, np.float64, (len(VIEWS), width))
    _check_array(path, "intercept", intercept, np.float64, (width,))
    _check_array(path, "known", known, np.uint8, (len(ngrams.VIEWS) * buckets // 8,))
    if not (scale > 0).all():
        raise ModelError(f"{path}: scale must be positive")
    return TextModel(weights, scale, intercept, np.unpackbits(known).astype(np.bool_))


def _check_array(
    path: Path, name: str, array: NDArray[Any], kind: type[np.generic], shape: tuple[int, ...]
) -> None:
    if array.dtype != np.dtype(kind) or array.shape != shape:
        raise ModelError(
            f"{path}: {name} is {array.dtype}{list(array.shape)}, must be {np.dtype(kind)}{list(shape)}"
        )
    if np.issubdtype(kind, np.floating) and not (np.abs(array) < LARGEST_LOGIT).all():
        raise ModelError(f"{path}: {name} has a value that is not a number, or beyond {LARGEST_LOGIT}")


def _risk_model(path: Path) -> RiskModel:
    raw = _decode(path, _Tables)
    names = tuple(table.name for table in raw.tables)
    if names != NAMES:
        raise ModelError(f"{path}: its {len(names)} tables are not the catalogue's signals, in its order")
    if not _is_finite(raw.intercept):
        raise ModelError(f"{path}: intercept {raw.intercept} is out of bounds")
    for table in raw.tables:
        _check_table(path, table)
    return RiskModel(raw.intercept, raw.tables)


def _check_table(path: Path, table: Table) -> None:
    if len(table.values) != len(table.edges) + 1:
        raise ModelError(f"{path}: {table.name} has {len(table.values)} values for {len(table.edges)} edges")
    if not all(_is_finite(value) for value in (*table.values, table.missing)):
        raise ModelError(f"{path}: {table.name} has a value out of bounds")
    rising = all(low < high for low, high in zip(table.edges, table.edges[1:], strict=False))
    if not rising or not all(math.isfinite(edge) for edge in table.edges):
        raise ModelError(f"{path}: the edges of {table.name} do not rise")


def _is_finite(value: float) -> bool:
    return math.isfinite(value) and abs(value) < LARGEST_LOGIT


def _certificates(path: Path) -> dict[str, Certificate]:
    certificates = _decode(path, dict[str, Certificate])
    for name, certificate in certificates.items():
        if certificate.traffic != name:
            raise ModelError(f"{path}: {name} is of {certificate.traffic!r}")
        if certificate.block is not None and not 0.0 < certificate.block <= 1.0:
            raise ModelError(f"{path}: {name} blocks from {certificate.block}, which is no probability")
    return certificates


# --- pointing --------------------------------------------------------------------------------


def promote(models: Path, version: str) -> Champion:
    """Serve ``version`` from now on, once it was checked.

    Raises
    ------
    ModelError
        The version cannot be trusted; the pointer stays as it is.
    """
    name = load_version(models, version).name
    history: tuple[ModelName, ...] = ()
    if (models / CHAMPION).exists():
        former = read_champion(models)
        if former.version == name.version and former.digest == name.digest:
            return former
        history = (*former.history, ModelName(former.version, former.digest))[-REMEMBERED:]
    return _point(models, Champion(name.version, name.digest, history))


def rollback(models: Path) -> Champion:
    """Serve the champion before this one again.

    Raises
    ------
    ModelError
        There was none, or it cannot be trusted any more.
    """
    pointer = read_champion(models)
    if not pointer.history:
        raise ModelError(f"{models / CHAMPION}: no earlier champion to roll back to")
    former = pointer.history[-1]
    if load_version(models, former.version).name != former:
        raise ModelError(f"{models / former.version / MANIFEST}: has changed since it was champion")
    return _point(models, Champion(former.version, former.digest, pointer.history[:-1]))


def _point(models: Path, champion: Champion) -> Champion:
    write_atomically(models / CHAMPION, msgspec.json.format(msgspec.json.encode(champion), indent=2) + b"\n")
    return champion


def write_atomically(path: Path, content: bytes) -> None:
    """Replace a file whole: a reader sees the old content or the new, never a part."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with draft.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)

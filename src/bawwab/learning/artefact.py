"""Writing a model version: arrays, tables, certificates, figures, a card, and the manifest over all."""

import hashlib
import io
import zipfile
from collections.abc import Mapping
from importlib.metadata import version as version_of
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

import bawwab
from bawwab.core.errors import ConfigurationError
from bawwab.core.model.model import Certificate
from bawwab.core.model.risk import RiskModel
from bawwab.core.model.text import TextModel
from bawwab.core.signals import CATALOGUE_DIGEST
from bawwab.stores.models import CERTIFICATES, FORMAT, MANIFEST, TABLES, WEIGHTS, Manifest, write_atomically

LARGEST = 2 * 2**20  # bytes of a version in all
METRICS, CARD = "metrics.json", "README.md"
LIBRARIES = ("numpy", "scipy", "scikit-learn", "msgspec")
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time that a zip file can say


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """What a version was made from."""

    trained_at: str
    data_digest: str
    code_digest: str
    parameters: dict[str, Any]
    seed: int

    @property
    def version(self) -> str:
        """Name of the version: its day, and a digest of all that went into it."""
        digest = hashlib.sha256(msgspec.json.encode(self)).hexdigest()
        return f"{self.trained_at}-{digest[:8]}"


def write_version(
    models: Path,
    origin: Origin,
    *,
    text: TextModel,
    risk: RiskModel,
    certificates: Mapping[str, Certificate],
    metrics: Mapping[str, Any],
    card: str,
    pictures: Mapping[str, bytes] | None = None,
) -> str:
    """Write a version's folder and return its name; the manifest goes last.

    Raises
    ------
    ConfigurationError
        The version would be larger than `LARGEST`.
    """
    files = {
        WEIGHTS: pack(
            weights=text.weights,
            scale=text.scale,
            intercept=text.intercept,
            known=np.packbits(text.known),
        ),
        TABLES: _json({"intercept": risk.intercept, "tables": risk.tables}),
        CERTIFICATES: _json(dict(sorted(certificates.items()))),
        METRICS: _json(metrics),
        CARD: card.encode(),
        **(pictures or {}),
    }
    size = sum(map(len, files.values()))
    if size > LARGEST:
        raise ConfigurationError(
            f"the model would take {size} bytes, at most {LARGEST} are shipped; use fewer buckets"
        )
    manifest = Manifest(
        format=FORMAT,
        version=origin.version,
        trained_at=origin.trained_at,
        files={name: hashlib.sha256(content).hexdigest() for name, content in sorted(files.items())},
        catalogue=CATALOGUE_DIGEST,
        data_digest=origin.data_digest,
        code_digest=origin.code_digest,
        libraries={name: version_of(name) for name in LIBRARIES},
        parameters=origin.parameters,
        seed=origin.seed,
    )
    folder = models / origin.version
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    write_atomically(folder / MANIFEST, _json(manifest))
    return origin.version


def pack(**arrays: NDArray[Any]) -> bytes:
    """Pack arrays as ``npz``, the same bytes for the same arrays (`numpy.savez` writes the time)."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, array in arrays.items():
            content = io.BytesIO()
            np.lib.format.write_array(content, np.ascontiguousarray(array), allow_pickle=False)
            entry = zipfile.ZipInfo(f"{name}.npy", _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content.getvalue(), compresslevel=9)
    return buffer.getvalue()


def code_digest() -> str:
    """SHA-256 over the source of everything that computes signals and fits models."""
    package = Path(bawwab.__file__).parent
    paths = [path for part in ("core", "learning") for path in (package / part).rglob("*")]
    digest = hashlib.sha256()
    for path in sorted(path for path in paths if path.suffix in {".py", ".toml", ".json", ".txt"}):
        digest.update(path.relative_to(package).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _json(value: object) -> bytes:
    return msgspec.json.format(msgspec.json.encode(value), indent=1) + b"\n"

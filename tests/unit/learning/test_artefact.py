"""A version on disk is what was fitted, to the last bit, and nothing else is ever loaded in its place."""

from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from bawwab.core.errors import ModelError
from bawwab.core.model.model import Certificate
from bawwab.core.model.risk import RiskModel, Table
from bawwab.core.model.text import TextModel
from bawwab.core.signals import NAMES
from bawwab.core.text import ngrams
from bawwab.core.text.views import VIEWS, widths
from bawwab.learning.artefact import Origin, write_version
from bawwab.stores.models import load_version

ORIGIN = Origin(trained_at="2026-11-28", data_digest="d", code_digest="c", parameters={}, seed=1)
DRAWN = np.random.default_rng(1)


def drawn_text() -> TextModel:
    weights = DRAWN.integers(-127, 128, (sum(widths(256)), 3), dtype=np.int8)
    known = DRAWN.random(256 * len(ngrams.VIEWS)) < 0.5
    return TextModel(weights, DRAWN.random((len(VIEWS), 3)) / 127, DRAWN.normal(size=3), known)


def drawn_risk() -> RiskModel:
    def table(name: str) -> Table:
        edges, (*values, missing) = np.sort(DRAWN.normal(size=6)), DRAWN.normal(size=8).tolist()
        return Table(name, tuple(edges.tolist()), tuple(values), missing)

    return RiskModel(float(DRAWN.normal()), tuple(map(table, NAMES)))


TEXT, RISK = drawn_text(), drawn_risk()
CERTIFICATE = Certificate(
    traffic="utility/new",
    block=float(DRAWN.random()),
    max_false_block_rate=0.002,
    confidence=0.95,
    legitimate=3000,
    false_blocks=1,
    basis="corpus",
)


@pytest.fixture
def version(tmp_path: Path) -> Path:
    name = write_version(
        tmp_path,
        ORIGIN,
        text=TEXT,
        risk=RISK,
        certificates={CERTIFICATE.traffic: CERTIFICATE},
        metrics={},
        card="# A card",
        pictures={"shapes.svg": b"<svg/>"},
    )
    return tmp_path / name


def loaded(version: Path) -> Any:
    return load_version(version.parent, version.name)


def test_the_tables_that_are_loaded_are_those_that_were_fitted_to_the_bit(version: Path) -> None:
    assert loaded(version).risk == RISK


@pytest.mark.parametrize("name", ["weights", "scale", "intercept", "known"])
def test_the_text_models_arrays_are_too(version: Path, name: str) -> None:
    found, fitted = getattr(loaded(version).text, name), getattr(TEXT, name)
    assert (found.dtype, found.tobytes()) == (fitted.dtype, fitted.tobytes())


def test_so_are_the_certificates(version: Path) -> None:
    assert loaded(version).certificates == {CERTIFICATE.traffic: CERTIFICATE}


FILES = ["weights.npz", "tables.json", "certificates.json", "metrics.json", "README.md", "shapes.svg"]


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_refuses_the_version(version: Path, name: str) -> None:
    (version / name).unlink()
    with pytest.raises(ModelError, match=f"{name}: cannot be read"):
        loaded(version)


@pytest.mark.parametrize("name", FILES)
def test_one_altered_digest_refuses_the_version(version: Path, name: str) -> None:
    manifest = msgspec.json.decode((version / "manifest.json").read_bytes())
    digest = manifest["files"][name]
    manifest["files"][name] = ("0" if digest[0] != "0" else "1") + digest[1:]
    (version / "manifest.json").write_bytes(msgspec.json.encode(manifest))
    with pytest.raises(ModelError, match=f"{name}: differs"):
        loaded(version)


@pytest.mark.parametrize("name", FILES[:3])
def test_a_manifest_that_leaves_out_what_is_needed_refuses_the_version(version: Path, name: str) -> None:
    manifest = msgspec.json.decode((version / "manifest.json").read_bytes())
    del manifest["files"][name]
    (version / name).unlink()
    (version / "manifest.json").write_bytes(msgspec.json.encode(manifest))
    with pytest.raises(ModelError, match=f"does not list {name}"):
        loaded(version)


def test_a_file_that_is_not_listed_refuses_the_version(version: Path) -> None:
    (version / "more.npz").write_bytes(b"")
    with pytest.raises(ModelError, match=r"more\.npz: is not listed"):
        loaded(version)


def test_a_manifest_of_another_version_refuses_it(version: Path) -> None:
    renamed = version.rename(version.with_name("2026-11-29-00000000"))
    with pytest.raises(ModelError, match="is of version"):
        loaded(renamed)

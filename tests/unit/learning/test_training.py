"""A whole training run, small: the same bytes again, everything in the manifest, a card of facts."""

import shutil
from pathlib import Path
from typing import Any

import msgspec
import pytest

from bawwab.core.errors import ModelError
from bawwab.learning.artefact import LARGEST
from bawwab.learning.evaluate import stored_tables
from bawwab.stores.models import load_version, read_manifest
from training_kit import train_elsewhere

PICTURES = {"ablation.svg", "precision-recall.svg", "reliability.svg", "scores.svg", "shapes.svg"}


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture(scope="session")
def metrics(trained: Any) -> Any:
    return msgspec.json.decode((trained.folder / "metrics.json").read_bytes())


def test_training_again_elsewhere_gives_the_same_bytes(trained: Any, tmp_path: Path) -> None:
    again = train_elsewhere(tmp_path, tmp_path / "models", trained.stream, hash_seed="1")
    assert again == trained.version
    assert contents(tmp_path / "models" / again) == contents(trained.folder)


def test_the_manifest_covers_everything_that_people_look_at(trained: Any) -> None:
    written = {path.name for path in trained.folder.iterdir()} - {"manifest.json"}
    assert set(read_manifest(trained.folder).files) == written
    assert written >= PICTURES | {"README.md", "metrics.json"}


def test_a_version_is_small_enough_to_ship(trained: Any) -> None:
    assert sum(path.stat().st_size for path in trained.folder.iterdir()) <= LARGEST


@pytest.mark.parametrize("name", ["weights.npz", "tables.json", "metrics.json", "README.md", "shapes.svg"])
def test_one_altered_byte_of_any_file_refuses_the_version(trained: Any, tmp_path: Path, name: str) -> None:
    shutil.copytree(trained.models, tmp_path / "models")
    path = tmp_path / "models" / trained.version / name
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(ModelError, match=name):
        load_version(tmp_path / "models", trained.version)


def test_the_card_shows_every_picture_and_what_was_learned_from(trained: Any) -> None:
    card = (trained.folder / "README.md").read_text("utf-8")
    assert all(f"]({name})" in card for name in PICTURES)
    assert "messages of 1 simulated event streams" in card
    assert "No sender's history was in the training data" not in card


def test_each_rung_of_the_ladder_is_judged_on_every_ground(metrics: Any) -> None:
    rungs = {tuple(row["signals"] for row in rows) for rows in metrics["ablation"].values()}
    assert rungs == {("text", "+ message", "+ sender", "+ reports")}
    assert len(metrics["ablation"]) == 3


def test_what_is_stored_can_be_shown(metrics: Any) -> None:
    titles = [str(table.title) for table in stored_tables(metrics)]
    for word in (
        "time to come",
        "signals adds",
        "languages never seen",
        "kinds of fraud",
        "refuses, or blocks",
    ):
        assert any(word in title for title in titles)

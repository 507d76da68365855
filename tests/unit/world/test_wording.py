from pathlib import Path

import numpy as np
import pytest

from bawwab.core.errors import ConfigurationError
from bawwab.stores.library import Half, forms, half_of, read_library
from bawwab.world.chance import stream, words_stream
from bawwab.world.wording import library_folder, open_phrasebook
from world_kit import phrasebook


def draw(count: int = 6, half: Half = Half.TRIAL) -> list[str]:
    drawn = phrasebook(half).draw("en", ["sale", "coupon"], stream(1, "x"), count=count, seed=1)
    return [wording.form.text for wording in drawn]


def test_wordings_are_of_one_half() -> None:
    assert {half_of(text) for text in draw()} == {Half.TRIAL}
    assert {half_of(text) for text in draw(half=Half.TRAIN)} == {Half.TRAIN}


def test_both_sides_of_a_minimal_pair_are_of_one_half() -> None:
    for variety in read_library(library_folder()):
        pairs = [form for form in forms(variety) if form.kind == "pair"]
        assert [pair.half for pair in pairs[::2]] == [pair.half for pair in pairs[1::2]]


def test_a_third_of_the_forms_are_the_trials() -> None:
    every = [form for variety in read_library(library_folder()) for form in forms(variety)]
    share = np.mean([form.half is Half.TRIAL for form in every])
    assert 0.28 < share < 0.38


def test_a_sender_keeps_its_name_and_link() -> None:
    wording = phrasebook().draw("en", ["delivery_out"], stream(2, "x"), count=20, seed=1)
    linked = next(w for w in wording if "{link_own}" in w.form.text)
    text = linked.rebound(link_own="https://mine.example/a").write(words_stream(1, "x"), now=1.8e9)
    assert "https://mine.example/a" in text


def test_a_variety_without_a_kind_borrows_from_its_language() -> None:
    found = phrasebook().draw("en-in", ["debit"], stream(1, "x"), count=1, seed=1)
    assert found[0].form.kind == "debit"
    assert found[0].form.language == "en"


def test_corpus_rows_become_wordings_of_their_kind(tmp_path: Path) -> None:
    texts = [f"Your code number {n} is 1234" for n in range(40)]
    rows = "".join(f"{text},ham,en,mine,otp\n" for text in texts)
    (tmp_path / "data.csv").write_text("text,label,lang,source,category\n" + rows)
    mixed = open_phrasebook(half=Half.TRIAL, corpora=[tmp_path])
    drawn = mixed.draw("en", ["one_time_code"], stream(1, "x"), count=200, seed=1)
    mine = {w.form.text for w in drawn} & set(texts)
    assert mine == {text for text in texts if half_of(text) is Half.TRIAL}


def test_a_folder_without_a_library_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no message library"):
        open_phrasebook(tmp_path)

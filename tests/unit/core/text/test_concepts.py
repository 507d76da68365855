"""Ideas are found in every script, by word, by beginning, by phrase and inside a run of letters."""

from collections.abc import Iterator

import pytest

from bawwab.core.text import concepts
from bawwab.core.text.concepts import NAMES, find, find_in
from bawwab.core.text.ngrams import hashed
from bawwab.core.text.normalise import normalise
from bawwab.core.text.tokens import Kind


def names(text: str) -> list[str]:
    return [NAMES[concept] for concept in find(normalise(text).text).ids]


@pytest.mark.parametrize(
    ("text", "concept"),
    [
        ("Your parcel", "parcel"),
        ("شحنتك", "parcel"),
        ("посылка", "parcel"),
        ("पार्सल", "parcel"),
        ("পার্সেল", "parcel"),
        ("پارسل", "parcel"),
        ("مرسوله", "parcel"),
        ("您的包裹", "parcel"),
        ("お荷物です", "parcel"),
        ("택배가", "parcel"),
        ("มีพัสดุค้าง", "parcel"),
        ("bưu kiện", "parcel"),
        ("Päckchen, Paket", "parcel"),
    ],
)
def test_an_idea_is_found_in_every_script(text: str, concept: str) -> None:
    assert concept in names(text)


def test_a_vowel_sign_does_not_end_a_word() -> None:
    assert names("भुगतान") == ["pay"]


def test_a_danda_ends_a_word() -> None:
    assert names("भुगतान।") == ["pay"]


@pytest.mark.parametrize("text", ["الحساب", "والحساب", "بالحساب", "للحساب", "وحساب"])
def test_what_arabic_hangs_before_a_word_is_taken_off(text: str) -> None:
    assert names(text) == ["account"]


def test_what_is_too_short_without_its_prefix_stays_whole() -> None:
    assert names("بحد") == []


def test_a_phrase_is_found_where_it_begins() -> None:
    found = find("say nothing, good morning")
    assert [(NAMES[concept], place) for concept, place in zip(found.ids, found.places, strict=True)] == [
        ("welcome", 13)
    ]


@pytest.mark.parametrize("text", ["good mornings", "good big morning", "goods morning"])
def test_a_phrase_needs_all_of_its_words(text: str) -> None:
    assert "welcome" not in names(text)


def test_a_star_finds_whatever_begins_so() -> None:
    assert names("Paketzentrum") == ["parcel"]


def test_a_word_without_a_star_is_found_whole_only() -> None:
    assert names("parcelling") == []


def test_the_parts_of_a_compound_are_words_too() -> None:
    assert names("parcel-courier") == ["parcel"]


def test_a_type_token_is_an_idea() -> None:
    assert [NAMES[concept] for concept in find("⟨link⟩⟨amount⟩").ids] == [Kind.LINK, Kind.AMOUNT]


def test_the_word_of_a_brand_is_told() -> None:
    assert find("your netflix account").brands == ("netflix",)


def test_latin_entries_of_unspaced_scripts_stay_out_of_latin_words() -> None:
    assert names("sappy tip") == []


def test_latin_is_found_inside_an_unspaced_run() -> None:
    assert "download" in names("下载app领")


@pytest.mark.parametrize(
    "text", ["pay  ⟨amount⟩ to\tthe courier", "请  支付 ⟨amount⟩ 邮费", "  แจ้ง ชำระ ⟨link⟩"]
)
def test_places_are_those_of_the_n_grams(text: str) -> None:
    plain = hashed(text).plain
    found = find(text)
    assert found == find_in(plain)
    for concept, place in zip(found.ids, found.places, strict=True):
        assert NAMES[concept] in {NAMES[again] for again in find_in(plain[place:]).ids}


def test_words_of_a_long_run_are_those_between_spaces() -> None:
    words = ["parcel", "zzz", "paypal", "customs-fee", "zzzz"]
    run, apart = find_in("_".join(words)), find_in(" ".join(words))
    assert (run.ids, run.places, run.brands) == (apart.ids, apart.places, apart.brands)


@pytest.mark.parametrize(
    ("text", "count"), [("whatsapp me", 2), ("whatsapp me, now", 2), ("whatsapp mex", 1)]
)
def test_a_phrase_ends_with_its_last_word(text: str, count: int) -> None:
    assert names(text).count("chat_app") == count


def entries() -> Iterator[tuple[str, str, str]]:
    for language, words, _, concept in concepts._entries():
        yield language, words, NAMES[concept]


def test_entries_stand_as_normalisation_leaves_them() -> None:
    strange = [words for _, words, _ in entries() if normalise(words).text != words]
    assert strange == [], "run: python scripts/lexicon.py --fold"


def test_every_entry_can_be_found() -> None:
    lost = [entry for entry in entries() if entry[2] not in names(entry[1])]
    assert lost == []


@pytest.mark.parametrize("typed", ["parcell", "pracel", "paarcel", "parxel", "pacel", "parce"])
def test_a_slip_of_the_fingers_is_read_as_the_word_it_was(typed: str) -> None:
    assert find(typed).ids == find("parcel").ids


@pytest.mark.parametrize("other", ["pay", "percale", "xyzzy", "oarcel", "arcel"])
def test_what_is_a_word_or_no_slip_of_one_stays_what_it_is(other: str) -> None:
    assert find(other).ids != find("parcel").ids


@pytest.mark.parametrize(
    "unit", ["卡", "ก", "क्ष", "a-", "وال", "good ", "to your ", "a'", "่", "𠀀", "zz"], ids=ascii
)
def test_look_ups_grow_with_the_length_only(unit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def count(repeats: int) -> int:
        table = Counting(concepts._WHOLE)
        monkeypatch.setattr(concepts, "_WHOLE", table)
        starts = Counting(concepts._BY_START)
        monkeypatch.setattr(concepts, "_BY_START", starts)
        concepts._remembered.cache_clear()
        find(unit * repeats)
        return table.asked + starts.asked

    assert count(2000) <= 2 * count(1000) + 10


class Counting(dict[str, object]):
    """A table that counts how often it is asked."""

    asked = 0

    def get(self, key: str, default: object = None) -> object:
        self.asked += 1
        return super().get(key, default)

"""Laws of text analysis, over any string at all."""

import string

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bawwab.core.text.analysis import analyse
from bawwab.core.text.entities import mask
from bawwab.core.text.fingerprint import bands, signature, similarity, template_hash
from bawwab.core.text.links import find, parse
from bawwab.core.text.ngrams import BUCKETS, hashed
from bawwab.core.text.normalise import normalise
from bawwab.core.text.trust import compare
from bawwab.core.text.views import views, views_of_batch, widths

SURROGATES = st.characters(min_codepoint=0xD800, max_codepoint=0xDFFF)
# Characters that the rules are about, so that hypothesis meets them often.
AWKWARD = st.sampled_from(
    "aAeoс0134@$|.-_* :/\u200b\u200c\u200d\u202e\u00ad\ufe0f\u0301\u0327\u0640\u064b\u0651۱٣é"
    "ＦＲ𝗙ⓕраВΑοηςΣİıßﷺﬁ漢カไ한ক्🎉🇸🇦\U000e0061ᴀɡ⟨⟩\ue000\r\n\t+()#%,'€₹ريال"
)
ANY_TEXT = st.text(st.one_of(st.characters(), SURROGATES, AWKWARD), max_size=80)
WORDY = st.lists(
    st.sampled_from(
        [
            "bank.com",
            "https://",
            "evil.top/x",
            "a@b.co",
            "@name",
            "SAR",
            "500",
            "1,299.50",
            "f r e e",
            "p@ypal",
            "раypal",
            "+966 55 123 4567",
            "*4421",
            "18:42",
            "14/11",
            "кода",
            "尾号1234",
            "dot",
            "com",
            "code",
            "ending",
        ]
    ),
    max_size=12,
).map(" ".join)
TEXT = st.one_of(ANY_TEXT, WORDY)


@given(TEXT)
def test_links_known_from_normalising_are_those_of_the_text(text: str) -> None:
    normalised = normalise(text)
    assert normalised.spans is None or list(normalised.spans) == find(normalised.cased)


@given(TEXT)
def test_normalising_again_changes_nothing(text: str) -> None:
    once = normalise(text)
    assert normalise(once.text).text == once.text


@given(TEXT)
def test_a_normalised_text_hides_nothing_more(text: str) -> None:
    assert normalise(normalise(text).text).undone.total == 0


@given(TEXT)
def test_the_two_cases_of_a_normalised_text_line_up(text: str) -> None:
    normalised = normalise(text)
    assert len(normalised.cased) == len(normalised.text)


@given(st.text(string.ascii_letters + " ,!?", max_size=200))
def test_letters_and_spaces_only_change_their_case(text: str) -> None:
    normalised = normalise(text)
    assert normalised.text.replace(" ", "") == text.lower().replace(" ", "")


@given(TEXT)
def test_a_masked_text_has_no_digit(text: str) -> None:
    assert not any(map(str.isdecimal, mask(text).text))


@given(TEXT)
def test_a_masked_text_can_be_encoded(text: str) -> None:
    assert analyse(text).masked.encode("utf-8").decode("utf-8") == analyse(text).masked


@given(TEXT)
def test_nobody_can_write_a_type_token(text: str) -> None:
    masked = mask("⟨amount⟩" + text)
    assert masked.text.count("⟨") == sum(getattr(masked.counts, f) for f in masked.counts.__struct_fields__)


@given(ANY_TEXT)
def test_links_are_found_in_any_string(text: str) -> None:
    for span in find(text):
        assert 0 <= span.start < span.end <= len(text)


@given(ANY_TEXT)
def test_any_string_can_be_parsed_and_compared(text: str) -> None:
    assert compare(parse(text), ["bank.com", text]).link.url == text


@given(TEXT, st.sampled_from([2**10, BUCKETS]))
def test_every_ngram_falls_into_a_bucket_and_a_word(text: str, buckets: int) -> None:
    grams = hashed(text, buckets=buckets)
    assert (grams.indices // buckets == np.arange(3).repeat(grams.sizes)).all()
    assert len(grams.words) == len(grams.indices)
    assert not len(grams.words) or grams.words.max() < grams.n_words


@given(st.lists(TEXT, max_size=6))
def test_a_batch_is_its_texts_one_by_one(texts: list[str]) -> None:
    starts = np.cumsum([0, *widths(BUCKETS)])
    for view, (indptr, indices) in enumerate(views_of_batch(texts)):
        assert len(indptr) == len(texts) + 1
        for number, text in enumerate(texts):
            seen = views(text)
            own = seen.indices[sum(seen.sizes[:view]) :][: seen.sizes[view]] - starts[view]
            assert np.array_equal(indices[indptr[number] : indptr[number + 1]], own)


@given(TEXT)
def test_a_text_is_its_own_twin(text: str) -> None:
    one = signature(text)
    assert similarity(one, signature(text)) == 1.0
    assert bands(one) == bands(signature(text))


@given(TEXT, st.sampled_from(["  ", "\n", "\t "]))
def test_white_space_does_not_change_a_template(text: str, space: str) -> None:
    assert template_hash(text.replace(" ", space)) == template_hash(
        text.replace("\n", " ").replace("\t", " ")
    )


@given(TEXT)
def test_analysis_never_raises_and_stays_in_range(text: str) -> None:
    found = analyse(text)
    assert 0.0 <= found.upper_share <= 1.0
    assert 0.0 <= found.script_share <= 1.0
    assert all(count >= 0 for count in (found.undone.total, found.emoji, found.words))

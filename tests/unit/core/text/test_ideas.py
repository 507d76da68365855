"""Which ideas are combined, and into which columns: shipped weights rest on both."""

import numpy as np
import pytest

from bawwab.core.text import ideas
from bawwab.core.text.concepts import WIDTH
from bawwab.core.text.ideas import FAR, NEAR, PAIRS, SECOND, THIRD, combined, pairs, triples
from bawwab.core.text.views import VIEWS, views, views_of_batch, widths

BUCKETS = 2**12


def test_the_reaches_are_those_that_shipped_weights_were_fitted_with() -> None:
    assert (NEAR, FAR, SECOND, THIRD) == (6, 14, 3, 5)


def test_a_pair_reaches_so_far_and_no_further() -> None:
    first, second = pairs(20, NEAR)
    assert set((second - first).tolist()) == set(range(NEAR + 1))


def test_a_triple_reaches_so_far_and_no_further() -> None:
    first, second, third = triples(20)
    assert set((second - first).tolist()) == set(range(1, SECOND + 1))
    assert set((third - first).tolist()) == set(range(2, THIRD + 1))
    assert (third > second).all()


def test_columns_of_triples_stay_what_they_are() -> None:
    found = combined((1, 2, 3, 4), buckets=2**18).columns[2]
    assert found.tolist() == TRIPLES


TRIPLES = [171529, 71399, 123440, 229135]


@pytest.mark.parametrize("count", [0, 1, 2, 3, 40, 300])
def test_columns_lie_within_their_views(count: int) -> None:
    found = combined(tuple(place % WIDTH for place in range(count)), buckets=BUCKETS)
    for columns, width in zip(found.columns, (PAIRS, PAIRS, BUCKETS), strict=True):
        assert ((columns >= 0) & (columns < width)).all()


def test_one_idea_makes_a_pair_with_itself_and_no_triple() -> None:
    assert [len(columns) for columns in combined((7,), buckets=BUCKETS).columns] == [1, 1, 0]


def test_what_is_hardly_ever_met_is_not_kept() -> None:
    combined((3,) * 5, buckets=BUCKETS)
    before = ideas._remembered_pairs.cache_info().currsize, ideas._remembered_triples.cache_info().currsize
    combined((3,) * 5000, buckets=BUCKETS)
    assert before == (
        ideas._remembered_pairs.cache_info().currsize,
        ideas._remembered_triples.cache_info().currsize,
    )


def test_one_text_and_a_batch_show_the_same() -> None:
    text = "pay the fee for your parcel today ⟨link⟩, your account is closed ⟨phone⟩"
    seen, batch = views(text, buckets=BUCKETS), views_of_batch([text], buckets=BUCKETS)
    starts = np.cumsum([0, *widths(BUCKETS)])
    ends = np.cumsum([0, *seen.sizes])
    for view in range(len(VIEWS)):
        own = seen.indices[ends[view] : ends[view + 1]] - starts[view]
        assert sorted(own.tolist()) == sorted(batch[view][1].tolist())


def test_a_combination_counts_in_the_word_it_begins_in() -> None:
    seen = views("mossy grass pay mossy fee mossy parcel", buckets=BUCKETS)
    plots = seen.words[sum(seen.sizes[:-1]) :]
    assert plots.tolist() == [2]
    far = seen.words[sum(seen.sizes[:4]) : sum(seen.sizes[:5])]
    assert sorted(far.tolist()) == [2, 2, 2, 4, 4, 6]

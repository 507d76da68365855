"""Which ideas are combined, and into which columns: shipped weights rest on both."""

import numpy as np
import pytest

from bawwab.core.text import ideas
from bawwab.core.text.concepts import WIDTH
from bawwab.core.text.ideas import FAR, NEAR, PAIRS, SECOND, THIRD, combined
from bawwab.core.text.views import views

BUCKETS = 2**12


def test_the_reaches_are_those_that_shipped_weights_were_fitted_with() -> None:
    assert (NEAR, FAR, SECOND, THIRD) == (6, 14, 3, 5)


def of_view(count: int, view: str) -> list[tuple[int, ...]]:
    """Which of so many concepts, all different, a view combines: places, the first before the others."""
    found = combined(tuple(range(count)), buckets=2**20)
    place = ideas.VIEWS.index(view)
    start = sum(found.sizes[:place])
    columns = found.columns[start : start + found.sizes[place]] - (0, PAIRS, 2 * PAIRS)[place]
    return [divmod(column, WIDTH) for column in columns.tolist()]


@pytest.mark.parametrize(("view", "reach"), [("near ideas", NEAR), ("far ideas", FAR)])
def test_a_pair_reaches_so_far_and_no_further(view: str, reach: int) -> None:
    expected = [(one, two) for one in range(20) for two in range(one, min(one + reach + 1, 20))]
    assert of_view(20, view) == expected


def test_a_triple_reaches_so_far_and_no_further() -> None:
    plots = [
        (one * WIDTH + two) * WIDTH + three
        for one in range(20)
        for two in range(one + 1, min(one + SECOND + 1, 20))
        for three in range(two + 1, min(one + THIRD + 1, 20))
    ]
    found = combined(tuple(range(20)), buckets=2**20)
    expected = [(plot * 0x9E3779B1 % 2**32 >> 12) + 2 * PAIRS for plot in plots]
    assert found.columns[sum(found.sizes[:2]) :].tolist() == expected


def test_columns_of_triples_stay_what_they_are() -> None:
    found = combined((1, 2, 3, 4), buckets=2**18)
    assert (found.columns[sum(found.sizes[:2]) :] - 2 * PAIRS).tolist() == TRIPLES


TRIPLES = [171529, 71399, 123440, 229135]


@pytest.mark.parametrize("count", [0, 1, 2, 3, 40, 300])
def test_columns_lie_within_their_views(count: int) -> None:
    found = combined(tuple(place % WIDTH for place in range(count)), buckets=BUCKETS)
    view = np.searchsorted([PAIRS, 2 * PAIRS, 2 * PAIRS + BUCKETS], found.columns, side="right")
    assert np.array_equal(view, np.arange(3).repeat(found.sizes))


def test_one_idea_makes_a_pair_with_itself_and_no_triple() -> None:
    assert combined((7,), buckets=BUCKETS).sizes == (1, 1, 0)


def test_a_combination_counts_where_its_first_idea_stands() -> None:
    found = combined((5, 6, 7), buckets=BUCKETS)
    assert found.first.tolist() == [0, 0, 0, 1, 1, 2] * 2 + [0]


def test_a_combination_counts_in_the_word_it_begins_in() -> None:
    seen = views("mossy grass pay mossy fee mossy parcel", buckets=BUCKETS)
    plots = seen.words[sum(seen.sizes[:-1]) :]
    assert plots.tolist() == [2]
    far = seen.words[sum(seen.sizes[:4]) : sum(seen.sizes[:5])]
    assert sorted(far.tolist()) == [2, 2, 2, 4, 4, 6]

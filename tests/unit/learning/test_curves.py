"""Figures of scores: ties, weights, intervals."""

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, brier_score_loss

from bawwab.learning.curves import (
    Chance,
    Evidence,
    Ranking,
    differences,
    figures_of,
    headline,
    resampled,
    to_rate,
)

RNG = np.random.default_rng(7)
ABUSE = RNG.random(600) < 0.3
LOGITS = (RNG.normal(size=600) + 1.5 * ABUSE).round(1)  # with ties
GROUP = np.arange(600) // 6
CHANCE = Chance(seed=1, resamples=50)


def evidence(logits: np.ndarray = LOGITS, rate: float = 0.1) -> Evidence:
    return Evidence(logits, ABUSE, to_rate(ABUSE, rate), GROUP)


def test_average_precision_is_scikit_learns() -> None:
    expected = average_precision_score(ABUSE, LOGITS, sample_weight=to_rate(ABUSE, 0.1))
    found = Ranking(LOGITS, ABUSE).steps(to_rate(ABUSE, 0.1)).average_precision()
    assert found == pytest.approx(expected, abs=1e-12)


def test_brier_is_scikit_learns() -> None:
    odds = 1 / (1 + np.exp(-LOGITS))
    expected = brier_score_loss(ABUSE, odds, sample_weight=to_rate(ABUSE, 0.1))
    steps = Ranking(LOGITS, ABUSE).steps(to_rate(ABUSE, 0.1))
    assert headline(evidence(), steps)["brier"] == pytest.approx(expected, abs=1e-12)


def test_equal_scores_are_refused_together() -> None:
    steps = Ranking(np.zeros(4), np.array([True, False, True, False])).steps(np.ones(4))
    assert (steps.recall_at(0.99), steps.recall_at(1.0)) == (0.0, 1.0)


def test_recall_never_costs_more_false_positives_than_it_says() -> None:
    steps = Ranking(LOGITS, ABUSE).steps(np.ones(600))
    line = steps.score_at(0.05)
    assert (LOGITS[~ABUSE] >= line).mean() <= 0.05
    assert (LOGITS[ABUSE] >= line).mean() == pytest.approx(steps.recall_at(0.05))


def test_a_base_rate_is_the_share_of_abuse() -> None:
    weight = to_rate(ABUSE, 0.1)
    assert (weight.sum(), weight[ABUSE].sum()) == (pytest.approx(1.0), pytest.approx(0.1))


def test_an_interval_holds_its_figure_and_narrows_with_more_groups() -> None:
    wide = figures_of(evidence()._replace(group=np.arange(600) // 60), chance=CHANCE)["average_precision"]
    narrow = figures_of(evidence(), chance=CHANCE)["average_precision"]
    assert narrow["low"] < narrow["value"] < narrow["high"]
    assert narrow["value"] == wide["value"]


def test_a_model_gains_nothing_over_itself() -> None:
    one = figures_of(evidence(), chance=CHANCE)
    drawn = resampled(evidence(), chance=CHANCE)
    gain = differences(one, drawn, one, drawn)["average_precision"]
    assert gain == {"value": 0.0, "low": 0.0, "high": 0.0}


def test_the_same_seed_draws_the_same_senders() -> None:
    assert resampled(evidence(), chance=CHANCE) == resampled(evidence(), chance=CHANCE)


def test_reliability_is_told_where_the_scores_are() -> None:
    bins = figures_of(evidence(), chance=CHANCE)["reliability"]
    assert sum(spot["rows"] for spot in bins) == 600
    assert all(0.0 <= spot["true"] <= 1.0 for spot in bins)

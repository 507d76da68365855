"""The compiled model is the fitted one, to the last digit that matters."""

import random

import numpy as np
import pytest
from numpy.typing import NDArray

from bawwab.core.signals import NAMES
from bawwab.learning.risk_model import Fitted, calibrated, centred, compile_trees, fit_trees
from bawwab.learning.text_model import HashedTextClassifier

ROWS = 10_000
WORDS = [
    "your",
    "code",
    "parcel",
    "fee",
    "pay",
    "now",
    "sale",
    "card",
    "⟨amount⟩",
    "⟨link⟩",
    "رمز",
    "التحقق",
    "ادفع",
    "الان",
    "您的",
    "验证码",
    "prize",
    "won",
]


def texts(count: int, seed: int) -> list[str]:
    chance = random.Random(seed)
    return [" ".join(chance.choices(WORDS, k=chance.randint(1, 14))) for _ in range(count)]


def frame(count: int, seed: int) -> NDArray[np.float64]:
    drawn = np.random.default_rng(seed)
    values = drawn.normal(size=(count, len(NAMES))).round(1)
    values[drawn.random(values.shape) < 0.1] = np.nan
    return values


def test_the_compiled_text_model_gives_what_scikit_learn_gives() -> None:
    labels = np.arange(300) % 3
    fitted = HashedTextClassifier(buckets=2**14, iterations=30).fit(texts(300, 1), labels)
    some = texts(ROWS, 2)
    expected, compiled = fitted.predict_proba(some), fitted.compiled()
    given = [compiled.score(text).scores for text in some]
    found = np.array([(s.service, s.promotional, s.fraud) for s in given])
    assert np.abs(found - expected).max() < 1e-9


@pytest.fixture(scope="module")
def fitted_trees() -> Fitted:
    rows = frame(2_000, 1)
    abuse = (np.nan_to_num(rows[:, 0]) + np.nan_to_num(rows[:, 7]) > 0.5).astype(np.int64)
    return fit_trees(rows, abuse, np.ones(len(rows)), seed=1)


def test_the_tables_give_what_the_trees_give(fitted_trees: Fitted) -> None:
    rows = frame(ROWS, 2)
    expected = fitted_trees.decision_function(rows)
    assert np.abs(compile_trees(fitted_trees).logits(rows) - expected).max() < 1e-9


def test_the_tables_agree_on_their_edges_too(fitted_trees: Fitted) -> None:
    model = compile_trees(fitted_trees)
    column, table = next((n, t) for n, t in enumerate(model.tables) if t.edges)
    rows = np.zeros((len(table.edges), len(NAMES)))
    rows[:, column] = table.edges
    expected = fitted_trees.decision_function(rows)
    assert np.abs(model.logits(rows) - expected).max() < 1e-9


def test_calibration_is_in_the_tables(fitted_trees: Fitted) -> None:
    model, rows = compile_trees(fitted_trees), frame(ROWS, 2)
    expected = 1.25 * model.logits(rows) - 0.5
    assert np.abs(calibrated(model, 1.25, -0.5).logits(rows) - expected).max() < 1e-9


def test_centring_changes_no_score(fitted_trees: Fitted) -> None:
    model, rows = compile_trees(fitted_trees), frame(ROWS, 2)
    moved = centred(model, rows[:500])
    assert np.abs(moved.logits(rows) - model.logits(rows)).max() < 1e-9
    means = np.mean([moved.contributions(row.tolist()) for row in rows[:500]], axis=0)
    assert np.abs(means).max() < 1e-9


def test_one_message_scores_as_in_a_batch(fitted_trees: Fitted) -> None:
    model, rows = compile_trees(fitted_trees), frame(50, 3)
    one_by_one = [model.logit(model.contributions(row.tolist())) for row in rows]
    assert np.abs(model.logits(rows) - one_by_one).max() < 1e-9

"""The compiled text model answers what the fitted one answers, and concepts speak in every language."""

from pathlib import Path

import joblib
import numpy as np
import pytest

from bawwab.core.model.text import CLASSES, STRETCH, STRETCHES, TextModel
from bawwab.core.text import ngrams
from bawwab.core.text.concepts import NAMES, find
from bawwab.core.text.entities import mask
from bawwab.core.text.ideas import FAR, NEAR, THIRD, combined
from bawwab.core.text.views import VIEWS, widths
from bawwab.learning.text_model import HashedTextClassifier

BUCKETS = 2**12
WINDOW = STRETCH * STRETCHES


@pytest.fixture(scope="module")
def fitted() -> HashedTextClassifier:
    texts = [
        "your parcel is held, pay the fee at ⟨link⟩",
        "pay the customs fee for your package now ⟨link⟩",
        "your parcel was delivered today, thank you",
        "your appointment with the doctor is on ⟨date⟩",
        "big sale, all shoes half price this week",
        "new offer: save on data bundles today",
    ]
    labels = np.array([2, 2, 0, 0, 1, 1])
    return HashedTextClassifier(buckets=BUCKETS, least_rows=(1,) * len(VIEWS)).fit(
        texts * 3, np.tile(labels, 3)
    )


def of(*ideas: str, weight: int = 10, view: str = "near ideas") -> TextModel:
    """A model to which the first two of these ideas, or all three as a triple, are a fraud."""
    weights = np.zeros((sum(widths(BUCKETS)), len(CLASSES)), np.int8)
    place = VIEWS.index(view) - len(ngrams.VIEWS)
    together = combined(tuple(NAMES.index(idea) for idea in ideas), buckets=BUCKETS)
    first = sum(together.sizes[:place]) + (
        view != "triples of ideas"
    )  # a pair's idea with itself comes first
    weights[sum(widths(BUCKETS)[: len(ngrams.VIEWS)]) + together.columns[first], 2] = weight
    known = np.ones(BUCKETS * len(ngrams.VIEWS), np.bool_)
    return TextModel(weights, np.ones((len(VIEWS), len(CLASSES))), np.zeros(len(CLASSES)), known)


@pytest.mark.parametrize(
    "text",
    [
        "pay the fee for your parcel ⟨link⟩",
        "شحنتك متوقفة، ادفع الرسوم ⟨link⟩",
        "包裹 关税 ⟨link⟩",
        "nothing of note",
        "",
        "pay now " * 40 + "for your parcel ⟨link⟩",
    ],
)
def test_compiled_answers_what_was_fitted(fitted: HashedTextClassifier, text: str) -> None:
    logits = fitted.decision_function([text])[0]
    score = fitted.compiled().score(text)
    assert score.fraud == pytest.approx(logits[2] - logits[0], abs=1e-9)
    assert score.promotional == pytest.approx(logits[1] - logits[0], abs=1e-9)


def test_a_pair_speaks_only_where_both_are_there() -> None:
    model = of("pay", "parcel")
    assert model.score("pay for your parcel").fraud > 0.0
    assert model.score("your parcel is here").fraud == 0.0


@pytest.mark.parametrize(
    "text", ["pay for your parcel", "ادفع عن شحنتك", "bezahlen sie das paket", "支付 包裹"]
)
def test_what_one_language_taught_holds_in_another(text: str) -> None:
    assert of("pay", "parcel").score(text).fraud > 0.0


@pytest.mark.parametrize("view", VIEWS[len(ngrams.VIEWS) :])
def test_a_window_finds_a_fraud_among_good_words(view: str) -> None:
    model = of("pay", "fee", "parcel", view=view)
    around = "mossy grass grows tall and soft over walls " * 4
    diluted = model.score(f"{around}pay the fee for your parcel {around}")
    assert diluted.fraud_window >= model.score("pay the fee for your parcel").fraud * 0.99


@pytest.mark.parametrize("view", VIEWS[len(ngrams.VIEWS) :])
def test_a_window_holds_the_last_words_too(view: str) -> None:
    model = of("pay", "fee", "parcel", view=view)
    diluted = model.score(f"{'mossy ' * (WINDOW + 1)}pay fee parcel")
    assert diluted.fraud_window >= model.score("pay fee parcel").fraud * 0.99


def test_a_short_text_is_its_own_window() -> None:
    score = of("pay", "parcel").score("pay " * (WINDOW - 1) + "parcel")
    assert score.fraud_window == score.fraud > 0.0


def test_words_far_from_a_fraud_do_not_count_in_its_window(fitted: HashedTextClassifier) -> None:
    model = fitted.compiled()
    bait = "pay the customs fee for your package now ⟨link⟩ and pay the fee for your parcel now ⟨link⟩"
    honest = "your appointment with the doctor is on ⟨date⟩ thank you and see you today my dear friend " * 3
    assert model.score(f"{honest} {bait}").fraud_window > model.score(f"{honest} {bait}").fraud


def test_the_loudest_concepts_are_named() -> None:
    model = of("pay", "parcel")
    assert model.about(model.score("pay for your parcel ⟨link⟩")) == ("pay", "parcel")


def test_a_pair_keeps_its_order() -> None:
    assert of("pay", "parcel").score("the parcel, pay").fraud == 0.0


def test_ideas_far_apart_are_no_pair() -> None:
    for view, reach in (("near ideas", NEAR), ("far ideas", FAR)):
        model = of("pay", "parcel", view=view)
        assert model.score(f"pay {'now ' * (reach - 1)}parcel").fraud > 0.0
        assert model.score(f"pay {'now ' * reach}parcel").fraud == 0.0


def test_a_triple_speaks_only_where_all_three_are_there_in_their_order() -> None:
    model = of("pay", "fee", "parcel", view="triples of ideas")
    assert model.score("pay the fee for your parcel").fraud > 0.0
    assert model.score(f"pay the fee {'now ' * (THIRD - 2)}your parcel").fraud > 0.0
    for other in (
        "pay for your parcel",
        "pay the fee",
        "the parcel, pay the fee",
        f"pay the fee {'now ' * (THIRD - 1)}parcel",
    ):
        assert model.score(other).fraud == 0.0


def test_a_masked_link_is_a_concept() -> None:
    assert NAMES.index("link") in find(mask("go to https://example.com").text).ids


def test_a_model_that_another_process_maps_scores_the_same(
    fitted: HashedTextClassifier, tmp_path: Path
) -> None:
    model = fitted.compiled()
    joblib.dump(model, tmp_path / "model")
    mapped = joblib.load(tmp_path / "model", mmap_mode="r")
    assert not mapped.weights.flags.writeable
    text = "pay the fee for your parcel ⟨link⟩"
    assert mapped.score(text) == model.score(text)

"""A decision log trains as it was logged: its signals, its labels as known, its weights."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bawwab.core.decisions import Verdict
from bawwab.core.errors import ConfigurationError, StoreError
from bawwab.core.events import Resolution
from bawwab.core.records import Decided
from bawwab.learning.behaviour import LARGEST_SURVEY, REPORT, REVIEW, SILENCE
from bawwab.learning.exported import Means
from bawwab.learning.logged import Logged as Labelled
from bawwab.learning.logged import label_log
from kit import DAY
from log_kit import Logged

SEED = 1


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[Logged]:
    made = Logged(tmp_path)
    made.verify()
    yield made
    made.log.close()


def send(
    platform: Logged, message_id: str, recipient: str = "ann", text: str = "your parcel has arrived"
) -> str:
    return platform.send(text, message_id=message_id, recipient=recipient).decision_id


def labelled(
    platform: Logged, cutoff: float | None = None, means: Means | None = None, seed: int = SEED
) -> Labelled:
    platform.export()
    return label_log(platform.folder / "out", seed=seed, cutoff=cutoff, means=means)


def label(platform: Logged, decision_id: str) -> Any:
    """Label and weight of a decision; None where nothing is known of it."""
    found = labelled(platform)
    if decision_id not in found.decision_ids:
        return None
    row = found.decision_ids.index(decision_id)
    return int(found.labels.abuse[row]), float(found.labels.weight[row])


def test_the_signals_that_were_logged_are_those_trained_on_to_the_bit(platform: Logged) -> None:
    for number, text in enumerate(
        ("your parcel has arrived", "your bus leaves today", "your code is 481920")
    ):
        send(platform, f"m{number}", f"r{number}", text)
        platform.wait(DAY / 3)
    found = labelled(platform)
    logged = {
        r.decision.decision_id: [np.nan if value is None else value for value in r.signals]
        for _, r in platform.log.read()
        if isinstance(r, Decided)
    }
    assert len(found.frame) == 3
    expected = np.array([logged[decision_id] for decision_id in found.decision_ids])
    assert found.frame.tobytes() == expected.tobytes()


def test_a_report_weighs_what_the_gate_counted_it_for(platform: Logged) -> None:
    plain, mild = send(platform, "m1"), send(platform, "m2", "bob", "your code is 481920")
    platform.report("ann", "fraud", message_id="m1")
    platform.report("bob", "not_interested", message_id="m2")
    assert label(platform, plain) == (1, REPORT)
    assert label(platform, mild) == (1, pytest.approx(0.3 * REPORT))


def test_a_report_that_weighs_nothing_is_no_silence_either(platform: Logged) -> None:
    first, again = send(platform, "m1"), send(platform, "m2")
    platform.report("ann", message_id="m1")
    platform.report("ann", message_id="m2", reason="fraud")
    assert label(platform, first) == (1, REPORT)
    assert label(platform, again) is None


def test_a_report_that_names_no_message_is_about_the_last(platform: Logged) -> None:
    send(platform, "m1")
    platform.wait(60.0)
    last = send(platform, "m2")
    platform.wait(60.0)
    platform.report("ann")
    platform.wait(60.0)
    send(platform, "m3")
    assert label(platform, last) == (1, REPORT)


def test_nobody_labels_a_message_to_someone_else(platform: Logged) -> None:
    to_ann = send(platform, "m1")
    send(platform, "m2", "bob")
    platform.report("bob", message_id="m1")
    found = label(platform, to_ann)
    assert found is None or found[0] == 0


def test_a_retracted_report_says_nothing(platform: Logged) -> None:
    sent = send(platform, "m1")
    platform.report("ann", message_id="m1", report_id="x")
    platform.report("ann", report_id="x", retract=True)
    found = label(platform, sent)
    assert found is None or found[0] == 0


@pytest.mark.parametrize(("probability", "weight"), [(0.1, 10.0), (1e-6, LARGEST_SURVEY)])
def test_an_answer_counts_for_those_who_were_not_asked(
    platform: Logged, probability: float, weight: float
) -> None:
    sent = send(platform, "m1")
    platform.ask("ann", "m1", wanted=False, probability=probability)
    assert label(platform, sent) == (1, pytest.approx(weight))


def test_silence_speaks_for_a_message_by_the_share_of_reports_that_have_come(platform: Logged) -> None:
    reported, old = send(platform, "m1"), send(platform, "m2", "bob")
    platform.wait(3600.0)
    platform.report("ann", message_id="m1")
    platform.wait(DAY)
    young = send(platform, "m3", "cid")
    platform.wait(60.0)
    platform.happen("read", "cid", message_id="m3")
    assert label(platform, reported) == (1, REPORT)
    assert label(platform, old) == (0, pytest.approx(SILENCE))
    assert label(platform, young) is None


def test_a_refused_message_is_censored(platform: Logged) -> None:
    refused = platform.send("scam", sender_id="stranger", recipient="ann", message_id="m1")
    assert refused.verdict is not Verdict.ALLOW
    platform.report("ann", "fraud", sender_id="stranger", message_id="m1")
    assert label(platform, refused.decision_id) is None


@pytest.mark.parametrize(("outcome", "abuse"), [(Resolution.UPHELD, 1), (Resolution.OVERTURNED, 0)])
def test_a_reviewers_word_on_a_refusal_is_gold(platform: Logged, outcome: Resolution, abuse: int) -> None:
    refused = platform.send("scam", sender_id="stranger")
    platform.log.flush()
    appeal, _ = platform.gate.appeal(refused.decision_id, now=platform.now)
    platform.log.flush()
    platform.gate.resolve(appeal.appeal_id, outcome, now=platform.now)
    assert label(platform, refused.decision_id) == (abuse, REVIEW)


def test_what_became_known_after_the_cutoff_changes_nothing(platform: Logged) -> None:
    send(platform, "m1")
    send(platform, "m2", "bob")
    refused = platform.send("scam", sender_id="stranger")
    platform.wait(60.0)
    platform.report("ann", message_id="m1")
    cutoff = platform.now + DAY
    before = labelled(platform, cutoff)
    platform.wait(2 * DAY)
    platform.log.flush()
    appeal, _ = platform.gate.appeal(refused.decision_id, now=platform.now)
    platform.log.flush()
    platform.gate.resolve(appeal.appeal_id, Resolution.UPHELD, now=platform.now)
    platform.report("ann", message_id="m1", report_id="late", reason="not_spam")
    platform.report("bob", message_id="m2")
    platform.ask("bob", "m2", wanted=False)
    send(platform, "m3", "cid")
    after = labelled(platform, cutoff)
    assert after.decision_ids == before.decision_ids
    assert after.frame.tobytes() == before.frame.tobytes()
    assert (after.labels.abuse.tobytes(), after.labels.weight.tobytes()) == (
        before.labels.abuse.tobytes(),
        before.labels.weight.tobytes(),
    )


def test_what_was_known_by_the_cutoff_does_change_it(platform: Logged) -> None:
    sent = send(platform, "m1")
    platform.wait(60.0)
    early = platform.now
    platform.report("ann", message_id="m1")
    assert labelled(platform, early - 1.0).labels.abuse.tolist() in ([], [0])
    assert labelled(platform, early).decision_ids == [sent]
    assert labelled(platform, early).labels.abuse.tolist() == [1]


def test_decisions_of_a_fail_mode_teach_nothing(platform: Logged) -> None:
    platform.gate.serve(None)
    sent = send(platform, "m1")
    platform.ask("ann", "m1", wanted=False)
    assert label(platform, sent) is None


def busy(platform: Logged) -> None:
    for number in range(240):
        send(platform, f"m{number}", f"r{number}")
        platform.wait(60.0)
        if number % 3 == 0:
            platform.ask(f"r{number}", f"m{number}", wanted=number % 2 == 0, probability=0.5)
    platform.report("r1", message_id="m1")
    platform.wait(DAY)
    platform.happen("read", "r1", message_id="m1")


def test_a_sample_weighs_as_much_as_the_whole(platform: Logged) -> None:
    busy(platform)
    whole = labelled(platform)
    means = Means(rows=60)
    samples = [label_log(platform.folder / "out", seed=seed, means=means) for seed in range(60)]
    assert all(len(sample.frame) < 110 for sample in samples)
    for abuse in (0, 1):
        truth = whole.labels.weight[whole.labels.abuse == abuse].sum()
        found = [sample.labels.weight[sample.labels.abuse == abuse].sum() for sample in samples]
        error = np.std(found) / np.sqrt(len(found))
        assert abs(np.mean(found) - truth) < 3.0 * error
        assert error < 0.05 * truth


def test_a_sample_takes_no_notice_of_what_came_later(platform: Logged) -> None:
    busy(platform)
    cutoff = platform.now
    before = labelled(platform, cutoff, Means(rows=60))
    for number in range(1, 240, 3):
        platform.wait(1.0)
        platform.ask(f"r{number}", f"m{number}", wanted=False, probability=0.5)
        platform.report(f"r{number + 1}", message_id=f"m{number + 1}")
    after = labelled(platform, cutoff, Means(rows=60))
    assert after.decision_ids == before.decision_ids
    assert after.labels.weight.tobytes() == before.labels.weight.tobytes()


def test_the_same_seed_takes_the_same_sample(platform: Logged) -> None:
    busy(platform)
    first, again, other = (labelled(platform, means=Means(rows=60), seed=seed) for seed in (1, 1, 2))
    assert first.decision_ids == again.decision_ids
    assert first.frame.tobytes() == again.frame.tobytes()
    assert first.decision_ids != other.decision_ids


def test_what_is_no_export_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="is no export"):
        label_log(tmp_path, seed=SEED)


def test_a_memory_that_is_none_is_refused(platform: Logged) -> None:
    with pytest.raises(StoreError, match="memory"):
        labelled(platform, means=Means(memory="a lot"))

"""What becomes known after the cut-off teaches nothing, whatever it is and whichever way it comes in."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bawwab.core.events import Resolution
from bawwab.core.policy import default_policy
from bawwab.learning.behaviour import Labels, labels_of
from bawwab.learning.logged import label_log
from bawwab.learning.replay import Replayed, replay
from bawwab.world.stream import SCHEMA
from kit import DAY, keyword_model
from log_kit import Logged

# --- a decision log --------------------------------------------------------------------------


class Told(Logged):
    """A platform that has sent three messages, heard one report, and refused one that is contested."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.verify()
        self.send(message_id="m1", recipient="ann")
        self.send(message_id="m2", recipient="bob")
        refused = self.send("scam", sender_id="stranger", message_id="m1", recipient="ann")
        self.wait(60.0)
        self.report("ann", message_id="m1", report_id="early")
        self.send(message_id="m3", recipient="cid")
        self.log.flush()
        self.appeal = self.gate.appeal(refused.decision_id, now=self.now)[0].appeal_id
        self.cutoff = self.now + DAY + 1 / 3  # no round number: a digit less is another instant

    def taught(self) -> tuple[list[str], tuple[bytes, ...]]:
        """All that training takes from the log, as known at the cut-off."""
        self.export()
        found = label_log(self.folder / "out", seed=1, cutoff=self.cutoff)
        return found.decision_ids, (found.frame.tobytes(), *as_bytes(found.labels))

    def resolve(self, outcome: Resolution) -> None:
        self.log.flush()
        self.gate.resolve(self.appeal, outcome, now=self.now)


Act = Callable[[Told], Any]
ACTS: dict[str, Act] = {
    "report": lambda told: told.report("bob", message_id="m2"),
    "praise": lambda told: told.report("bob", message_id="m2", reason="not_spam"),
    "retraction": lambda told: told.report("ann", report_id="early", retract=True),
    "survey": lambda told: told.ask("bob", "m2", wanted=False),
    "resolution": lambda told: told.resolve(Resolution.UPHELD),
    "event": lambda told: told.happen("read", "cid", message_id="m3"),
    "message": lambda told: told.send(message_id="m4", recipient="dan"),
}


def as_bytes(labels: Labels) -> tuple[bytes, ...]:
    return (*(values.tobytes() for values in labels[:3]), bytes([labels.censored]))


@pytest.fixture
def told(tmp_path: Path) -> Any:
    made = Told(tmp_path)
    yield made
    made.log.close()


@pytest.mark.parametrize("kind", ACTS)
def test_what_a_log_learned_an_instant_too_late_teaches_nothing(told: Told, kind: str) -> None:
    before = told.taught()
    told.now = math.nextafter(told.cutoff, math.inf)
    ACTS[kind](told)
    assert told.taught() == before


@pytest.mark.parametrize("kind", ACTS)
def test_what_a_log_learned_just_in_time_does_teach(told: Told, kind: str) -> None:
    before = told.taught()
    told.now = told.cutoff
    ACTS[kind](told)
    assert told.taught() != before


# --- an event stream -------------------------------------------------------------------------

T = 1_800_000_000.0
CUTOFF = T + DAY


def replayed() -> Replayed:
    """Three messages, the second of them refused, the third after the cut-off."""
    return Replayed(
        message_ids=["m0", "m1", "m2"],
        sender_ids=["s"] * 3,
        recipients=["r0", "r1", "r2"],
        at=np.array([T, T, math.nextafter(CUTOFF, math.inf)]),
        frame=np.zeros((3, 1)),
        allowed=np.array([True, False, True]),
        propensity=np.ones(3),
    )


BLANK = {"sender_id": "s", "message_id": "m0", "report_id": "early", "retract": False}
REPORT = {**BLANK, "type": "report", "report_reason": "spam", "known_at": T + 60.0}
SAYINGS: dict[str, tuple[list[dict[str, Any]], dict[str, Any]]] = {
    "report": ([], REPORT),
    "praise": ([], REPORT | {"report_reason": "not_spam"}),
    "retraction": ([REPORT], REPORT | {"retract": True}),
    "survey": ([], {**BLANK, "type": "survey", "wanted": False, "sampling_probability": 0.5}),
    "resolution": ([], {**BLANK, "type": "resolution", "message_id": "m1", "outcome": "upheld"}),
}


@pytest.mark.parametrize("kind", SAYINGS)
def test_what_a_stream_says_an_instant_too_late_labels_nothing(kind: str) -> None:
    early, last = SAYINGS[kind]
    late = {**last, "known_at": math.nextafter(CUTOFF, math.inf)}
    labels = [labels_of(replayed(), events, cutoff=CUTOFF) for events in (early, [*early, late])]
    assert as_bytes(labels[1]) == as_bytes(labels[0])


@pytest.mark.parametrize("kind", SAYINGS)
def test_what_a_stream_says_just_in_time_does_label(kind: str) -> None:
    early, last = SAYINGS[kind]
    punctual = {**last, "known_at": CUTOFF}
    labels = [labels_of(replayed(), events, cutoff=CUTOFF) for events in (early, [*early, punctual])]
    assert as_bytes(labels[1]) != as_bytes(labels[0])


def test_a_message_of_a_stream_sent_after_the_cutoff_has_no_label() -> None:
    assert labels_of(replayed(), [REPORT], cutoff=CUTOFF).weight.tolist()[1:] == [0.0, 0.0]


def message(message_id: str, at: float) -> dict[str, Any]:
    return {
        "type": "message",
        "known_at": at,
        "occurred_at": at,
        "sender_id": "s",
        "recipient": "r0",
        "message_id": message_id,
        "category": "utility",
        "text": "your parcel has arrived",
        "verdict": "allow",
        "propensity": 1.0,
    }


HAPPENED = {"occurred_at": T + 60.0, "sender_id": "s", "recipient": "r0", "message_id": "m0"}
EVENTS: dict[str, dict[str, Any]] = {
    "report": {"type": "report", "report_id": "a", "report_reason": "spam", "retract": False},
    "survey": {"type": "survey", "survey_id": "a", "wanted": False, "sampling_probability": 0.5},
    "event": {"type": "outcome", "outcome": "opted_out"},
}


def second_message(folder: Path, *events: dict[str, Any]) -> bytes:
    """Signals of a message that was sent an hour after the first, in a stream that holds these events too."""
    rows = [message("m0", T), message("m1", T + 3600.0), *events]
    table = pa.Table.from_pylist(sorted(rows, key=lambda row: row["known_at"]), schema=SCHEMA)
    pq.write_table(table, folder / "stream.parquet")
    found = replay(folder / "stream.parquet", model=keyword_model(), policy=default_policy())
    return bytes(found.frame[1])


@pytest.mark.parametrize("kind", EVENTS)
def test_what_happened_before_a_message_and_was_heard_after_it_is_in_none_of_its_signals(
    tmp_path: Path, kind: str
) -> None:
    late = {**HAPPENED, **EVENTS[kind], "known_at": math.nextafter(T + 3600.0, math.inf)}
    assert second_message(tmp_path, late) == second_message(tmp_path)


@pytest.mark.parametrize("kind", EVENTS)
def test_what_was_heard_before_a_message_is_in_its_signals(tmp_path: Path, kind: str) -> None:
    punctual = {**HAPPENED, **EVENTS[kind], "known_at": T + 3599.0}
    assert second_message(tmp_path, punctual) != second_message(tmp_path)

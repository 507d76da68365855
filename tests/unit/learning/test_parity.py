"""What was served, what a replay computes again, and what a decision log trains on are the same bits."""

from pathlib import Path

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray
from sqlalchemy import insert

from bawwab.core.errors import ModelError
from bawwab.core.events import Feedback, Message, SenderProfile
from bawwab.core.model.text import TextScore
from bawwab.core.policy import default_policy
from bawwab.core.records import Decided, Record
from bawwab.core.standing import Rate
from bawwab.gate import Gate
from bawwab.learning.logged import label_log
from bawwab.learning.replay import Replayed, replay
from bawwab.stores.export import export, reading
from bawwab.stores.memory import MemoryState
from bawwab.stores.schema import open_engine, records, to_row
from bawwab.world.doors import Answer, answer_of
from bawwab.world.stream import simulate
from kit import KeywordText, ListJournal, keyword_model
from world_kit import small


class Serving:
    """The production gate as a simulated platform asks it: at the time at which it learns of things."""

    def __init__(self, gate: Gate) -> None:
        self.gate = gate

    def put_profile(self, profile: SenderProfile, *, now: float) -> None:
        self.gate.put_profile(profile, now=float(now))

    def score(self, message: Message, *, now: float) -> Answer:
        return answer_of(self.gate.score(message, now=float(now)))

    def observe(self, item: Feedback, *, now: float) -> None:
        self.gate.observe(item, now=float(now))

    def unwanted_rate(self, sender_id: str, *, now: float) -> Rate | None:
        view = self.gate.sender(sender_id, now=now)
        return None if view is None else view.unwanted_rate


def write_log(url: str, logged: list[Record]) -> None:
    """Write a log at once, as its writer would have by and by."""
    engine = open_engine(url)
    with engine.begin() as connection:
        connection.execute(insert(records), [to_row(seq, record) for seq, record in enumerate(logged, 1)])
    engine.dispose()


class Served:
    """A simulated stream that the gate decided, its log, and the replay of the raw stream."""

    def __init__(self, folder: Path) -> None:
        journal, policy, model = ListJournal(), default_policy(), keyword_model()
        gate = Gate(state=MemoryState(), journal=journal, policy=policy, model=model)
        world = small(scale=0.01, days=10.0)
        self.stream = simulate(world, folder / "stream.parquet", door=Serving(gate)).events
        decided = [record for record in journal.records if isinstance(record, Decided)]
        self.first = [record for record in decided if record.first_attempt]
        self.allowed = {
            record.decision.decision_id: record
            for record in decided
            if record.decision.verdict.value == "allow"
        }
        self.out = folder / "out"
        write_log(f"sqlite:///{folder / 'log.sqlite'}", journal.records)
        with reading(f"sqlite:///{folder / 'log.sqlite'}") as log:
            export(log, self.out)
        self.replayed: Replayed = replay(self.stream, model=model, policy=policy)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Served:
    return Served(tmp_path_factory.mktemp("served"))


def values(logged: list[Decided]) -> NDArray[np.float64]:
    rows = [[np.nan if value is None else value for value in record.signals] for record in logged]
    return np.array(rows)


def test_a_replay_of_the_raw_stream_computes_what_was_served_to_the_bit(served: Served) -> None:
    assert len(served.first) > 150
    assert [record.message.message_id for record in served.first] == served.replayed.message_ids
    assert served.replayed.frame.tobytes() == values(served.first).tobytes()


def test_the_decision_log_trains_on_what_was_served_to_the_bit(served: Served) -> None:
    found = label_log(served.out, seed=1)
    assert len(found.decision_ids) > 100
    logged = [served.allowed[decision_id] for decision_id in found.decision_ids]
    assert found.frame.tobytes() == values(logged).tobytes()


class Broken(KeywordText):
    """Fails at every text."""

    def score(self, masked_text: str) -> TextScore:
        raise TypeError(masked_text)


def test_a_stream_that_the_model_fails_at_is_not_learned_from(served: Served) -> None:
    broken = msgspec.structs.replace(keyword_model(), text=Broken())
    with pytest.raises(ModelError, match="does not judge message"):
        replay(served.stream, model=broken, policy=default_policy())

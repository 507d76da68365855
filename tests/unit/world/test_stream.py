from pathlib import Path

import pyarrow.parquet as pq
import pytest

from bawwab.core.errors import ConfigurationError
from bawwab.world.stream import SCHEMA, Simulation, simulate
from world_kit import small


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Simulation:
    out = tmp_path_factory.mktemp("stream") / "world.parquet"
    return simulate(small(), out, door="heuristic", explore=0.2)


def test_every_event_is_in_the_order_in_which_it_became_known(written: Simulation) -> None:
    known = pq.read_table(written.events)["known_at"].to_pylist()
    assert len(known) == written.rows
    assert known == sorted(known)


def test_it_has_messages_profiles_and_every_kind_of_feedback(written: Simulation) -> None:
    table = pq.read_table(written.events)
    assert table.schema.equals(SCHEMA)
    assert set(table["type"].to_pylist()) == {"profile", "message", "report", "survey", "outcome"}


def test_the_truth_stands_in_a_file_of_its_own(written: Simulation) -> None:
    events, truth = pq.read_table(written.events), pq.read_table(written.truth)
    assert not {"role", "kind", "agent", "label", "form", "fraud", "fortune"} & set(events.column_names)
    messages = events.filter(events["type"].to_numpy(zero_copy_only=False) == "message")
    assert set(truth["message_id"].to_pylist()) == set(messages["message_id"].to_pylist())


def test_a_refusal_that_was_let_out_says_with_what_probability(written: Simulation) -> None:
    rows = pq.read_table(written.events, columns=["type", "verdict", "propensity"]).to_pylist()
    messages = [row for row in rows if row["type"] == "message"]
    let_out = [row for row in messages if row["verdict"] == "allow" and row["propensity"] < 1.0]
    assert let_out
    assert {row["propensity"] for row in let_out} == {0.2}
    assert {row["propensity"] for row in messages if row["verdict"] == "block"} == {0.8}


def test_training_streams_use_the_training_half(written: Simulation) -> None:
    assert set(pq.read_table(written.truth)["half"].to_pylist()) == {"train"}


def test_the_same_seed_writes_the_same_bytes(tmp_path: Path) -> None:
    twice = [simulate(small(scale=0.01), tmp_path / f"{n}.parquet") for n in (1, 2)]
    assert twice[0].events.read_bytes() == twice[1].events.read_bytes()


def test_a_door_nobody_knows_names_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="heuristic"):
        simulate(small(), tmp_path / "x.parquet", door="gatekeeper")

from pathlib import Path

import pytest

from bawwab.core.errors import StoreError
from bawwab.core.state.bundles import OWNER, Answered, Bundle, Closed, Consent, Messaged, key
from bawwab.core.state.cell import Rate
from bawwab.core.state.window import Window
from bawwab.stores.memory import MemoryState
from bawwab.stores.snapshot import Moment, load_snapshot, save_snapshot

NOW = 1_000.0


@pytest.fixture
def state() -> MemoryState:
    state = MemoryState()
    state.count(key(Bundle.OWNER, "s:a"), OWNER.deltas(allowed_day=2.5), OWNER.fields, now=NOW)
    state.hit(key(Bundle.THROUGHPUT, "s:a"), Rate(3, 10.0), now=NOW)
    state.see(key(Bundle.REACHED, "s:a"), "r1", Window(60.0), now=NOW)
    state.see(key(Bundle.REACHED, "s:b"), "r2", Window(60.0, exact=0), now=NOW)
    messaged = Messaged(1.0, 2.0, "m", "t", "c", "utility", ("x.example",))
    state.put(key(Bundle.MESSAGED, "a", "r1"), messaged, now=NOW, ttl=float("inf"))
    state.put(
        key(Bundle.CONSENT, "a", "r1"),
        Consent(opted_in=False, category=None, at=5.0),
        now=NOW,
        ttl=9.0,
        stamp=5.0,
    )
    answered = Answered(b"\0\xff", "d", "allow", 1.0, 1.0, 1.0, "", 0.0, "t", "c", "r")
    state.put(key(Bundle.MESSAGE, "a", "m"), answered, now=NOW, ttl=9.0)
    state.put(key(Bundle.CLOSED, "a", "r1"), Closed("rep", 1.0), now=NOW, ttl=9.0)
    return state


def test_what_is_loaded_is_what_was_saved(tmp_path: Path, state: MemoryState) -> None:
    save_snapshot(tmp_path / "s", Moment(7, 12.5), state.dump())
    assert load_snapshot(tmp_path / "s") == (Moment(7, 12.5), state.dump())


def test_a_restored_state_answers_alike(tmp_path: Path, state: MemoryState) -> None:
    save_snapshot(tmp_path / "s", Moment(7, None), state.dump())
    loaded = load_snapshot(tmp_path / "s")
    assert loaded is not None
    restored = MemoryState()
    restored.load(loaded[1])
    assert restored.seen(key(Bundle.REACHED, "s:b"), "r2", Window(60.0), now=NOW + 30)
    assert restored.row(key(Bundle.OWNER, "s:a"), now=NOW) == state.row(key(Bundle.OWNER, "s:a"), now=NOW)


def test_a_dump_is_left_alone_by_later_changes(state: MemoryState) -> None:
    before = state.dump()
    state.see(key(Bundle.REACHED, "s:a"), "r9", Window(60.0), now=NOW)
    state.forget(key(Bundle.MESSAGED, "a", "r1"))
    assert "r9" not in before.sets["reached", "s:a"][1]
    assert ("messaged", "a", "r1") in before.facts


def test_no_file_is_no_snapshot(tmp_path: Path) -> None:
    assert load_snapshot(tmp_path / "s") is None


@pytest.mark.parametrize("place", [0, 30, -1])
def test_one_altered_byte_is_noticed(tmp_path: Path, state: MemoryState, place: int) -> None:
    save_snapshot(tmp_path / "s", Moment(7, None), state.dump())
    content = bytearray((tmp_path / "s").read_bytes())
    content[place] ^= 1
    (tmp_path / "s").write_bytes(content)
    with pytest.raises(StoreError, match="damaged"):
        load_snapshot(tmp_path / "s")


def test_a_failed_save_leaves_the_former_one(tmp_path: Path, state: MemoryState) -> None:
    save_snapshot(tmp_path / "s", Moment(7, None), state.dump())
    (tmp_path / "s.new").mkdir()
    with pytest.raises(StoreError, match="could not be written"):
        save_snapshot(tmp_path / "s", Moment(8, None), state.dump())
    loaded = load_snapshot(tmp_path / "s")
    assert loaded is not None
    assert loaded[0].seq == 7

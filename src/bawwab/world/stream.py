"""The event stream of a simulated world as Parquet: who knew what, and when.

One row an event, in the order in which the platform learns of it. ``known_at`` is that moment;
``occurred_at`` is when it happened, days earlier where connectivity is bad. Times are Unix
seconds. Columns that a type of event does not have are null.

=========  ======================================================================================
type       columns besides ``type``, ``known_at``, ``occurred_at``, ``sender_id``
=========  ======================================================================================
profile    ``name verified domains vertical country portfolio_id registered_at``
message    the request (``message_id recipient category text language template_id campaign_id
           opted_in recipient_region last_inbound_at``), ``attempt``, and what the simulated
           platform answered: ``verdict reason retry_after propensity`` (probability with which
           chance took this side; below 1 only where a refusal was let out to learn)
report     ``recipient message_id report_id report_reason retract``
survey     ``recipient message_id survey_id wanted annoying sampling_probability``
outcome    ``recipient message_id outcome category``
=========  ======================================================================================

The truth stands in a file of its own, ``<name>.truth.parquet``, one row a message: ``message_id
sender_id role kind agent label form half fraud wanted fortune``. Whoever trains on the stream
must not read it; whoever judges may.
"""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from bawwab.core.errors import ConfigurationError
from bawwab.core.events import Outcome, Report, SenderProfile
from bawwab.stores.library import Half, half_of
from bawwab.world.doors import Answer, Door
from bawwab.world.feedback import Timed
from bawwab.world.intent import Intent
from bawwab.world.platform import World
from bawwab.world.referees import AllowAll, BlockAll, Exploring, Heuristic
from bawwab.world.scenario import DEFAULT, Scenario, load_scenario
from bawwab.world.wording import open_phrasebook

SCHEMA = pa.schema(
    [
        ("type", pa.string()),
        ("known_at", pa.float64()),
        ("occurred_at", pa.float64()),
        ("sender_id", pa.string()),
        ("recipient", pa.string()),
        ("message_id", pa.string()),
        ("category", pa.string()),
        ("text", pa.string()),
        ("language", pa.string()),
        ("template_id", pa.string()),
        ("campaign_id", pa.string()),
        ("opted_in", pa.bool_()),
        ("recipient_region", pa.string()),
        ("last_inbound_at", pa.float64()),
        ("attempt", pa.int32()),
        ("verdict", pa.string()),
        ("reason", pa.string()),
        ("retry_after", pa.float64()),
        ("propensity", pa.float64()),
        ("report_id", pa.string()),
        ("report_reason", pa.string()),
        ("retract", pa.bool_()),
        ("survey_id", pa.string()),
        ("wanted", pa.bool_()),
        ("annoying", pa.bool_()),
        ("sampling_probability", pa.float64()),
        ("outcome", pa.string()),
        ("name", pa.string()),
        ("verified", pa.bool_()),
        ("domains", pa.list_(pa.string())),
        ("vertical", pa.string()),
        ("country", pa.string()),
        ("portfolio_id", pa.string()),
        ("registered_at", pa.float64()),
    ]
)
TRUTH_SCHEMA = pa.schema(
    [
        ("message_id", pa.string()),
        ("sender_id", pa.string()),
        ("role", pa.string()),
        ("kind", pa.string()),
        ("agent", pa.string()),
        ("label", pa.string()),
        ("form", pa.string()),
        ("half", pa.string()),
        ("fraud", pa.bool_()),
        ("wanted", pa.bool_()),
        ("fortune", pa.string()),
    ]
)
_ROWS = 20_000  # rows of one Parquet row group
_DOORS: dict[str, Callable[[], Door]] = {
    "allow_all": AllowAll,
    "block_all": BlockAll,
    "heuristic": Heuristic,
}


class Simulation(NamedTuple):
    """What was written."""

    events: Path
    truth: Path
    messages: int
    rows: int


class StreamWriter:
    """A witness that writes every event down.

    Parameters
    ----------
    path : Path
        File to write; replaced if it exists.
    """

    def __init__(self, path: Path) -> None:
        self.rows = 0
        self._held: list[dict[str, Any]] = []
        self._writer = pq.ParquetWriter(path, SCHEMA, compression="zstd")

    def registered(self, profile: SenderProfile, *, now: float) -> None:
        """Write a profile."""
        self._add({"type": "profile", "known_at": now, "occurred_at": now, **msgspec.structs.asdict(profile)})

    def decided(self, intent: Intent, answer: Answer, *, now: float) -> None:
        """Write a message with what it was answered."""
        self._add(
            {
                **msgspec.structs.asdict(intent.message),
                "type": "message",
                "known_at": now,
                "attempt": intent.attempts,
                "verdict": answer.verdict.value,
                "reason": answer.reason or None,
                "retry_after": answer.retry_after,
                "propensity": answer.propensity,
            }
        )

    def heard(self, timed: Timed) -> None:
        """Write a report, an answer or an outcome."""
        item = timed.item
        row = msgspec.structs.asdict(item)
        if isinstance(item, Report):
            row |= {"type": "report", "report_reason": row.pop("reason").value}
        elif isinstance(item, Outcome):
            row |= {"type": "outcome", "outcome": item.kind.value}
        else:
            row["type"] = "survey"
        self._add({**row, "known_at": timed.known_at, "occurred_at": timed.occurred_at})

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._flush()
        self._writer.close()

    def _add(self, row: dict[str, Any]) -> None:
        self.rows += 1
        self._held.append(row)
        if len(self._held) >= _ROWS:
            self._flush()

    def _flush(self) -> None:
        held, self._held = self._held, []
        if held:
            self._writer.write_table(pa.Table.from_pylist(held, schema=SCHEMA))


def simulate(
    scenario: Scenario | str | Path = DEFAULT,
    out: Path = Path("var/stream.parquet"),
    seed: int = 1,
    *,
    door: Door | str = "allow_all",
    explore: float = 0.0,
    half: Half | None = Half.TRAIN,
    corpora: Iterable[Path] = (),
    progress: Callable[[float], None] | None = None,
) -> Simulation:
    """Run a world and write its event stream, and the truth beside it.

    Parameters
    ----------
    scenario : Scenario, str or Path
    out : Path
        Parquet file of events; the truth goes to ``<stem>.truth.parquet`` beside it.
    seed : int
    door : Door or str
        What guards the simulated platform: `allow_all`, `block_all`, `heuristic`, or any door.
    explore : float
        Probability with which a refusal is let out all the same; stored as propensity.
    half : Half or None
        Half of the message library that the words are from; None for both.
    corpora : iterable of Path
        Labelled CSV files or folders of them, mixed in.
    progress : callable, optional
        Called with the fraction done.

    Raises
    ------
    ConfigurationError
        The scenario, the library or the door's name cannot be used.
    """
    settled = scenario if isinstance(scenario, Scenario) else load_scenario(scenario)
    guard = _door(door) if isinstance(door, str) else door
    guard = Exploring(guard, explore, seed) if explore > 0.0 else guard
    phrasebook = open_phrasebook(half=half, corpora=corpora)
    out.parent.mkdir(parents=True, exist_ok=True)
    with StreamWriter(out) as writer:
        world = World(settled, seed=seed, phrasebook=phrasebook, door_for=lambda _: guard, witness=writer)
        world.run(progress)
    truth = out.with_suffix(".truth.parquet")
    intents = list(world.engine.intents.values())
    pq.write_table(pa.Table.from_pylist(_truths(intents), schema=TRUTH_SCHEMA), truth, compression="zstd")
    return Simulation(out, truth, len(intents), writer.rows)


def _door(name: str) -> Door:
    made = _DOORS.get(name)
    if made is None:
        raise ConfigurationError(f"no door {name!r}; there are {', '.join(_DOORS)}")
    return made()


def _truths(intents: Sequence[Intent]) -> list[dict[str, Any]]:
    return [
        {
            **msgspec.to_builtins(intent.truth),
            "message_id": intent.message.message_id,
            "sender_id": intent.message.sender_id,
            "half": half_of(intent.truth.form).value,
            "fortune": intent.fortune.value,
        }
        for intent in intents
    ]

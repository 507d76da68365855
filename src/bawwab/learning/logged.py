"""Rows of the risk model's frame that were logged: an export's decisions, labelled, out of core.

The signals that were logged with a decision are its row (*log and wait*); nothing is computed
again. DuckDB reads the Parquet under a memory limit and spills to a folder. Every message of which
something was said is kept as long as there is room, of the silent ones a sample: each row's weight
is divided by the probability with which it was kept, so that every weighted sum over the rows is,
in expectation, the sum over the whole log.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from bawwab.core.signals import CATALOGUE_DIGEST, NAMES
from bawwab.learning.behaviour import DelayCurve, Heard, Labels, Said, hear, silence, unbiased
from bawwab.learning.exported import EVEN, Connection, Means, end_of, one, open_export, set_variables
from bawwab.stores.tables import PREFIX

_BATCH = 20_000


class Logged(NamedTuple):
    """Labelled decisions, in the log's order; those of which nothing is known are not among them.

    ``until`` is when the last thing became known that they were labelled by.
    """

    decision_ids: list[str]
    frame: NDArray[np.float64]
    labels: Labels
    until: float


class Kept(NamedTuple):
    """Probability with which a message was kept: one of which something was said, and a silent one."""

    voiced: float
    silent: float


def label_log(folder: Path, *, seed: int, cutoff: float | None = None, means: Means | None = None) -> Logged:
    """Label an export's decisions by what was known at ``cutoff``, all of it by default.

    A row is a message that was allowed, with the signals of the decision that allowed it, or a
    refusal that a reviewer has judged. Decisions of a fail mode and of another catalogue are left
    out. The same folder, seed and cut-off give the same rows.

    Raises
    ------
    ConfigurationError
        The folder is no export.
    """
    chosen = Means() if means is None else means
    with open_export(folder, chosen, cutoff=cutoff) as log:
        end = end_of(log)
        set_variables(log, until=end, seed=f"/{seed}", catalogue=CATALOGUE_DIGEST)
        log.execute(_SENT)
        log.execute(_SAID)
        kept = _kept(log, chosen.rows)
        set_variables(log, voiced=kept.voiced, silent=kept.silent)
        heard = hear(_sayings(log))
        ages = log.sql("SELECT getvariable('until') - known_at AS age FROM sent").fetchnumpy()["age"]
        rows = log.sql(_ROWS_KEPT).to_arrow_table().sort_by("seq")
        censored = int(one(log, _CENSORED))
    labels = _labels(rows, heard, DelayCurve(heard.delays, ages), kept)._replace(censored=censored)
    known = labels.weight > 0.0
    ids = rows["decision_id"].filter(pa.array(known)).to_pylist()
    return Logged(ids, _frame(rows, known), labels.take(known), end)


_U = EVEN.format(of="decision_id")
_SENT = """
CREATE TEMP VIEW sent AS
SELECT seq, known_at, decision_id, sender_id, recipient, message_id
FROM decisions
WHERE verdict = 'allow' AND NOT degraded AND catalogue = getvariable('catalogue')
"""
# A report or an answer that names its message is about that one, if it is that person's; one that
# names none is about the last that the sender had sent to that person. What takes a report back
# goes by the report's id, whatever it names.
_SAID = """
CREATE TEMP TABLE said AS
WITH told AS (
    SELECT 'report' AS type, seq, known_at, occurred_at, sender_id, recipient, message_id, report_id,
           report_reason, retract, weight, NULL::BOOLEAN AS wanted, NULL::DOUBLE AS sampling_probability
    FROM reports
    UNION ALL
    SELECT 'survey', seq, known_at, occurred_at, sender_id, recipient, message_id, NULL,
           NULL, false, NULL, wanted, sampling_probability
    FROM surveys
),
named AS (
    SELECT told.*, sent.decision_id, sent.known_at AS sent_at
    FROM told JOIN sent ON told.sender_id = sent.sender_id AND told.message_id = sent.message_id
         AND told.recipient = sent.recipient AND sent.known_at <= told.known_at
    WHERE NOT told.retract
    QUALIFY row_number() OVER (PARTITION BY told.seq ORDER BY sent.seq DESC) = 1
),
paired AS (
    SELECT told.*, sent.decision_id, sent.known_at AS sent_at
    FROM told JOIN sent ON told.sender_id = sent.sender_id AND told.recipient = sent.recipient
         AND sent.known_at <= told.occurred_at
    WHERE told.message_id IS NULL AND NOT told.retract
    QUALIFY row_number() OVER (PARTITION BY told.seq ORDER BY sent.seq DESC) = 1
),
judged AS (
    SELECT 'resolution' AS type, r.seq, r.known_at, d.decision_id, d.known_at AS sent_at, r.outcome
    FROM resolutions r JOIN decisions d USING (decision_id)
    WHERE NOT d.degraded AND d.catalogue = getvariable('catalogue')
)
SELECT *, NULL AS outcome FROM named
UNION ALL BY NAME SELECT * FROM paired
UNION ALL BY NAME SELECT *, '' AS decision_id, known_at AS sent_at FROM told WHERE retract
UNION ALL BY NAME SELECT *, false AS retract FROM judged
"""
_ROWS_KEPT = f"""
WITH voiced AS (SELECT DISTINCT decision_id FROM said WHERE NOT retract)
SELECT seq, decision_id, verdict = 'allow' AS allowed, propensity, voiced.decision_id IS NOT NULL AS voiced,
       getvariable('until') - known_at AS age, {", ".join(PREFIX + name for name in NAMES)}
FROM decisions LEFT JOIN voiced USING (decision_id)
WHERE NOT degraded AND catalogue = getvariable('catalogue')
  AND CASE WHEN voiced.decision_id IS NOT NULL THEN {_U} < getvariable('voiced')
           ELSE verdict = 'allow' AND {_U} < getvariable('silent') END
"""  # noqa: S608 - names of ours
_CENSORED = """
SELECT count(*) FROM decisions
WHERE verdict <> 'allow' AND NOT degraded AND catalogue = getvariable('catalogue')
  AND decision_id NOT IN (SELECT decision_id FROM said WHERE type = 'resolution')
"""


def _kept(log: Connection, rows: int) -> Kept:
    """Half of the room, or more where the silent do not need it, goes to those that were spoken of."""
    voiced = int(one(log, "SELECT count(DISTINCT decision_id) FROM said WHERE NOT retract"))
    silent = max(0, int(one(log, "SELECT count(*) FROM sent")) - voiced)
    room = max(rows // 2, rows - silent)
    taken = min(voiced, room)
    return Kept(min(1.0, room / max(voiced, 1)), min(1.0, (rows - taken) / max(silent, 1)))


def _sayings(log: Connection) -> Iterator[Said[str]]:
    """What was said of the messages that are kept, in the order in which it became known."""
    wanted = f"SELECT * FROM said WHERE retract OR {_U} < getvariable('voiced') ORDER BY seq"  # noqa: S608
    for batch in log.sql(wanted).to_arrow_reader(_BATCH):
        for event in batch.to_pylist():
            yield Said(event["decision_id"], event["sent_at"], event["type"] != "resolution", event)


def _labels(rows: pa.Table, heard: Heard[str], curve: DelayCurve, kept: Kept) -> Labels:
    ids: list[str] = rows["decision_id"].to_pylist()
    voiced, allowed = _array(rows, "voiced").astype(bool), _array(rows, "allowed").astype(bool)
    abuse, speaker = np.zeros(len(ids), np.int64), np.zeros(len(ids), np.int64)
    weight = np.where(allowed, silence(curve, _array(rows, "age")), 0.0)
    for row in np.flatnonzero(voiced):
        voice = heard.voices.get(ids[row])
        if voice is not None:
            speaker[row], abuse[row], weight[row] = voice
    weight = unbiased(weight, _array(rows, "propensity")) / np.where(voiced, kept.voiced, kept.silent)
    return Labels(abuse, weight, speaker, censored=0)


def _frame(rows: pa.Table, chosen: NDArray[np.bool_]) -> NDArray[np.float64]:
    frame = np.empty((int(chosen.sum()), len(NAMES)))
    for column, name in enumerate(NAMES):
        frame[:, column] = _array(rows, PREFIX + name)[chosen]
    return frame


def _array(rows: pa.Table, name: str) -> NDArray[np.float64]:
    """Values of a column; an unknown one is NaN."""
    values: NDArray[np.float64] = rows[name].cast(pa.float64()).to_numpy()
    return values

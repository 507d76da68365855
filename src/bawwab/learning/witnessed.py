"""Messages of simulated streams with the truth about them, for judging and for nothing else.

A model is fitted on what recipients said; whether it was right is asked of the world, which
writes the truth beside its stream (`<stem>.truth.parquet`). A stream without such a file, a
deployment's own log for one, cannot be judged this way and is left out.
"""

from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bawwab.learning.behaviour import labels_of
from bawwab.learning.lived import weigh
from bawwab.learning.replay import Replayed, events_of

CUT = 2 / 3  # of a stream's time is the past that a model may learn from; the rest is its future


class Witnessed(msgspec.Struct, frozen=True, kw_only=True):
    """First attempts of all streams, what was said of them, and what they were.

    ``abuse`` and ``weight`` are what recipients said by the end of the stream, ``early_abuse``
    and ``early_weight`` what they had said by the cut; weight 0 is not known. ``true`` is what
    the message was, ``judged`` whether it counts: what an abuser stages with its friends does
    not. Messages of one ``operation`` share its number: the identities of one abuser are one.
    """

    frame: NDArray[np.float64]
    abuse: NDArray[np.int64]
    weight: NDArray[np.float64]
    early_abuse: NDArray[np.int64]
    early_weight: NDArray[np.float64]
    past: NDArray[np.bool_]
    operation: NDArray[np.int64]
    true: NDArray[np.bool_]
    judged: NDArray[np.bool_]
    kind: NDArray[np.str_]
    category: NDArray[np.str_]
    language: NDArray[np.str_]
    streams: int


def truth_of(stream: Path) -> Path:
    """Where a stream's truth is, if it has one."""
    return stream.with_suffix(".truth.parquet")


def witness(streams: Sequence[Path], replays: Sequence[Replayed], *, base_rate: float) -> Witnessed | None:
    """Put replayed streams and their truths together; None where no stream has one."""
    told = [
        _table(stream, replayed, base_rate)
        for stream, replayed in zip(streams, replays, strict=True)
        if truth_of(stream).exists()
    ]
    if not told:
        return None
    whole = pd.concat([table for table, _ in told], keys=range(len(told)), names=["stream"]).reset_index()
    return Witnessed(
        frame=np.concatenate([frame for _, frame in told]),
        abuse=whole["abuse"].to_numpy(np.int64),
        weight=whole["weight"].to_numpy(np.float64),
        early_abuse=whole["early_abuse"].to_numpy(np.int64),
        early_weight=whole["early_weight"].to_numpy(np.float64),
        past=whole["past"].to_numpy(np.bool_),
        operation=np.asarray(whole.groupby(["stream", "agent"], sort=True).ngroup(), np.int64),
        true=(whole["role"] == "abusive").to_numpy(np.bool_),
        judged=whole["role"].isin(["honest", "abusive"]).to_numpy(np.bool_),
        kind=np.asarray(whole["kind"], np.str_),
        category=np.asarray(whole["category"], np.str_),
        language=np.asarray(whole["language"], np.str_),
        streams=len(told),
    )


def _table(stream: Path, replayed: Replayed, base_rate: float) -> tuple[pd.DataFrame, NDArray[np.float64]]:
    table = pd.DataFrame({"sender_id": replayed.sender_ids, "message_id": replayed.message_ids})
    keys = ["sender_id", "message_id"]
    truth = pd.read_parquet(truth_of(stream), columns=[*keys, "role", "kind", "agent"])
    sent = pd.read_parquet(stream, columns=[*keys, "type", "category", "language"])
    sent = sent[sent["type"] == "message"].drop_duplicates(keys).drop(columns="type")
    table = table.merge(truth, on=keys, how="left", validate="one_to_one")
    table = table.merge(sent, on=keys, how="left", validate="one_to_one")
    end = float(replayed.at.max())
    cut = float(replayed.at.min()) + CUT * (end - float(replayed.at.min()))
    table["past"] = replayed.at <= cut
    for name, moment in (("", end), ("early_", cut)):
        labels = labels_of(replayed, events_of(stream), cutoff=moment)
        table[f"{name}abuse"] = labels.abuse
        table[f"{name}weight"] = weigh(labels.abuse, labels.weight, base_rate)
    table["language"] = table["language"].fillna("und").str.partition("-")[0]
    return table, replayed.frame

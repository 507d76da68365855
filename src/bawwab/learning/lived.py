"""Rows of the risk model's frame that were lived through: event streams replayed, decision logs read."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from bawwab.core.signals import NAMES
from bawwab.learning.behaviour import Labels, labels_of
from bawwab.learning.exported import Means
from bawwab.learning.logged import label_log
from bawwab.learning.replay import Replayed, events_of

SHARE = 0.15  # of the whole weight; decisions/0007


class Lived(msgspec.Struct, frozen=True, kw_only=True):
    """Labelled messages of some streams and logs, which of them each is from, and whose word its label is.

    ``until`` and ``censored`` are of each stream or log: when the last thing became known that its labels
    rest on, and how many refusals taught nothing.
    """

    frame: NDArray[np.float64]
    abuse: NDArray[np.int64]
    weight: NDArray[np.float64]
    stream: NDArray[np.int64]
    speaker: NDArray[np.int64]
    until: tuple[float, ...]
    censored: tuple[int, ...]

    @classmethod
    def nothing(cls) -> "Lived":
        """No stream and no log at all."""
        none = np.empty(0, np.int64)
        return cls(
            frame=np.empty((0, len(NAMES))),
            abuse=none,
            weight=np.empty(0),
            stream=none,
            speaker=none,
            until=(),
            censored=(),
        )


class Part(NamedTuple):
    """Labelled messages of one stream or log, and until when they were told of."""

    frame: NDArray[np.float64]
    labels: Labels
    until: float


def live_through(streams: Sequence[Path], replays: Sequence[Replayed], *, base_rate: float) -> Lived:
    """Label replayed streams.

    Within a stream abuse and the rest are weighed to ``base_rate``; streams weigh the same.
    """
    parts = [_labelled(path, replayed) for path, replayed in zip(streams, replays, strict=True)]
    return _together(parts, base_rate)


def read_logs(
    exports: Sequence[Path], *, cutoff: float | None, base_rate: float, seed: int, means: Means | None = None
) -> Lived:
    """Label every exported decision log, weighed as `live_through` weighs a stream."""
    logs = [label_log(folder, seed=seed, cutoff=cutoff, means=means) for folder in exports]
    return _together([Part(log.frame, log.labels, log.until) for log in logs], base_rate)


def joined(first: Lived, second: Lived) -> Lived:
    """Both, each stream and log still by itself."""
    return Lived(
        frame=np.concatenate([first.frame, second.frame]),
        abuse=np.concatenate([first.abuse, second.abuse]),
        weight=np.concatenate([first.weight, second.weight]),
        stream=np.concatenate([first.stream, second.stream + len(first.until)]),
        speaker=np.concatenate([first.speaker, second.speaker]),
        until=first.until + second.until,
        censored=first.censored + second.censored,
    )


def _together(parts: Sequence[Part], base_rate: float) -> Lived:
    if not parts:
        return Lived.nothing()
    return Lived(
        frame=np.concatenate([part.frame for part in parts]),
        abuse=np.concatenate([part.labels.abuse for part in parts]),
        weight=np.concatenate([weigh(part.labels.abuse, part.labels.weight, base_rate) for part in parts]),
        stream=np.repeat(np.arange(len(parts)), [len(part.labels.abuse) for part in parts]),
        speaker=np.concatenate([part.labels.speaker for part in parts]),
        until=tuple(part.until for part in parts),
        censored=tuple(part.labels.censored for part in parts),
    )


def _labelled(stream: Path, replayed: Replayed) -> Part:
    cutoff = float(replayed.at.max()) if len(replayed.at) else 0.0
    labels = labels_of(replayed, events_of(stream), cutoff=cutoff)
    known = labels.weight > 0.0
    return Part(replayed.frame[known], labels.take(known), cutoff)


def weigh(abuse: NDArray[np.int64], weight: NDArray[np.float64], rate: float) -> NDArray[np.float64]:
    """Weights that sum to 1, the share of abuse being ``rate``."""
    scaled = np.zeros(len(weight))
    for label, share in ((1, rate), (0, 1.0 - rate)):
        rows = abuse == label
        total = weight[rows].sum()
        if total > 0.0:
            scaled[rows] = weight[rows] * share / total
    return scaled

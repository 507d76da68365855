"""Rows of the risk model's frame that were lived through: event streams, replayed and labelled."""

from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray

from bawwab.core.model.model import Model
from bawwab.core.policy import Policy
from bawwab.core.signals import NAMES
from bawwab.learning.behaviour import labels_of
from bawwab.learning.replay import events_of, replay

SHARE = 0.15  # of the whole weight; decisions/0007


class Lived(msgspec.Struct, frozen=True, kw_only=True):
    """Labelled first attempts of some streams, and the stream each is from."""

    frame: NDArray[np.float64]
    abuse: NDArray[np.int64]
    weight: NDArray[np.float64]
    stream: NDArray[np.int64]

    @classmethod
    def nothing(cls) -> "Lived":
        """No stream at all."""
        none = np.empty(0)
        return cls(
            frame=np.empty((0, len(NAMES))), abuse=none.astype(int), weight=none, stream=none.astype(int)
        )


def live_through(
    streams: Sequence[Path], *, model: Model, policy: Policy, base_rate: float, jobs: int
) -> Lived:
    """Replay and label every stream.

    ``model`` must not have learned from the words of the streams. Within a stream abuse and the
    rest are weighed to ``base_rate``; streams weigh the same.
    """
    if not streams:
        return Lived.nothing()
    parts = Parallel(n_jobs=jobs)(delayed(_labelled)(path, model, policy) for path in streams)
    return Lived(
        frame=np.concatenate([part[0] for part in parts]),
        abuse=np.concatenate([part[1] for part in parts]),
        weight=np.concatenate([_to_rate(part[1], part[2], base_rate) for part in parts]),
        stream=np.repeat(np.arange(len(parts)), [len(part[1]) for part in parts]),
    )


def _labelled(
    stream: Path, model: Model, policy: Policy
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.float64]]:
    replayed = replay(stream, model=model, policy=policy)
    cutoff = float(replayed.at.max()) if len(replayed.at) else 0.0
    labels = labels_of(replayed, events_of(stream), cutoff=cutoff)
    known = labels.weight > 0.0
    return replayed.frame[known], labels.abuse[known], labels.weight[known]


def _to_rate(abuse: NDArray[np.int64], weight: NDArray[np.float64], rate: float) -> NDArray[np.float64]:
    """Weights that sum to 1, the share of abuse being ``rate``."""
    scaled = np.zeros(len(weight))
    for label, share in ((1, rate), (0, 1.0 - rate)):
        rows = abuse == label
        total = weight[rows].sum()
        if total > 0.0:
            scaled[rows] = weight[rows] * share / total
    return scaled

"""The training frame: one row a message, one column a signal, in the catalogue's order."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from bawwab.core.signals import CATALOGUE, NAMES, Context, Group, signals


def frame_of(contexts: Iterable[Context]) -> NDArray[np.float64]:
    """Compute the signals of messages in their circumstances, as the gate would."""
    rows = [signals(context) for context in contexts]
    return np.array(rows, dtype=np.float64).reshape(-1, len(NAMES))


def columns_of(groups: Sequence[Group]) -> list[int]:
    """Positions of the signals of some groups, for what each group adds."""
    return [index for index, signal in enumerate(CATALOGUE) if signal.group in groups]

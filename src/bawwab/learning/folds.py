"""Which messages must be left out together: near-duplicates, sources, languages."""

from collections import defaultdict
from collections.abc import Hashable, Sequence

import numpy as np
from numpy.typing import NDArray

from bawwab.core.text.fingerprint import bands, signature, similarity

ALIKE = 0.7  # Jaccard estimate from which two masked texts are one wording
COMPARED = 8  # members of a band that a text is compared with, the latest first


class Union:
    """Disjoint sets over ``0 .. size-1``; the smallest member names a set."""

    def __init__(self, size: int) -> None:
        self._parent = list(range(size))

    def find(self, item: int) -> int:
        """Name of the item's set."""
        while self._parent[item] != item:
            self._parent[item] = self._parent[self._parent[item]]
            item = self._parent[item]
        return item

    def join(self, one: int, other: int) -> None:
        """Make one set of two."""
        low, high = sorted((self.find(one), self.find(other)))
        self._parent[high] = low

    def names(self) -> NDArray[np.int64]:
        """Name of every item's set."""
        return np.array([self.find(item) for item in range(len(self._parent))], dtype=np.int64)


def near_duplicates(masked: Sequence[str]) -> NDArray[np.int64]:
    """Cluster of every masked text: texts linked by a chain of near-duplicates share one."""
    sets = Union(len(masked))
    members: defaultdict[int, list[int]] = defaultdict(list)
    first: dict[str, int] = {}
    signatures: list[bytes] = []
    for item, text in enumerate(masked):
        signatures.append(signature(text))
        earlier = first.setdefault(text, item)
        if earlier != item:
            sets.join(earlier, item)
            continue
        for band in bands(signatures[item]):
            for other in members[band][-COMPARED:]:
                if similarity(signatures[item], signatures[other]) >= ALIKE:
                    sets.join(item, other)
            members[band].append(item)
    return sets.names()


def joined(clusters: NDArray[np.int64], keys: Sequence[Hashable | None]) -> NDArray[np.int64]:
    """Groups in which texts share a cluster or a key; a key of None joins nothing."""
    sets = Union(len(clusters))
    first: dict[Hashable, int] = {}
    for item, (cluster, key) in enumerate(zip(clusters, keys, strict=True)):
        sets.join(item, int(cluster))
        if key is not None:
            sets.join(item, first.setdefault(key, item))
    return sets.names()


def folds_of(groups: NDArray[np.int64], labels: NDArray[np.int64], *, count: int) -> NDArray[np.int64]:
    """Fold of every row: groups stay whole, and classes spread as evenly as that allows.

    Groups are dealt largest first, each to the fold that has least of what the group holds.
    """
    width = int(labels.max()) + 1
    names, inverse = np.unique(groups, return_inverse=True)
    held = np.zeros((len(names), width))
    np.add.at(held, (inverse, labels), 1.0)
    held /= held.sum(axis=0)
    loads = np.zeros((count, width))
    fold = np.zeros(len(names), dtype=np.int64)
    for group in np.argsort(-held.sum(axis=1), kind="stable"):
        fold[group] = int(np.argmin(loads @ held[group] + 1e-9 * loads.sum(axis=1)))
        loads[fold[group]] += held[group]
    return fold[inverse]

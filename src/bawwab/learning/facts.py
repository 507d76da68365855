"""What a version was trained on, in numbers, for its card and its figures."""

from typing import Any

import numpy as np

from bawwab.core.model.text import CLASSES, SERVICE
from bawwab.learning.lived import SHARE, Lived
from bawwab.learning.prepare import Prepared


def facts_of(
    prepared: Prepared, lived: Lived, *, streams: int, logs: int, base_rate: float
) -> dict[str, Any]:
    """Count what there was to learn from."""
    languages, sources = np.array(prepared.languages), np.array([s.source for s in prepared.samples])
    classes = {}
    for number, name in enumerate(CLASSES):
        rows = prepared.labels == number
        classes[name] = {
            "messages": int(rows.sum()),
            "wordings": len(np.unique(prepared.clusters[rows])),
            "languages": len(np.unique(languages[rows])),
            "sources": len(np.unique(sources[rows])),
        }
    judged = set(languages[prepared.labels != SERVICE].tolist())
    return {
        "classes": classes,
        "one_sided": len(set(languages.tolist()) - judged),
        "lived": len(lived.abuse),
        "streams": streams,
        "logs": logs,
        "share_lived": SHARE if len(lived.abuse) else 0.0,
        "base_rate": base_rate,
    }

"""What a version was trained on, in numbers, for its card and its figures."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import numpy as np

from bawwab.core.model.text import CLASSES, SERVICE
from bawwab.learning.behaviour import Speaker
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
        "told": [
            {"from": "stream" if number < streams else "log", **told}
            for number, told in enumerate(_told(lived))
        ],
        "share_lived": SHARE if len(lived.abuse) else 0.0,
        "base_rate": base_rate,
    }


def _told(lived: Lived) -> Iterator[dict[str, Any]]:
    """What each stream or log had to say, as known when; counts of messages that were kept."""
    for number, (until, censored) in enumerate(zip(lived.until, lived.censored, strict=True)):
        rows = lived.stream == number
        spoke = np.bincount(lived.speaker[rows], minlength=len(Speaker)).tolist()
        yield {
            "known_at": dt.datetime.fromtimestamp(until, dt.UTC).isoformat(timespec="seconds"),
            "reviewed": spoke[Speaker.REVIEWER],
            "asked": spoke[Speaker.ASKED],
            "reported": spoke[Speaker.REPORTER],
            "silent": spoke[Speaker.NOBODY],
            "abusive": int(lived.abuse[rows].sum()),
            "censored": censored,
        }

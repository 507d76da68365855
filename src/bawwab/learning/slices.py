"""Who is hurt: honest messages refused or blocked by the model's score, slice by slice.

By category, language, standing of the sender and, in streams, kind of sender, with exact 95 %
intervals. It is the model's share alone: the gate's other rules (consent, pace, budgets), what
feedback undoes, and that reports lower the line of a text that names nothing, are judged by the trial.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bawwab.core.events import Category
from bawwab.core.model.model import Certificate
from bawwab.core.policy import Policy
from bawwab.core.signals import NAMES
from bawwab.learning.fit import Circumstances
from bawwab.learning.measure import NAMES_NOTHING, exact
from bawwab.learning.prepare import Prepared
from bawwab.learning.witnessed import Witnessed

VERIFIED, AGE, SENT, KNOWN = (
    NAMES.index(name) for name in ("verified", "sender_age", "sent_before", "text_known")
)
ALL = "all"


def standing(frame: NDArray[np.float64], policy: Policy) -> NDArray[np.str_]:
    """Whether each sender is new, as `is_new_owner` says it of one."""
    days, sent = np.expm1(frame[:, AGE]), np.expm1(frame[:, SENT])
    proven = (sent >= policy.pace.proven) & (days >= policy.pace.trusted_days)
    new = (frame[:, VERIFIED] == 0) & (days < policy.pace.new_owner_days) & ~proven
    return np.where(new, "new", "established")


def labelled_slices(
    prepared: Prepared,
    made: Circumstances,
    judged: NDArray[np.bool_],
    logits: NDArray[np.float64],
    *,
    certificates: Mapping[str, Certificate],
    policy: Policy,
) -> dict[str, Any]:
    """Slices of labelled messages in drawn circumstances."""
    category = np.array([item.context.message.category.value for item in made.drawn])
    keys = {
        "category": category,
        "standing": standing(made.frame, policy),
        "language": np.array(prepared.languages)[made.origin],
    }
    lines = Lines(category, keys["standing"], made.frame, certificates, policy)
    return _slices(logits, made.frame, judged & (made.abuse == 0), keys, lines)


def stream_slices(
    seen: Witnessed, logits: NDArray[np.float64], *, certificates: Mapping[str, Certificate], policy: Policy
) -> dict[str, Any]:
    """Slices of messages of simulated streams."""
    keys = {
        "category": seen.category,
        "standing": standing(seen.frame, policy),
        "language": seen.language,
        "sender": seen.kind,
    }
    lines = Lines(seen.category, keys["standing"], seen.frame, certificates, policy)
    return _slices(logits, seen.frame, seen.judged & ~seen.true, keys, lines)


class Lines:
    """Scores from which each message is refused, and blocked; inf where it never is."""

    def __init__(
        self,
        category: NDArray[np.str_],
        stand: NDArray[np.str_],
        frame: NDArray[np.float64],
        certificates: Mapping[str, Certificate],
        policy: Policy,
    ) -> None:
        content = policy.content
        throttle = {name.value: content.throttle.of(name) for name in Category}
        block = {
            name: max(found.block, content.block)
            for name, found in certificates.items()
            if found.block is not None
        }
        self.known_share = content.known_share
        usual = np.array([throttle[name] for name in category.tolist()])
        self.throttle = np.where(frame[:, NAMES_NOTHING] > 0.0, content.nothing_named, usual)
        traffic = [f"{one}/{other}" for one, other in zip(category.tolist(), stand.tolist(), strict=True)]
        self.block = np.array([block.get(name, np.inf) for name in traffic])


def _slices(
    logits: NDArray[np.float64],
    frame: NDArray[np.float64],
    honest: NDArray[np.bool_],
    keys: Mapping[str, NDArray[np.str_]],
    lines: Lines,
) -> dict[str, Any]:
    odds = 1.0 / (1.0 + np.exp(-logits))
    known = frame[:, KNOWN] >= lines.known_share
    refused = known & (odds >= np.minimum(lines.throttle, lines.block))
    blocked = known & (odds >= lines.block)

    def told(rows: NDArray[np.bool_]) -> dict[str, Any]:
        of = int(rows.sum())
        counts = {"refused": int(refused[rows].sum()), "blocked": int(blocked[rows].sum())}
        return {name: exact(count, of)._asdict() for name, count in counts.items()}

    found: dict[str, Any] = {ALL: {ALL: told(honest)}}
    for key, names in keys.items():
        slices = np.unique(names[honest]).tolist()
        found[key] = {name: told(honest & (names == name)) for name in slices}
    return found

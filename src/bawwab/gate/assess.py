"""What the model makes of a message: score, risk level, thresholds, reasons."""

from collections import defaultdict
from collections.abc import Sequence

import msgspec

from bawwab.core.decisions import Quality, Reason, ReasonCode, RiskLevel, TextScores, Thresholds
from bawwab.core.model.model import Model
from bawwab.core.model.risk import probability
from bawwab.core.policy import Policy
from bawwab.core.rules import MENDABLE, is_new_owner
from bawwab.core.signals import CATALOGUE, NAMES, Context, Group
from bawwab.core.standing import quality

_REPUTATION = tuple(i for i, entry in enumerate(CATALOGUE) if entry.group is Group.REPORTS)
_MENDABLE = tuple(i for i, entry in enumerate(CATALOGUE) if entry.reason in MENDABLE)
_NAMES_NOTHING = NAMES.index("names_nothing")
_SPOKEN_AGAINST = frozenset([Quality.YELLOW, Quality.RED])
_UNREAD = TextScores(0.0, 0.0, 1.0)
_WORDS = "text_fraud"
_AUDIBLE = 0.05  # nats: a push below this is noise to whoever reads the reasons


class Assessment(msgspec.Struct, frozen=True):
    """What the model says of a message.

    ``guarded_score``, which is what the block line is held against, leaves out the strongest
    single word of mouth (reports, surveys), and whatever only speaks of an advert or its manner:
    that holds a message until it is mended, and ends none.
    """

    score: float
    guarded_score: float
    risk_level: RiskLevel
    thresholds: Thresholds
    text_scores: TextScores
    reasons: tuple[Reason, ...]
    names_nothing: bool = False


def assess(model: Model | None, values: Sequence[float], context: Context, policy: Policy) -> Assessment:
    """Score the signals of a message; without a model nothing is assessed."""
    content = policy.content
    category = context.message.category
    if model is None or context.score is None:
        thresholds = Thresholds(content.throttle.of(category), None)
        return Assessment(0.0, 0.0, RiskLevel.NOT_ASSESSED, thresholds, _UNREAD, ())
    parts = model.risk.contributions(values)
    logit = model.risk.logit(parts)
    score = probability(logit)
    unmended = sum(max(0.0, parts[index]) for index in _MENDABLE)
    guarded = probability(logit - unmended - max(0.0, *[parts[index] for index in _REPUTATION]))
    names_nothing = values[_NAMES_NOTHING] > 0.0
    alone = names_nothing and quality(context.owner, policy.quality) not in _SPOKEN_AGAINST
    held_from = content.held_from(category, names_nothing=alone)
    thresholds = Thresholds(held_from, _block(model, context, policy))
    reasons = () if score < content.elevated else reasons_of(parts, model.text.about(context.score))
    level = _level(score, context, policy)
    return Assessment(score, guarded, level, thresholds, context.score.scores, reasons, names_nothing)


def traffic_class(context: Context, policy: Policy) -> str:
    """Class of traffic whose certificate applies, such as ``utility/new``."""
    standing = "new" if is_new_owner(context, policy) else "established"
    return f"{context.message.category.value}/{standing}"


def reasons_of(parts: Sequence[float], about: Sequence[str] = ()) -> tuple[Reason, ...]:
    """Contributions that speak against a message, gathered by reason, heaviest first.

    ``about`` names what the message speaks of and asks for, where its words speak against it.
    """
    pushes: dict[ReasonCode, list[tuple[float, str]]] = defaultdict(list)
    for part, entry in zip(parts, CATALOGUE, strict=True):
        said = f"{entry.against}: {', '.join(about)}" if about and entry.name == _WORDS else entry.against
        pushes[entry.reason].append((part, said))
    made = []
    for code, found in pushes.items():
        weight = sum(part for part, _ in found)
        if weight >= _AUDIBLE:
            made.append(Reason(code, round(weight, 4), _say(found)))
    return tuple(sorted(made, key=lambda reason: -reason.weight))


def _say(found: list[tuple[float, str]]) -> str:
    loud = sorted((pair for pair in found if pair[0] >= _AUDIBLE), reverse=True)[:2]
    return "; ".join(said for _, said in loud)


def _block(model: Model, context: Context, policy: Policy) -> float | None:
    certificate = model.certificates.get(traffic_class(context, policy))
    if certificate is None or certificate.block is None:
        return None
    return max(certificate.block, policy.content.block)


def _level(score: float, context: Context, policy: Policy) -> RiskLevel:
    content = policy.content
    if context.score is not None and context.score.known < content.known_share:
        return RiskLevel.NOT_ASSESSED
    if score >= content.high:
        return RiskLevel.HIGH
    return RiskLevel.ELEVATED if score >= content.elevated else RiskLevel.LOW

"""How a message was typed: as it stands, by accident or in a style as anybody might, or in disguise.

What `normalise` undoes is counted, and the counts are signals; messages as corpora and the library have
them hardly show any, so nothing would be learned of them. Here some copies get them: a few from
everybody, many from frauds alone.
"""

import random

from bawwab.learning.attacks import ACCIDENTS, CHARACTER_ATTACKS, HONEST_STYLES, Attack
from bawwab.learning.contexts import Ranges
from bawwab.stores.library import MessageClass

_STYLES: tuple[Attack, ...] = (*ACCIDENTS.values(), *HONEST_STYLES.values())
_DISGUISES: tuple[Attack, ...] = tuple(CHARACTER_ATTACKS.values())

_LEAST_PART = 3


def dressed(label: MessageClass, text: str, ranges: Ranges, chance: random.Random) -> str:
    """Type a message anew: mostly as it stands.

    Examples
    --------
    >>> always = Ranges(styled=0.0, disguised=1.0)
    >>> dressed(MessageClass.FRAUD, "pay the fee for your parcel", always, random.Random(5))
    'pay 7he f3e for y0ur p4rcel'
    >>> dressed(MessageClass.SERVICE, "pay the fee for your parcel", always, random.Random(5))
    'pay the fee for your parcel'
    """
    if chance.random() < ranges.styled:
        text = _changed(text, _STYLES, chance)
    if label is MessageClass.FRAUD and text and chance.random() < ranges.disguised:
        text = _in_part(text, chance)
    return text


def _changed(text: str, ways: tuple[Attack, ...], chance: random.Random) -> str:
    """Change a text in the first way that changes it: vocalised Arabic is nothing to English."""
    attempts = (way(text, chance) for way in chance.sample(ways, len(ways)))
    return next((attempt for attempt in attempts if attempt != text), text)


def _in_part(text: str, chance: random.Random) -> str:
    """Disguise some stretch of a text: a third of it, or more: less hides nothing."""
    size = chance.randint(-(-len(text) // _LEAST_PART), len(text))
    start = chance.randint(0, len(text) - size)
    end = start + size
    return text[:start] + _changed(text[start:end], _DISGUISES, chance) + text[end:]

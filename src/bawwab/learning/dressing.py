"""How a message was typed: as it stands, by accident or in a style as anybody might, or in disguise.

What `normalise` undoes is counted, and the counts are signals; messages as corpora and the library have
them hardly show any, so nothing would be learned of them. Here some copies get them: a few from
everybody, many from frauds alone.
"""

import random
from collections.abc import Callable

from bawwab.learning.attacks import ACCIDENTS, CHARACTER_ATTACKS, HONEST_STYLES
from bawwab.learning.contexts import Ranges
from bawwab.stores.library import MessageClass

_HONEST = (*ACCIDENTS.values(), *HONEST_STYLES.values())
_HOSTILE = tuple(CHARACTER_ATTACKS.values())


def dressed(label: MessageClass, text: str, ranges: Ranges, chance: random.Random) -> str:
    """Type a message anew: mostly as it stands.

    Examples
    --------
    >>> always = Ranges(styled=0.0, disguised=1.0)
    >>> dressed(MessageClass.FRAUD, "pay the fee for your parcel", always, random.Random(7))
    'pаy τһe fee for yουr pαrсel'
    >>> dressed(MessageClass.SERVICE, "pay the fee for your parcel", always, random.Random(7))
    'pay the fee for your parcel'
    """
    if chance.random() < ranges.styled:
        text = chance.choice(_HONEST)(text, chance)
    if label is MessageClass.FRAUD and chance.random() < ranges.disguised:
        text = _in_part(chance.choice(_HOSTILE), text, chance)
    return text


def _in_part(change: Callable[[str, random.Random], str], text: str, chance: random.Random) -> str:
    """Change some stretch of the words: a little here, all of them there."""
    words = text.split(" ")
    start, end = sorted(chance.randrange(len(words) + 1) for _ in range(2))
    return " ".join([*words[:start], change(" ".join(words[start:end]), chance), *words[end:]])

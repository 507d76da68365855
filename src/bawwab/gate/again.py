"""What a record still says of its message, for ruling it again under another policy.

The signals were logged, the words masked; links and numbers are gone from the text, but their
counts and domains were logged too. What no rule asks for is left empty.
"""

import math

from bawwab.core.events import SenderProfile
from bawwab.core.model.text import TextScore
from bawwab.core.records import Decided
from bawwab.core.signals import NAMES
from bawwab.core.text.analysis import TextAnalysis, analyse
from bawwab.core.text.entities import Counts
from bawwab.core.text.fingerprint import hash_words, signature
from bawwab.core.text.normalise import Undone
from bawwab.core.text.tokens import CODE, TOKENS
from bawwab.core.text.urls import Link
from bawwab.gate.recording import payload_digest
from bawwab.gate.wording import own_wording
from bawwab.gate.words import Words

_COLUMN = {name: column for column, name in enumerate(NAMES)}


def values_of(logged: Decided) -> tuple[float, ...]:
    """Signals as they were; an unknown one is NaN."""
    return tuple(math.nan if value is None else value for value in logged.signals)


def text_of(logged: Decided, profile: SenderProfile | None) -> TextAnalysis:
    """Analysis of the text: the text's own where the log has it, else as much as was logged."""
    message = logged.message
    if message.text and payload_digest(message) == logged.payload:
        return analyse(message.text)
    words = message.text.split()
    return TextAnalysis(
        normalised=message.text,
        masked=message.text,
        template=hash_words(words) if words else int(own_wording(logged.template), 16),
        counts=Counts(code=message.text.count(TOKENS[CODE])),
        links=_links(logged, profile),
        phones=("",) * int(_signal(logged, "phones")),
        emails=(),
        handles=(),
        contacts=tuple(name for name in logged.contacts or () if name not in logged.domains),
        undone=Undone(),
        length=len(message.text),
        words=len(words),
        script="none",
        script_share=0.0,
        n_scripts=0,
        upper_share=0.0,
        emoji=0,
        asks_to_reply=False,
    )


def words_of(logged: Decided, text: TextAnalysis) -> Words:
    """What the words said to the model that decided, and their signature.

    Which stretch of the text said it was not logged: the whole stands for it.
    """
    scores = logged.decision.text_scores
    fraud, promotional, known = (
        _signal(logged, name) for name in ("text_fraud", "text_promotional", "text_known")
    )
    score = TextScore(fraud, promotional, fraud, known, scores)
    return Words(score, signature(text.masked) if text.masked else logged.signature)


def _links(logged: Decided, profile: SenderProfile | None) -> tuple[Link, ...]:
    """A link to every strange domain, and one to a domain of the sender if there was such."""
    own = _signal(logged, "links") > _signal(logged, "links_to_strangers")
    kin = profile.domains[:1] if own and profile is not None else ()
    return tuple(Link("", domain, domain, "") for domain in (*logged.domains, *kin))


def _signal(logged: Decided, name: str) -> float:
    value = logged.signals[_COLUMN[name]]
    return math.nan if value is None else value

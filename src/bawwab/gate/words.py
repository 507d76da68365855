"""What is known of a text before anyone looks at its sender; repeated wordings cost a look-up."""

from functools import lru_cache
from typing import NamedTuple

from bawwab.core.model.text import TextModel, TextScore
from bawwab.core.text.fingerprint import signature

REMEMBERED = 32_768  # wordings; about 1 KiB each


class Words(NamedTuple):
    """What depends on the masked text alone."""

    score: TextScore | None
    signature: bytes


class Reader:
    """Scores masked texts and remembers the answers."""

    def __init__(self, model: TextModel | None) -> None:
        self._model = model
        self.read = lru_cache(maxsize=REMEMBERED)(self._read)

    def _read(self, masked_text: str) -> Words:
        score = None if self._model is None else self._model.score(masked_text)
        return Words(score, signature(masked_text))

"""What attackers do to a text so that a machine reads something else than a person."""
# ruff: noqa: ARG001 - every disguise takes what a Disguise takes

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

_LOOK_ALIKE = str.maketrans("aceopxyiABCEHKMOPTX", "асеорхуіАВСЕНКМОРТХ")  # Cyrillic for Latin
_LEET = str.maketrans("aeiost", "431057")
_INVISIBLE = "\u200b"


class Material(NamedTuple):
    """What an attacker pads and greets with, in the language of its victims."""

    greetings: tuple[str, ...]
    innocent: tuple[str, ...]


Disguise = Callable[[str, np.random.Generator, Material], str]


def look_alikes(text: str, chance: np.random.Generator, material: Material) -> str:
    """Replace some Latin letters by Cyrillic ones that look the same."""
    return _some_words(text, chance, lambda word: word.translate(_LOOK_ALIKE), share=0.4)


def zero_width(text: str, chance: np.random.Generator, material: Material) -> str:
    """Put invisible characters into some words."""
    return _some_words(text, chance, _INVISIBLE.join, share=0.3)


def digits_for_letters(text: str, chance: np.random.Generator, material: Material) -> str:
    """Write some words with digits for letters."""
    return _some_words(text, chance, lambda word: word.translate(_LEET), share=0.3)


def spaced(text: str, chance: np.random.Generator, material: Material) -> str:
    """Write some words letter by letter."""
    return _some_words(text, chance, " ".join, share=0.2)


def padded(text: str, chance: np.random.Generator, material: Material) -> str:
    """Append an innocent message."""
    return f"{text} {material.innocent[int(chance.integers(len(material.innocent)))]}"


def reworded(text: str, chance: np.random.Generator, material: Material) -> str:
    """Greet differently, drop a word, end otherwise: a copy that is no exact copy."""
    words = text.split(" ")
    plain = [index for index, word in enumerate(words) if word.isalpha()]
    if len(plain) > 4:  # noqa: PLR2004 - a short text loses its sense
        del words[plain[int(chance.integers(len(plain)))]]
    ending = f" {int(chance.integers(1000, 9999))}" if chance.random() < 0.5 else ""  # noqa: PLR2004
    greeting = material.greetings[int(chance.integers(len(material.greetings)))]
    return f"{greeting}, {' '.join(words)}{ending}"


def plain(text: str, chance: np.random.Generator, material: Material) -> str:
    """Leave the text as it is."""
    return text


DISGUISES: dict[str, Disguise] = {
    "plain": plain,
    "reworded": reworded,
    "look_alikes": look_alikes,
    "zero_width": zero_width,
    "padded": padded,
    "digits_for_letters": digits_for_letters,
    "spaced": spaced,
}


def mutate(text: str, chance: np.random.Generator, material: Material) -> str:
    """Make a mutated copy: mostly reworded, now and then hidden from machines as well."""
    text = reworded(text, chance, material)
    names = [name for name in DISGUISES if name not in {"plain", "reworded"}]
    spot, which = chance.random(), int(chance.integers(len(names)))
    return DISGUISES[names[which]](text, chance, material) if spot < 0.3 else text  # noqa: PLR2004


def _some_words(text: str, chance: np.random.Generator, change: Callable[[str], str], *, share: float) -> str:
    words = text.split(" ")
    chosen = chance.random(len(words)) < share
    return " ".join(
        change(word) if pick and word.isalpha() else word for word, pick in zip(words, chosen, strict=True)
    )

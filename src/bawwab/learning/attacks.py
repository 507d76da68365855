"""What a sender does to a text to slip it through, and what honest styling does to one."""

import random
import re
import string
from collections.abc import Callable, Sequence

Attack = Callable[[str, random.Random], str]

# Letters of other scripts that look Latin; a choice, not the table the normaliser undoes them by.
_TWINS = {
    "a": "аɑα", "b": "Ьƅ", "c": "сϲ", "d": "ԁ", "e": "еҽ", "g": "ɡ", "h": "һ", "i": "іι", "j": "ј", "k": "κ",
    "l": "ӏ", "m": "м", "n": "ո", "o": "оοօ", "p": "рρ", "q": "ԛ", "s": "ѕ", "t": "τ", "u": "υս", "v": "ν",
    "w": "ԝ", "x": "хχ", "y": "уγ", "A": "АΑ", "B": "ВΒ", "C": "СϹ", "E": "ЕΕ", "H": "НΗ", "I": "ІΙ",
    "K": "КΚ", "M": "МΜ", "N": "Ν", "O": "ОΟ", "P": "РΡ", "S": "Ѕ", "T": "ТΤ", "X": "ХΧ", "Y": "ΥҮ", "Z": "Ζ",
    "а": "a", "е": "e", "о": "o", "р": "p", "с": "c", "у": "y", "х": "x", "і": "i",
}  # fmt: skip
_INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\u00ad"
_MARKS = "\u0301\u0300\u0308\u0323\u0336\u0331"
_LEET = {"a": "4@", "e": "3", "i": "1!", "o": "0", "s": "5$", "t": "7", "b": "8", "l": "1"}


def homoglyphs(text: str, chance: random.Random, share: float = 0.4) -> str:
    """Replace letters by look-alikes of another script."""
    return _each(text, chance, share, lambda c: chance.choice(_TWINS[c]) if c in _TWINS else c)


def zero_width(text: str, chance: random.Random, share: float = 0.4) -> str:
    """Put invisible characters behind letters."""
    return _each(text, chance, share, lambda c: c + chance.choice(_INVISIBLE) if c.isalpha() else c)


def full_width(text: str, chance: random.Random, share: float = 0.5) -> str:
    """Write characters in their full-width form."""
    return _each(text, chance, share, lambda c: chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c)


def leet(text: str, chance: random.Random, share: float = 0.5) -> str:
    """Write digits and signs for letters."""
    return _each(text, chance, share, lambda c: chance.choice(_LEET[c.lower()]) if c.lower() in _LEET else c)


def combining_marks(text: str, chance: random.Random, share: float = 0.4) -> str:
    """Put accents on letters that have none."""
    return _each(text, chance, share, lambda c: c + chance.choice(_MARKS) if c.isalpha() else c)


def spacing(text: str, chance: random.Random, share: float = 0.5) -> str:
    """Space words out, or dot them."""

    def spread(word: str) -> str:
        if len(word) < 3 or not word.isalpha() or chance.random() >= share:  # noqa: PLR2004 - no word to break
            return word
        return chance.choice((" ", ".", "-")).join(word)

    return " ".join(spread(word) for word in text.split(" "))


def typos(text: str, chance: random.Random, share: float = 0.3) -> str:
    """Swap, drop, double or replace a letter in a share of the words."""

    def slip(word: str) -> str:
        if len(word) < 4 or not word.isalpha() or chance.random() >= share:  # noqa: PLR2004 - too short
            return word
        at = chance.randrange(len(word) - 1)
        rest = word[at + 1 :]
        return word[:at] + chance.choice(
            (rest[:1] + word[at] + rest[1:], rest, word[at] * 2 + rest, _key(chance) + rest)
        )

    return " ".join(slip(word) for word in text.split(" "))


def defanged(text: str, chance: random.Random) -> str:
    """Write links so that machines overlook them."""
    text = text.replace("https://", "hxxps://").replace("http://", "hxxp://")
    words = text.split(" ")
    dot = chance.choice(("(dot)", "[.]", " . ", "。"))
    return " ".join(_undot(word, dot) for word in words)


def mixed(text: str, chance: random.Random) -> str:
    """Look-alikes, invisible characters and digits together."""
    return leet(zero_width(homoglyphs(text, chance, 0.2), chance, 0.2), chance, 0.2)


_LINK = re.compile(r"(?:https?://|www\.)\S+|\b[\w-]+(?:\.[\w-]+)+/\S*")
_DIGIT_WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def unnamed(text: str, chance: random.Random) -> str:
    """Say in words what can be followed: digits spelled out, a link as a name in a chat."""
    del chance
    text = _LINK.sub("telegram, helpdesk", text)
    return "".join(f" {_DIGIT_WORDS[int(c)]} " if c.isdecimal() else c for c in text)


CHARACTER_ATTACKS: dict[str, Attack] = {
    "homoglyphs": homoglyphs,
    "zero_width": zero_width,
    "full_width": full_width,
    "leet": leet,
    "spacing": spacing,
    "combining_marks": combining_marks,
    "typos": typos,
    "defanged": defanged,
    "mixed": mixed,
}


def appended_words(text: str, words: Sequence[str], chance: random.Random, count: int) -> str:
    """Append good words."""
    return " ".join((text, *chance.choices(words, k=count)))


def interleaved_words(text: str, words: Sequence[str], chance: random.Random) -> str:
    """Put a good word behind every second word."""
    out: list[str] = []
    for number, word in enumerate(text.split(" ")):
        out.append(word)
        if number % 2:
            out.append(chance.choice(words))
    return " ".join(out)


def appended_messages(text: str, others: Sequence[str], chance: random.Random, count: int) -> str:
    """Append whole good messages."""
    return " ".join((text, *chance.choices(others, k=count)))


# What honest senders do: styled shop texts, full-width Japanese, vocalised Arabic, emoji.
def _bold(text: str, chance: random.Random) -> str:
    words = text.split(" ")
    chosen = {chance.randrange(len(words)) for _ in range(2)}
    return " ".join(_mathematical(word) if at in chosen else word for at, word in enumerate(words))


def _emoji(text: str, chance: random.Random) -> str:
    return f"{chance.choice('✅📦🔔💳🛍✈')} {text} {chance.choice(('🙂', '✨', '🇸🇦', '👨‍👩‍👧', '❤️'))}"


def _vocalised(text: str, chance: random.Random) -> str:
    return _each(
        text, chance, 0.5, lambda c: c + chance.choice("\u064e\u064f\u0650\u0651") if "ء" <= c <= "ي" else c
    )


def _stretched(text: str, chance: random.Random) -> str:
    return _each(text, chance, 0.2, lambda c: c + "\u0640" * 2 if "ب" <= c <= "ي" else c)


def _full_width_digits(text: str, chance: random.Random) -> str:
    del chance
    return "".join(chr(ord(c) + 0xFEE0) if c.isascii() and c.isdigit() else c for c in text)


def _upper(text: str, chance: random.Random) -> str:
    del chance
    return text.upper()


HONEST_STYLES: dict[str, Attack] = {
    "bold_words": _bold,
    "emoji": _emoji,
    "vocalised_arabic": _vocalised,
    "stretched_arabic": _stretched,
    "full_width_digits": _full_width_digits,
    "all_capitals": _upper,
    "typos": lambda text, chance: typos(text, chance, 0.15),
}


# What happens to honest texts without intent: copied from a web page, typed with two keyboards, a heading.
def _stray(text: str, chance: random.Random) -> str:
    """One or two invisible characters that were copied along."""
    for _ in range(chance.randrange(1, 3)):
        at = chance.randrange(len(text) + 1)
        text = text[:at] + chance.choice(_INVISIBLE) + text[at:]
    return text


def _hyphenated(text: str, chance: random.Random) -> str:
    """Soft hyphens in long words, as web pages have them."""
    del chance
    return " ".join(f"{word[:5]}\u00ad{word[5:]}" if len(word) > 9 else word for word in text.split(" "))  # noqa: PLR2004


def _other_keyboard(text: str, chance: random.Random) -> str:
    """One letter of another alphabet that looks the same."""
    places = [at for at, char in enumerate(text) if char in _TWINS]
    if not places:
        return text
    at = chance.choice(places)
    return text[:at] + chance.choice(_TWINS[text[at]]) + text[at + 1 :]


def _heading(text: str, chance: random.Random) -> str:
    """One word spread apart: S A L E."""
    return _one_word(text, chance, " ".join)


def _playful(text: str, chance: random.Random) -> str:
    """One word with a digit for a letter."""
    return _one_word(text, chance, lambda word: word.replace("o", "0", 1).replace("e", "3", 1))


def _one_word(text: str, chance: random.Random, change: Callable[[str], str]) -> str:
    words = text.split(" ")
    at = chance.randrange(len(words))
    if words[at].isalpha():
        words[at] = change(words[at])
    return " ".join(words)


ACCIDENTS: dict[str, Attack] = {
    "stray_characters": _stray,
    "soft_hyphens": _hyphenated,
    "other_keyboard": _other_keyboard,
    "heading": _heading,
    "playful_word": _playful,
}


def _each(text: str, chance: random.Random, share: float, change: Callable[[str], str]) -> str:
    return "".join(change(c) if chance.random() < share else c for c in text)


def _key(chance: random.Random) -> str:
    return chance.choice(string.ascii_lowercase)


def _undot(word: str, dot: str) -> str:
    inner = word.strip(".,;:!?")
    return word.replace(".", dot, 1) if "." in inner and any(c.isalpha() for c in inner) else word


def _mathematical(word: str) -> str:
    return "".join(
        chr(0x1D400 + ord(c) - 65)
        if "A" <= c <= "Z"
        else chr(0x1D41A + ord(c) - 97)
        if "a" <= c <= "z"
        else c
        for c in word
    )

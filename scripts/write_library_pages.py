"""Write the library's datasheet and, for each deep variety, a page of thirty random messages.

``--check`` writes nothing and fails where a page differs.
"""

import random
import sys
from collections import Counter
from pathlib import Path

from bawwab.core.text.entities import mask
from bawwab.stores.library import KINDS, MessageClass, Variety, fill, forms, read_library

ROOT = Path(__file__).parent.parent
LIBRARY = ROOT / "data" / "messages"
PAGES = ROOT / "docs" / "appendix"
NAMES = {
    "ar": "Arabic, standard",
    "ar-gulf": "Arabic, Gulf",
    "ar-eg": "Arabic, Egypt",
    "bn": "Bengali",
    "de": "German",
    "el": "Greek",
    "en": "English: US, UK, Ireland, Canada, Australia",
    "en-af": "English: Nigeria, Kenya, Ghana, South Africa",
    "en-in": "English: India",
    "es": "Spanish",
    "fa": "Persian",
    "fr": "French",
    "hi": "Hindi: Devanagari and Roman",
    "id": "Indonesian",
    "it": "Italian",
    "ja": "Japanese",
    "ko": "Korean",
    "ms": "Malay",
    "nl": "Dutch",
    "pl": "Polish",
    "pt": "Portuguese: Brazil",
    "ro": "Romanian",
    "ru": "Russian: Cyrillic and transliterated",
    "sw": "Swahili: Kenya, Tanzania",
    "ta": "Tamil",
    "te": "Telugu",
    "th": "Thai",
    "tl": "Filipino",
    "tr": "Turkish",
    "uk": "Ukrainian",
    "ur": "Urdu: Arabic script and Roman",
    "vi": "Vietnamese: with and without diacritics",
    "zh": "Chinese, simplified",
    "zh-tw": "Chinese, traditional: Taiwan, Hong Kong",
}
DEEP = ("ar", "ar-gulf", "ar-eg", "en", "en-in", "en-af", "es", "fr", "hi", "id", "pt", "ru", "tr", "zh")


def datasheet(library: tuple[Variety, ...]) -> str:
    """Datasheet with counts per variety, class and kind."""
    total = sum(len(list(forms(variety))) for variety in library)
    lines = [
        "# The message library",
        "",
        f"{total:,} forms of business messages in {len(library)} varieties: service, promotional and fraud, in our",
        "own words. A form is one wording with slots; filling the slots gives a message. Counts are made by",
        "`scripts/write_library_pages.py`; the format is in [FORMAT.md](FORMAT.md).",
        "",
        "* **Why.** No public corpus has what a business messaging platform carries.",
        "* **Who wrote it.** The project, in seven passes. The first ten thousand forms of service and fraud were",
        "  written by separate hands and read once by another; of the later ones service and fraud were mostly written",
        "  apart, and looked through in samples. Fifteen thousand (Persian, Chinese, Russian, Indonesian,",
        "  Urdu; English, Indian English, Arabic; adverts in most varieties) were read again by their",
        "  writers only, and not all of them. Of the last eleven and a half thousand most were read by another",
        "  hand, which took out 275: mostly openings of a fraud that nobody could tell from a friend's or a bank's",
        "  own words. No native speaker has read those in the eight newest languages.",
        "* **What it is not.** Captured messages. Slots are filled independently, so one message may mix currencies",
        "  of a language's countries, and a sender's name need not fit its link.",
        "* **Names.** Companies are invented or generic most of the time; public bodies and well-known brands are",
        "  named on both sides. No dishonest message has a real company's domain. Telephone numbers are from ranges",
        "  reserved for fiction where a country has one; elsewhere they have the local shape only.",
        "* **Known to show.** Own numbers and links never occur in fraud, by design; links and strangers' numbers",
        "  are commoner in fraud; promotional forms are shorter than the rest. Varieties written one after another",
        "  share ideas, and often a sentence plan (German, Italian and Polish; Spanish, Portuguese and",
        "  French; adverts of six languages): they are not independent of one another.",
        "* **Licence.** Apache-2.0, as the project.",
        "",
        "## Forms by variety and class",
        "",
        "A pair (service and fraud alike but for one thing) counts two.",
        "",
        "| variety | | service | promotional | fraud | of them in pairs |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for variety in library:
        found = Counter(form.label for form in forms(variety))
        paired = 2 * len(variety.pair)
        row = [variety.name, NAMES[variety.name], *(found[label] for label in MessageClass), paired]
        lines.append("| " + " | ".join(str(cell) for cell in row) + " |")
    for label in MessageClass:
        lines += ["", f"## Forms by kind: {label.value}", ""]
        lines += _by_kind(library, label)
    return "\n".join(lines) + "\n"


def _by_kind(library: tuple[Variety, ...], label: MessageClass) -> list[str]:
    names = [variety.name for variety in library]
    counts = Counter(
        (variety.name, kind.name)
        for variety in library
        for kind in variety.kind
        if kind.label is label
        for _ in kind.forms
    )
    lines = [f"| kind | {' | '.join(names)} |", "| --- |" + " --- |" * len(names)]
    return lines + [
        f"| {kind} | {' | '.join(str(counts[name, kind]) for name in names)} |"
        for kind in sorted(KINDS[label])
    ]


def page(variety: Variety) -> str:
    """Thirty random messages of a variety, as a reader would get them."""
    chance = random.Random(f"page/{variety.name}")  # noqa: S311 - the same page every time
    chosen = chance.sample(list(forms(variety)), 30)
    lines = [
        f"# Thirty random messages: {NAMES[variety.name]}",
        "",
        f"Made by `scripts/write_library_pages.py` from `data/messages/{variety.name}.toml`. Behind each: class and",
        "kind, and the masked text that the model sees.",
        "",
    ]
    for form in chosen:
        message = fill(form, variety, chance)
        lines += [f"**{form.label.value}**, {form.kind}", "", "```text", message.text, "```", ""]
        lines += ["```text", mask(message.text).text, "```", ""]
    return "\n".join(lines)


def main() -> None:
    """Write the pages, or compare them."""
    library = read_library(LIBRARY)
    pages = {LIBRARY / "README.md": datasheet(library)}
    pages |= {
        PAGES / f"messages-{variety.name}.md": page(variety) for variety in library if variety.name in DEEP
    }
    stale = []
    PAGES.mkdir(exist_ok=True)
    for path, text in pages.items():
        if "--check" in sys.argv:
            stale += [] if path.exists() and path.read_text("utf-8") == text else [path.name]
        else:
            path.write_text(text, "utf-8")
    if stale:
        sys.exit(f"stale: {', '.join(stale)}; run scripts/write_library_pages.py")


if __name__ == "__main__":
    main()

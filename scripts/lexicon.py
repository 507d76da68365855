"""Care for the lexicon of concepts: fold its words, and find the entries that fire in other languages' messages.

``python scripts/lexicon.py --fold`` writes every entry as a text has it once it was normalised (case, accents,
letter forms, digits), which is how it is looked up. ``python scripts/lexicon.py [--remove] [FOLDER …]`` lists the
entries that fire mostly in messages of other languages, or takes them out; folders hold further labelled CSVs. An
entry is looked up in texts of every language, so a short word that means something else elsewhere does harm
(decisions/0010). Entries of several words, and those of scripts without spaces, are not judged.
"""

# ruff: noqa: SLF001 - reads the lexicon just as the look-ups do

import argparse
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

from bawwab.core.text import concepts
from bawwab.core.text.analysis import analyse
from bawwab.core.text.normalise import normalise
from bawwab.core.text.tokens import symbols
from bawwab.learning.samples import Sources, read_samples

LEXICON = Path(concepts.__file__).parent / "data" / "concepts.toml"
FEWEST = 6  # messages in which an entry must fire to be judged
OWN_SHARE = 0.35  # of them that must be in its language, or in one that is written much like it
NEAR = {"af": "nl", "tl": "en", "mr": "hi", "uk": "ru", "ur": "fa", "hi": "en"}

Entry = tuple[str, bool, int]  # words, whether a beginning, concept


def words_by_language(folders: list[Path]) -> dict[str, Counter[str]]:
    """In how many messages of which language each word occurs."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for sample in read_samples(Sources(tuple(folders), Path("data/messages")), seed=1):
        plain = " ".join(symbols(analyse(sample.text).masked).split())
        for word in {form for match in concepts._WORD.finditer(plain) for form in concepts._forms(match[0])}:
            found[word][sample.base_language] += 1
    return found


def misfires(words: dict[str, Counter[str]]) -> Iterator[tuple[Entry, Counter[str]]]:
    """Entries that fire elsewhere, and where."""
    owners: dict[Entry, set[str]] = defaultdict(set)
    for language, plain, begins, concept in concepts._entries():
        owners[plain, begins, concept].add(language)
    stems: dict[str, Counter[str]] = {plain: Counter() for plain, begins, _ in owners if begins}
    for word, fires in words.items():
        for size in range(1, len(word) + 1):
            if word[:size] in stems:
                stems[word[:size]].update(fires)
    for entry, languages in owners.items():
        plain, begins, _ = entry
        if " " in plain or languages & concepts._INSIDE:
            continue
        fires = stems[plain] if begins else words.get(plain, Counter())
        own = languages | {NEAR[language] for language in languages if language in NEAR}
        total = fires.total()
        if total >= FEWEST and sum(fires[language] for language in own) < OWN_SHARE * total:
            yield entry, fires


def fold() -> None:
    """Write every entry as normalisation leaves it."""
    rewrite(lambda word, _: [_folded(word)])


def _folded(word: str) -> str:
    words = normalise(word.rstrip("*").replace("_", " ")).text
    return words.replace(" ", "_") + "*" * word.endswith("*")


def remove(found: set[Entry]) -> None:
    """Write the lexicon without these entries."""

    def kept(word: str, concept: int) -> list[str]:
        entry = word.rstrip("*").replace("_", " "), word.endswith("*"), concept
        return [] if entry in found else [word]

    rewrite(kept)


def rewrite(change: Callable[[str, int], list[str]]) -> None:
    """Write the lexicon with what each entry becomes; an idea that is left without any is left out."""
    lines = []
    for line in LEXICON.read_text("utf-8").splitlines():
        match = re.fullmatch(r'(\w+) = "(.*)"', line)
        if match is None:
            lines.append(line)
            continue
        concept = concepts._ID[match[1]]
        words = dict.fromkeys(new for word in match[2].split() for new in change(word, concept))
        if words:
            lines.append(f'{match[1]} = "{" ".join(words)}"')
    LEXICON.write_text("\n".join(lines) + "\n", "utf-8")


def main() -> None:
    """Do what is asked."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--fold", action="store_true")
    parser.add_argument("--remove", action="store_true")
    parser.add_argument("folders", nargs="*", type=Path)
    told = parser.parse_args()
    if told.fold:
        fold()
        return
    found = dict(misfires(words_by_language(told.folders)))
    for (plain, begins, concept), fires in sorted(found.items(), key=lambda item: -item[1].total()):
        print(f"{plain + '*' * begins:24} {concepts.NAMES[concept]:16} {fires.most_common(3)}")
    print(f"{len(found)} entries")
    if told.remove:
        remove(set(found))


if __name__ == "__main__":
    main()

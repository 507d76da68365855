"""Recall kept under disguise, and fairness to honest styles: ``bawwab robustness``.

The shipped version decides through the production gate, each message as the first of an unknown
sender declared as utility. It may have been trained on these texts, so read what is *kept*, not
the recall itself.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
from rich.console import Console
from rich.table import Table

from bawwab.core.decisions import NATURE, Nature
from bawwab.core.errors import ConfigurationError
from bawwab.core.events import Category, Message
from bawwab.core.journal import NoJournal
from bawwab.core.model.model import Model
from bawwab.core.policy import Policy
from bawwab.gate import Gate
from bawwab.learning.attacks import (
    ACCIDENTS,
    CHARACTER_ATTACKS,
    HONEST_STYLES,
    appended_messages,
    appended_words,
    interleaved_words,
    unnamed,
)
from bawwab.learning.measure import exact
from bawwab.learning.offline import NOW
from bawwab.learning.samples import Sample, Sources, read_samples
from bawwab.stores import models as shelf
from bawwab.stores.library import MessageClass
from bawwab.stores.memory import MemoryState

MOST = 600  # messages a group: an interval of about four points
LONGEST = 4096
GOOD_WORDS = 200
Change = Callable[[str, random.Random], str]


def robustness(
    models: Path,
    version: str | None,
    *,
    data: Sequence[Path],
    policy: Policy,
    out: Path,
    console: Console | None = None,
) -> dict[str, Any]:
    """Print and store how a version stands up to disguise."""
    name = version or shelf.read_champion(models).version
    model = shelf.load_version(models, name)
    samples = [s for s in read_samples(Sources(tuple(data), None), seed=0) if s.kind != "chat"]
    chance = random.Random(20_261_125)  # noqa: S311 - the same sample every time
    fraud = _some(samples, MessageClass.FRAUD, chance)
    honest = _some(samples, MessageClass.SERVICE, chance)
    if not fraud or not honest:
        raise ConfigurationError("fraud and service messages are needed; give --data or BAWWAB_DATA")
    judge = Judge(model, policy)
    found = {
        "model": name,
        "fraud": list(_attacked(fraud, padding(honest), judge)),
        "honest": list(_styled(honest, judge)),
    }
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_bytes(msgspec.json.format(msgspec.json.encode(found), indent=1))
    (console or Console()).print(_table(found), str(out))
    return found


class Judge:
    """Says whether a text is refused for its content."""

    def __init__(self, model: Model, policy: Policy) -> None:
        self._model, self._policy = model, policy

    def refuses(self, text: str) -> bool:
        """Decide the text as the first message of an unknown sender."""
        gate = Gate(state=MemoryState(), journal=NoJournal(), policy=self._policy, model=self._model)
        message = Message(
            message_id="m", sender_id="s", recipient="r", category=Category.UTILITY, text=text[:LONGEST]
        )
        decision = gate.score(message, now=NOW)
        return bool(decision.verdict != "allow" and NATURE[decision.reasons[0].code] is Nature.CONTENT)


def padding(honest: Sequence[Sample]) -> dict[str, Change]:
    """Ways of diluting a text by good words and good messages."""
    others = [sample.text for sample in honest]
    common = Counter(word for text in others for word in text.split() if word.isalpha())
    words = [word for word, _ in common.most_common(GOOD_WORDS)]
    return {
        "10 good words": lambda text, chance: appended_words(text, words, chance, 10),
        "20 good words": lambda text, chance: appended_words(text, words, chance, 20),
        "interleaved good words": lambda text, chance: interleaved_words(text, words, chance),
        "3 good messages": lambda text, chance: appended_messages(text, others, chance, 3),
    }


def _some(samples: Sequence[Sample], label: MessageClass, chance: random.Random) -> list[Sample]:
    """Captured messages of a class first, at most `MOST`."""
    of_class = [sample for sample in samples if sample.label is label]
    captured = [sample for sample in of_class if sample.captured]
    chosen = captured or of_class
    return chance.sample(chosen, min(MOST, len(chosen)))


def _attacked(fraud: Sequence[Sample], pads: dict[str, Change], judge: Judge) -> Iterator[dict[str, Any]]:
    caught = [sample.text for sample in fraud if judge.refuses(sample.text)]
    yield {"change": "none", "kept": exact(len(caught), len(fraud))._asdict()}
    for name, change in {**CHARACTER_ATTACKS, "unnamed": unnamed, **pads}.items():
        yield {"change": name, "kept": _refused(caught, change, name, judge)}


def _styled(honest: Sequence[Sample], judge: Judge) -> Iterator[dict[str, Any]]:
    texts = [sample.text for sample in honest]
    yield {"change": "none", "refused": _refused(texts, lambda text, _: text, "none", judge)}
    passed = [text for text in texts if not judge.refuses(text)]
    for name, change in {**HONEST_STYLES, **ACCIDENTS}.items():
        yield {"change": name, "refused": _refused(passed, change, name, judge)}


def _refused(texts: Sequence[str], change: Change, name: str, judge: Judge) -> dict[str, Any]:
    chance = random.Random(name)  # noqa: S311 - the same changes every time
    return exact(sum(judge.refuses(change(text, chance)) for text in texts), len(texts))._asdict()


def _table(found: dict[str, Any]) -> Table:
    table = Table("change", "fraud still refused", "honest refused", title=f"Robustness of {found['model']}")
    for row in found["fraud"]:
        table.add_row(row["change"], _cell(row["kept"]), "")
    for row in found["honest"]:
        table.add_row(row["change"], "", _cell(row["refused"]))
    return table


def _cell(found: dict[str, Any]) -> str:
    return f"{found['share']:.1%} ({found['low']:.1%}-{found['high']:.1%}) of {found['of']}"

"""The model card, written from the figures: nothing in it is typed by hand but the prose."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from bawwab.core.model.model import Certificate
from bawwab.learning.artefact import Origin
from bawwab.learning.prepare import Prepared

_INTRODUCTION = """\
A text model (multinomial logistic regression over hashed n-grams of masked text: service, promotional,
fraud) and an additive risk model (one table a signal). It scores business messages before they are
sent. It is meant to slow and hold messages, and to block only where a certificate says so; it is not
meant to judge private conversations, nor to be the only defence.
"""
_CAVEATS = """\
- No sender's history was in the training data: circumstances (who sent it, how declared, to whom) were
  drawn from wide assumed ranges; the tables of state signals are flat until a log is trained on.
- The base rate of abuse is an assumption, not a measurement; scores are calibrated to it.
- Corpus evidence is not traffic: a certificate with basis `corpus` holds for messages like the corpora.
- Languages with few rows of any class are judged by their entities, links and loan words, if at all.
"""


def card_of(
    origin: Origin,
    prepared: Prepared,
    metrics: Mapping[str, Any],
    certificates: Mapping[str, Certificate],
) -> str:
    """Write the card."""
    parts = [
        f"# Model {origin.version}\n\n{_INTRODUCTION}",
        "## Data\n\n" + "\n".join(_data(prepared)),
        f"Digest of the data `{origin.data_digest}`, of the code `{origin.code_digest}`, seed {origin.seed}.",
        "## Results\n\n" + f"{metrics['basis'].capitalize()}.\n\n" + "\n".join(_results(metrics["headline"])),
        "### By source\n\n" + "\n".join(_results(metrics["sources"])),
        "### By language\n\n" + "\n".join(_results(metrics["languages"])),
        "## Certificates\n\n" + "\n".join(_certified(certificates)),
        "## Caveats\n\n" + _CAVEATS,
        "## Parameters\n\n" + "\n".join(f"- `{k}` = {v}" for k, v in sorted(origin.parameters.items())),
    ]
    return "\n\n".join(part.rstrip() for part in parts) + "\n"


def _data(prepared: Prepared) -> Iterator[str]:
    yield "| class | messages | wordings | languages | sources |"
    yield "| --- | --- | --- | --- | --- |"
    for label in ("service", "promotional", "fraud"):
        rows = [row for row, sample in enumerate(prepared.samples) if sample.label.value == label]
        wordings = len({int(prepared.clusters[row]) for row in rows})
        languages = Counter(prepared.samples[row].base_language for row in rows)
        sources = {prepared.samples[row].source for row in rows}
        yield f"| {label} | {len(rows)} | {wordings} | {len(languages)} | {len(sources)} |"


def _results(groups: Mapping[str, Any]) -> Iterator[str]:
    yield "| | service refused | promotional refused | fraud refused | private talk refused | AUC |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for name, found in groups.items():
        shares = [
            _share(found.get(key))
            for key in ("service_refused", "promotional_refused", "fraud_refused", "chat_refused")
        ]
        auc = f"{found['auc']:.4f}" if "auc" in found else ""
        yield f"| {name} | {' | '.join(shares)} | {auc} |"


def _share(found: Mapping[str, Any] | None) -> str:
    if found is None:
        return ""
    return (
        f"{100 * found['share']:.1f} % ({100 * found['low']:.1f}-{100 * found['high']:.1f}) of {found['of']}"
    )


def _certified(certificates: Mapping[str, Certificate]) -> Iterator[str]:
    yield "| traffic | blocks from | false blocks at most | confidence | legitimate | basis |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for name, found in certificates.items():
        block = "never" if found.block is None else f"{found.block:.4f}"
        yield (
            f"| {name} | {block} | {100 * found.max_false_block_rate:.2f} % | {found.confidence:.0%} | "
            f"{found.legitimate} | {found.basis} |"
        )

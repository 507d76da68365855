"""The model card: written from the figures, so that it cannot say what was not measured."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from bawwab.core.model.model import Certificate
from bawwab.learning.artefact import Origin
from bawwab.learning.measure import exact

Found = Mapping[str, Any]

FEW_SERVICE, FEW_FRAUD = 100, 20  # messages that a language must have to be told by itself
OTHERS = "others"
_PICTURES = {
    "precision-recall.svg": "Precision and recall",
    "reliability.svg": "Reliability",
    "scores.svg": "Scores by class",
    "ablation.svg": "What each group of signals adds",
    "shapes.svg": "Every signal's table",
}
_INTRODUCTION = """\
A text model (the mean of six multinomial logistic regressions, over letters, words, pairs of words, and
near pairs, far pairs and triples of ideas of masked text: service, promotional, fraud) and an additive
risk model (one table a signal). It scores business messages before they are sent. It is meant to slow
and hold messages, and to block only where a certificate says so; it is not meant to judge private
conversations, nor to be the only defence.
[How to read this card](../../docs/how-to/read-a-model-card.md).
"""
_HEADLINES = ("service", "promotional", "fraud", "chat")


def card_of(origin: Origin, metrics: Found, certificates: Mapping[str, Certificate]) -> str:
    """Write the card."""
    data = metrics["data"]
    parts = [
        f"# Model {origin.version}\n\n{_INTRODUCTION}",
        "## Data\n\n" + "\n".join(_data(data)),
        _lived(data),
        f"Digest of the data `{origin.data_digest}`, of the code `{origin.code_digest}`, seed {origin.seed}.",
        f"## Results\n\n{metrics['basis'].capitalize()}.\n\n" + "\n".join(_results(metrics["headline"])),
        _picture("precision-recall.svg")
        + "\n\n"
        + _picture("reliability.svg")
        + "\n\n"
        + _picture("scores.svg"),
        "## Held out\n\n" + _HELD_OUT + "\n".join(_curves(metrics["curves"])),
        "### What each group of signals adds\n\n" + _ABLATION + "\n\n".join(_ablation(metrics["ablation"])),
        _picture("ablation.svg"),
        *_kinds(metrics),
        _UNREAD + "\n\n".join(_left_out(metrics["left_out"])),
        "## Who is hurt\n\n" + _HURT + "\n\n".join(_slices(metrics["slices"])),
        "## By source\n\n" + "\n".join(_results(metrics["sources"])),
        "## By language\n\n" + _by_language(metrics["languages"]),
        "## Certificates\n\n" + _CERTIFIED + "\n".join(_certified(certificates)),
        "## Tables\n\n" + _picture("shapes.svg"),
        "## Caveats\n\n" + "\n".join(f"- {line}" for line in _caveats(data, certificates)),
        "## Parameters\n\n" + "\n".join(f"- `{k}` = {v}" for k, v in sorted(origin.parameters.items())),
    ]
    return "\n\n".join(part.rstrip() for part in parts if part) + "\n"


_HELD_OUT = """\
Recall at so many false positives, at the base rate of abuse that is assumed; intervals (95 %) from
resampling senders, or wordings. Models are fitted on what recipients said and judged by the truth.

"""
_ABLATION = """\
Fitted anew with more and more groups of signals, each judged on what it was not fitted on. The gain is
over the row above, on the same resamples.

"""
_UNREAD = """\
### Languages, and kinds of fraud, that the text model never saw

Refused as from an unknown sender. *Known*: only the message's own source or wording was left out;
*left out*: its whole language, or kind of fraud, was too.

"""
_HURT = """\
Honest messages that the model's score alone refuses, or blocks, by models that had not seen the message,
with exact 95 % intervals. Messages of one sender are alike: in streams the intervals are too narrow.

"""
_CERTIFIED = """\
The lowest score from which a class of traffic may be blocked; *never* where there are too few draws.

"""


def _picture(name: str) -> str:
    return f"![{_PICTURES[name]}]({name})"


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    columns = list(head)
    yield f"| {' | '.join(columns)} |"
    yield f"|{' --- |' * len(columns)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"


# --- data ------------------------------------------------------------------------------------


def _data(data: Found) -> Iterator[str]:
    rows = [
        [name, *(f"{found[key]:,}" for key in ("messages", "wordings", "languages", "sources"))]
        for name, found in data["classes"].items()
    ]
    return _table(("class", "messages", "wordings", "languages", "sources"), rows)


def _lived(data: Found) -> str:
    if not data["lived"]:
        return "No event stream and no decision log was learned from."
    return (
        f"Besides: {data['lived']:,} messages of {data['streams']} simulated event streams, replayed through "
        f"the gate, and of {data['logs']} decision logs, labelled by what recipients and reviewers had said "
        f"by then. They weigh {data['share_lived']:.0%} of what the risk model is fitted on. A refusal that "
        "no reviewer judged is censored: it teaches nothing, neither good nor bad.\n\n"
        + "\n".join(_told(data["told"]))
    )


_TOLD = {
    "from": "from",
    "known_at": "as known at",
    "reviewed": "by a reviewer",
    "asked": "by a survey",
    "reported": "by a report",
    "silent": "by silence",
    "abusive": "of them abusive",
    "censored": "refusals censored",
}


def _told(parts: Iterable[Found]) -> Iterator[str]:
    return _table(_TOLD.values(), ([_cell(told[key]) for key in _TOLD] for told in parts))


def _cell(value: str | int) -> str:
    return value if isinstance(value, str) else f"{value:,}"


# --- results ---------------------------------------------------------------------------------


def _results(groups: Found) -> Iterator[str]:
    head = ("", "service refused", "promotional refused", "fraud refused", "private talk refused", "AUC")
    rows = [
        [
            name,
            *(share(found.get(f"{kind}_refused")) for kind in _HEADLINES),
            f"{found['auc']:.4f}" if "auc" in found else "",
        ]
        for name, found in groups.items()
    ]
    return _table(head, rows)


def share(found: Found | None) -> str:
    """A share with its exact interval; nothing of nothing."""
    if found is None:
        return ""
    span = f"{100 * found['low']:.1f}-{100 * found['high']:.1f}"
    return f"{100 * found['share']:.1f} % ({span}) of {found['of']:,}"


def folded(languages: Found) -> dict[str, Any]:
    """Languages with few messages put together as one; of shares, not of the area."""
    few = [name for name, found in languages.items() if not _is_many(found)]
    kept = {name: found for name, found in languages.items() if name not in few}
    counted = {
        key: [languages[name][key] for name in few if key in languages[name]]
        for key in (f"{kind}_refused" for kind in _HEADLINES)
    }
    others = {key: _pooled(found) for key, found in counted.items() if found}
    return {**kept, OTHERS: others} if few else kept


def _pooled(found: list[Found]) -> dict[str, Any]:
    return exact(sum(one["count"] for one in found), sum(one["of"] for one in found))._asdict()


def _is_many(found: Found) -> bool:
    service, fraud = (found.get(key, {"of": 0})["of"] for key in ("service_refused", "fraud_refused"))
    return bool(service >= FEW_SERVICE and fraud >= FEW_FRAUD)


def _by_language(languages: Found) -> str:
    return _folded_note(languages) + "\n".join(_results(folded(languages)))


def _folded_note(languages: Found) -> str:
    few = sum(not _is_many(found) for found in languages.values())
    note = f"{few} languages with fewer than {FEW_SERVICE} service messages or {FEW_FRAUD} frauds are "
    return f"{note}*{OTHERS}*; `metrics.json` has them one by one.\n\n" if few else ""


# --- held out --------------------------------------------------------------------------------

FIGURES = {
    "average_precision": "average precision",
    "recall_at_0.001": "recall at 0.1 %",
    "recall_at_0.005": "at 0.5 %",
    "recall_at_0.01": "at 1 %",
    "brier": "Brier",
}


def spread(found: Found, key: str) -> str:
    """A figure with its interval: recalls in per cent, the others as they are."""
    value, low, high = (found[key][part] for part in ("value", "low", "high"))
    if key.startswith("recall"):
        return f"{100 * value:.1f} % ({100 * low:.1f}-{100 * high:.1f})"
    return f"{value:.3f} ({low:.3f}-{high:.3f})"


def _curves(curves: Found) -> Iterator[str]:
    rows = [
        [
            name,
            f"{found['abuse']:,} of {found['rows']:,}",
            f"{found['groups']:,}",
            *(spread(found, k) for k in FIGURES),
        ]
        for name, found in curves.items()
    ]
    return _table(("", "abuse", "senders or wordings", *FIGURES.values()), rows)


def _ablation(grounds: Found) -> Iterator[str]:
    for name, rungs in grounds.items():
        rows = [
            [
                rung["signals"],
                *(spread(rung, key) for key in FIGURES),
                gain(rung, "average_precision"),
                gain(rung, "recall_at_0.01"),
            ]
            for rung in rungs
        ]
        head = ("signals", *FIGURES.values(), "gain in average precision", "gain in recall at 1 %")
        yield f"*{name.capitalize()}*\n\n" + "\n".join(_table(head, rows))


def gain(rung: Found, key: str) -> str:
    """What a rung adds to the one before it; nothing for the first."""
    if "gain" not in rung:
        return ""
    value, low, high = (rung["gain"][key][part] for part in ("value", "low", "high"))
    if key.startswith("recall"):
        return f"{100 * value:+.1f} ({100 * low:+.1f} to {100 * high:+.1f}) points"
    return f"{value:+.3f} ({low:+.3f} to {high:+.3f})"


def _kinds(metrics: Found) -> Iterator[str]:
    if "kinds_of_abuse" not in metrics:
        return
    by_rung = metrics["ablation_by_kind"]
    rungs = list(next(iter(by_rung.values())))
    rows = [[kind, *(share(found[rung]) for rung in rungs)] for kind, found in by_rung.items()]
    yield (
        "### Kinds of abuse in streams, by group of signals\n\n"
        "Refused at 1 % false positives, senders held out.\n\n" + "\n".join(_table(("kind", *rungs), rows))
    )
    rows = [
        [kind, str(found["operations"]), share(found["known"]), share(found["left_out"])]
        for kind, found in metrics["kinds_of_abuse"].items()
    ]
    yield (
        "### Kinds of abuse in streams, left out one by one\n\n"
        "Refused at 1 % false positives by a model that knew other senders of that kind, and by one that\n"
        "knew none.\n\n" + "\n".join(_table(("kind", "operations", "known", "left out"), rows))
    )


def _left_out(found: Found) -> Iterator[str]:
    sides, keys = ("known", "left_out"), ("service_refused", "fraud_refused")
    for scheme, groups in found.items():
        rows = [
            [name, *(share(pair[side].get(key)) for key in keys for side in sides), *_areas(pair)]
            for name, pair in groups.items()
        ]
        head = (scheme, "service: known", "left out", "fraud: known", "left out", "AUC: known", "left out")
        yield "\n".join(_table(head, rows))


def _areas(pair: Found) -> list[str]:
    return [f"{found['auc']:.3f}" if "auc" in found else "" for found in pair.values()]


def _slices(grounds: Found) -> Iterator[str]:
    for ground, keys in grounds.items():
        rows = [
            [key, name, share(found["refused"]), share(found["blocked"])]
            for key, groups in keys.items()
            for name, found in (_folded_slices(groups) if key == "language" else groups).items()
        ]
        yield f"*{ground.capitalize()}*\n\n" + "\n".join(_table(("", "", "refused", "blocked"), rows))


def _folded_slices(groups: Found) -> dict[str, Any]:
    few = [name for name, found in groups.items() if found["refused"]["of"] < FEW_SERVICE]
    kept = {name: found for name, found in groups.items() if name not in few}
    if not few:
        return kept
    pooled = {key: _pooled([groups[name][key] for name in few]) for key in ("refused", "blocked")}
    return {**kept, f"{OTHERS} ({len(few)})": pooled}


# --- certificates and caveats ----------------------------------------------------------------


def _certified(certificates: Mapping[str, Certificate]) -> Iterator[str]:
    rows = [
        [
            name,
            "never" if found.block is None else f"{found.block:.4f}",
            f"{100 * found.max_false_block_rate:.2f} %",
            f"{found.confidence:.0%}",
            f"{found.legitimate:,}",
            str(found.false_blocks),
            found.basis,
        ]
        for name, found in certificates.items()
    ]
    head = (
        "traffic",
        "blocks from",
        "false blocks at most",
        "confidence",
        "legitimate",
        "of them blocked",
        "basis",
    )
    return _table(head, rows)


def _caveats(data: Found, certificates: Mapping[str, Certificate]) -> Iterator[str]:
    if data["streams"]:
        yield (
            f"What senders did and recipients said was learned from {data['streams']} simulated worlds: "
            "it is as true as their assumptions (docs/explanation/trial.md). In a trial "
            "of the same wordings this model is at home."
        )
    if not data["lived"]:
        yield "No sender's history was in the training data: the tables of state signals are flat."
    if data["logs"]:
        yield "Decision logs hold no truth: nothing of them is among what it was judged on."
    else:
        yield "Nothing of a real platform's traffic was in the training data."
    yield (
        "Labelled messages say what was written, not who wrote it: sender, declared category and consent "
        "were drawn from wide assumed ranges (`learning/contexts.py`)."
    )
    yield f"The base rate of abuse, {data['base_rate']:.0%}, is an assumption; scores are calibrated to it."
    bases = {found.basis for found in certificates.values()}
    if "corpus" in bases:
        yield "A certificate with basis `corpus` holds for messages like the corpora, which are not traffic."
    unsure = [name for name, found in certificates.items() if found.block is None]
    if unsure:
        yield f"Never blocked by the model, for want of evidence: {', '.join(unsure)}."
    if data["one_sided"]:
        yield (
            f"{data['one_sided']} languages are known from service messages only: there fraud is judged by "
            "its entities, links and loan words, if at all."
        )

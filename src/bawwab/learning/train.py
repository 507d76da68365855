"""From labelled messages to a model version on disk: ``bawwab train``."""

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from rich.console import Console

from bawwab.core.decisions import ModelName
from bawwab.core.errors import ConfigurationError
from bawwab.core.model.model import Certificate, Model
from bawwab.core.model.risk import probability
from bawwab.core.policy import Policy, default_policy
from bawwab.gate.assess import traffic_class
from bawwab.learning.artefact import Origin, code_digest, write_version
from bawwab.learning.card import card_of
from bawwab.learning.certify import certify, one_per_cluster
from bawwab.learning.exported import Means
from bawwab.learning.fit import (
    Circumstances,
    RiskFit,
    Settings,
    draw_circumstances,
    fit_risk,
    fit_text,
    out_of_fold,
)
from bawwab.learning.folds import folds_of
from bawwab.learning.lived import Lived, joined, live_through, read_logs
from bawwab.learning.measure import figures
from bawwab.learning.prepare import Prepared, prepare
from bawwab.learning.risk_model import compile_trees, fit_trees
from bawwab.learning.samples import Sample, Sources, read_samples
from bawwab.stores.library import Half, MessageClass

Say = Callable[[str], None]
BASIS = "corpus"


class Logs(msgspec.Struct, frozen=True, kw_only=True):
    """What happened before: event streams to replay, exported decision logs, and the labels' cut-off."""

    streams: tuple[Path, ...] = ()
    exports: tuple[Path, ...] = ()
    cutoff: float | None = None
    means: Means | None = None


def train(
    sources: Sources,
    models: Path,
    *,
    day: str,
    settings: Settings | None = None,
    policy: Policy | None = None,
    logs: Logs | None = None,
    say: Say | None = None,
) -> str:
    """Fit, calibrate, certify and write a candidate; return its version.

    The same sources, settings and day give the same bytes.

    Parameters
    ----------
    sources : Sources
        Where the messages are.
    models : Path
        Folder of versions.
    day : str
        Date of training, the head of the version's name.
    settings : Settings, optional
    policy : Policy, optional
        Whose largest false-block rate is certified; the packaged one by default.
    logs : Logs, optional
        Event streams and decision logs: what senders did and recipients said.
    say : callable, optional
        Told what is being done.

    Raises
    ------
    ConfigurationError
        A file cannot be used, or a class has no messages.
    """
    chosen = Settings() if settings is None else settings
    acting = default_policy() if policy is None else policy
    tell = say or _silent
    prepared = prepare(_checked(read_samples(sources, seed=chosen.seed)))
    tell(f"{len(prepared.samples)} messages read, {len(np.unique(prepared.clusters))} wordings")
    folds = folds_of(prepared.by_source(), prepared.labels, count=chosen.folds)
    scores = out_of_fold(prepared, folds, chosen)
    tell(f"text scored by {chosen.folds} models that had not seen its source")
    made = draw_circumstances(prepared, scores, chosen)
    past = Logs() if logs is None else logs
    lived = joined(
        live(prepared, made, past.streams, chosen, acting),
        read_logs(
            past.exports, cutoff=past.cutoff, base_rate=chosen.base_rate, seed=chosen.seed, means=past.means
        ),
    )
    tell(f"{len(lived.abuse)} labelled messages of {len(past.streams)} streams, {len(past.exports)} logs")
    risk = fit_risk(made, folds, chosen, lived)
    tell(f"risk model fitted on {len(made.frame)} messages in their circumstances")
    text = fit_text(prepared, chosen)
    certificates = certify_all(prepared, made, risk, acting)
    metrics = figures(prepared, scores, risk.model, acting)
    origin = Origin(
        trained_at=day,
        data_digest=data_digest(prepared.samples),
        code_digest=code_digest(),
        parameters=_parameters(chosen),
        seed=chosen.seed,
    )
    version = write_version(
        models,
        origin,
        text=text.compiled(),
        risk=risk.model,
        certificates=certificates,
        metrics=metrics,
        card=card_of(origin, prepared, metrics, certificates),
    )
    tell(f"written to {models / version}")
    return version


def live(
    prepared: Prepared, made: Circumstances, streams: Sequence[Path], settings: Settings, policy: Policy
) -> Lived:
    """Replay event streams, seen by a first model that knows none of the trial's wordings."""
    if not streams:
        return Lived.nothing()
    unseen = np.array([sample.half == Half.TRIAL for sample in prepared.samples])
    text = fit_text(prepared.take(~unseen), settings).compiled()
    trees = fit_trees(made.frame, made.abuse, made.weight, seed=settings.seed)
    model = Model(name=ModelName("replay", ""), text=text, risk=compile_trees(trees))
    return live_through(streams, model=model, policy=policy, base_rate=settings.base_rate, jobs=settings.jobs)


def _checked(samples: Sequence[Sample]) -> Sequence[Sample]:
    held = {sample.label for sample in samples}
    for label in MessageClass:
        if label not in held:
            raise ConfigurationError(f"no {label.value} messages to train on; give more labelled data")
    return samples


def _silent(_: str) -> None:
    """Say nothing."""


def to_console(console: Console | None = None) -> Say:
    """Tell the terminal, with the time passed."""
    shown = console or Console(stderr=True)
    return lambda line: shown.log(line, highlight=False)


def certify_all(
    prepared: Prepared, made: Circumstances, risk: RiskFit, policy: Policy
) -> dict[str, Certificate]:
    """Certify every class of traffic on the out-of-fold scores of its service messages."""
    content = policy.content
    business = np.array([s.label is MessageClass.SERVICE and s.kind == "business" for s in prepared.samples])
    traffic = np.array([traffic_class(item.context, policy) for item in made.drawn])
    scores = np.array([probability(float(logit)) for logit in risk.logits])
    honest = business[made.origin] & (made.abuse == 0)
    certificates = {}
    for name in sorted(set(traffic.tolist())):
        rows = honest & (traffic == name)
        draws = one_per_cluster(scores[rows], prepared.clusters[made.origin[rows]].tolist())
        certificates[name] = certify(
            name,
            draws,
            rate=content.max_false_block_rate,
            confidence=content.confidence,
            basis=BASIS,
        )
    return certificates


def data_digest(samples: Sequence[Sample]) -> str:
    """SHA-256 over all that was trained on."""
    digest = hashlib.sha256()
    for sample in samples:
        digest.update(msgspec.json.encode((sample.text, sample.label, sample.source, sample.weight)))
    return digest.hexdigest()


def _parameters(settings: Settings) -> dict[str, Any]:
    """Settings that change the model; how many processes fitted it does not."""
    parameters: dict[str, Any] = msgspec.to_builtins(settings)
    parameters.pop("jobs")
    return parameters

"""From labelled messages to a model version on disk: ``bawwab train``."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray
from rich.console import Console

from bawwab.core.decisions import ModelName
from bawwab.core.errors import ConfigurationError
from bawwab.core.model.model import Certificate, Model
from bawwab.core.model.risk import probability
from bawwab.core.model.text import TextModel
from bawwab.core.policy import Policy, default_policy
from bawwab.gate.assess import traffic_class
from bawwab.learning.artefact import Origin, code_digest, write_version
from bawwab.learning.card import card_of
from bawwab.learning.certify import certify, one_per_cluster
from bawwab.learning.exported import Means
from bawwab.learning.facts import facts_of
from bawwab.learning.fit import Circumstances, RiskFit, Settings, draw_circumstances, fit_risk
from bawwab.learning.folds import folds_of
from bawwab.learning.held_out import WHOLE, ground_of, hold_out, judge_held_out, judged_once
from bawwab.learning.left_out import folds_by_kind, folds_by_language, left_out
from bawwab.learning.lived import Lived, joined, live_through, read_logs
from bawwab.learning.measure import figures
from bawwab.learning.parallel import Tell, in_parallel, silent
from bawwab.learning.pictures import pictures_of
from bawwab.learning.prepare import Prepared, prepare
from bawwab.learning.replay import Replayed, replay
from bawwab.learning.risk_model import compile_trees, fit_trees
from bawwab.learning.rounds import fit_texts
from bawwab.learning.samples import Sample, Sources, read_samples
from bawwab.learning.slices import labelled_slices, stream_slices
from bawwab.learning.witnessed import Witnessed, truth_of, witness
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
    progress: Tell = silent,
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
        Told what was done.
    progress : callable, optional
        Told what is being done, and the fraction of it that is.

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
    schemes = {
        "sources": folds_of(prepared.by_source(), prepared.labels, count=chosen.folds),
        "languages": folds_by_language(prepared),
        "kinds of fraud": folds_by_kind(prepared),
    }
    past = Logs() if logs is None else logs
    unseen = np.array([sample.half == Half.TRIAL for sample in prepared.samples]) if past.streams else None
    texts = fit_texts(prepared, schemes, chosen, unseen=unseen, tell=progress)
    tell("text scored by models that had not seen its source, its language, its kind of fraud")
    folds, scores = schemes["sources"], texts.scores["sources"]
    made = draw_circumstances(prepared, scores, chosen)
    replays = replay_all(past.streams, texts.unseen, made, settings=chosen, policy=acting, tell=progress)
    lived = joined(
        live_through(past.streams, replays, base_rate=chosen.base_rate),
        read_logs(
            past.exports, cutoff=past.cutoff, base_rate=chosen.base_rate, seed=chosen.seed, means=past.means
        ),
    )
    seen = witness(past.streams, replays, base_rate=chosen.base_rate)
    mute = sum(not truth_of(stream).exists() for stream in past.streams)
    if mute:
        tell(f"{mute} of {len(past.streams)} streams have no truth beside them: learned from, not judged")
    tell(f"{len(lived.abuse)} labelled messages of {len(past.streams)} streams, {len(past.exports)} logs")
    risk = fit_risk(made, folds, chosen, lived=lived, tell=progress)
    tell(f"risk model fitted on {len(made.frame)} messages in their circumstances")
    certificates = certify_all(prepared, made, risk, acting)
    metrics = figures(prepared, scores, risk.model, acting)
    metrics["data"] = facts_of(
        prepared, lived, streams=len(past.streams), logs=len(past.exports), base_rate=chosen.base_rate
    )
    metrics["left_out"] = left_out(prepared, texts.scores, risk.model, acting)
    metrics |= held_out_figures(
        prepared, made, folds, seen, certificates=certificates, settings=chosen, policy=acting, tell=progress
    )
    tell("judged on what it was not shown")
    origin = Origin(
        trained_at=day,
        data_digest=data_digest(prepared.samples, lived),
        code_digest=code_digest(),
        parameters=_parameters(chosen, acting),
        seed=chosen.seed,
    )
    version = write_version(
        models,
        origin,
        text=texts.shipped,
        risk=risk.model,
        certificates=certificates,
        metrics=metrics,
        card=card_of(origin, metrics, certificates),
        pictures=pictures_of(metrics, risk.model),
    )
    tell(f"written to {models / version}")
    return version


def replay_all(
    streams: Sequence[Path],
    text: TextModel | None,
    made: Circumstances,
    *,
    settings: Settings,
    policy: Policy,
    tell: Tell,
) -> list[Replayed]:
    """Replay event streams, seen by a first model that knows none of the trial's wordings."""
    if text is None:
        return []
    trees = fit_trees(made.frame, made.abuse, made.weight, seed=settings.seed, trees=settings.trees)
    model = Model(name=ModelName("replay", ""), text=text, risk=compile_trees(trees))
    tasks = [(stream, model, policy) for stream in streams]
    return in_parallel(_replay, tasks, jobs=settings.jobs, name="streams replayed", tell=tell)


def _replay(stream: Path, model: Model, policy: Policy) -> Replayed:
    return replay(stream, model=model, policy=policy)


def held_out_figures(
    prepared: Prepared,
    made: Circumstances,
    folds: NDArray[np.int64],
    seen: Witnessed | None,
    *,
    certificates: Mapping[str, Certificate],
    settings: Settings,
    policy: Policy,
    tell: Tell,
) -> dict[str, Any]:
    """Figures of models fitted without what they are judged on, and who is hurt."""
    ground = ground_of(made, folds, seen, settings.folds)
    held = hold_out(ground, seen, settings, tell)
    found = judge_held_out(prepared, made, ground, held, seen=seen, settings=settings)
    once = judged_once(prepared, made)
    hurt = {
        "labelled messages": labelled_slices(
            prepared, made, once, held.labelled[WHOLE], certificates=certificates, policy=policy
        )
    }
    if seen is not None:
        hurt["streams"] = stream_slices(seen, held.lived[WHOLE], certificates=certificates, policy=policy)
    return {**found, "slices": hurt}


def _checked(samples: Sequence[Sample]) -> Sequence[Sample]:
    held = {sample.label for sample in samples}
    for label in MessageClass:
        if label not in held:
            raise ConfigurationError(f"no {label.value} messages to train on; give more labelled data")
    return samples


def _silent(_: str) -> None:
    """Say nothing."""


def to_console(console: Console) -> Say:
    """Tell the terminal, with the time of day."""
    return lambda line: console.log(line, highlight=False)


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


def data_digest(samples: Sequence[Sample], lived: Lived) -> str:
    """SHA-256 over all that was trained on: messages, and labelled rows of streams and logs."""
    digest = hashlib.sha256()
    for sample in samples:
        digest.update(msgspec.json.encode((sample.text, sample.label, sample.source, sample.weight)))
    for values in (lived.frame, lived.abuse, lived.weight, lived.stream):
        digest.update(values.tobytes())
    return digest.hexdigest()


def _parameters(settings: Settings, policy: Policy) -> dict[str, Any]:
    """Whatever else changes the model; how many processes fitted it does not."""
    parameters: dict[str, Any] = {**msgspec.to_builtins(settings), "policy": policy.version}
    parameters.pop("jobs")
    return parameters

"""What a model says of what it was not shown: senders, time to come, kinds of abuse, signals taken away.

Two grounds are judged. *Labelled* messages, put into drawn circumstances: what they are is known,
who sent them is not. *Streams* of simulated worlds, replayed through the gate: a sender has a
past, and people have spoken; models are fitted on what they said and judged by what was true.
The words of the streams are from the half of the library that the text model of the replay has
not seen. Nothing is ever split at random: whole sources, operations, wordings and stretches of
time are left out.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from bawwab.core.model.risk import RiskModel
from bawwab.core.model.text import CLASSES
from bawwab.core.signals import Group
from bawwab.learning.curves import (
    Chance,
    Evidence,
    Ranking,
    differences,
    figures_of,
    headline,
    intervals,
    resampled,
    to_rate,
)
from bawwab.learning.fit import Circumstances, Rows, Settings, fit_rows
from bawwab.learning.folds import folds_of
from bawwab.learning.frame import columns_of
from bawwab.learning.lived import SHARE
from bawwab.learning.measure import exact
from bawwab.learning.parallel import Tell, in_parallel, silent
from bawwab.learning.prepare import Prepared
from bawwab.learning.risk_model import platt, sum_to
from bawwab.learning.witnessed import Witnessed

LADDER = {f"{'+ ' * bool(step)}{group.value}": tuple(Group)[: step + 1] for step, group in enumerate(Group)}
WHOLE = tuple(LADDER)[-1]
TOLERATED = 0.01  # false positives at which the recall of one kind of abuse is told
STRANGERS = 0  # the fold of operations that sets the line where a kind of abuse is left out


SPREAD = np.linspace(-7.0, 7.0, 57)  # bins of log-odds, those beyond in the outer ones


class Ground(NamedTuple):
    """All that there is to learn from, and the fold of every row: of its source, of its operation."""

    labelled: Rows
    labelled_fold: NDArray[np.int64]
    lived: Rows
    early: Rows
    lived_fold: NDArray[np.int64]


class HeldOut(NamedTuple):
    """Log-odds of every row by models that had not seen it, by rung of the ladder."""

    labelled: Mapping[str, NDArray[np.float64]]
    lived: Mapping[str, NDArray[np.float64]]
    later: Mapping[str, NDArray[np.float64]]
    strange: Mapping[str, NDArray[np.float64]]


def ground_of(made: Circumstances, folds: NDArray[np.int64], seen: Witnessed | None, count: int) -> Ground:
    """Lay the ground; without streams there is only the labelled half."""
    labelled = Rows(made.frame, made.abuse, made.weight)
    if seen is None:
        none = labelled.take(np.zeros(len(made.abuse), np.bool_))
        return Ground(labelled, folds[made.origin], none, none, np.zeros(0, np.int64))
    lived = Rows(seen.frame, seen.abuse, seen.weight)
    early = Rows(seen.frame, seen.early_abuse, np.where(seen.past, seen.early_weight, 0.0))
    of_operation = folds_of(seen.operation, seen.true.astype(np.int64), count=count)
    return Ground(labelled, folds[made.origin], lived, early, of_operation)


def fit_on(labelled: Rows, lived: Rows, groups: tuple[Group, ...], settings: Settings) -> RiskModel:
    """Fit on some signals only, streams weighing what they weigh in training."""
    lived = lived.take(lived.weight > 0.0)
    share = SHARE if len(lived.abuse) else 0.0
    frame = np.concatenate([labelled.frame, lived.frame])
    shown = np.full_like(frame, np.nan)
    columns = columns_of(groups)
    shown[:, columns] = frame[:, columns]
    weight = np.concatenate([sum_to(labelled.weight, 1.0 - share), sum_to(lived.weight, share)])
    abuse = np.concatenate([labelled.abuse, lived.abuse])
    return fit_rows(Rows(shown, abuse, weight * len(abuse)), settings)


def hold_out(ground: Ground, seen: Witnessed | None, settings: Settings, tell: Tell = silent) -> HeldOut:
    """Fit without each fold, without the last third of time, and without each kind of abuse."""
    folds = np.unique(ground.labelled_fold)
    tasks = [(ground, LADDER[rung], int(fold), settings) for rung in LADDER for fold in folds]
    found = iter(in_parallel(_fold, tasks, jobs=settings.jobs, name="signals taken away", tell=tell))
    labelled, lived, line = {}, {}, {}
    for rung in LADDER:
        ours, theirs = np.zeros(len(ground.labelled.abuse)), np.zeros(len(ground.lived.abuse))
        for fold in folds:
            ours[ground.labelled_fold == fold], theirs[ground.lived_fold == fold] = next(found)
        line[rung] = _calibration(ground, ours, theirs)
        labelled[rung], lived[rung] = (slope_of(line[rung], part) for part in (ours, theirs))
    if seen is None:
        return HeldOut(labelled, {}, {}, {})
    rungs = [(ground, LADDER[rung], settings) for rung in LADDER]
    later = in_parallel(_before, rungs, jobs=settings.jobs, name="time held out", tell=tell)
    kinds = sorted(set(seen.kind[seen.true & seen.judged].tolist()))
    without = [(ground, seen.kind == kind, settings) for kind in kinds]
    strange = in_parallel(_without, without, jobs=settings.jobs, name="kinds held out", tell=tell)
    return HeldOut(
        labelled,
        lived,
        {rung: slope_of(line[rung], part) for rung, part in zip(LADDER, later, strict=True)},
        {kind: slope_of(line[WHOLE], part) for kind, part in zip(kinds, strange, strict=True)},
    )


def _fold(
    ground: Ground, groups: tuple[Group, ...], fold: int, settings: Settings
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    ours, theirs = ground.labelled_fold == fold, ground.lived_fold == fold
    model = fit_on(ground.labelled.take(~ours), ground.lived.take(~theirs), groups, settings)
    return model.logits(ground.labelled.frame[ours]), model.logits(ground.lived.frame[theirs])


def _before(ground: Ground, groups: tuple[Group, ...], settings: Settings) -> NDArray[np.float64]:
    return fit_on(ground.labelled, ground.early, groups, settings).logits(ground.lived.frame)


def _without(ground: Ground, kind: NDArray[np.bool_], settings: Settings) -> NDArray[np.float64]:
    """Leave one kind of abuse out, and with it the first fold of operations, to set the line by."""
    kept = ground.lived.take(~kind & (ground.lived_fold != STRANGERS))
    return fit_on(ground.labelled, kept, LADDER[WHOLE], settings).logits(ground.lived.frame)


def _calibration(
    ground: Ground, labelled: NDArray[np.float64], lived: NDArray[np.float64]
) -> tuple[float, float]:
    known = ground.lived.weight > 0.0
    share = SHARE if known.any() else 0.0
    weight = [sum_to(ground.labelled.weight, 1.0 - share), sum_to(ground.lived.weight[known], share)]
    abuse = [ground.labelled.abuse, ground.lived.abuse[known]]
    return platt(np.concatenate([labelled, lived[known]]), np.concatenate(abuse), np.concatenate(weight))


def slope_of(line: tuple[float, float], logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Calibrated log-odds."""
    return line[0] * logits + line[1]


# --- judging ---------------------------------------------------------------------------------


def judge_held_out(
    prepared: Prepared,
    made: Circumstances,
    ground: Ground,
    held: HeldOut,
    *,
    seen: Witnessed | None,
    settings: Settings,
) -> dict[str, Any]:
    """All figures of the two grounds, for ``metrics.json``."""
    ours, chance = judged_once(prepared, made), Chance(settings.seed, settings.resamples)
    found: dict[str, Any] = {"base_rate": settings.base_rate, "ablation": {}, "curves": {}}
    grounds = {
        "labelled messages, sources held out": (
            held.labelled,
            ours,
            made.abuse == 1,
            prepared.clusters[made.origin],
        )
    }
    if seen is not None:
        grounds |= {
            "streams, senders held out": (held.lived, seen.judged, seen.true, seen.operation),
            "streams, time held out": (held.later, seen.judged & ~seen.past, seen.true, seen.operation),
        }
    for name, (logits, rows, abuse, group) in grounds.items():
        evidence = {
            rung: Evidence(part[rows], abuse[rows], to_rate(abuse[rows], settings.base_rate), group[rows])
            for rung, part in logits.items()
        }
        found["ablation"][name] = _ladder(evidence, chance=chance)
        found["curves"][name] = figures_of(evidence[WHOLE], chance=chance)
    found["scores"] = scores_by_class(prepared, made, ours, held, seen)
    if seen is not None:
        found["ablation_by_kind"] = by_kind(held.lived, seen)
        found["kinds_of_abuse"] = kinds_left_out(held, seen, ground.lived_fold)
    return found


def judged_once(prepared: Prepared, made: Circumstances) -> NDArray[np.bool_]:
    """Labelled rows to judge: each message once, in the first of its circumstances; no private talk."""
    first = np.zeros(len(made.origin), np.bool_)
    first[np.unique(made.origin, return_index=True)[1]] = True
    talk = np.array([sample.kind == "chat" for sample in prepared.samples])
    judged: NDArray[np.bool_] = first & ~talk[made.origin]
    return judged


def _ladder(evidence: Mapping[str, Evidence], *, chance: Chance) -> list[dict[str, Any]]:
    steps: list[dict[str, Any]] = []
    former: tuple[dict[str, Any], list[dict[str, float]]] | None = None
    for rung, found in evidence.items():
        drawn = resampled(found, chance=chance)
        value = headline(found, Ranking(found.logits, found.abuse).steps(found.weight))
        row = {"signals": rung, **intervals(value, drawn)}
        if former is not None:
            row["gain"] = differences(row, drawn, *former)
        steps.append(row)
        former = row, drawn
    return steps


def scores_by_class(
    prepared: Prepared,
    made: Circumstances,
    judged: NDArray[np.bool_],
    held: HeldOut,
    seen: Witnessed | None,
) -> dict[str, Any]:
    """Histograms of log-odds by models that had not seen the message, class by class."""
    labels = prepared.labels[made.origin]
    logits = held.labelled[WHOLE]
    classes = {name: logits[judged & (labels == number)] for number, name in enumerate(CLASSES)}
    found = {"labelled messages": _histograms(classes)}
    if seen is not None:
        lived = held.lived[WHOLE]
        truly = {"honest": seen.judged & ~seen.true, "abusive": seen.judged & seen.true}
        found["streams"] = _histograms({name: lived[rows] for name, rows in truly.items()})
    return found


def _histograms(classes: Mapping[str, NDArray[np.float64]]) -> dict[str, Any]:
    return {
        "edges": SPREAD.tolist(),
        "classes": {
            name: np.histogram(np.clip(part, SPREAD[0], SPREAD[-1]), bins=SPREAD)[0].tolist()
            for name, part in classes.items()
        },
    }


def by_kind(logits: Mapping[str, NDArray[np.float64]], seen: Witnessed) -> dict[str, Any]:
    """Recall of each kind of abuse, rung by rung, at `TOLERATED` false positives of that rung."""
    found: dict[str, Any] = {}
    for rung, part in logits.items():
        line = _line(part, seen.judged & ~seen.true, seen)
        for kind in sorted(set(seen.kind[seen.true & seen.judged].tolist())):
            rows = seen.true & seen.judged & (seen.kind == kind)
            found.setdefault(kind, {})[rung] = exact(
                int((part[rows] >= line).sum()), int(rows.sum())
            )._asdict()
    return found


def kinds_left_out(held: HeldOut, seen: Witnessed, fold: NDArray[np.int64]) -> dict[str, Any]:
    """Recall of each kind of abuse by a model that knew other senders of it, and by one that knew none.

    The line is drawn by honest operations that neither had seen.
    """
    found = {}
    unseen = seen.judged & ~seen.true & (fold == STRANGERS)
    for kind, strange in held.strange.items():
        rows = seen.true & seen.judged & (seen.kind == kind)
        known, unknown = (
            exact(int((part[rows] >= _line(part, unseen, seen)).sum()), int(rows.sum()))._asdict()
            for part in (held.lived[WHOLE], strange)
        )
        found[kind] = {
            "operations": len(np.unique(seen.operation[rows])),
            "known": known,
            "left_out": unknown,
        }
    return found


def _line(logits: NDArray[np.float64], honest: NDArray[np.bool_], seen: Witnessed) -> float:
    rows = honest | (seen.true & seen.judged)
    ranking = Ranking(logits[rows], seen.true[rows])
    return ranking.steps(np.ones(int(rows.sum()))).score_at(TOLERATED)

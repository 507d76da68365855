"""The promotion gate: a candidate is served only if it is no worse where it matters."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bawwab.core.errors import ModelError
from bawwab.stores import models as shelf

# Captured service messages refused: the first rung of the ladder, and how far a candidate may
# fall behind the champion in points of share (one point of 500 messages is five messages).
SERVICE_REFUSED = 0.05
SLACK = 0.01
AUC_SLACK = 0.01


def promote(models: Path, version: str, *, force: str | None = None) -> str:
    """Point the champion to ``version`` if it passes; say which version is served.

    Raises
    ------
    ModelError
        Naming every gate it does not pass; ``force`` with a reason overrides.
    """
    shelf.load_version(models, version)
    complaints = list(_complaints(models, version))
    if complaints and not (force or "").strip():
        raise ModelError(f"{version} is not promoted: {'; '.join(complaints)}; --force REASON overrides")
    return shelf.promote(models, version).version


def _complaints(models: Path, version: str) -> Iterator[str]:
    candidate, champion = _captured(models, version), _champion(models)
    refused = _share(candidate)
    allowed = max(SERVICE_REFUSED, (_share(champion) or 0.0) + SLACK) if champion else SERVICE_REFUSED
    if refused is None:
        return  # trained where no captured messages were at hand: nothing to compare
    if refused > allowed:
        yield f"refuses {refused:.1%} of captured service messages, more than {allowed:.1%}"
    if champion and candidate.get("auc", 1.0) < champion.get("auc", 0.0) - AUC_SLACK:
        yield f"AUC {candidate['auc']:.4f} against {champion['auc']:.4f} of the champion"


def _champion(models: Path) -> dict[str, Any]:
    try:
        return _captured(models, shelf.read_champion(models).version)
    except ModelError:
        return {}


def _captured(models: Path, version: str) -> dict[str, Any]:
    path = models / version / "metrics.json"
    try:
        metrics = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise ModelError(f"{path}: cannot be read ({error.strerror}); train again") from error
    found: dict[str, Any] = metrics["headline"]["captured"]
    return found


def _share(figures: dict[str, Any]) -> float | None:
    refused = figures.get("service_refused")
    return None if refused is None else float(refused["share"])

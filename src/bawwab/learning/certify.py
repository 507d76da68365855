"""Certificates: from which score a class of traffic may be blocked (Neyman-Pearson)."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bawwab.core.model.model import Certificate


def allowed_errors(draws: int, *, rate: float, confidence: float) -> int:
    """Count the false blocks that a certificate over ``draws`` legitimate messages may have.

    The largest ``k`` for which at most ``k`` errors among ``draws`` messages would be seen with
    probability ``1 - confidence`` or less if the true rate were ``rate``; -1 where there is none.
    Tong, Feng, Li (2018), doi 10.1126/sciadv.aao1659.

    Examples
    --------
    >>> allowed_errors(2994, rate=0.001, confidence=0.95), allowed_errors(2995, rate=0.001, confidence=0.95)
    (-1, 0)
    >>> allowed_errors(10_000, rate=0.001, confidence=0.95)
    4
    """
    log_term, total, errors = draws * math.log1p(-rate), 0.0, -1
    while True:
        total += math.exp(log_term)
        if total > 1.0 - confidence or errors + 1 >= draws:
            return errors
        errors += 1
        log_term += math.log((draws - errors) / (errors + 1) * rate / (1.0 - rate))


def certify(
    traffic: str, legitimate: NDArray[np.float64], *, rate: float, confidence: float, basis: str
) -> Certificate:
    """Choose the lowest score from which a class of traffic may be blocked.

    Parameters
    ----------
    traffic : str
        Name of the class of traffic.
    legitimate : array of shape (n,)
        Scores of independent legitimate messages that the model was not fitted on.
    rate : float
        Largest share of legitimate messages that may be blocked.
    confidence : float
        Probability with which that must hold.
    basis : str
        What the scores are drawn from: `corpus` or `traffic`.
    """
    errors = allowed_errors(len(legitimate), rate=rate, confidence=confidence)
    block, blocked = None, 0
    if errors >= 0:
        # Scores strictly above the (errors + 1)-th highest are blocked: `errors` at most.
        top = np.sort(legitimate)[::-1][errors]
        block = math.nextafter(float(top), 2.0)
        blocked = int(np.count_nonzero(legitimate >= block))
    return Certificate(
        traffic=traffic,
        block=None if block is None or block > 1.0 else block,
        max_false_block_rate=rate,
        confidence=confidence,
        legitimate=len(legitimate),
        false_blocks=blocked,
        basis=basis,
    )


def one_per_cluster(scores: NDArray[np.float64], clusters: Sequence[int]) -> NDArray[np.float64]:
    """Draw one score of each cluster of near-duplicates: the highest, which errs on the safe side.

    Examples
    --------
    >>> one_per_cluster(np.array([0.1, 0.4, 0.2]), [7, 7, 9])
    array([0.4, 0.2])
    """
    order = np.lexsort((-scores, np.asarray(clusters)))
    first = np.unique(np.asarray(clusters)[order], return_index=True)[1]
    return scores[order[first]]

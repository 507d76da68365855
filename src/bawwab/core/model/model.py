"""A whole model version: text model, risk model, and what may be blocked on its word."""

import msgspec

from bawwab.core.decisions import ModelName
from bawwab.core.model.risk import RiskModel
from bawwab.core.model.text import TextModel


class Certificate(msgspec.Struct, frozen=True, kw_only=True):
    """From which score a class of traffic may be blocked, and on what evidence.

    ``block`` is the lowest score for which, with ``confidence``, at most
    ``max_false_block_rate`` of legitimate messages would be blocked (Neyman-Pearson, exact
    binomial over ``legitimate`` independent draws); None where there are too few.
    """

    traffic: str
    block: float | None
    max_false_block_rate: float
    confidence: float
    legitimate: int
    false_blocks: int
    basis: str


class Model(msgspec.Struct, frozen=True, kw_only=True):
    """What the gate asks."""

    name: ModelName
    text: TextModel
    risk: RiskModel
    certificates: dict[str, Certificate] = {}
    catalogue: str = ""
    training_data: str = ""
    trained_at: str = ""

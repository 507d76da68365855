"""A trial without reports: what is left out, and what is not."""

from typing import Any

import msgspec
import pytest

from bawwab.core.errors import ConfigurationError
from bawwab.core.events import (
    Feedback,
    Outcome,
    OutcomeKind,
    Report,
    ReportReason,
    Survey,
)
from bawwab.core.model.risk import RiskModel, Table
from bawwab.core.signals import CATALOGUE, Group
from bawwab.world.hearing import Unheard, Without, deafened, to_be_without
from bawwab.world.referees import AllowAll
from kit import keyword_model

WHO: dict[str, Any] = {"sender_id": "s", "recipient": "r"}
REPORT = Report(reason=ReportReason.SPAM, **WHO)
SURVEY = Survey(wanted=False, annoying=True, sampling_probability=0.5, **WHO)
OPT_OUT = Outcome(kind=OutcomeKind.OPTED_OUT, **WHO)
READ = Outcome(kind=OutcomeKind.READ, **WHO)


class Listener(AllowAll):
    """A door that keeps what it is told."""

    def __init__(self) -> None:
        self.heard: list[Feedback] = []

    def observe(self, item: Feedback, *, now: float) -> None:  # noqa: ARG002 - a door takes what a door takes
        self.heard.append(item)


@pytest.mark.parametrize(
    ("without", "left"),
    [(Without.REPORTS, [SURVEY, OPT_OUT, READ]), (Without.VOICES, [READ])],
)
def test_what_is_left_out_never_reaches_the_door(without: Without, left: list[Feedback]) -> None:
    listener = Listener()
    door = Unheard(listener, without)
    for item in (REPORT, SURVEY, OPT_OUT, READ):
        door.observe(item, now=0.0)
    assert listener.heard == left


def test_a_deafened_model_takes_no_notice_of_reports_and_of_nothing_else() -> None:
    steps = tuple(Table(entry.name, (0.0,), (0.0, 1.0), 0.5) for entry in CATALOGUE)
    model = deafened(msgspec.structs.replace(keyword_model(), risk=RiskModel(-3.0, steps)))
    for table, entry in zip(model.risk.tables, CATALOGUE, strict=True):
        loud = entry.group is not Group.REPORTS
        assert (table.at(1.0), table.at(float("nan"))) == ((1.0, 0.5) if loud else (0.0, 0.0))


def test_an_unknown_name_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ConfigurationError, match="report-signals, reports, voices"):
        to_be_without("surveys")

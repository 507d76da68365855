"""The figures, on worlds whose outcome is known beforehand."""
# ruff: noqa: ARG002 - a door takes what a Door takes

import pytest

from bawwab.core.decisions import Verdict
from bawwab.core.events import Message
from bawwab.world.doors import Answer
from bawwab.world.figures import Figures, TrialResult
from bawwab.world.referees import Deaf
from bawwab.world.trial import run_trial
from world_kit import phrasebook, small


@pytest.fixture(scope="module")
def trial() -> TrialResult:
    return run_trial(small(), Late(), phrasebook=phrasebook())


@pytest.fixture(scope="module")
def referees(trial: TrialResult) -> dict[str, Figures]:
    return {figures.door: figures for figures in trial.referees}


class Late(Deaf):
    """Lets everything out, an hour late."""

    def __init__(self) -> None:
        self._seen: set[str] = set()

    def score(self, message: Message, *, now: float) -> Answer:
        if message.message_id in self._seen:
            return Answer(Verdict.ALLOW)
        self._seen.add(message.message_id)
        return Answer(Verdict.THROTTLE, 3600.0, "PACING")


def test_allow_all_leaks_everything_and_harms_nobody(referees: dict[str, Figures]) -> None:
    figures = referees["allow_all"]
    assert figures.leak.value == 1.0
    assert all(found.leak.value == 1.0 for found in figures.opponents_by_kind.values())
    assert figures.service.harmed.count == 0


def test_block_all_leaks_nothing_and_blocks_everybody(referees: dict[str, Figures]) -> None:
    figures = referees["block_all"]
    assert figures.leak.count == 0
    assert figures.service.blocked.value == 1.0
    assert figures.recovery.recovered == 0


def test_the_oracle_leaks_nothing_and_harms_nobody(referees: dict[str, Figures]) -> None:
    figures = referees["oracle"]
    assert figures.leak.count == 0
    assert figures.leak.of > 100
    assert figures.service.harmed.count == 0
    assert figures.bursts_within_a_minute.value == 1.0


def test_the_heuristic_lands_between(referees: dict[str, Figures]) -> None:
    figures = referees["heuristic"]
    assert 0.0 < (figures.leak.value or 0.0) < 1.0
    assert 0.0 < (figures.service.harmed.value or 0.0) < 1.0


def test_a_door_that_is_an_hour_late_is_late_with_every_honest_message(trial: TrialResult) -> None:
    service = trial.door.service
    assert service.late.value == 1.0
    assert service.stopped.count == 0
    assert trial.door.bursts_within_a_minute.count == 0


def test_categories_standings_and_kinds_each_add_up(trial: TrialResult) -> None:
    figures = trial.door
    for slices in (figures.service_by_category, figures.service_by_standing, figures.service_by_kind):
        assert sum(service.late.of for service in slices.values()) == figures.service.late.of
    assert sum(found.leak.of for found in figures.opponents_by_kind.values()) == figures.leak.of


def test_the_survey_finds_the_truth_where_everything_is_let_out() -> None:
    figures = run_trial(small(scale=0.3), None, 2, referees=["allow_all"], phrasebook=phrasebook()).door
    truth, low, high = figures.unwanted.truth.value, figures.unwanted.low, figures.unwanted.high
    assert truth is not None
    assert low is not None
    assert high is not None
    assert low - 0.03 < truth < high + 0.03


def test_a_result_survives_being_stored(trial: TrialResult) -> None:
    assert TrialResult.from_json(trial.to_json()) == trial

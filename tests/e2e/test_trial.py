"""The trial with the production gate, in this process and over HTTP."""

import io
from pathlib import Path
from typing import Any, cast

import httpx
import msgspec
import pytest
from rich.console import Console

from bawwab.core.model.text import TextScore
from bawwab.core.policy import default_policy
from bawwab.core.signals import CATALOGUE_DIGEST
from bawwab.gate import Gate
from bawwab.service.clock import EventClock
from bawwab.world import HttpDoor, TrialResult, fresh_gate, print_result, run_trial, write_result
from bawwab.world.figures import Figures
from kit import KeywordText, keyword_model
from service_kit import run_service
from world_kit import phrasebook, small

SCENARIO = small(scale=0.02)


class CountingText(KeywordText):
    """Reads every twelfth length of text as fraud: words of any language, refused or not."""

    def score(self, masked_text: str) -> TextScore:
        return super().score("scam" if len(masked_text) % 12 == 0 else "parcel")


MODEL = msgspec.structs.replace(keyword_model(None), text=CountingText(), catalogue=CATALOGUE_DIGEST)


def gate() -> Gate:
    return fresh_gate(default_policy(), MODEL)


def trial(door: Any, seed: int = 1) -> TrialResult:
    return run_trial(SCENARIO, door, seed, referees=["oracle"], phrasebook=phrasebook())


@pytest.fixture(scope="module")
def result() -> TrialResult:
    return trial(gate())


def timeless(figures: Figures) -> Figures:
    return msgspec.structs.replace(figures, wall_seconds=0.0)


def test_the_same_seed_and_gate_give_the_same_figures_twice(result: TrialResult) -> None:
    assert timeless(trial(gate()).door) == timeless(result.door)


def test_over_http_the_verdicts_are_the_same(tmp_path: Path) -> None:
    days = small("brigade_on_shop", scale=0.02, days=6.0)
    with run_service(tmp_path, clock=EventClock(max_step=30 * 86_400.0), model=MODEL) as service:
        door = HttpDoor("http://testserver", client=cast("httpx.Client", service.client))
        over_http = run_trial(days, door, referees=[], phrasebook=phrasebook()).door
    in_process = run_trial(days, gate(), referees=[], phrasebook=phrasebook()).door
    assert timeless(over_http) == timeless(in_process)
    assert over_http.attempts > over_http.messages


def test_every_sender_was_decided_by_the_gate(result: TrialResult) -> None:
    assert result.door.attempts >= result.door.messages > 500
    assert result.door.feedback > 500


def test_figures_and_page_are_written_side_by_side(result: TrialResult, tmp_path: Path) -> None:
    figures, page = write_result(result, tmp_path / "trials")
    assert TrialResult.from_json(figures.read_bytes()) == result
    assert page.read_bytes().startswith(b"\x89PNG")
    assert page.stat().st_size > 20_000


def test_the_tables_say_what_got_out_and_who_was_harmed(result: TrialResult) -> None:
    console = Console(record=True, width=160, file=io.StringIO())
    print_result(result, console)
    text = console.export_text()
    assert "allow_all" not in text
    for word in ("leak", "oracle", "snowshoe", "authentication", "brigade_on_shop", "false stops"):
        assert word in text

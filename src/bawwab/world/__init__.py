"""The simulated platform, and the trial that runs the real gate inside it."""

from bawwab.world.figures import TrialResult
from bawwab.world.page import draw_page, write_result
from bawwab.world.remote import HttpDoor
from bawwab.world.scenario import Scenario, load_scenario, scenario_names
from bawwab.world.show import print_result
from bawwab.world.stream import Simulation, simulate
from bawwab.world.trial import fresh_gate, run_trial

__all__ = [
    "HttpDoor",
    "Scenario",
    "Simulation",
    "TrialResult",
    "draw_page",
    "fresh_gate",
    "load_scenario",
    "print_result",
    "run_trial",
    "scenario_names",
    "simulate",
    "write_result",
]

"""Dashboard and alerts ask for metrics that there are."""

import json
import re
from contextlib import ExitStack
from pathlib import Path

import pytest

from bawwab.service.home import Home
from bawwab.service.server import application, assemble
from bawwab.service.settings import read_settings
from service_kit import write_model

GRAFANA = Path(__file__).parents[2] / "docs" / "grafana"


@pytest.fixture
def metrics(tmp_path: Path) -> set[str]:
    write_model(tmp_path / "models")
    with ExitStack() as stack:
        home = Home(tmp_path / "var")
        stack.callback(home.close)
        running = assemble(read_settings(home=home.path, models=tmp_path / "models"), stack, home)
        application(running, announce=lambda: None)
        text = running.entrance.metrics.render().decode()
    return set(re.findall(r"^# TYPE (\S+)", text, re.MULTILINE))


@pytest.mark.parametrize("name", ["dashboard.json", "alerts.yml"])
def test_every_metric_that_is_asked_for_exists(metrics: set[str], name: str) -> None:
    asked = set(re.findall(r"bawwab_\w+", (GRAFANA / name).read_text("utf-8")))
    known = metrics | {f"{metric}_bucket" for metric in metrics}
    assert asked - known == set()


def test_the_page_and_the_rules_name_the_same_alerts() -> None:
    page = (GRAFANA.parent / "reference" / "metrics.md").read_text("utf-8").split("## Worth an alert")[1]
    told = re.findall(r"^\| `(.+?)`", page, re.MULTILINE)
    rules = re.findall(
        r"expr: (?:>-)?(.+?)\n {8}for:", (GRAFANA / "alerts.yml").read_text("utf-8"), re.DOTALL
    )
    assert sorted(told) == sorted(" ".join(rule.split()) for rule in rules)


def test_the_dashboard_is_json() -> None:
    assert json.loads((GRAFANA / "dashboard.json").read_text("utf-8"))["panels"]

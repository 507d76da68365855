from pathlib import Path

import pytest

from bawwab.core.errors import ConfigurationError
from bawwab.world.scenario import load_scenario, scenario_names


@pytest.mark.parametrize("name", scenario_names())
def test_every_packaged_scenario_is_valid(name: str) -> None:
    assert load_scenario(name).name == name


def test_there_is_one_scenario_for_every_opponent() -> None:
    default = load_scenario()
    opponents = set(default.agent_names) - {agent.name for agent in default.honest}
    assert opponents <= set(scenario_names())


def test_the_honest_scenario_has_no_opponent() -> None:
    honest = load_scenario("honest")
    assert not honest.abusive
    assert not honest.brigade


def test_keep_drops_the_other_agents() -> None:
    assert [agent.name for agent in load_scenario("blast").abusive] == ["blast"]


def test_an_unknown_key_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('extends = "default"\nname = "mine"\nabout = "x"\nspeed = 3\n')
    with pytest.raises(ConfigurationError, match="speed"):
        load_scenario(path)


def test_a_victim_must_be_an_honest_sender(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('extends = "default"\nname = "mine"\nabout = "x"\nkeep = ["shop", "takeover"]\n')
    with pytest.raises(ConfigurationError, match="victim 'bank'"):
        load_scenario(path)


def test_a_scenario_nobody_knows_names_those_there_are() -> None:
    with pytest.raises(ConfigurationError, match="adaptive, blast"):
        load_scenario("blst")

from pathlib import Path

import pytest

from bawwab.core.errors import ConfigurationError
from bawwab.service.settings import read_settings, unknown_variables


def test_flags_win_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BAWWAB_PORT", "9000")
    assert (read_settings().port, read_settings(port=9001).port) == (9000, 9001)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BAWWAB_PORT", "nine"),
        ("BAWWAB_PORT", "70000"),
        ("BAWWAB_CLOCK", "sundial"),
        ("BAWWAB_KEEP_TEXT", "some"),
        ("BAWWAB_QUOTA", "0"),
        ("BAWWAB_CLOCK_MAX_STEP", "-1"),
        ("BAWWAB_STATE", "memcached://x"),
        ("BAWWAB_WORKERS", "2"),
    ],
)
def test_a_bad_setting_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigurationError, match=name):
        read_settings()


@pytest.mark.parametrize("clock", ["wall", "event"])
def test_several_workers_need_a_shared_state(clock: str) -> None:
    with pytest.raises(ConfigurationError, match="BAWWAB_WORKERS: 2 workers: with memory:"):
        read_settings(workers=2, clock=clock)


@pytest.mark.parametrize("scheme", ["redis", "rediss", "redis+cluster", "rediss+cluster"])
def test_a_shared_state_takes_several_workers(scheme: str) -> None:
    assert read_settings(workers=4, state=f"{scheme}://db.example:6379/0").shares_state


def test_the_event_clock_takes_one_worker_and_a_state_in_memory() -> None:
    assert read_settings(clock="event").clock == "event"
    for workers, named in ((2, "BAWWAB_WORKERS"), (1, "BAWWAB_CLOCK")):
        with pytest.raises(ConfigurationError, match=f"{named}.*event clock"):
            read_settings(clock="event", workers=workers, state="redis://db.example:6379/0")


def test_a_password_in_a_url_is_not_repeated() -> None:
    with pytest.raises(ConfigurationError) as caught:
        read_settings(state="reddis://:hunter2@db.example:6379/0")
    assert "hunter2" not in str(caught.value)


def test_keys_cannot_be_switched_off_where_others_can_reach() -> None:
    with pytest.raises(ConfigurationError, match="BAWWAB_REQUIRE_KEY"):
        read_settings(host="192.0.2.1", require_key=False)


@pytest.mark.parametrize(
    ("host", "needed"),
    [("127.0.0.1", False), ("::1", False), ("localhost", False), ("192.0.2.1", True), ("::", True)],
)
def test_keys_are_needed_where_others_can_reach(host: str, needed: object) -> None:
    assert read_settings(host=host).needs_key is needed


def test_what_is_written_goes_under_the_home() -> None:
    settings = read_settings(home=Path("/srv/x"))
    assert (settings.secret_path, settings.log_url) == (Path("/srv/x/secret"), "sqlite:////srv/x/log.sqlite")


def test_misspelt_variables_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BAWWAB_REQUIRE_KEYS", "1")
    assert "BAWWAB_REQUIRE_KEYS" in unknown_variables()

from pathlib import Path

import pytest
from sqlalchemy import Engine

from bawwab.core.errors import ConfigurationError
from bawwab.service.pseudonyms import Pseudonyms, load_secret, recognise, replace
from bawwab.stores.schema import open_engine


def test_one_recipient_has_one_name_under_one_secret() -> None:
    one, other = Pseudonyms(b"1" * 32), Pseudonyms(b"2" * 32)
    assert one.of("r") == one.of("r") != other.of("r")


def test_a_name_has_128_bits() -> None:
    assert len(Pseudonyms(b"1" * 32).of("r" * 128)) == 22


def test_the_secret_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    assert load_secret(path) == load_secret(path)
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_secret_that_others_can_read_is_refused(tmp_path: Path) -> None:
    load_secret(tmp_path / "secret")
    (tmp_path / "secret").chmod(0o644)
    with pytest.raises(ConfigurationError, match="chmod 600"):
        load_secret(tmp_path / "secret")


def test_a_short_secret_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"short")
    (tmp_path / "secret").chmod(0o600)
    with pytest.raises(ConfigurationError, match="5 bytes"):
        load_secret(tmp_path / "secret")


@pytest.fixture
def log(tmp_path: Path) -> Engine:
    return open_engine(f"sqlite:///{tmp_path / 'log.sqlite'}")


def test_a_log_knows_its_secret_again(tmp_path: Path, log: Engine) -> None:
    first = recognise(tmp_path / "secret", log)
    assert recognise(tmp_path / "secret", log).of("r") == first.of("r")


def test_another_secret_is_refused(tmp_path: Path, log: Engine) -> None:
    recognise(tmp_path / "secret", log)
    load_secret(tmp_path / "another")
    with pytest.raises(ConfigurationError, match="opt-outs and blocks would no longer be found"):
        recognise(tmp_path / "another", log)


def test_a_lost_secret_is_not_made_anew(tmp_path: Path, log: Engine) -> None:
    recognise(tmp_path / "secret", log)
    (tmp_path / "secret").unlink()
    with pytest.raises(ConfigurationError, match="is missing"):
        recognise(tmp_path / "secret", log)
    assert not (tmp_path / "secret").exists()


def test_a_replaced_secret_is_the_one_from_then_on(tmp_path: Path, log: Engine) -> None:
    old = recognise(tmp_path / "secret", log)
    (tmp_path / "secret").rename(tmp_path / "old")
    new = replace(tmp_path / "secret", log)
    assert recognise(tmp_path / "secret", log).fingerprint == new.fingerprint != old.fingerprint
    with pytest.raises(ConfigurationError, match="not the secret"):
        recognise(tmp_path / "old", log)


def test_the_old_secret_in_its_place_replaces_nothing(tmp_path: Path, log: Engine) -> None:
    recognise(tmp_path / "secret", log)
    with pytest.raises(ConfigurationError, match="move it away first"):
        replace(tmp_path / "secret", log)

from pathlib import Path

import pytest

from bawwab.core.errors import ConfigurationError
from bawwab.service.pseudonyms import Pseudonyms, load_secret


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

import hmac
from pathlib import Path

import pytest

from bawwab.core.errors import ConfigurationError, UnknownItemError
from bawwab.service.keys import KeyRing, KnownKeys
from bawwab.service.operation import Access
from service_kit import Time

SCORE = (Access.SCORE,)


@pytest.fixture
def ring(tmp_path: Path) -> KeyRing:
    return KeyRing(tmp_path / "var")


@pytest.fixture
def time() -> Time:
    return Time()


def test_a_key_is_found_by_itself(ring: KeyRing, time: Time) -> None:
    key = ring.create(SCORE, name="shop", now=1.0)
    found = KnownKeys(ring, read=time).find(key)
    assert found is not None
    assert (found.name, found.scopes) == ("shop", SCORE)


def test_nothing_that_is_stored_is_a_key(ring: KeyRing, time: Time) -> None:
    key = ring.create(SCORE, name="", now=1.0)
    stored = ring.path.read_text()
    assert key not in stored
    assert key.split("_", 2)[2] not in stored
    assert KnownKeys(ring, read=time).find(f"bawwab_{ring.keys()[0].id}_{ring.keys()[0].digest}") is None


@pytest.mark.parametrize("presented", ["", "bawwab", "bawwab__", "bawwab_0000_x", "_", "x" * 9_000, "\udcff"])
def test_what_is_no_key_is_not_found(ring: KeyRing, time: Time, presented: str) -> None:
    ring.create(SCORE, name="", now=1.0)
    assert KnownKeys(ring, read=time).find(presented) is None


@pytest.mark.parametrize("presented", ["bawwab_00000000_x", "bawwab_{id}_x", "{key}", "x"])
def test_every_key_is_compared_whether_or_not_it_is_known(
    ring: KeyRing, time: Time, monkeypatch: pytest.MonkeyPatch, presented: str
) -> None:
    """Digests of one length, in a time that tells nothing of where they differ, or whether the id exists."""
    key = ring.create(SCORE, name="", now=1.0)
    compared: list[tuple[str, str]] = []
    real = hmac.compare_digest

    def compare(one: str, other: str) -> bool:
        compared.append((one, other))
        return real(one, other)

    monkeypatch.setattr(hmac, "compare_digest", compare)
    KnownKeys(ring, read=time).find(presented.format(key=key, id=ring.keys()[0].id))
    assert [len(digest) for pair in compared for digest in pair] == [64, 64]


def test_a_key_with_another_secret_is_not_found(ring: KeyRing, time: Time) -> None:
    key = ring.create(SCORE, name="", now=1.0)
    assert KnownKeys(ring, read=time).find(key[:-1] + ("a" if key[-1] != "a" else "b")) is None


def test_a_revoked_key_is_refused_within_a_second(ring: KeyRing, time: Time) -> None:
    key = ring.create(SCORE, name="", now=1.0)
    known = KnownKeys(ring, read=time)
    ring.revoke(ring.keys()[0].id, now=2.0)
    time.now += 1.0
    assert known.find(key) is None


def test_a_new_key_is_good_within_a_second(ring: KeyRing, time: Time) -> None:
    known = KnownKeys(ring, read=time)
    key = ring.create(SCORE, name="", now=1.0)
    time.now += 1.0
    assert known.find(key) is not None


def test_nobody_passes_once_the_file_is_damaged(ring: KeyRing, time: Time) -> None:
    key = ring.create(SCORE, name="", now=1.0)
    known = KnownKeys(ring, read=time)
    ring.path.write_text("[")
    time.now += 1.0
    with pytest.raises(ConfigurationError):
        known.find(key)
    assert known.find(key) is None


def test_the_file_is_its_owners_alone(ring: KeyRing) -> None:
    ring.create(SCORE, name="", now=1.0)
    assert ring.path.stat().st_mode & 0o777 == 0o600
    ring.path.chmod(0o644)
    with pytest.raises(ConfigurationError, match="chmod 600"):
        ring.keys()


def test_a_revoked_key_stays_in_the_list(ring: KeyRing) -> None:
    ring.create(SCORE, name="", now=1.0)
    for now in (2.0, 3.0):
        ring.revoke(ring.keys()[0].id, now=now)
    assert [key.revoked_at for key in ring.keys()] == [2.0]  # noqa: SIM118 - no mapping


def test_an_unknown_key_cannot_be_revoked(ring: KeyRing) -> None:
    with pytest.raises(UnknownItemError, match="keys list"):
        ring.revoke("nobody", now=1.0)

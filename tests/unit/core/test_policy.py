from importlib import resources

import pytest

from bawwab.core.errors import PolicyError
from bawwab.core.events import Category
from bawwab.core.policy import default_policy, parse_policy

DEFAULT = resources.files("bawwab.core").joinpath("policy.toml").read_text("utf-8")


def test_the_packaged_policy_is_valid() -> None:
    assert default_policy().limit.ladder == (250, 2_000, 10_000, 100_000)


def test_its_version_changes_with_any_byte() -> None:
    assert parse_policy(DEFAULT + "\n").version != parse_policy(DEFAULT).version


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("elevated = 0.20", "elevated = 0.20\nelevatd = 0.2", "elevatd"),
        ("window = 86400\n", "window = -1\n", r"\$\.limit\.window"),
        ("yellow = 0.001", "yellow = 0.9", r"quality\.yellow < quality\.red"),
        ("elevated = 0.20", "elevated = 0.7", r"content\.elevated < content\.throttle"),
        ("nothing_named = 0.80", "nothing_named = 0.99", r"content\.nothing_named <= content\.block"),
        ("nothing_named = 0.80", "nothing_named = 0.10", r"content\.throttle <= content\.nothing_named"),
        ("elevated = 0.20", 'elevated = "0.1"', r"\$\.content\.elevated"),
        ("retry_after = 3600", "retry_after = 60", r"\$\.hold\.retry_after"),
        ("message = 604800", "message = 86400", r"becomes_block_after < retention\.message"),
        ("decisions = 15552000", "decisions = 600000", r"retention\.message <= retention\.decisions"),
        ("[hold]", "[hold", "not valid TOML"),
        ('name = "default"', 'name = "default"\nversion = "mine"', "version"),
    ],
)
def test_what_is_wrong_is_named(old: str, new: str, named: str) -> None:
    assert old in DEFAULT
    with pytest.raises(PolicyError, match=named):
        parse_policy(DEFAULT.replace(old, new, 1))


def test_a_region_price_beats_the_list() -> None:
    fees = default_policy().fees
    assert fees.of(Category.MARKETING, "SA") != fees.of(Category.MARKETING, None)


def test_a_region_without_a_price_takes_the_list() -> None:
    fees = default_policy().fees
    assert fees.of(Category.AUTHENTICATION, "SA") == fees.of(Category.AUTHENTICATION, None)

"""Under which names contacts are remembered."""

import pytest

from bawwab.core.text.analysis import analyse


def test_a_number_with_and_without_its_countrys_code_is_one_contact() -> None:
    here, abroad = "Call 050 123 4567 now", "اتصل على ‎+966 50 123 4567 الآن"
    assert analyse(here).contacts == analyse(abroad).contacts
    assert len(analyse(here).contacts) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Call 0501234567", "Call 0501234568"),
        ("Write to help@bank.com", "Write to help@bank.net"),
        ("Chat: https://wa.me/4479111", "Chat: https://wa.me/4479112"),
        ("Telegram @desk_a", "Telegram @desk_b"),
    ],
)
def test_other_numbers_addresses_and_chats_are_other_contacts(one: str, other: str) -> None:
    assert len(analyse(one).contacts) == 1
    assert analyse(one).contacts != analyse(other).contacts


def test_a_link_is_known_by_its_domain_and_no_contact_of_the_text() -> None:
    assert analyse("Open https://bank.example/x").contacts == ()


def test_thousands_of_numbers_share_a_name_and_nothing_else_has_such_a_name() -> None:
    number, address = analyse("Call 0501234567 or write to a@b.com").contacts
    assert (number[0], len(number), address[0], len(address)) == ("n", 7, "a", 17)


def test_what_a_chat_is_asked_is_no_other_chat() -> None:
    assert analyse("https://wa.me/4479111?text=hi").contacts == analyse("https://wa.me/4479111").contacts

import pytest

from bawwab.core.text.analysis import analyse


@pytest.mark.parametrize(
    ("text", "script"),
    [("Hello", "latin"), ("Привет", "cyrillic"), ("مرحبا", "arabic"), ("नमस्ते", "devanagari"), ("你好", "han"),
     ("สวัสดี", "thai"), ("안녕", "hangul"), ("123 !", "none")],
)  # fmt: skip
def test_the_script_of_most_letters_is_told(text: str, script: str) -> None:
    assert analyse(text).script == script


def test_scripts_are_counted_with_their_shares() -> None:
    found = analyse("مرحبا hi")
    assert (found.script, found.n_scripts, round(found.script_share, 2)) == ("arabic", 2, 0.71)


def test_upper_case_is_a_share_of_the_letters() -> None:
    assert analyse("WIN now 100").upper_share == 0.5
    assert analyse("ДА нет").upper_share == 0.4


def test_emoji_are_counted() -> None:
    assert analyse("🎉 you won 🎁🎁").emoji == 3


def test_a_code_with_a_link_is_told() -> None:
    assert analyse("Your code is 4829, open bank.com/x").code_with_link
    assert not analyse("Your code is 4829").code_with_link
    assert not analyse("Your code, see bank.com/x").code_with_link


def test_a_chat_link_or_handle_is_a_chat() -> None:
    assert analyse("write wa.me/966551234567").has_chat
    assert analyse("write @bank_help").has_chat
    assert not analyse("write to https://bank.com").has_chat


@pytest.mark.parametrize("text", ["Reply STOP", "رد على الرسالة", "回复TD退订", "Ответьте ДА", "responde SI"])
def test_a_request_to_answer_is_told(text: str) -> None:
    assert analyse(text).asks_to_reply


def test_the_template_ignores_values_and_case() -> None:
    one, other = analyse("Paid SAR 5 with *4421"), analyse("PAID  SAR 1,299.50 with *0012")
    assert one.template == other.template


def test_what_was_undone_does_not_change_the_template() -> None:
    plain, disguised = analyse("your free gift"), analyse("your fr\u0435e gift")
    assert plain.template == disguised.template
    assert disguised.undone.homoglyph == 1

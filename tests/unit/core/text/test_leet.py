import pytest

from bawwab.core.text.leet import undo


def reads(text: str) -> str:
    return undo(text)[0]


# --- where leet is the habit of a text ------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("y0ur b@nk u/1nf0", "your bank u/info"),
        ("y0ur b@nk r3-4ctiv@te", "your bank re-activate"),
        ("y0ur b@nk.C4ll us", "your bank.Call us"),
        ("y0ur b@nk X49.Y0ur card", "your bank X49.Your card"),
        ("y0ur b@nk at in1.0853", "your bank at ini.0853"),
    ],
)
def test_habitual_leet_is_read_between_signs_of_any_kind(text: str, plain: str) -> None:
    assert reads(text) == plain


@pytest.mark.parametrize("word", ["50me", "84nk", "57op"])
def test_habitual_leet_may_begin_with_two_signs_if_the_word_is_known(word: str) -> None:
    assert reads(f"y0ur acc0unt {word}").split()[2] in {"some", "bank", "stop"}


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("k!rim pul$a suam! say@", "kirim pulsa suami saya"),
        ("k!rim pul$a in!, say@", "kirim pulsa ini, saya"),
        ("w1n c4sh, m0ney post! link!", "win cash, money post! link!"),
    ],
)
def test_a_last_sign_is_an_i_if_the_word_is_none_without_it(text: str, plain: str) -> None:
    assert reads(text) == plain


def test_habitual_leet_reads_names_whose_letters_are_strange_in_a_place() -> None:
    assert reads("y0ur acc0unt, ardian$yah") == "your account, ardiansyah"


def test_a_number_between_long_words_of_habitual_leet_is_a_word() -> None:
    assert reads("y0ur acc0unt 70 be, will 83 cl0sed") == "your account to be, will be closed"


@pytest.mark.parametrize("amount", ["Rs 70 off", "pay 70", "card 70, 83", "card 70 20"])
def test_a_number_that_may_be_an_amount_stays(amount: str) -> None:
    assert reads(f"y0ur acc0unt, {amount}") == f"your account, {amount}"


def test_the_end_of_a_host_is_read_as_one() -> None:
    assert reads("y0ur acc0unt at www.x.b!z or x.1o/a") == "your account at www.x.biz or x.io/a"


@pytest.mark.parametrize(
    "word",
    [
        "@kiosk",
        "popcorn!Just",
        "ticket@kiosk",
        "|GD",
        "N35k",
        "10kg",
        "5pm",
        "b4",
        "gr8",
        "m8",
        "3,5",
        "Rp133.466",
    ],
)
def test_what_is_no_leet_stays_among_leet(word: str) -> None:
    assert reads(f"y0ur acc0unt {word} x") == f"your account {word} x"


def test_a_name_that_no_word_begins_like_is_no_handle() -> None:
    assert reads("y0ur acc0unt @ffiliato") == "your account affiliato"


def test_many_readable_words_are_a_habit_though_few_of_them_are_known() -> None:
    assert reads("Blackb3rry D!$c0nd Dakot@ Gem!n1") == "Blackberry Discond Dakota Gemini"


@pytest.mark.parametrize(
    "text",
    [
        "TK 0741 |GD: 5vnd |SD: 4 |ND: thu phi SMS T10",
        "popcorn!just show ticket@kiosk, thanks!then @kiosk @kiosk",
        "popcorn!just, order!then, water!then",
        "bta3tak haytl3abo da5elt sa7lawy, code A10, 8am, x4",
        "3azizi el 3ameel, raqamak haytwa2af ba3d, 7ades men ay bta3tak",
        "order A1B2C3, flight SV1023, plate AB12CDE, room 4B, 4x4, mp3",
    ],
)
def test_honest_signs_are_no_habit(text: str) -> None:
    assert undo(text) == (text, 0)


# --- a word by itself -----------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["bta3tak", "sa7lawy", "da5elt", "SAMIG33", "WA7SHNA"])
def test_an_unknown_word_with_letters_of_arabic_stays(word: str) -> None:
    assert reads(f"el visa {word}") == f"el visa {word}"


@pytest.mark.parametrize(("word", "plain"), [("h77p://x", "http://x"), ("ht7p$://x", "https://x")])
def test_the_beginning_of_a_link_is_read(word: str, plain: str) -> None:
    assert reads(word) == plain

from bawwab.core.text.readings import guessed, known, read, top_level


def test_the_most_frequent_of_the_known_readings_is_taken() -> None:
    assert known("ma11") == "mail"


def test_an_unknown_word_has_the_likeliest_letters() -> None:
    assert read("h1nd3n1") == "hindeni"
    assert read("pre1@unch3d") == "prelaunched"


def test_a_code_has_no_reading() -> None:
    assert read("x4k7") is None
    assert guessed("xk4qz7") is None


def test_too_many_ones_are_not_tried() -> None:
    assert read("l1111n1") is None
    assert guessed("an1st1an1") is None


def test_only_what_a_host_may_end_in_ends_one() -> None:
    assert top_level("b!z") == "biz"
    assert top_level("b!zz") is None

from bawwab.core.text.ngrams import hashed

PINNED = [195705, 194159, 148795, 142483, 55169, 69823, 85584, 234619, 190116, 514705, 286918, 737749]


def test_the_hash_never_changes() -> None:
    # Weights are trained for these buckets: a change here makes every shipped model worthless.
    assert hashed("hi ⟨link⟩").indices.tolist() == PINNED


def test_a_token_is_one_character() -> None:
    assert len(hashed("⟨amount⟩").indices) == len(hashed("a").indices)


def test_a_word_is_the_same_wherever_it_stands() -> None:
    alone = set(hashed("winner").indices.tolist())
    assert alone <= set(hashed("you are a winner today").indices.tolist())


def test_punctuation_does_not_change_the_word() -> None:
    plain, loud = hashed("free gift"), hashed("free! gift")
    words = set(plain.indices[-3:].tolist())  # two words and their pair
    assert words <= set(loud.indices.tolist())


def test_order_of_letters_matters() -> None:
    assert set(hashed("abcdef").indices[-1:]) != set(hashed("fedcba").indices[-1:])


def test_han_gives_one_to_three_characters() -> None:
    assert len(hashed("验证码").indices) == 3 + 4 + 3  # with the spaces: pairs and triples reach them


def test_han_counts_two_characters_a_word() -> None:
    assert hashed("您的验证码是").n_words == 4


def test_thai_runs_count_six_characters_a_word() -> None:
    assert hashed("ก" * 60).n_words == 11


def test_a_text_without_words_has_no_ngrams() -> None:
    assert len(hashed(" \n ").indices) == 0

from bawwab.core.text.fingerprint import bands, signature, similarity, template_hash

PINNED_HASH = 1736827892979622454
PINNED_SIGNATURE = "8d2c111cf6866201727ab90915f63517"
PARCEL = "dear {}, your parcel ⟨ref⟩ is waiting for you. pay the fee of ⟨amount⟩ at ⟨link⟩"


def test_the_template_hash_never_changes() -> None:
    assert template_hash("pay ⟨amount⟩") == PINNED_HASH


def test_the_signature_never_changes() -> None:
    assert signature("pay ⟨amount⟩ now").hex()[:32] == PINNED_SIGNATURE


def test_another_word_is_another_template() -> None:
    assert template_hash("pay ⟨amount⟩") != template_hash("paid ⟨amount⟩")


def test_a_name_hardly_changes_the_signature() -> None:
    one, other = (signature(PARCEL.format(name)) for name in ("huda", "abdulrahman"))
    assert similarity(one, other) > 0.6
    assert set(bands(one)) & set(bands(other))


def test_strangers_share_little() -> None:
    one, other = signature(PARCEL), signature("your code is ⟨code⟩. never share it with anyone")
    assert similarity(one, other) < 0.2
    assert not set(bands(one)) & set(bands(other))


def test_similarity_estimates_the_jaccard_index() -> None:
    half = "abcdefghijklmnopqrstuvwxyz0123456789"
    one, other = signature(half + half[::-1]), signature(half)
    assert abs(similarity(one, other) - 33 / 69) < 0.2


def test_a_text_shorter_than_a_shingle_has_a_signature() -> None:
    assert similarity(signature("ok"), signature("ok")) == 1.0
    assert similarity(signature(""), signature("ok")) < 0.5

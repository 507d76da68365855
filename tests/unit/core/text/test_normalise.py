import pytest

from bawwab.core.text.normalise import NOTHING, normalise


def reads(text: str) -> str:
    return normalise(text).text


def test_ends_of_lines_become_one_sign_where_a_word_is_mended() -> None:
    assert reads("fr33\r\ng1ft\fbank.com") == "free\n\ngift\nbank.com"


# --- disguises come off, and are counted --------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "plain", "kind", "count"),
    [
        ("fr\u200bee", "free", "invisible", 1),
        ("p\u00adrize", "prize", "invisible", 1),
        ("account\U000e0041\U000e0042\U000e0043", "account", "invisible", 3),
        ("\u202eknab\u202c", "knab", "bidi", 1),
        ("pay\u200epal", "paypal", "bidi", 1),
        ("раypal", "paypal", "homoglyph", 2),
        ("Ꮲaypal", "paypal", "homoglyph", 1),
        ("caӏӏ", "call", "homoglyph", 2),
        ("ᴘᴀʏ", "pay", "homoglyph", 3),
        ("p\u0335a\u0335y", "pay", "combining", 2),
        ("a\u0301\u0302\u0303", "a", "combining", 2),
        ("𝗙𝗥𝗘𝗘", "free", "styled", 4),
        ("ⓕⓡⓔⓔ", "free", "styled", 4),
        ("🅵🆁🅴🅴", "free", "styled", 4),
        ("ｆｒｅｅ", "free", "styled", 4),
        ("fr33", "free", "leet", 1),
        ("p@ypal", "paypal", "leet", 1),
        ("V0DAF0NE", "vodafone", "leet", 1),
        ("c1ick", "click", "leet", 1),
        ("p1ease", "please", "leet", 1),
        ("b1ll1ng", "billing", "leet", 1),
        ("y0ur 4cc0unt", "your account", "leet", 2),
        ("aϲϲount", "account", "homoglyph", 2),
        ("ϹASH", "cash", "homoglyph", 1),
        ("f r e e", "free", "spaced", 1),
        ("p-r-i-z-e", "prize", "spaced", 1),
        ("c.l.i.c.k", "click", "spaced", 1),
        ("راـبـط", "رابط", "stretched", 2),
    ],
)
def test_a_disguise_comes_off_and_is_counted(text: str, plain: str, kind: str, count: int) -> None:
    found = normalise(text)
    assert found.text == plain
    assert getattr(found.undone, kind) == count
    assert found.undone.total == count


def test_one_disguise_under_another_comes_off_too() -> None:
    assert reads("f r \u0435 e ｐ@ypаl") == "free paypal"


def test_joining_letters_may_uncover_a_word_of_two_scripts() -> None:
    assert reads("ваша к a р т a заблокирована навсегда") == "ваша карта заблокирована навсегда"


def test_a_russian_word_with_latin_letters_becomes_the_russian_word() -> None:
    found = normalise("Ваша кaрта заблoкирована")
    assert found.text == "ваша карта заблокирована"
    assert found.undone.homoglyph == 2


def test_a_greek_word_with_latin_letters_becomes_the_greek_word() -> None:
    assert reads("Ο λoγαριασμός σας") == "ο λογαριασμοσ σασ"


def test_a_cyrillic_word_in_a_latin_text_is_a_disguise_if_every_letter_passes_for_latin() -> None:
    assert reads("your рау account is waiting") == "your pay account is waiting"


def test_words_a_space_apart_stay_apart() -> None:
    assert reads("f r e e  g i f t") == "free  gift"


# --- honest writing is folded, and not counted ----------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "Thanks ❤️ see you 👨‍👩‍👧‍👦 at 5️⃣ 🇸🇦 🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
        "ＬＩＮＥの登録　ありがとうございます。ﾌｱﾐﾏｰﾄ １２３円",
        "العَرَبِيَّةُ لُغَةٌ جَمِيلَةٌ، مرحبــــا بكم",
        "Quý khách vừa thanh toán, cảm ơn quý khách",
        "می‌خواهم کتاب‌ها را بخرم",
        "क्‍ष नमस्ते पास्‌वर्ड",
        "C'est l’été, señor: año, über, façade, Łódź, İstanbul ışık",
        "Ẹ ṣé, ó ti dé: ọ̀rọ̀ àṣírí, ẹ́ ń bọ̀",
        "wowɔ asɔhwɛ ŋkeke ʋɔnu dɔdrɔ̃ ɖe",
        "Здравствуйте! Ваш SMS-код, Wi-Fi и VIPклиент",
        "Γεια σας, ο λογαριασμός σας",
        "ฟรี\u200bทุกวัน",
        "Call \u202a+966 55 123 4567\u202c or visit U.S. office, A/c 12, e.g. 1 2 3 4",
        "R.S.V.P. w.e.f. Monday, kisses x x x x",
        "\ufeffHello",
        "طلب\u200fكم رقم 5",
        "gr8 2day, covid19, mp3, B2B, h264, ORD-1A2B, SW73SS, g4s",
        "it\x92s caf\xe9 \x93time\x94",
        "№ 5, ½ price, 25 ℃, ™ © ®, 1º piso",
    ],
)
def test_honest_writing_is_not_counted(text: str) -> None:
    assert normalise(text).undone == NOTHING


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("José, crème brûlée", "jose, creme brulee"),
        ("Đồng Łódź ışık", "dong lodz isik"),
        ("مُدَرِّسَةٌ أُستاذ إلى على", "مدرسه استاذ الي علي"),
        ("کتاب یاسمین", "كتاب ياسمين"),
        ("٣ ۴ ५ ৬ ๗", "3 4 5 6 7"),
        ("請點選連結領取您的獎金", "请点选连结领取您的奖金"),
        ("簡訊裡的驗證碼", "简讯里的验证码"),
        ("乾杯、復原、著急", "干杯,复原,着急"),
        ("“quoted” – it’s", '"quoted" - it\'s'),
        ("١٬٢٩٩٫٥٠ ٪", "1,299.50 %"),
        ("⟨amount⟩", "<amount>"),
    ],
)
def test_what_means_the_same_reads_the_same(text: str, plain: str) -> None:
    assert reads(text) == plain


def test_a_final_sigma_is_a_sigma() -> None:
    assert reads("ΟΔΟΣ οδος") == "οδοσ οδοσ"


def test_a_word_in_one_script_stays_in_it() -> None:
    assert reads("Ваш заказ у courier") == "ваш заказ у courier"


def test_codes_are_not_read_as_words() -> None:
    assert reads("code WC1N, txn TEST1ABC, S5BfXLXPPKR") == "code wc1n, txn test1abc, s5bfxlxppkr"


def test_amounts_and_times_are_not_read_as_words() -> None:
    assert reads("pay 5k at 10am for a 3rd") == "pay 5k at 10am for a 3rd"


def test_abbreviations_are_joined_without_being_counted() -> None:
    assert reads("R.S.V.P in the U.S.") == "rsvp in the u.s."


def test_a_text_full_of_leet_is_read_to_the_end() -> None:
    assert (
        reads("upd4te y0ur b4nk acc0unt n0w 4nd w!n, c@11 us")
        == "update your bank account now and win, call us"
    )


def test_a_single_leet_word_casts_no_doubt_on_the_others() -> None:
    assert reads("fr33 4nd 5pm t0") == "free 4nd 5pm t0"


def test_amounts_among_leet_stay() -> None:
    assert reads("fr33 m0ney: 50 or 3,5 at 10am") == "free money: 50 or 3,5 at 10am"


def test_arabic_in_latin_letters_keeps_its_digits() -> None:
    assert reads("fr33 7alan 3ashan") == "free 7alan 3ashan"


def test_more_signs_than_letters_are_a_reference() -> None:
    assert reads("fr33 sa83 b014") == "free sa83 b014"


# --- links ----------------------------------------------------------------------------------------


def test_the_letters_of_a_link_stay_as_they_are() -> None:
    assert reads("pаy at bаnk.com and see münchen.de") == "pay at bаnk.com and see münchen.de"


def test_leet_in_a_link_stays() -> None:
    assert reads("w@iting at p4ypal.com/c1ick") == "waiting at p4ypal.com/c1ick"


def test_hidden_characters_in_a_link_fall_away() -> None:
    assert reads("b\u200bank.com") == "bank.com"


# --- shape of the result ----------------------------------------------------------------------------


def test_the_cased_text_keeps_its_capitals() -> None:
    assert normalise("PАYPAL Inc. Straße").cased == "PAYPAL Inc. Straße"


def test_control_characters_fall_away_and_lines_stay() -> None:
    assert reads("one\x00\x07\r\ntwo") == "one\n\ntwo"


def test_lone_surrogates_fall_away() -> None:
    assert reads("a\ud800 b\udfff") == "a b"


def test_a_flood_of_marks_is_one_letter() -> None:
    found = normalise("a" + "\u0301\u0327" * 2048)
    assert (found.text, found.undone.combining > 20) == ("a", True)


def test_a_letter_of_no_living_alphabet_is_the_one_it_looks_like() -> None:
    assert normalise("huƅungi").text == "hubungi"

import re

import pytest

from bawwab.core.text import lexicon, neighbours
from bawwab.core.text.entities import mask


def masked(text: str) -> str:
    return mask(text).text


@pytest.mark.parametrize(
    "amount",
    [
        "SAR 129.50",
        "129.50 ريال",
        "٥٠٠ ر.س",
        "500 درهم",
        "د.إ 50",
        "354 ج",
        "7,312 دج",
        "١٬٢٠٠ د.ع",
        "50 ألف دينار",
        "$1,000",
        "US$5.99",
        "£4.50",
        "Rs.500/-",
        "Rs 2,00,000",
        "INR 5,000",
        "₹500",
        "₦9,875.00",
        "N5000",
        "KSh 500",
        "Ksh3,500.00",
        "45 €",
        "1.234,56 €",
        "920,- €",
        "EUR 12",
        "R$ 46,99",
        "$ 45.000,00",
        "500 рублей",
        "46000 руб",
        "3328.41₽",
        "250.000đ",
        "Rp35.000",
        "50rb",
        "10 juta",
        "35 Ribu",
        "500TL",
        "1 000 000 FCFA",
        "980 000 GNF",
        "500 रुपये",
        "२ लाख रुपये",
        "৩০০০ টাকা",
        "2092 روپے",
        "650 افغانی",
        "30,000,000 ریال",
        "1,500원",
        "5만원",
        "500円",
        "¥1,280",
        "129.50元",
        "7.9万元",
        "NT$500",
        "500 บาท",
        "276 บ.",
        "439,85 zł",
        "29,22€",
        "Sh7,117.00",
        "7.5 million naira",
        "500 DA",
        "S/ 6.43",
    ],
)
def test_money_in_every_language(amount: str) -> None:
    assert masked(f"x: {amount}, ok") == "x: ⟨amount⟩, ok"


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("card *4421", "card ⟨account⟩"),
        ("card XX1234", "card ⟨account⟩"),
        ("a/c no. XXXXX3858", "a/c no. ⟨account⟩"),
        ("card ending 4421", "card ending ⟨account⟩"),
        ("card ending in 4421", "card ending in ⟨account⟩"),
        ("بطاقتك المنتهية بـ 4421", "بطاقتك المنتهيه ب ⟨account⟩"),
        ("حسابك 7616*", "حسابك ⟨account⟩"),
        ("尾号4421的卡", "尾号⟨account⟩的卡"),
        ("card **** 4421", "card ⟨account⟩"),
        ("card 4111 **** **** 1111", "card ⟨account⟩"),
        ("card ...4421", "card ⟨account⟩"),
        ("card 4111 1111 1111 1111", "card ⟨account⟩"),
        ("visa-4531", "⟨account⟩"),
        ("لبطاقتك 4421", "لبطاقتك ⟨account⟩"),
        ("cartao final 9499 R$ 46,99", "cartao final ⟨account⟩ ⟨amount⟩"),
        ("บัตรลงท้าย 6538 THB1,248.00", "บัตรลงท้าย ⟨account⟩ ⟨amount⟩"),
    ],
)
def test_masked_cards_and_accounts(text: str, plain: str) -> None:
    assert masked(text) == plain


@pytest.mark.parametrize(
    "date",
    [
        "14/11/2025",
        "2025-01-31",
        "31.01.25",
        "14/11",
        "27 Feb 2024",
        "Feb 27, 2024",
        "17-Jan-24",
        "27 de febrero",
        "28 февраля",
        "٢٧ فبراير 2025",
        "30 تشرين الأول",
        "2024年1月2日",
        "1月2日",
        "2월 3일",
        "17 พ.ย. 2568",
        "22-09",
        "1399/4/18",
    ],
)
def test_dates(date: str) -> None:
    assert masked(f"bis {date}, ok") == "bis ⟨date⟩, ok"


@pytest.mark.parametrize(
    "time", ["18:42", "18:42:07", "6pm", "6:30 p.m", "18h30", "1836hrs", "18时42分", "18시 20분", "08.45"]
)
def test_times(time: str) -> None:
    assert masked(f"um {time}, ok") == "um ⟨time⟩, ok"


def test_a_dotted_number_after_a_date_is_a_time() -> None:
    assert masked("15/01/26 13.49") == "⟨date⟩ ⟨time⟩"


@pytest.mark.parametrize(
    ("text", "phone"),
    [
        ("call +966 55 123 4567 now", "+966551234567"),
        ("call 00971 52 319 6934", "00971523196934"),
        ("0551234567", "0551234567"),
        ("(415) 555-0100", "4155550100"),
        ("1-213-555-0192", "12135550192"),
        ("8 (965) 638-15-56", "89656381556"),
        ("+33 6 12 34 56 78", "+33612345678"),
        ("06 67 73 55 14", "0667735514"),
        ("(62) 9 5548-3101", "62955483101"),
        ("98147 62175", "9814762175"),
        ("اتصل بنا 920001234", "920001234"),
        ("手机13800138000", "13800138000"),
    ],
)
def test_telephones_are_masked_and_kept_as_dialled(text: str, phone: str) -> None:
    found = mask(text)
    assert found.phones == (phone,)
    assert "⟨phone⟩" in found.text


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("469538 is your verification code", "⟨code⟩ is your verification code"),
        ("G-347469 is your code", "⟨code⟩ is your code"),
        ("رمز التحقق 4829", "رمز التحقق ⟨code⟩"),
        ("您的验证码是482913", "您的验证码是⟨code⟩"),
        ("code 443-474", "code ⟨code⟩"),
        ("code *482913*", "code *⟨code⟩*"),
        ("your code is 8138\n\n@bank.com #8138", "your code is ⟨code⟩\n\n@⟨link⟩ ⟨code⟩"),
    ],
)
def test_codes(text: str, plain: str) -> None:
    assert masked(text) == plain


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("save 20% or ٪15 or 5 per cent", "save ⟨percent⟩ or ⟨percent⟩ or ⟨percent⟩"),
        ("order 12345678", "order ⟨ref⟩"),
        ("ORD-842842 shipped", "⟨ref⟩ shipped"),
        ("tracking 8NX9KBRKFW29", "tracking ⟨ref⟩"),
        ("your flight EK 586 departs", "your flight ⟨flight⟩ departs"),
        ("TK 204 seferiniz", "⟨flight⟩ seferiniz"),
        ("TK 204 paid", "⟨amount⟩ paid"),
        ("Bus 03 (24.04.2024 11:50)", "bus ⟨n⟩ (⟨date⟩ ⟨time⟩)"),
        ("dial *550*905#", "dial ⟨hotline⟩"),
        ("text STOP to 87575", "text stop to ⟨hotline⟩"),
        ("call 911", "call ⟨hotline⟩"),
        ("COVID19 and mp3", "covid⟨n⟩ and mp⟨n⟩"),
        ("5 days, 250 people", "⟨n⟩ days, ⟨number⟩ people"),
        ("mail me@bank.com or @bank_help", "mail ⟨email⟩ or ⟨handle⟩"),
    ],
)
def test_other_entities(text: str, plain: str) -> None:
    assert masked(text) == plain


def test_words_around_a_value_stay() -> None:
    text = "Purchase of SAR 129.50 with card *4421 at Danube on 14/11 18:42. Not you? Call 920001234."
    assert masked(text) == (
        "purchase of ⟨amount⟩ with card ⟨account⟩ at danube on ⟨date⟩ ⟨time⟩. not you? call ⟨phone⟩."
    )


def test_names_of_people_stay() -> None:
    assert masked("Dear Huda Ali") == "dear huda ali"


def test_two_messages_of_a_template_are_masked_alike() -> None:
    one = masked("Kart *4421: 1.299,50 TL, 14.11.2025 18:42, https://bank.com.tr/a1")
    assert one == masked("Kart *0012: 35,00 TL, 01.02.2026 08:15, https://bank.com.tr/zz9")


def test_what_leads_somewhere_is_kept_aside() -> None:
    found = mask("wa.me/966551234567, help@bank.com, @bank_help, https://bank.com/Ab")
    assert [link.url for link in found.links] == ["wa.me/966551234567", "https://bank.com/Ab"]
    assert (found.emails, found.handles) == (("help@bank.com",), ("@bank_help",))


def test_counts_are_those_of_the_tokens() -> None:
    counts = mask("SAR 5, SAR 6, 10% and 18:42").counts
    assert (counts.amount, counts.percent, counts.time) == (2, 1, 1)


def test_a_bare_word_after_a_number_keeps_its_case_meaning() -> None:
    assert masked("500 DA") == "⟨amount⟩"
    assert masked("500 da casa") == "⟨number⟩ da casa"


def test_a_text_of_nothing_but_numbers_is_masked_whole() -> None:
    assert masked("1 22 333 " * 400).strip("⟨⟩numberphocdt ") == ""


def test_phrases_behind_a_number_begin_with_a_word_that_is_read_whole() -> None:
    assert all(re.fullmatch(f"{neighbours.LETTER}{{1,24}}", word) for word in neighbours._PHRASES_BEGIN)


@pytest.mark.parametrize(
    ("text", "token"), [("您的码482913", "code"), ("您的号码482913", "number"), ("号码或密码482913", "code")]
)
def test_a_number_is_no_code_though_han_writes_it_so(text: str, token: str) -> None:
    assert f"⟨{token}⟩" in masked(text)


def test_every_ending_that_tells_a_number_is_found() -> None:
    endings = {word for found in lexicon.RUN_ON_BEFORE.values() for words, _ in found for word in words}
    assert {word for word in endings if neighbours._run_on_before(word) is None} == set()

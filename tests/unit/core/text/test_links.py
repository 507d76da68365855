import pytest

from bawwab.core.text.links import Cause, Kinship, compare, find, parse


def hosts(text: str) -> list[str]:
    return [span.link.host for span in find(text) if span.link]


def written(text: str) -> list[str]:
    return [text[span.start : span.end] for span in find(text)]


# --- what is a link -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("open https://bank.com/x?y=1.", "https://bank.com/x?y=1"),
        ("(see www.bank.com.sa)", "www.bank.com.sa"),
        ("pay at bit.ly/Ab1", "bit.ly/Ab1"),
        ("bank-sa.com now", "bank-sa.com"),
        ("visit bank.com.Thank you", "bank.com"),
        ("https://bank.com.Please pay", "https://bank.com"),
        ("点击example.com/abc链接", "example.com/abc"),
        ("اضغطhttps://x.com/abcالآن", "https://x.com/abc"),
        ("see https://a.co/b(c)!", "https://a.co/b(c)"),
        ("pay 103.16.49.31:8080/yb", "103.16.49.31:8080/yb"),
        ("now raast-bonus.emv.shop warna", "raast-bonus.emv.shop"),
        ("visit sbi.in", "sbi.in"),
        ("at bank.com:8080, now", "bank.com:8080"),
        ("at bank.com:8080/x, now", "bank.com:8080/x"),
        ("BANK.COM/X", "BANK.COM/X"),
    ],
)
def test_a_link_is_found_without_what_surrounds_it(text: str, found: str) -> None:
    assert written(text) == [found]


@pytest.mark.parametrize(
    "text",
    [
        "End.Please call.Me",
        "Done.Click below",
        "Your code is 1234.Do not share it",
        "No.4, e.g. i.e. a.m. U.S. v1.2.3",
        "report.pdf main.py notes.md a.zip",
        "Rs.500 and 129.50 at 18.30",
        "ok.so i am in.it is",
        "انتهى المرور.الرجاء الانتظار",
        "Привет.Как дела",
        "a.b 1.1.1.1 ...",
    ],
)
def test_a_missing_space_is_no_link(text: str) -> None:
    assert written(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "bank[.]com/x",
        "bank(.)com/x",
        "bank (dot) com/x",
        "bank dot com/x",
        "bank . com/x",
        "hxxps://bank.com/x",
    ],
)
def test_a_defanged_link_is_found_and_marked(text: str) -> None:
    (span,) = find(text)
    assert span.link is not None
    assert (span.link.host, span.link.is_defanged) == ("bank.com", True)
    assert (span.start, span.end) == (0, len(text))


def test_an_address_is_no_link() -> None:
    (span,) = find("write to help.desk+1@bank.com today")
    assert span.link is None


def test_links_come_in_order() -> None:
    assert hosts("a.com/x https://b.com c.com") == ["a.com", "b.com", "c.com"]


# --- where it leads -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://bank.com@evil.top/x", "evil.top"),
        ("https:\\\\bank.com\\x", "bank.com"),
        ("HTTP://BANK.com", "bank.com"),
        ("http://3232235777/", "192.168.1.1"),
        ("http://0xC0A80101/", "192.168.1.1"),
        ("http://0300.0250.1.1/", "192.168.1.1"),
        ("http://0x7f.1/", "127.0.0.1"),
        ("http://münchen.de/", "xn--mnchen-3ya.de"),
    ],
)
def test_a_host_is_what_a_browser_takes_it_for(url: str, host: str) -> None:
    assert parse(url).host == host


def test_a_host_on_free_hosting_is_a_domain_of_its_own() -> None:
    link = parse("https://bank.github.io/login")
    assert (link.registered_domain, link.is_free_host) == ("bank.github.io", True)


def test_shorteners_and_chats_are_known() -> None:
    assert parse("https://bit.ly/x").is_shortener
    assert parse("wa.me/966551234567").is_chat


def test_an_odd_host_is_told() -> None:
    assert [parse(url).is_odd for url in ("bank.top", "a-b-c.com", "x8231.com", "bank.com")] == [
        True, True, True, False,
    ]  # fmt: skip


def test_port_user_and_depth_are_told() -> None:
    link = parse("https://me:pw@a.b.bank.com.sa:8443/x/y")
    assert (link.has_port, link.has_userinfo, link.depth, link.path_length) == (True, True, 2, 4)


# --- whose it is ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "kinship"),
    [
        ("https://bank.com/x", Kinship.EXACT),
        ("www.bank.com", Kinship.EXACT),
        ("https://pay.bank.com", Kinship.SUBDOMAIN),
        ("https://other.org", Kinship.STRANGER),
        ("https://riverbanks.org", Kinship.STRANGER),
        ("http://10.0.0.1/bank.com", Kinship.STRANGER),
    ],
)
def test_kinship_to_an_own_domain(url: str, kinship: Kinship) -> None:
    assert compare(parse(url), ["bank.com"]).kinship is kinship


@pytest.mark.parametrize(
    ("url", "cause"),
    [
        ("sаmbabank.com", Cause.SKELETON),
        ("sarnbabank.com", Cause.SKELETON),
        ("samba8ank.com", Cause.EDIT_DISTANCE),
        ("smababank.com", Cause.EDIT_DISTANCE),
        ("sambabank.top", Cause.OTHER_TLD),
        ("sambabank-verify.com", Cause.ADDED_WORDS),
        ("mysambabanklogin.com", Cause.ADDED_WORDS),
        ("sambabank.com.evil.top", Cause.SUBDOMAIN_OF_STRANGER),
        ("https://sambabank.com@evil.top", Cause.SUBDOMAIN_OF_STRANGER),
    ],
)
def test_a_look_alike_has_a_cause(url: str, cause: Cause) -> None:
    found = compare(parse(url), ["sambabank.com"])
    assert (found.kinship, found.cause, found.own) == (Kinship.LOOK_ALIKE, cause, False)


def test_two_letters_that_change_places_are_one_edit() -> None:
    assert compare(parse("payapl.com"), ["paypal.com"]).cause is Cause.EDIT_DISTANCE


def test_a_short_name_is_no_part_of_a_word() -> None:
    assert compare(parse("https://hmong.org"), ["hm.com"]).kinship is Kinship.STRANGER


def test_the_best_of_several_domains_counts() -> None:
    assert compare(parse("https://bank.sa"), ["bank.sa", "bank.com"]).kinship is Kinship.EXACT


def test_without_domains_every_link_is_a_strangers() -> None:
    assert compare(parse("https://bank.com"), []).kinship is Kinship.STRANGER

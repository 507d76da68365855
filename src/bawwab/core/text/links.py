"""Find links in a text and say where they really lead.

Registered domains come from the Public Suffix List bundled with tldextract, its private
section included: ``shop.github.io`` is a domain of its own, on a free host.
"""

import re
import tomllib
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files
from typing import Final

import msgspec
import tldextract

_HOSTS: Final = tomllib.loads((files(__package__) / "data/hosts.toml").read_text("utf-8"))
_SHORTENERS: Final = frozenset(_HOSTS["shorteners"])
_CHATS: Final = frozenset(_HOSTS["chats"])
_WORDS: Final = frozenset(_HOSTS["words"])
_CUES: Final = frozenset(_HOSTS["cues"])
_SPELLED: Final = frozenset(_HOSTS["spelled"])
_APART: Final = frozenset(_HOSTS["apart"])

# The default constructor would call publicsuffix.org.
_EXTRACT: Final = tldextract.TLDExtract(
    suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True
)
_TOP: Final = frozenset(suffix.rpartition(".")[2] for suffix in _EXTRACT.tlds)

_LABEL: Final = r"(?:[A-Za-z0-9][A-Za-z0-9_-]*|[^\W_][\w-]*)"
_TAIL: Final = re.compile(rf"(?:\.{_LABEL})+")
_SLASHES: Final = re.compile(r":[/\\]+")
_SCHEME: Final = re.compile(r"(?<![^\W_])(?:https?|hxxps?|h\*\*ps?|ftp)\Z", re.I)
_AUTHORITY: Final = re.compile(r"[^\s/\\?#<>\"'，、；：！？（）【】「」『』《》]+")
_REST: Final = re.compile(r"(?::\d{1,5})?(?:[/\\?#][!-~]*)?")
_LOCAL_PART: Final = frozenset("._+%-'")
_TRAILING: Final = ".,;:!?'\"*_>"
_DEFANGED: Final = re.compile(
    r"(?:(?P<bracket>\s?[\[({<]\s?(?:\.|dot)\s?[\])}>]\s?)|(?P<word>\sdot\s)|\s\.\s?|\.\s|。)"
    r"(?P<label>[A-Za-z0-9-]+)",
    re.I,
)
_DEFANG_SIGNS: Final = ("[.", "(.", "{.", "dot", "DOT", "Dot", " .", "。", ". com", ". net", ". org")
_CAPITALS_OF_A_HOST: Final = ("com", "net", "org", "co")
_MAX_HOST: Final = 253  # RFC 1035, 2.3.4


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """A link as written, and where a browser would take it; hosts in their ASCII form."""

    url: str
    host: str
    registered_domain: str
    suffix: str
    is_ip: bool = False
    is_punycode: bool = False
    is_shortener: bool = False
    is_free_host: bool = False
    is_chat: bool = False
    defanged: bool = False
    has_scheme: bool = False
    has_port: bool = False
    userinfo: str = ""
    depth: int = 0
    path_length: int = 0

    @property
    def has_userinfo(self) -> bool:
        """``https://bank.com@evil.top`` leads to evil.top."""
        return self.userinfo != ""

    @property
    def length(self) -> int:
        """Characters as written."""
        return len(self.url)


class Span(msgspec.Struct, frozen=True):
    """Where a link or an e-mail address stands; ``link`` is None for an address."""

    start: int
    end: int
    link: Link | None = None


def find(text: str) -> list[Span]:
    """Links and e-mail addresses of ``text``, in order, not overlapping.

    Case matters: ``code.Do not share`` is a sentence that lacks its space.

    Examples
    --------
    >>> [span.link.host for span in find("pay at https://bank.com@evil.top/x or bit.ly/a1")]
    ['evil.top', 'bit.ly']
    >>> find("Your code is 1234.Do not share it, e.g. by phone.")
    []
    """
    if any(map(text.__contains__, _DEFANG_SIGNS)):
        return _find_defanged(text)
    return _find_plain(text)


def _find_plain(text: str) -> list[Span]:
    spans = list(_with_scheme(text)) if ":/" in text or ":\\" in text else []
    if "." in text:
        bare = list(_bare(text, spans))
        if bare:
            spans = sorted(spans + bare, key=lambda span: span.start)
    return spans


# --- with a scheme ---------------------------------------------------------------------


def _with_scheme(text: str) -> Iterator[Span]:
    end = 0
    for slashes in _SLASHES.finditer(text):
        name = _SCHEME.search(text, max(end, slashes.start() - 6), slashes.start())
        authority = _AUTHORITY.match(text, slashes.end()) if name else None
        if not name or not authority:
            continue
        stop = _end_of_authority(authority[0]) + authority.start()
        path = _REST.match(text, stop)
        end = _trimmed(text, name.start(), path.end() if path else stop)
        if end > slashes.end():
            yield Span(name.start(), end, parse(text[name.start() : end]))


def _end_of_authority(authority: str) -> int:
    """Where the host ends if the next word was written on without a space."""
    user, at, host = authority.rpartition("@")
    dot = host.find(".")
    tail = _TAIL.match(host, dot) if dot > 0 else None
    if tail is None:
        return len(authority)
    kept = _up_to_suffix(tail[0])
    return len(user) + len(at) + dot + len(kept) if kept else len(authority)


def _up_to_suffix(tail: str) -> str:
    """Longest part of ``.name.suffix.Word`` that ends in a known suffix; may be empty."""
    while tail:
        rest, _, label = tail.rpartition(".")
        if label.lower() in _TOP or label[:4].lower() == "xn--":
            return tail
        tail = rest
    return ""


def _trimmed(text: str, start: int, end: int) -> int:
    """End of a link without the punctuation of the sentence around it."""
    while end > start:
        last = text[end - 1]
        if last in _TRAILING:
            end -= 1
        elif last in ")]}" and text.count("([{"[")]}".index(last)], start, end) == 0:
            end -= 1
        else:
            break
    return end


# --- without one -----------------------------------------------------------------------


def _bare(text: str, taken: list[Span]) -> Iterator[Span]:
    """``bank.com/x`` and ``name@bank.com`` outside the spans that are ``taken``."""
    floor = 0
    upcoming = iter(taken)
    span = next(upcoming, None)
    for tail in _TAIL.finditer(text):
        while span and span.end <= tail.start():
            floor, span = max(floor, span.end), next(upcoming, None)
        if (span and span.start <= tail.start()) or tail.start() < floor:
            continue
        found = _around(text, tail, floor)
        if found:
            floor = found.end
            yield found


def _around(text: str, tail: re.Match[str], floor: int) -> Span | None:
    suffixes = _up_to_suffix(tail[0])
    if not suffixes:
        return None
    start = _start_of_host(text, tail.start(), floor)
    stop = tail.start() + len(suffixes)
    if start == tail.start() or stop - start > _MAX_HOST:
        return None
    if start > floor and text[start - 1] == "@":
        first = _start_of_local_part(text, start - 1, floor)
        if first < start - 1:
            return Span(first, stop)
    rest = _REST.match(text, stop)
    end = _trimmed(text, start, rest.end()) if rest else stop
    if end < stop or not _is_sane(text, start, stop, has_path=end > stop + 1):
        return None
    return Span(start, end, parse(text[start:end]))


def _start_of_host(text: str, dot: int, floor: int) -> int:
    start = dot
    ascii_only = dot > floor and text[dot - 1].isascii()
    while start > floor:
        char = text[start - 1]
        if not (char.isalnum() or char in "-_") or (ascii_only and not char.isascii()):
            break
        start -= 1
    while start < dot and text[start] in "-_":
        start += 1
    return start


def _start_of_local_part(text: str, at: int, floor: int) -> int:
    start = at
    while start > floor and (text[start - 1].isalnum() or text[start - 1] in _LOCAL_PART):
        start -= 1
    return start


def _is_sane(text: str, start: int, stop: int, *, has_path: bool) -> bool:
    """Tell a domain from a sentence that lacks its space, a number or a file name."""
    host = text[start:stop]
    name, _, suffix = host.rpartition(".")
    top = suffix.lower()
    labels = name.split(".")
    if labels[0].lower() == "www":
        return len(labels) > 1
    if has_path:
        return not (name.isdigit() and top in _WORDS)
    if not (suffix.islower() or host.isupper() or top in _CAPITALS_OF_A_HOST or top[:4] == "xn--"):
        return False
    if len(labels[-1]) == 1 and len(labels) == 1 and top not in ("com", "co"):
        return False
    if name.isdigit():
        return len(name) > 2 and top not in _WORDS  # noqa: PLR2004 - 163.com
    if top in _WORDS or not top.isascii():
        return _looks_meant(text, start, labels, top)
    return True


def _looks_meant(text: str, start: int, labels: list[str], top: str) -> bool:
    if top in _FILE_LIKE:
        return False
    if len(labels) > 1 and labels[-1].lower() in _TOP:
        return True
    before = text[max(0, start - 16) : start].rstrip(" :").rpartition(" ")[2].lower()
    return before in _CUES or any(c.isdigit() or c == "-" for c in labels[-1])


_FILE_LIKE: Final = frozenset({"zip", "mov", "md", "py", "sh", "rs", "ps"})


# --- made harmless to filters, not to readers -------------------------------------------


def _find_defanged(text: str) -> list[Span]:
    """Find in a copy in which every disguised dot is a dot; give places in the original."""
    pieces, shifts, last, length = [], [], 0, 0
    for mark in _DEFANGED.finditer(text):
        if not _is_dot(mark):
            continue
        pieces.append(text[last : mark.start()] + ".")
        length += len(pieces[-1])
        last = mark.start("label")
        shifts.append((length, last - length))
    if not pieces:
        return _find_plain(text)
    return [_moved(span, shifts) for span in _find_plain("".join([*pieces, text[last:]]))]


def _is_dot(mark: re.Match[str]) -> bool:
    label = mark["label"].lower()
    if mark["bracket"]:
        return True
    return label in (_SPELLED if mark["word"] or mark[0][0] == "。" else _APART)


def _moved(span: Span, shifts: list[tuple[int, int]]) -> Span:
    start, end = _original(span.start, shifts), _original(span.end, shifts)
    link = span.link
    if link and end - start != span.end - span.start:
        link = msgspec.structs.replace(link, defanged=True)
    return Span(start, end, link)


def _original(position: int, shifts: list[tuple[int, int]]) -> int:
    shift = 0
    for place, by in shifts:
        if place > position:
            break
        shift = by
    return position + shift


# --- parsing ---------------------------------------------------------------------------


class _Host(msgspec.Struct, frozen=True):
    host: str
    registered_domain: str
    suffix: str
    is_ip: bool
    is_private: bool
    depth: int


def parse(url: str) -> Link:
    """Take a link apart as a browser would (WHATWG URL), never raising.

    Examples
    --------
    >>> parse("http://0x7f.1/").host, parse("HXXP://user:pw@Bank.COM:8080/a").host
    ('127.0.0.1', 'bank.com')
    >>> parse("https://login.bank.com.sa/x").registered_domain
    'bank.com.sa'
    """
    scheme, slashes, rest = _split_scheme(url)
    authority, path = _split_authority(rest)
    userinfo, _, place = authority.rpartition("@")
    name, _, port = place.partition(":") if not place.startswith("[") else (place, "", "")
    parts = _parse_host(name)
    return Link(
        url=url,
        host=parts.host,
        registered_domain=parts.registered_domain,
        suffix=parts.suffix,
        is_ip=parts.is_ip,
        is_punycode="xn--" in parts.host,
        is_shortener=parts.host.removeprefix("www.") in _SHORTENERS,
        is_free_host=parts.is_private,
        is_chat=parts.registered_domain in _CHATS or parts.host in _CHATS,
        defanged=scheme.startswith(("hx", "h*")),
        has_scheme=slashes,
        has_port=port != "",
        userinfo=userinfo,
        depth=parts.depth,
        path_length=len(path),
    )


def _split_scheme(url: str) -> tuple[str, bool, str]:
    slashes = _SLASHES.search(url, 0, 12)
    if slashes is None or not _SCHEME.search(url, 0, slashes.start()):
        return "", False, url
    return url[: slashes.start()].lower(), True, url[slashes.end() :]


def _split_authority(rest: str) -> tuple[str, str]:
    ends = [at for at in map(rest.find, "/\\?#") if at >= 0]
    end = min(ends, default=len(rest))
    return rest[:end], rest[end:]


@lru_cache(maxsize=4096)
def _parse_host(name: str) -> _Host:
    host = ".".join(map(_ascii_label, name.lower().rstrip(".").split(".")))
    address = _ipv4(host)
    if address or host.startswith("["):
        return _Host(address or host, address or host, "", True, False, 0)
    found = _EXTRACT.extract_str(host)
    registered = found.top_domain_under_public_suffix or host
    depth = found.subdomain.count(".") + 1 if found.subdomain else 0
    return _Host(host, registered, found.suffix, False, found.is_private, depth)


def _ascii_label(label: str) -> str:
    if label.isascii():
        return label
    try:
        return "xn--" + label.encode("punycode").decode("ascii")
    except UnicodeError:
        return label.encode("ascii", "replace").decode("ascii")


def _ipv4(host: str) -> str:
    """Dotted form of an IPv4 host in any of WHATWG's notations, or nothing."""
    parts = host.split(".")
    if not 1 <= len(parts) <= 4 or not all(map(_IP_PART.fullmatch, parts)):  # noqa: PLR2004
        return ""
    try:
        numbers = [_ip_number(part) for part in parts]
    except ValueError:
        return ""
    *heads, last = numbers
    if any(head > 255 for head in heads) or last >= 256 ** (5 - len(parts)):  # noqa: PLR2004
        return ""
    value = last + sum(head << (24 - 8 * i) for i, head in enumerate(heads))
    return ".".join(str(value >> shift & 255) for shift in (24, 16, 8, 0))


_IP_PART: Final = re.compile(r"0x[0-9a-f]*|[0-9]{1,12}")


def _ip_number(part: str) -> int:
    if part.startswith("0x"):
        return int(part[2:] or "0", 16)
    return int(part, 8) if len(part) > 1 and part[0] == "0" else int(part)

"""Find links and e-mail addresses in a text; the face of everything about links.

Not every ``word.word`` is a link: a known suffix and a sane shape are required.
"""

import re
from collections.abc import Iterator
from typing import Final

import msgspec

from bawwab.core.text.characters import CLASS
from bawwab.core.text.trust import Cause, Kinship, LinkTrust, compare
from bawwab.core.text.urls import HOSTS, SCHEME, SLASHES, TOP_LEVEL, Link, assemble, parse

__all__ = ["Cause", "Kinship", "Link", "LinkTrust", "Span", "compare", "find", "parse"]

_WORDS: Final = frozenset(HOSTS["words"])
_CUES: Final = frozenset(HOSTS["cues"])
_SPELLED: Final = frozenset(HOSTS["spelled"])
_APART: Final = frozenset(HOSTS["apart"])
_FILE_LIKE: Final = frozenset({"zip", "mov", "md", "py", "sh", "rs", "ps"})

_ASCII_TAIL: Final = re.compile(r"(?:\.[A-Za-z0-9][A-Za-z0-9-]*)++")
_ADDRESS: Final = re.compile(r"(?<![\w.])(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?::[0-9]{2,5})?/[!-~]*")
_LABEL: Final = r"(?:[A-Za-z0-9][A-Za-z0-9_-]*|[^\W_][\w-]*)"
_ANY_TAIL: Final = re.compile(rf"(?:\.{_LABEL})+")
_AUTHORITY: Final = re.compile(r"[^\s/\\?#<>\"'，、；：！？（）【】「」『』《》]+")
_PORT: Final = re.compile(r":\d{2,5}(?![\w.])")
_PATH: Final = re.compile(r"[/\\?#][!-~]*")
_LOCAL_PART: Final = frozenset("._+%-'")
_TRAILING: Final = ".,;:!?'\"*_>"
_DEFANGED: Final = re.compile(
    r"(?:(?P<bracket>\s?[\[({<]\s?(?:\.|dot)\s?[\])}>]\s?)|(?P<word>\sdot\s)|\s\.\s?|\.\s|。)"
    r"(?P<label>[A-Za-z0-9-]+)",
    re.IGNORECASE,
)
_DOT_IN_WORD: Final = re.compile(r"\.[^\W\d_]")
_DOTS_OF_ADDRESS: Final = 3
_STOP_THEN_NAME: Final = re.compile("。[A-Za-z]{2,5}(?![A-Za-z])")
_CAPITALS_OF_A_HOST: Final = ("com", "net", "org", "co")
_MAX_HOST: Final = 253  # RFC 1035, 2.3.4


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
    if _may_be_defanged(text):
        return _find_defanged(text)
    return _find_plain(text) if _may_be_plain(text) else []


def _may_be_plain(text: str) -> bool:
    return (
        _DOT_IN_WORD.search(text) is not None
        or ":/" in text
        or ":\\" in text
        or (text.count(".") >= _DOTS_OF_ADDRESS and "/" in text)
    )


def _may_be_defanged(text: str) -> bool:
    """Ask for what a disguised dot needs; a rare character before its pair."""
    return (
        " ." in text
        or "dot" in text
        or ("[" in text and ("[." in text or "[ ." in text))
        or ("(" in text and ("(." in text or "( ." in text))
        or ("{" in text and "{." in text)
        or ("D" in text and ("DOT" in text or "Dot" in text))
        or ("。" in text and _STOP_THEN_NAME.search(text) is not None)
        or ". com" in text
    )


def _find_plain(text: str) -> list[Span]:
    spans = list(_with_scheme(text)) if ":/" in text or ":\\" in text else []
    if "." in text:
        bare = [*_bare(text, spans), *_addresses(text, spans)]
        if bare:
            spans = sorted(spans + bare, key=lambda span: span.start)
    return spans


# --- with a scheme ---------------------------------------------------------------------


def _with_scheme(text: str) -> Iterator[Span]:
    end = 0
    for slashes in SLASHES.finditer(text):
        first = slashes.end()
        name = SCHEME.search(text, max(end, slashes.start() - 6), slashes.start())
        authority = _AUTHORITY.match(text, first) if name else None
        if not name or not authority:
            continue
        stop = first + _end_of_authority(authority[0])
        path = _PATH.match(text, stop)
        end = _trimmed(text, name.start(), path.end() if path else stop)
        if end > first:
            link = text[name.start() : end]
            yield Span(
                name.start(), end, assemble(link, name[0], text[first : min(stop, end)], max(0, end - stop))
            )


def _end_of_authority(authority: str) -> int:
    """Where the host ends if the next word was written on without a space."""
    start = authority.rfind("@") + 1
    dot = authority.find(".", start)
    tail = _ANY_TAIL.match(authority, dot) if dot > start else None
    if tail is None:
        return len(authority)
    kept = _up_to_suffix(tail[0])
    if (
        not kept
        or tail.end() == dot + len(kept) == len(authority)
        or authority[tail.end() : tail.end() + 1] == ":"
    ):
        return len(authority)
    return dot + len(kept)


def _up_to_suffix(tail: str) -> str:
    """Longest part of ``.name.suffix.Word`` that ends in a known suffix; may be empty."""
    tail = tail[:_MAX_HOST]
    while tail:
        rest, _, label = tail.rpartition(".")
        if label.lower() in TOP_LEVEL or label[:4].lower() == "xn--":
            return tail
        tail = rest
    return ""


def _trimmed(text: str, start: int, end: int) -> int:
    """End of a link without the punctuation of the sentence around it."""
    while end > start:
        last = text[end - 1]
        if last not in _TRAILING and not (last in ")]}" and _is_unbalanced(text[start:end], last)):
            break
        end -= 1
    return end


def _is_unbalanced(link: str, closing: str) -> bool:
    return link.count(closing) > link.count("([{"[")]}".index(closing)])


# --- without one -----------------------------------------------------------------------


def _bare(text: str, taken: list[Span]) -> Iterator[Span]:
    """``bank.com/x`` and ``name@bank.com`` outside the spans that are ``taken``."""
    floor = 0
    upcoming = iter(taken)
    span = next(upcoming, None)
    is_ascii = text.isascii()
    for tail in (_ASCII_TAIL if is_ascii else _ANY_TAIL).finditer(text):
        if is_ascii and not tail[0][-1].isalpha():
            continue  # not the pattern's business: it would look again at every dot of a long number
        while span and span.end <= tail.start():
            floor, span = max(floor, span.end), next(upcoming, None)
        if (span and span.start <= tail.start()) or tail.start() < floor:
            continue
        found = _around(text, tail, floor)
        if found:
            floor = found.end
            yield found


def _addresses(text: str, taken: list[Span]) -> Iterator[Span]:
    """``103.16.49.31:8080/yb``: without a path it might be a version or a sum."""
    if "/" not in text or text.count(".") < _DOTS_OF_ADDRESS:
        return
    for address in _ADDRESS.finditer(text):
        start, end = address.start(), _trimmed(text, address.start(), address.end())
        if not any(span.start < end and start < span.end for span in taken):
            yield Span(start, end, parse(text[start:end]))


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
    port = _PORT.match(text, stop) if text[stop : stop + 1] == ":" else None
    path = _PATH.match(text, port.end() if port else stop)
    end = _trimmed(text, start, path.end() if path else port.end() if port else stop)
    if not _is_sane(text, start, stop, has_path=end > stop + 1):
        return None
    return Span(start, end, parse(text[start:end]))


def _start_of_host(text: str, dot: int, floor: int) -> int:
    """Letters that Latin can be mixed up with belong to a host; Han before Latin does not."""
    start = dot
    is_latin = dot > floor and text[dot - 1].isascii()
    while start > floor:
        char = text[start - 1]
        if not (char.isalnum() or char in "-_") or (is_latin and not _is_near_latin(char)):
            break
        start -= 1
    while start < dot and text[start] in "-_":
        start += 1
    return start


def _is_near_latin(char: str) -> bool:
    return char.isascii() or CLASS[ord(char)] in _NEAR_LATIN


_NEAR_LATIN: Final = frozenset(b"aAcCgGXq")


def _start_of_local_part(text: str, at: int, floor: int) -> int:
    start = at
    if at == floor or not text[at - 1].isalnum():
        return at
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
    if not _is_cased_like_a_host(host, suffix) or not _is_long_enough(labels, top):
        return False
    return not (top in _WORDS or not top.isascii()) or _looks_meant(text, start, labels, top)


def _is_cased_like_a_host(host: str, suffix: str) -> bool:
    """``code.Do`` begins a sentence; ``Bank.Com`` does not."""
    top = suffix.lower()
    return suffix.islower() or host.isupper() or top in _CAPITALS_OF_A_HOST or top[:4] == "xn--"


def _is_long_enough(labels: list[str], top: str) -> bool:
    """``x.com`` and ``163.com`` are hosts; ``a.in`` and ``3.am`` are not."""
    if len(labels) > 1:
        return True
    name = labels[0]
    if name.isdigit():
        return len(name) >= _SHORTEST_NUMBER and top not in _WORDS
    return len(name) > 1 or top in _FOR_ONE_LETTER


_SHORTEST_NUMBER: Final = 3
_FOR_ONE_LETTER: Final = frozenset({"com", "co"})


def _looks_meant(text: str, start: int, labels: list[str], top: str) -> bool:
    if top in _FILE_LIKE:
        return False
    if len(labels) > 1 and all(len(label) > 1 for label in labels):
        return True
    before = text[max(0, start - 16) : start].rstrip(" :").rpartition(" ")[2].lower()
    return before in _CUES or any(c.isdigit() or c == "-" for c in labels[0])


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
        link = msgspec.structs.replace(link, is_defanged=True)
    return Span(start, end, link)


def _original(position: int, shifts: list[tuple[int, int]]) -> int:
    shift = 0
    for place, by in shifts:
        if place > position:
            break
        shift = by
    return position + shift

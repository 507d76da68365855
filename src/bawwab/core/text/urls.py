"""Take a link apart as a browser would (WHATWG URL), to say where it really leads.

Registered domains come from the Public Suffix List bundled with tldextract, its private
section included: ``shop.github.io`` is a domain of its own, on a free host.
"""

import re
import tomllib
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final

import msgspec
import tldextract

HOSTS: Final[dict[str, Any]] = tomllib.loads((files(__package__) / "data/hosts.toml").read_text("utf-8"))
_SHORTENERS: Final = frozenset(HOSTS["shorteners"])
_CHEAP: Final = frozenset(HOSTS["cheap"])
_CHATS: Final = frozenset(HOSTS["chats"])

# The default constructor would call publicsuffix.org.
_EXTRACT: Final = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True)
_LEET_COM: Final = "c0m"  # for people to mend; no browser goes there
TOP_LEVEL: Final = frozenset((*(suffix.rpartition(".")[2] for suffix in _EXTRACT.tlds), _LEET_COM))

SLASHES: Final = re.compile(r":[/\\]+")
SCHEME: Final = re.compile(r"(?<![A-Za-z0-9])(?:https?|hxxps?|h\*\*ps?|ftp)\Z", re.IGNORECASE)
_IP_PART: Final = re.compile(r"0x[0-9a-f]*|[0-9]{1,12}")


class Link(msgspec.Struct, frozen=True):
    """A link as written, and where a browser would take it; hosts in their ASCII form.

    ``is_free_host``: the suffix is private in the Public Suffix List, anyone gets a name under
    it. ``is_odd``: a suffix given away or cheap, or many hyphens or digits. ``depth``: labels
    before the registered domain.
    """

    url: str
    host: str
    registered_domain: str
    suffix: str
    depth: int = 0
    is_ip: bool = False
    is_punycode: bool = False
    is_shortener: bool = False
    is_free_host: bool = False
    is_chat: bool = False
    is_odd: bool = False
    is_defanged: bool = False
    has_scheme: bool = False
    has_port: bool = False
    userinfo: str = ""
    path_length: int = 0

    @property
    def has_userinfo(self) -> bool:
        """``https://bank.com@evil.top`` leads to evil.top."""
        return self.userinfo != ""

    @property
    def length(self) -> int:
        """Characters as written."""
        return len(self.url)


def parse(url: str) -> Link:
    """Take a link apart as a browser would (WHATWG URL), never raising.

    Examples
    --------
    >>> parse("http://0x7f.1/").host, parse("HXXP://user:pw@Bank.COM:8080/a").host
    ('127.0.0.1', 'bank.com')
    >>> parse("https://login.bank.com.sa/x").registered_domain
    'bank.com.sa'
    >>> parse("bank.c0m/x").host, parse("bank.c0m/x").is_defanged
    ('bank.com', True)
    >>> parse("http://telec0m/").host
    'telec0m'
    """
    scheme, rest = _split_scheme(url)
    ends = [at for at in map(rest.find, "/\\?#") if at >= 0]
    end = min(ends, default=len(rest))
    return assemble(url, scheme, rest[:end], len(rest) - end)


def assemble(url: str, scheme: str, authority: str, path_length: int) -> Link:
    """Put a link together whose parts are known; ``scheme`` is empty where none is written."""
    userinfo, _, place = authority.rpartition("@")
    if place.startswith("["):
        name, port = place, ""
    else:
        name, _, port = place.partition(":")
    is_defanged = scheme[:2] in _DEFANGED
    before, dot, top = name.rpartition(".")
    if dot and top.lower() == _LEET_COM:
        name, is_defanged = f"{before}.com", True
    return Link(url, *_host(name), is_defanged, scheme != "", port != "", userinfo, path_length)


_DEFANGED: Final = frozenset({"hx", "h*", "HX", "H*", "Hx"})
_Host = tuple[str, str, str, int, bool, bool, bool, bool, bool, bool]


def _split_scheme(url: str) -> tuple[str, str]:
    slashes = SLASHES.search(url, 0, 12)
    if slashes is None or not SCHEME.search(url, 0, slashes.start()):
        return "", url
    return url[: slashes.start()], url[slashes.end() :]


@lru_cache(maxsize=4096)
def _host(name: str) -> _Host:
    """What a link's host is, as the fields of `Link` from ``host`` to ``is_odd``."""
    host = ".".join(map(_ascii_label, name.lower().rstrip(".").split(".")))
    address = _ipv4(host)
    if address or host.startswith("["):
        return address or host, address or host, "", 0, True, False, False, False, False, True
    found = _EXTRACT.extract_str(host)
    registered = found.top_domain_under_public_suffix or host
    return (
        host,
        registered,
        found.suffix,
        found.subdomain.count(".") + 1 if found.subdomain else 0,
        False,
        "xn--" in host,
        host.removeprefix("www.") in _SHORTENERS,
        found.is_private,
        registered in _CHATS or host in _CHATS,
        found.suffix in _CHEAP or _is_crowded(registered.removesuffix(found.suffix)),
    )


def _is_crowded(name: str) -> bool:
    """Two hyphens or three digits in a registered name: rare among businesses."""
    return name.count("-") >= 2 or sum(map(str.isdigit, name)) >= 3  # noqa: PLR2004


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


def _ip_number(part: str) -> int:
    if part.startswith("0x"):
        return int(part[2:] or "0", 16)
    return int(part, 8) if len(part) > 1 and part[0] == "0" else int(part)

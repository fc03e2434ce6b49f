"""Links that people type: only those that name something on the public internet, by looking at them alone.

Nothing is looked up. A host is refused in every spelling that some resolver, browser or library reads as an address
of a private network; odd spellings are refused even if the address is public, since readers disagree about them.
"""

from __future__ import annotations

import re
import unicodedata
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from urllib.parse import parse_qs, quote, urlsplit

from bot.prompts.errors import PromptError, cut
from bot.text import _, _n

MAX_URL = 2000
MAX_HOST = 253
_AROUND = "<>,;."

_LOOKS_LIKE_URL = re.compile(
    r"[a-z0-9+.\-]://|(?<![a-z])(?:https?:(?=\S)|(?:ftp|file|blob|javascript):/)|(?<![a-z])data:\w+/", re.IGNORECASE
)
_NETLOC = re.compile(r"(?:\[(?P<v6>[0-9A-Fa-f:.]+)\]|(?P<name>[^:\[\]]+))(?::(?P<port>[0-9]{0,5}))?")
_NUMERIC = re.compile(r"[0-9]+|0x[0-9a-f]*")
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_SIGNED = re.compile(r"[0-9a-f]{6,10}", re.IGNORECASE)

_LOCAL = ("localhost", "local", "internal", "home.arpa", "localdomain", "lan", "home", "corp", "intranet", "private")
# Names that spell an address out, or always lead to the reader's own machine.
_WILDCARDS = ("nip.io", "sslip.io", "xip.io", "localtest.me", "lvh.me", "vcap.me", "lacolhost.com")

# What Python 3.11's `is_global` lets through and is still nobody's web server.
_SPECIAL_V4 = (IPv4Network("192.0.0.0/24"), IPv4Network("192.88.99.0/24"))
# Addresses that are handed out; all that wraps an IPv4 address lies outside, or in the exceptions: 2001::/23 holds
# Teredo, 2002::/16 is 6to4. 3fff::/20 and 2001:db8::/32 are for documents.
_GLOBAL_V6 = IPv6Network("2000::/3")
_SPECIAL_V6 = tuple(map(IPv6Network, ("2001::/23", "2002::/16", "2001:db8::/32", "3fff::/20")))


def looks_like_url(word: str) -> bool:
    """Whether this word holds something that a reader would take for a link, of whatever scheme."""
    return _LOOKS_LIKE_URL.search(unicodedata.normalize("NFKC", word)) is not None


def check_url(url: str) -> str:
    """Return the link in a normal form; it is http(s), and its host is a public name or a public address.

    Raises PromptError if it is anything else.
    """
    typed = url.strip().removeprefix("<").removesuffix(">")
    _check_length(len(typed), typed)
    if any(each == "\\" or unicodedata.category(each)[0] in "CZ" for each in typed):
        raise PromptError(_("The link “{link}” holds a space, a backslash or an invisible character.", link=cut(typed)))
    try:
        parts = urlsplit(typed)
    except ValueError:
        raise PromptError(
            _(
                "“{link}” is no valid link. It should look like {example}",
                link=cut(typed),
                example="https://example.com/fox.png",
            )
        ) from None
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise PromptError(_("The link “{link}” must start with http:// or https:// and name a host.", link=cut(typed)))
    path = quote(parts.path, safe="/%:@!$&'()*+,;=~")
    query = quote(parts.query, safe="/%:@!$&'()*+,;=~?[]")
    normal = f"{parts.scheme}://{_check_netloc(parts.netloc, parts.scheme, typed)}{path}{'?' if query else ''}{query}"
    _check_length(len(normal), typed)
    return normal


def read_link(word: str) -> str:
    """Like `check_url`, for a word of a prompt: without the brackets and punctuation that people put around links."""
    return check_url(word.strip(_AROUND)).rstrip(_AROUND)


def attachment_expiry(url: str) -> float | None:
    """Return when a signed attachment link dies, in epoch seconds, or None if it says nothing about that.

    Discord signs with `ex` (that time in hexadecimal), `is` and `hm`; the host doesn't matter.
    """
    try:
        query = parse_qs(urlsplit(url).query)
    except ValueError:
        return None
    values = query.get("ex", [])
    signed = values and _SIGNED.fullmatch(values[0]) and query.keys() >= {"is", "hm"}
    return float(int(values[0], 16)) if signed else None


def expired_attachment(prompt: str, now: float) -> bool:
    """Whether any link in a prompt is a signed attachment that is dead at `now` (epoch seconds)."""
    expiries = [attachment_expiry(word) for word in prompt.split() if looks_like_url(word)]
    return any(expiry is not None and expiry <= now for expiry in expiries)


def _check_length(length: int, typed: str) -> None:
    if length > MAX_URL:
        raise PromptError(
            _n(
                "The link “{link}” is too long: {n} character, and {most} is the most.",
                "The link “{link}” is too long: {n} characters, and {most} is the most.",
                length,
                link=cut(typed),
                most=MAX_URL,
            )
        )


def _check_netloc(netloc: str, scheme: str, typed: str) -> str:
    """Return `host` or `host:port`, without the scheme's own port."""
    if "@" in netloc or "%" in netloc:
        raise PromptError(_("The link “{link}” hides its host behind “@” or “%”. Write the plain host name.", link=cut(typed)))
    found = _NETLOC.fullmatch(netloc)
    if found is None:
        raise PromptError(_("The link “{link}” has no valid host or port.", link=cut(typed)))
    port = int(found["port"] or {"http": 80, "https": 443}[scheme])
    if not 0 < port < 65536:
        raise PromptError(_("The link “{link}” has no valid port: it is a number from 1 to 65535.", link=cut(typed)))
    host = _check_v6(found["v6"], typed) if found["v6"] else _check_name(found["name"], typed)
    return host if port == {"http": 80, "https": 443}[scheme] else f"{host}:{port}"


def _check_v6(literal: str, typed: str) -> str:
    try:
        address = IPv6Address(literal)
    except ValueError:
        raise PromptError(_("The link “{link}” has no valid host.", link=cut(typed))) from None
    if address not in _GLOBAL_V6 or any(address in network for network in _SPECIAL_V6) or _wraps_v4(address):
        raise _private(typed)
    return f"[{address.compressed}]"


def _wraps_v4(address: IPv6Address) -> bool:
    """Whether the interface part is ISATAP's, which ends in an IPv4 address."""
    return (int(address) >> 32) & 0xFDFFFFFF == 0x00005EFE


def _check_name(name: str, typed: str) -> str:
    host = _to_ascii(name, typed)
    labels = host.split(".")
    if _NUMERIC.fullmatch(labels[-1]) or _NUMERIC.fullmatch(_plain_digits(name).rstrip(".").split(".")[-1]):
        return _check_v4(host, typed)
    if len(labels) < 2 or any(host == suffix or host.endswith(f".{suffix}") for suffix in _LOCAL + _WILDCARDS):
        raise _private(typed)
    if len(host) > MAX_HOST or not all(_LABEL.fullmatch(label) for label in labels):
        raise PromptError(_("The link “{link}” has no valid host name.", link=cut(typed)))
    return host


def _to_ascii(name: str, typed: str) -> str:
    """Return a host as a resolver would see it: compatibility characters folded, other scripts as punycode."""
    host = unicodedata.normalize("NFKC", name).lower().replace("。", ".").removesuffix(".")
    if len(host) > MAX_HOST:
        raise PromptError(_("The link “{link}” has no valid host name.", link=cut(typed)))
    try:
        return host if host.isascii() else host.encode("idna").decode("ascii").lower()
    except UnicodeError:
        raise PromptError(_("The link “{link}” has no valid host name.", link=cut(typed))) from None


def _plain_digits(name: str) -> str:
    """Return a host with the digits of every script as 0–9, since some libraries read those as numbers too."""
    folded = unicodedata.normalize("NFKC", name).lower().replace("。", ".")
    return "".join(str(unicodedata.digit(each, each)) for each in folded)


def _check_v4(host: str, typed: str) -> str:
    try:
        address = IPv4Address(host)
    except ValueError:
        # 127.1, 0x7f000001, 2130706433, 0177.0.0.1 and whatever else ends in a number
        raise PromptError(
            _("The link “{link}” writes its address in an odd way. Write it like 93.184.215.14", link=cut(typed))
        ) from None
    if not address.is_global or address.is_multicast or any(address in network for network in _SPECIAL_V4):
        raise _private(typed)
    return str(address)


def _private(typed: str) -> PromptError:
    return PromptError(
        _("The link “{link}” names a private or local address. Only links that everyone can open work.", link=cut(typed))
    )

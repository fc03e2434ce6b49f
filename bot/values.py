"""Whether a value can be used as what it is: a token in a header, a URL to connect to, a path on a disk.

Each function raises ValueError with the end of a sentence that begins with the setting's name. A token is never part of it, nor
is what a URL holds of a name and a password.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from yarl import URL

SHOWN: Final = 100
"""Characters of a value that are told."""
MOST_JOBS: Final = 1_000_000_000
"""What a limit on jobs may be; the database counts no further than to 2**63."""
LARGEST_ID: Final = 2**64 - 1
_UNPRINTED: Final = {"Cc", "Cs", "Zl", "Zp"}  # controls, bytes that are no UTF-8, ends of lines
_HOST = re.compile(r"[A-Za-z0-9._-]+|[0-9A-Fa-f:.]+(%\w+)?")  # names, and addresses of IPv6 with their zones
_USERINFO = re.compile(r"^(\w+://)?.*@", re.DOTALL)


def shown(value: object) -> str:
    """A value as it was written, in one line, neither too long nor with a password."""
    text = repr(_USERINFO.sub(r"\1…@", value) if isinstance(value, str) else value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def check_token(token: str) -> None:
    """Refuse what no header can hold, and what no service gives out."""
    if len(token.splitlines()) > 1:
        raise ValueError("there is a line's end inside, and a token is one word; perhaps it was pasted in two pieces")
    if any(each.isspace() for each in token):
        raise ValueError("there is a blank inside, and a token is one word; perhaps it was pasted in two pieces")
    if not (token.isascii() and token.isprintable()):
        raise ValueError(
            "there is a character inside that no token has, perhaps an invisible one. Copy it again from where it is shown"
        )


def check_url(text: str, *schemes: str) -> URL:
    """The URL; refuses one that has another scheme, names no host that can be looked up, or an impossible port."""
    begins = " or ".join(f"{each}://" for each in schemes)
    malformed = ValueError(f"{shown(text)} must start with {begins} and name a host")
    if not text.isprintable() or any(each.isspace() for each in text):
        raise ValueError(f"{shown(text)} has a blank in it, or a character that no URL has")
    try:
        url = URL(text)
        port = url.explicit_port
        host = url.raw_host
    except ValueError as error:
        if "port" in str(error).lower():
            raise _port(text) from None
        raise malformed from None
    if url.scheme not in schemes or not host:
        raise malformed
    if port == 0:
        raise _port(text)
    if not _HOST.fullmatch(host) or not _can_be_looked_up(host):
        raise ValueError(f"{shown(text)} names a host that there can't be")
    return url


def check_base(text: str, *schemes: str) -> None:
    """Refuse a URL to which no path can be added, or that has a password beside the token."""
    url = check_url(text, *schemes)
    if url.user is not None or url.password is not None:
        raise ValueError("there is a name or a password in it, which would go where the token goes")
    if "?" in text or "#" in text:
        raise ValueError(f"{shown(text)} must end with a host or a path, without ? and #")


def check_path(text: str) -> None:
    """Refuse what no file can be called, or no line of a log could tell."""
    if any(unicodedata.category(each) in _UNPRINTED for each in text):
        raise ValueError("there is a control character inside, such as NUL, or a byte that is no text")


def check_id(text: str) -> None:
    """Refuse what is no id of Discord's: a number from 1 to 2**64 - 1."""
    digits = len(str(LARGEST_ID))
    if not (text.isascii() and text.isdigit() and len(text) <= digits and 0 < int(text) <= LARGEST_ID):
        raise ValueError(f"{shown(text)} is no id; ids are numbers, separated by commas or spaces")


def _can_be_looked_up(host: str) -> bool:
    """Whether `getaddrinfo` takes it: a label between dots has 1 to 63 characters."""
    try:
        host.encode("idna")
    except UnicodeError:
        return False
    return True


def _port(text: str) -> ValueError:
    return ValueError(f"{shown(text)} has a port that there can't be; ports go from 1 to 65535")

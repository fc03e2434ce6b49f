"""Whether a setting's value can be used as what it is; each function raises ValueError, in words that never hold a secret."""

from __future__ import annotations

from pathlib import Path

from yarl import URL


def check_token(token: str) -> str:
    """A token travels in a header: one word of plain characters."""
    if any(each.isspace() for each in token):
        raise ValueError("there is a blank or a line's end inside; a token is one word. Was it pasted in two pieces?")
    if not (token.isascii() and token.isprintable()):
        raise ValueError("there is a character inside that no token has. Copy it again from where it is shown")
    return token


def check_url(url: str) -> str:
    """An address that a connection can be opened to; its scheme has been looked at."""
    try:
        parsed = URL(url)
        # Both are worked out when they are asked for.
        usable = bool(parsed.host) and 0 < (parsed.port or 0) < 1 << 16
    except ValueError:
        usable = False
    if not usable:
        raise ValueError(f"{url!r} is no address that can be connected to: its host or its port is malformed")
    return url


def check_path(path: Path) -> Path:
    """A path on this machine; a `~` is made the home folder, since no shell has seen it in a file."""
    if "\0" in str(path):
        raise ValueError("there is a NUL character inside, which no path can have")
    try:
        return path.expanduser()
    except RuntimeError:
        raise ValueError(f"{str(path)!r} begins with somebody's home folder, which this machine does not know") from None

"""Logging set-up, and the redaction that keeps every token out of every line.

discord.py's DEBUG lines hold whole gateway frames and webhook URLs; both carry interaction tokens, with which
anyone could post in the bot's name for 15 minutes. So redaction works on the finished text, tracebacks included.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Iterable

from pydantic import SecretStr

_FORMAT = "%(asctime)s %(levelname)-7s %(name)s: %(message)s"
_MASK = "[redacted]"
_TOKENS = re.compile(
    r"""(?P<keep>
          /webhooks/\d+/                       # interaction webhooks: /webhooks/<application>/<token>
        | /interactions/\d+/                   # callbacks: /interactions/<id>/<token>/callback
        | ['"]?(?:token|Authorization)['"]?\s*[:=]\s*['"]?(?:Bot\ |Bearer\ )?
        | \b(?:Bot|Bearer)\s+
        )[^\s/'",?&}]{8,}""",
    re.VERBOSE | re.IGNORECASE,
)


class RedactingFormatter(logging.Formatter):
    """Formats a record, then blots out the known secrets and everything that looks like a token."""

    def __init__(self, secrets: Iterable[SecretStr] = ()) -> None:
        super().__init__(_FORMAT)
        self._secrets = sorted({s.get_secret_value() for s in secrets if s.get_secret_value()}, key=len, reverse=True)

    def format(self, record: logging.LogRecord) -> str:
        """The line, tracebacks included, without any token."""
        text = super().format(record)
        for secret in self._secrets:
            text = text.replace(secret, _MASK)
        return _TOKENS.sub(rf"\g<keep>{_MASK}", text)


def set_up(level: str, secrets: Iterable[SecretStr]) -> None:
    """Send all logging to standard error through one redacting handler, in place of any that was there."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(RedactingFormatter(secrets))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    if level == "DEBUG":
        # Every statement and every byte-level event would drown what one looks for.
        logging.getLogger("aiosqlite").setLevel(logging.INFO)

"""Logging set-up, and the redaction that keeps every token out of every line.

discord.py's DEBUG lines hold whole gateway frames and webhook URLs; both carry interaction tokens, with which
anyone could post in the bot's name for 15 minutes. So redaction works on the finished text, tracebacks included.
"""

from __future__ import annotations

import logging
import re
import sys
import traceback
from types import TracebackType
from typing import TYPE_CHECKING

from bot.redaction import MASK, Redactor, printable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydantic import SecretStr

ExceptionInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
_FORMAT = "%(asctime)s %(levelname)-7s %(name)s: %(message)s"
LONGEST = 1024  # characters of what somebody said
_OF_TRACEBACKS = ("  ", "Traceback (most recent call last)", "\nThe above exception", "\nDuring handling of the above")
_TOKENS = re.compile(
    r"""(?P<path>
          /webhooks/\d+/                       # interaction webhooks: /webhooks/<application>/<token>
        | /interactions/\d+/                   # callbacks: /interactions/<id>/<token>/callback
        )[^\s/'",?}\\]+
      | (?P<field>                             # headers and payloads, as JSON, as a dict, as JSON within a string
          (?:token|authorization)\\*['"]?\s*[:=]\s*b?\\*['"]?(?:(?:Bot|Bearer)\s+)?
        | \bBearer\s+
        | \bBot\s+(?=[\w-]+\.[\w-]+\.)          # not the word "bot" in a sentence
        )[^\s'",&;}\\]{8,}
      | \baW50ZXJhY3Rpb246[\w%=+-]+             # an interaction token anywhere: "interaction:" in base64
    """,
    re.VERBOSE | re.IGNORECASE,
)


class RedactingFormatter(logging.Formatter):
    """Formats a record, then blots out the known secrets and everything that looks like a token.

    What a service, Discord or a person said stays within its line, and is no longer than `LONGEST`: so that no line can be
    forged, and no log flooded.
    """

    def __init__(self, secrets: Iterable[SecretStr] = ()) -> None:
        super().__init__(_FORMAT)
        self._redactor = Redactor(secrets)

    def format(self, record: logging.LogRecord) -> str:
        """The line, tracebacks included, without any token."""
        return _TOKENS.sub(_mask, self._redactor.text(super().format(record)))

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  # logging's own name
        """The line without its traceback. Tokens go first: a cut would leave half of one that is not recognized."""
        record.message = printable(_TOKENS.sub(_mask, self._redactor.text(record.message)), LONGEST)
        return super().formatMessage(record)

    def formatException(self, ei: ExceptionInfo) -> str:  # noqa: N802  # logging's own name
        """The traceback; only its exceptions' own words are somebody else's."""
        lines = traceback.TracebackException(*ei).format() if ei[0] else ()
        return "".join(line if line.startswith(_OF_TRACEBACKS) else self._said(line) for line in lines).rstrip("\n")

    def _said(self, line: str) -> str:
        return printable(_TOKENS.sub(_mask, self._redactor.text(line.rstrip("\n"))), LONGEST) + "\n"


def _mask(found: re.Match[str]) -> str:
    return (found["path"] or found["field"] or "") + MASK


class Brief(logging.Filter):
    """discord.py tells of every lost connection with a page of traceback; its last line says all."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Shorten the record; it is always kept."""
        if record.exc_info and record.exc_info[1] and str(record.msg).startswith("Attempting a reconnect"):
            error = record.exc_info[1]
            record.msg, record.args = f"{record.getMessage()}: {type(error).__name__}: {error}".replace("%", "%%"), None
            record.exc_info, record.exc_text = None, None
            record.levelno, record.levelname = logging.WARNING, "WARNING"
        return True


def set_up(level: str, secrets: Iterable[SecretStr]) -> None:
    """Send all logging to standard error through one redacting handler, in place of any that was there."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(RedactingFormatter(secrets))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    discord_client = logging.getLogger("discord.client")
    discord_client.filters[:] = [] if level == "DEBUG" else [Brief()]
    if level == "DEBUG":
        # Every statement and every byte-level event would drown what one looks for.
        logging.getLogger("aiosqlite").setLevel(logging.INFO)

"""What Discord's refusals mean for us; their codes are listed under "JSON error codes" in Discord's documentation."""

from __future__ import annotations

from typing import Final

import aiohttp
import discord

TROUBLE: Final = (discord.HTTPException, aiohttp.ClientError, OSError, TimeoutError)
"""What a call to Discord raises if it may have failed; a connection that closes without an answer is no OSError."""

LATE, MALFORMED = 10062, 50035
TOO_LARGE = 40005
EXPIRED, UNKNOWN_WEBHOOK = 50027, 10015
KEPT_OUT = {50001, 50013}  # access, permissions
GONE = {10003, 10008, 50005, *KEPT_OUT}  # channel, message, not ours


def token_is_dead(error: discord.HTTPException) -> bool:
    """Whether this refusal means that the interaction's token will never work again."""
    return error.code in {EXPIRED, UNKNOWN_WEBHOOK} or error.status == 401


def card_is_gone(error: discord.HTTPException) -> bool:
    """Whether this refusal means that the bot can't reach the message by trying again at once."""
    return error.code in GONE


def is_refused_access(error: discord.HTTPException) -> bool:
    """Whether this refusal is about what the bot may see or do, which a server may mend."""
    return error.code in KEPT_OUT


def file_is_too_large(error: discord.HTTPException) -> bool:
    """Whether this refusal is about the size of the file."""
    return error.status == 413 or error.code == TOO_LARGE


def is_malformed(error: BaseException) -> bool:
    """Whether Discord refused what was sent as it was laid out, and would do so again."""
    return isinstance(error, discord.HTTPException) and error.code == MALFORMED

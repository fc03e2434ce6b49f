"""What it means when Discord closes the gateway for good, and what the operator can do."""

from __future__ import annotations

import discord

from bot.errors import ConfigError

CLOSED = "Discord closed the connection for good"
PRIVILEGED = 4014  # discord.py has an error of its own for it, which tells no code
_MEANINGS = {
    4004: (
        "DISCORD_TOKEN: {closed}. It does not accept the token any more. "
        "Get a new one in the developer portal: your application, page Bot, Reset Token."
    ),
    4010: "{closed}: it was asked for a shard that isn't there. Easel asks for none; does DISCORD_GATEWAY_URL lead to Discord?",
    4011: (
        "{closed}: the bot is in more servers than one connection may serve, and Easel opens only one. "
        "Take the bot out of some, or run another application for them."
    ),
    4012: "{closed}: it no longer serves the gateway's version that discord.py {library} speaks. Update Easel.",
    4013: "{closed}: it does not know an intent that the bot asked for. Easel asks for Guilds only; update or reinstall Easel.",
    PRIVILEGED: (
        "{closed}: the bot asked for an intent that the application may not have. Easel asks for Guilds only, which needs no "
        "leave. If yours was changed, switch its intents on in the developer portal: page Bot, Privileged Gateway Intents."
    ),
}


def closed_for_good(error: discord.ConnectionClosed | discord.PrivilegedIntentsRequired) -> ConfigError:
    """What discord.py raises after a close code with which it can't connect again, in words for the operator."""
    code = error.code if isinstance(error, discord.ConnectionClosed) else PRIVILEGED
    meaning = _MEANINGS.get(code, "{closed}.")
    return ConfigError(meaning.format(closed=f"{CLOSED} ({code})", library=discord.__version__))

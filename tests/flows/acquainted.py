"""A bot that has had a picture made before, so that it knows which tasks at the image service are its own."""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import SecretStr

from bot.midjourney import MidjourneyClient
from bot.pace import Pace
from bot.store import Queries, open_database
from sandbox.midjourney import Midjourney


async def acquaint(database: Path, midjourney: Midjourney) -> None:
    """Leave in a database what any record of the bot's own would have told of its account."""
    account = midjourney.account
    digest = MidjourneyClient(midjourney.url, SecretStr(midjourney.token), Pace()).token_digest
    known = {"token": digest, "user_id": account.user_id, "credential_id": account.credential_id}
    database.parent.mkdir(parents=True, exist_ok=True)
    async with open_database(database) as opened:
        await Queries(opened).remember("account", json.dumps(known))

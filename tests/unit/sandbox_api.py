"""Discord's REST by hand, for what discord.py would never send."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import aiohttp

if TYPE_CHECKING:
    from sandbox.discord import Discord

JSON = dict[str, Any]


@dataclass
class Answer:
    """Status, JSON body and headers of an answer."""

    status: int
    data: Any
    headers: Any

    @property
    def code(self) -> int:
        return self.data["code"]

    @property
    def refused(self) -> tuple[int, int]:
        return self.status, self.data["code"]

    def errors(self, *path: str) -> list[str]:
        """The codes at a place of the `errors` tree."""
        node = self.data["errors"]
        for key in path:
            node = node[key]
        return [entry["code"] for entry in node["_errors"]]


class Api:
    """One client session with the bot's token."""

    def __init__(self, discord: Discord, session: aiohttp.ClientSession) -> None:
        self.discord = discord
        self.session = session
        self.commands = f"/applications/{discord.application['id']}/commands"
        self.headers = {"Authorization": f"Bot {discord.bot_token}"}

    async def call(
        self, method: str, path: str, body: Any = None, files: dict[str, bytes] | None = None, headers: JSON | None = None
    ) -> Answer:
        sent: JSON = {"headers": self.headers if headers is None else headers}
        if files is not None:
            form = aiohttp.FormData(quote_fields=False)
            form.add_field("payload_json", json.dumps(body), content_type="application/json")
            for index, (name, data) in enumerate(files.items()):
                form.add_field(f"files[{index}]", io.BytesIO(data), filename=name, content_type="application/octet-stream")
            sent["data"] = form
        elif body is not None:
            sent["json"] = body
        async with self.session.request(method, self.discord.api_url + path, **sent) as response:
            text = await response.text()
            return Answer(response.status, json.loads(text) if text else None, response.headers)


def text(content: str) -> JSON:
    return {"type": 10, "content": content}


def button(custom_id: str = "press", **more: Any) -> JSON:
    return {"type": 2, "style": 2, "label": "Press", "custom_id": custom_id} | more


def row(*components: JSON) -> JSON:
    return {"type": 1, "components": list(components)}


def v2(*components: JSON, **more: Any) -> JSON:
    return {"flags": 1 << 15, "components": list(components)} | more

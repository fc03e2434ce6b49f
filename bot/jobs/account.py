"""Whose tasks are ours: `/tasks` lists other people's too, with the same words perhaps."""

from __future__ import annotations

import json
import logging
from dataclasses import asdict, dataclass

from bot.midjourney import TaskRecord
from bot.store import Queries

log = logging.getLogger(__name__)

_FACT = "account"


@dataclass(frozen=True, slots=True, repr=False)
class Known:
    """What a record of ours told of the account; `token` names the token that it was asked with."""

    token: str
    user_id: str | None
    credential_id: str | None


class Account:
    """The account behind our token, learnt from any record of a task that we were given, and kept in the store.

    Another token may be another account's: then it is forgotten.
    """

    def __init__(self, queries: Queries, token: str) -> None:
        self._queries = queries
        self._token = token
        self._known: Known | None = None
        self._loaded = False

    async def user_id(self) -> str | None:
        """Whose tasks to ask for; None before any record was seen."""
        known = await self._load()
        return known.user_id if known else None

    async def learn(self, record: TaskRecord) -> None:
        """A record of a task whose id the service gave us tells whose it is; what it leaves out stays as it is known."""
        known = await self._load() or Known(self._token, None, None)
        told = Known(self._token, record.user_id or known.user_id, record.credential_id or known.credential_id)
        if told == known:
            return
        await self._queries.remember(_FACT, json.dumps(asdict(told)))
        self._known = told
        log.info("The image service told which account is ours")

    def owns(self, record: TaskRecord) -> bool:
        """Whether a record is certainly ours: by its credential, else by its user; call it once `user_id` has answered."""
        known = self._known
        if known is None:
            return False
        if record.credential_id and known.credential_id:
            return record.credential_id == known.credential_id and record.user_id in {None, known.user_id}
        return record.user_id is not None and record.user_id == known.user_id

    async def _load(self) -> Known | None:
        if not self._loaded:
            stored = await self._queries.fact(_FACT)
            known = Known(**json.loads(stored)) if stored else None
            self._known = known if known and known.token == self._token else None
            self._loaded = True
        return self._known

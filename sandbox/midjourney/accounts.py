"""Whose a task is. `/tasks` may list everybody's, so there are other people's among them, with the very same words."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field

REMEMBERED = 300


def _uuid() -> str:
    return str(uuid.uuid4())


@dataclass(frozen=True, slots=True)
class Account:
    """What a record tells of the one who pays: the person, their application, the credential that was used."""

    user_id: str = field(default_factory=_uuid)
    application_id: str = field(default_factory=_uuid)
    credential_id: str = field(default_factory=_uuid)

    def told(self) -> dict[str, str]:
        """The fields of a record."""
        return {
            "user_id": self.user_id,
            "actor_user_id": self.user_id,
            "application_id": self.application_id,
            "credential_id": self.credential_id,
        }

    def other_program(self) -> Account:
        """The same person with another application and credential: their own web client, say."""
        return Account(user_id=self.user_id)

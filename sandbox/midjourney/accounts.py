"""Whose a task is. `/tasks` may list everybody's, so there are other people's among them, with the very same words."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .tasks import Task

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


def ended(task: Task, response: dict[str, Any]) -> Task:
    """A task that has this result, and is over."""
    task.started_at = task.created_at + 0.001
    task.add(response | {"task_id": task.id})
    task.finished_at = time.time()
    task.done = True
    return task

"""A face a kind: what people see of it."""

from bot.jobs import kinds
from bot.jobs.model import Job
from bot.ui.cards.kinds import describe, imagine, translate
from bot.ui.cards.kinds.face import Face, Room, Told

FACES = {
    kinds.IMAGINE.name: imagine.FACE,
    kinds.DESCRIBE.name: describe.FACE,
    kinds.TRANSLATE.name: translate.FACE,
}
"""By the kind's name."""

__all__ = ["FACES", "Face", "Room", "Told", "face_of"]


def face_of(job: Job) -> Face:
    """The face of a job's kind."""
    return FACES[job.order.kind.name]

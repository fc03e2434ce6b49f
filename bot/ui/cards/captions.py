"""The words around a picture: what it is, the facts about it, and what a screen reader says."""

from __future__ import annotations

from typing import Final

from bot.jobs.model import Job, Order, Progress, State
from bot.midjourney import Answer, Result, label_of
from bot.text import Language, Text, _
from bot.ui.cards.buttons import FULL_SIZE, said
from bot.ui.cards.kinds import FACES, face_of
from bot.ui.cards.markdown import clip, escape, escape_and_clip, link, web_url

ALT_LIMIT: Final = 1024
_NOTES: Final = {
    "busy": _("The image service is busy; this waits until it has room."),
    "away": _("The image service can't be reached at the moment; still trying."),
    "long": _("This takes longer than usual; still waiting."),
    "twin": _("The very same is just being sent once more; this follows as soon as that one is known to be taken."),
    "slow": _("The image service takes its time; still waiting."),
    "checking": _("Looking up whether the image service accepted this…"),
    "silent": _(
        "The image service does not answer, so it is not known yet whether it accepted this. I keep looking; "
        "if you try again meanwhile, both may be made and billed."
    ),
    "asking": _("Asking the image service how far it is…"),
    "trouble": _("The image service does not answer at the moment. This starts when it does."),
}
_BAR: Final = 10


def title(order: Order, language: Language) -> str:
    """What the card is: the command, or the action with a link to the card it was pressed on."""
    if order.action == "generate":
        return f"**{language.render(FACES[order.kind.name].title)}**"
    name = f"**{_name(order.action, language)}**"
    parent = web_url(order.parent_url, 512)
    if not parent:
        return name
    # Translators: {action} is a button's name, as in “U2”; this picture is a link.
    this = link(language.render(_("this picture")), parent)
    return language.render(_("{action} of {picture}", action=name, picture=this))


def at_work(job: Job, progress: Progress | None, language: Language) -> str:
    """What happens to a job that is not over, with a bar if there is something to measure."""
    progress = progress or Progress()
    known = _note(progress)
    note = language.render(known) if known else ""
    if job.state is State.QUEUED:
        waits = language.render(_waiting(progress.position))
        return f"{waits}\n-# {note}" if note and progress.position else note or waits
    if not progress.percent and progress.since and progress.usual:
        words = language.render(face_of(job).taken or face_of(job).at_work)
        return f"{words}\n-# {language.render(_taken(progress.since, progress.usual))}"
    if not progress.percent:
        return note or language.render(face_of(job).at_work)
    percent = min(100, max(0, progress.percent))
    full = percent * _BAR // 100
    bar = f"{'▰' * full}{'▱' * (_BAR - full)} {percent} %"
    return f"{bar}\n-# {note}" if note else bar


def facts(job: Job, language: Language, *, whole: bool = False, full_size: str | None = None) -> str:
    """A line in small print: who asked, what was chosen; of a `whole` answer its size and how long it took.

    `full_size` is a link.
    """
    shown = [f"<@{job.order.user_id}>", *face_of(job).choices(job)]
    if whole:
        shown += [_size(job.result), _duration(job, language)]
    if full_size is not None:
        shown.append(link(language.render(FULL_SIZE), full_size))
    return "-# " + " · ".join(fact for fact in shown if fact)


def alt_text(job: Job, language: Language, *, preview: bool = False) -> str:
    """What a screen reader says of a job's picture or clips; 1 to 1,024 units."""
    return clip(language.render(face_of(job).alt_text(job, preview)), ALT_LIMIT) or "?"


def small_print(note: Text | None, limit: int, language: Language) -> str:
    """A note in small print, every line of it escaped, together at most `limit` units."""
    lines = [escape(line) for line in (language.render(note) if note else "").splitlines()]
    return clip("\n".join(f"-# {line}" for line in lines if line), limit)


def _name(action: str, language: Language) -> str:
    label = label_of(action)
    words = escape_and_clip(said(label.label, language), 80) or "?"
    return f"{label.emoji} {words}" if label.emoji else words


def _note(progress: Progress) -> Text | None:
    if progress.note == "busy" and progress.until:
        return _("The image service is busy. This is tried again {when}.", when=_moment(progress.until))
    return _NOTES.get(progress.note or "")


def _taken(since: float, usual: float) -> Text:
    """While nobody tells how far it is; Discord counts the seconds by itself."""
    minutes = round(usual / 60)
    if usual < 90:
        return _("Started {when}; usually done in about {seconds} s.", when=_moment(since), seconds=max(1, round(usual)))
    return _("Started {when}; usually done in about {minutes} min.", when=_moment(since), minutes=minutes)


def _moment(epoch: float) -> str:
    """Discord shows it as the time that has passed, or that is left, and counts on."""
    return f"<t:{round(epoch)}:R>"


def _waiting(position: int | None) -> Text:
    if not position or position < 1:
        return _("Starting…")
    if position == 1:
        return _("Queued · next in line")
    return _("Queued · place {position}", position=f"{position:,}")


def _size(answer: Answer | None) -> str:
    if not isinstance(answer, Result):
        return ""
    width, height = answer.size
    return f"{width} × {height}" if width and height and min(width, height) > 0 else ""


def _duration(job: Job, language: Language) -> str:
    if job.finished_at is None or job.sent_at is None or job.finished_at <= job.sent_at:
        return ""
    minutes, seconds = divmod(max(1, round(job.finished_at - job.sent_at)), 60)
    if minutes:
        return language.render(_("{minutes} min {seconds} s", minutes=minutes, seconds=seconds))
    return language.render(_("{seconds} s", seconds=seconds))

"""What went wrong, in words for the person who asked; the operator has the log."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from bot.jobs.model import Failure
from bot.midjourney import Family, family_of
from bot.text import Language, Text, _
from bot.ui.cards.markdown import escape_and_clip

UNKNOWN: Final = Failure("task_failed")
"""Stands in if a job failed and its row does not say why."""

_OPERATOR_MATTERS: Final = frozenset({Family.QUOTA, Family.TOKEN, Family.ACCOUNT, Family.ENDPOINT})
_SURE_TO_FAIL_AGAIN: Final = frozenset({Family.WORDS, Family.REQUEST, Family.ENDPOINT})
_OTHER_WORDS_MAY_HELP: Final = frozenset({Family.WORDS, Family.REQUEST, Family.FAILED})
_PICTURE_GONE: Final = _(
    "The service did not accept this. It may no longer know that picture: pictures are kept for a while only. "
    "A new one, painted from the same words, has working buttons again."
)
_FAMILIES: Final = {
    Family.QUOTA: _(
        "The bot has run out of credit with the image service. The operator has been told; please try again later."
    ),
    Family.BUSY: _(
        "The image service is too busy and would not take this, so nothing was started and nothing was billed. "
        "A little later it should work."
    ),
    Family.TROUBLE: _("The image service has trouble at the moment and could not finish this. A little later it should work."),
    Family.TIMEOUT: _(
        "The image service took too long, and nothing came back. It may be overloaded; a little later it should work."
    ),
}
_OURS: Final = {
    "unreachable": _(
        "The image service could not be reached, so nothing was started and nothing was billed. "
        "In a minute or two it should work."
    ),
    "unclear": _(
        "Something failed at a bad moment, and it is not known whether the service accepted this. "
        "It is billed if it succeeded, so if you try again, it may be billed twice."
    ),
    "unfinished": _(
        "The image service accepted this, but never told of its end. "
        "It is billed if it succeeded, so if you try again, it may be billed twice."
    ),
    "expired_attachment": _(
        "The attached image is no longer there: Discord keeps such links for about a day. "
        "Please attach the image again and send the command once more."
    ),
    "internal": _("Something went wrong in the bot. Sorry about that! Trying again may help."),
    "unanswered": _("Discord did not take the answer in time, so this was never started, and nothing was billed."),
}
"""Failures that the service did not report, by our own codes for them."""
_OPERATOR_TOLD: Final = _(
    "The bot cannot use the image service right now. It is nothing that you did: the operator has been told; "
    "please try again later."
)
_MODERATION_OF_PRESS: Final = _("The image service's moderation refused this. Another button, or other words, may pass.")
_NEEDS_REFERENCE: Final = frozenset({Family.TROUBLE, Family.TIMEOUT, Family.FAILED})
_TEXT_LIMIT: Final = 600  # units of the service's own message; whole pages of HTML have been seen
_REFERENCE_LIMIT: Final = 80


def failure(what: Failure, refused: Text, language: Language, *, pressed: bool = False) -> str:
    """What happened and how to go on, as Markdown of less than 1,500 characters; the service's own words are escaped.

    `refused` says what moderation refused, unless a button was `pressed`.
    """
    lines = [*_explain(what, refused, pressed=pressed)]
    if what.code == "internal":
        lines += _reference(what.message or what.trace_id)
    elif what.code not in _OURS and _family(what) in _NEEDS_REFERENCE:
        lines += _reference(what.trace_id)
    return "\n".join(map(language.render, lines))


def operator_matter(what: Failure) -> bool:
    """Whether only the operator can mend it: the account's balance, its token, its access."""
    return what.code not in _OURS and _family(what) in _OPERATOR_MATTERS


def can_try_again(what: Failure) -> bool:
    """Whether the same request may succeed another time."""
    if what.code in _OURS:
        return what.code != "expired_attachment"
    return _family(what) not in _SURE_TO_FAIL_AGAIN


def can_be_reworded(what: Failure) -> bool:
    """Whether other words may succeed if these did not."""
    return what.code not in _OURS and _family(what) in _OTHER_WORDS_MAY_HELP


def _family(what: Failure) -> Family:
    """Rows from before families were stored have the code alone."""
    return Family(what.family) if what.family else family_of(what.code)


def _explain(what: Failure, refused: Text, *, pressed: bool) -> Iterator[Text]:
    family = _family(what)
    if what.code in _OURS:
        yield _OURS[what.code]
    elif family is Family.WORDS:
        yield _MODERATION_OF_PRESS if pressed else refused
    elif family is Family.REQUEST:
        yield _PICTURE_GONE if pressed else _("The image service could not make sense of this.")
        yield from _quoted(what.message)
    elif family in _FAMILIES:
        yield _FAMILIES[family]
    elif family in _OPERATOR_MATTERS:
        yield _OPERATOR_TOLD
    else:
        yield _("The image service could not do this.")
        yield from _quoted(what.message)


def _quoted(message: str) -> Iterator[Text]:
    if words := escape_and_clip(message, _TEXT_LIMIT):
        yield _("It said: {words}", words=words)


def _reference(reference: str | None) -> Iterator[Text]:
    if shown := escape_and_clip(reference or "", _REFERENCE_LIMIT):
        yield _("-# Reference: {reference}", reference=shown)

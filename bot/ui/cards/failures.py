"""What went wrong, in words for the person who asked; the operator has the log."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from bot.jobs.model import Failure
from bot.text import Language, Text, _
from bot.ui.cards.markdown import escape_and_clip

UNKNOWN: Final = Failure("task_failed")
"""Stands in if a job failed and its row does not say why."""

_OPERATOR_MATTERS: Final = frozenset(
    {"used_up", "disabled", "no_token", "invalid_token", "token_mismatched", "token_expired", "no_api", "api_not_implemented"}
)
_SURE_TO_FAIL_AGAIN: Final = frozenset({"forbidden", "bad_request", "expired_attachment", "no_api", "api_not_implemented"})
_PICTURE_GONE: Final = _(
    "The service did not accept this. It may no longer know that picture: pictures are kept for a while only. "
    "A new one, painted from the same words, has working buttons again."
)
_WORDS: Final = {
    "used_up": _("The bot has run out of credit with the image service. The operator has been told; please try again later."),
    "too_many_requests": _(
        "The image service is too busy and would not take this, so nothing was started and nothing was billed. "
        "A little later it should work."
    ),
    "unreachable": _(
        "The image service could not be reached, so nothing was started and nothing was billed. "
        "In a minute or two it should work."
    ),
    "api_error": _("The image service has trouble at the moment and could not finish this. A little later it should work."),
    "timeout": _(
        "The image service took too long, and nothing came back. It may be overloaded; a little later it should work."
    ),
    "unclear": _(
        "Something failed at a bad moment, and it is not known whether the service accepted this. "
        "If you try again, it may be billed twice."
    ),
    "unfinished": _("The image service accepted this, but never told of its end. If you try again, it may be billed twice."),
    "expired_attachment": _(
        "The attached image is no longer there: Discord keeps such links for about a day. "
        "Please attach the image again and send the command once more."
    ),
    "internal": _("Something went wrong in the bot. Sorry about that! Trying again may help."),
    "unanswered": _("Discord did not take the answer in time, so this was never started, and nothing was billed."),
}
_OPERATOR_TOLD: Final = _(
    "The bot cannot use the image service right now. It is nothing that you did: the operator has been told; "
    "please try again later."
)
_MODERATION_OF_PRESS: Final = _("The image service's moderation refused this. Another button, or other words, may pass.")
_NEEDS_NO_REFERENCE: Final = _OPERATOR_MATTERS | {"forbidden", "bad_request", *_WORDS} - {"api_error", "timeout"}
_BY_STATUS: Final = {
    "http_400": "bad_request",
    "http_401": "invalid_token",
    "http_408": "timeout",
    "http_429": "too_many_requests",
}
_TEXT_LIMIT: Final = 600  # units of the service's own message; whole pages of HTML have been seen
_REFERENCE_LIMIT: Final = 80


def failure(what: Failure, refused: Text, language: Language, *, pressed: bool = False) -> str:
    """What happened and how to go on, as Markdown of less than 1,500 characters; the service's own words are escaped.

    `refused` says what moderation refused, unless a button was `pressed`.
    """
    code = _normal(what.code)
    lines = [*_explain(code, what.message, refused, pressed=pressed)]
    if code == "internal":
        lines += _reference(what.message or what.trace_id)
    elif code not in _NEEDS_NO_REFERENCE:
        lines += _reference(what.trace_id)
    return "\n".join(map(language.render, lines))


def operator_matter(code: str) -> bool:
    """Whether only the operator can mend it: the account's balance, its token, its access."""
    return _normal(code) in _OPERATOR_MATTERS


def can_try_again(code: str) -> bool:
    """Whether the same request may succeed another time."""
    return _normal(code) not in _SURE_TO_FAIL_AGAIN


def can_be_reworded(code: str) -> bool:
    """Whether other words may succeed if these did not."""
    return _normal(code) in {"forbidden", "bad_request", "task_failed"}


def _normal(code: str) -> str:
    """An answer that named no reason but its HTTP status (`http_<status>`), by the code it stands for."""
    return "api_error" if code.startswith("http_5") else _BY_STATUS.get(code, code)


def _explain(code: str, message: str, refused: Text, *, pressed: bool) -> Iterator[Text]:
    if code == "forbidden":
        yield _MODERATION_OF_PRESS if pressed else refused
    elif code == "bad_request":
        yield _PICTURE_GONE if pressed else _("The image service could not make sense of this.")
        yield from _quoted(message)
    elif code in _WORDS:
        yield _WORDS[code]
    elif operator_matter(code):
        yield _OPERATOR_TOLD
    else:
        yield _("The image service could not do this.")
        yield from _quoted(message)


def _quoted(message: str) -> Iterator[Text]:
    if words := escape_and_clip(message, _TEXT_LIMIT):
        yield _("It said: {words}", words=words)


def _reference(reference: str | None) -> Iterator[Text]:
    if shown := escape_and_clip(reference or "", _REFERENCE_LIMIT):
        yield _("-# Reference: {reference}", reference=shown)

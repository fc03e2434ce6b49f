"""What went wrong, in words for the person who asked; the operator has the log."""

from __future__ import annotations

from typing import Final

from bot.jobs.model import Failure
from bot.ui.markdown import escape_and_clip

UNKNOWN: Final = Failure("task_failed")
"""Stands in where a job failed and its row does not say why."""

_OPERATOR_MATTERS: Final = frozenset(
    {"used_up", "disabled", "no_token", "invalid_token", "token_mismatched", "token_expired", "no_api", "api_not_implemented"}
)
_SURE_TO_FAIL_AGAIN: Final = frozenset({"forbidden", "bad_request", "expired_attachment", "no_api", "api_not_implemented"})
_PICTURE_GONE: Final = (
    "The service did not accept this. It may no longer know that picture: pictures are kept for a while only. "
    "A new one, painted from the same words, has working buttons again."
)
_WORDS: Final = {
    "used_up": "The bot has run out of credit with the image service. The operator has been told; please try again later.",
    "too_many_requests": "The image service is very busy and would not take this, though it was tried several times. "
    "Nothing was billed. In a minute or two it should work.",
    "unreachable": "The image service could not be reached, so nothing was started and nothing was billed. "
    "In a minute or two it should work.",
    "api_error": "The image service has trouble at the moment and could not finish this. A little later it should work.",
    "timeout": "The image service took too long, and nothing came back. It may be overloaded; a little later it should work.",
    "unclear": "Something failed at a bad moment, and it is not known whether the service accepted this. "
    "If you try again, it may be billed twice.",
    "unfinished": "The image service accepted this, but never told of its end. If you try again, it may be billed twice.",
    "expired_attachment": "The attached image is no longer there: Discord keeps such links for about a day. "
    "Please attach the image again and send the command once more.",
    "internal": "Something went wrong in the bot. Sorry about that! Trying again may help.",
    "unanswered": "Discord did not take the answer in time, so this was never started, and nothing was billed.",
}
_OPERATOR_TOLD: Final = (
    "The bot cannot use the image service right now. It is nothing that you did: the operator has been told; "
    "please try again later."
)
_MODERATION_OF_PRESS: Final = "The image service's moderation refused this. Another button, or other words, may pass."
_NEEDS_NO_REFERENCE: Final = _OPERATOR_MATTERS | {"forbidden", "bad_request", *_WORDS} - {"api_error", "timeout"}
_BY_STATUS: Final = {
    "http_400": "bad_request",
    "http_401": "invalid_token",
    "http_408": "timeout",
    "http_429": "too_many_requests",
}
_TEXT_LIMIT: Final = 600  # units of the service's own message; whole pages of HTML have been seen
_REFERENCE_LIMIT: Final = 80


def failure(what: Failure, refused: str, *, pressed: bool = False) -> str:
    """What happened and how to go on, as Markdown of less than 1,500 characters; the service's own words are escaped.

    `refused` says what moderation refused, unless a button was `pressed`.
    """
    code = _normal(what.code)
    words = _explain(code, what.message, refused, pressed=pressed)
    if code == "internal":
        return words + _reference(what.message or what.trace_id)
    return words if code in _NEEDS_NO_REFERENCE else words + _reference(what.trace_id)


def operator_matter(code: str) -> bool:
    """Whether only the operator can mend it: the account's balance, its token, its access."""
    return _normal(code) in _OPERATOR_MATTERS


def can_try_again(code: str) -> bool:
    """Whether the same request may succeed another time."""
    return _normal(code) not in _SURE_TO_FAIL_AGAIN


def can_be_reworded(code: str) -> bool:
    """Whether other words may succeed where these did not."""
    return _normal(code) in {"forbidden", "bad_request", "task_failed"}


def _normal(code: str) -> str:
    """An answer that named no reason but its HTTP status (`http_<status>`), by the code it stands for."""
    return "api_error" if code.startswith("http_5") else _BY_STATUS.get(code, code)


def _explain(code: str, message: str, refused: str, *, pressed: bool) -> str:
    if code == "forbidden":
        return _MODERATION_OF_PRESS if pressed else refused
    if code == "bad_request":
        opening = _PICTURE_GONE if pressed else "The image service could not make sense of this."
        return opening + _quoted(message)
    if code in _WORDS:
        return _WORDS[code]
    if operator_matter(code):
        return _OPERATOR_TOLD
    return "The image service could not do this." + _quoted(message)


def _quoted(message: str) -> str:
    said = escape_and_clip(message, _TEXT_LIMIT)
    return f"\nIt said: {said}" if said else ""


def _reference(reference: str | None) -> str:
    shown = escape_and_clip(reference or "", _REFERENCE_LIMIT)
    return f"\n-# Reference: {shown}" if shown else ""

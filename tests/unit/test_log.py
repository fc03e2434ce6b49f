"""Redaction: whatever is logged, at whatever level, no token is in the line."""

from __future__ import annotations

import io
import json
import logging
import sys
from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr

from bot.log import RedactingFormatter, set_up
from bot.redaction import Redactor

if TYPE_CHECKING:
    from collections.abc import Iterator

INTERACTION_TOKEN = "aW50ZXJhY3Rpb246MTIzNDU2Nzg5OmFiY2RlZg"
PLAIN_TOKEN = "Zq3-x_Y9vN5mK2pL8w"
BOT_TOKEN = "MTIzNDU2Nzg5MDEyMzQ1Njc4.GaBcDe.f0_0baRbazQuuxmadeupforthistest"
SERVICE_TOKEN = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def out() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def log(out: io.StringIO) -> Iterator[logging.Logger]:
    """A logger that writes to `out` through the formatter; it knows the service's token, not Discord's."""
    handler = logging.StreamHandler(out)
    handler.setFormatter(RedactingFormatter([SecretStr(SERVICE_TOKEN), SecretStr("")]))
    logger = logging.getLogger("tests.redaction")
    logger.handlers[:] = [handler]
    logger.setLevel(logging.DEBUG)
    logger.propagate = False
    yield logger
    logger.handlers.clear()


PAYLOAD = {"op": 0, "t": "INTERACTION_CREATE", "d": {"id": "5", "token": PLAIN_TOKEN, "version": 1}}


@pytest.mark.parametrize(
    ("message", "argument"),
    [
        ("POST https://discord.com/api/v10/webhooks/12/%s", PLAIN_TOKEN),
        ("PATCH https://discord.com/api/v10/webhooks/12/%s/messages/@original with None", PLAIN_TOKEN),
        ("Webhook URL https://discord.com/api/v10/webhooks/12/%s?wait=true", PLAIN_TOKEN),
        ("POST https://discord.com/api/v10/interactions/34/%s/callback", PLAIN_TOKEN),
        ("POST http://127.0.0.1:8080/api/v10/interactions/34/%s/callback?with_response=true", "short"),
        ("For Shard ID None: WebSocket Event: %s", PAYLOAD),
        ("For Shard ID None: WebSocket Event: %s", json.dumps(PAYLOAD)),
        ("Frame %s", json.dumps(PAYLOAD).encode()),
        ("Frame %s", json.dumps(json.dumps(PAYLOAD))),
        ("Sending %r", {"op": 2, "d": {"token": BOT_TOKEN, "intents": 0}}),
        ("Headers %s", {"Authorization": f"Bot {BOT_TOKEN}"}),
        ("Headers %s", {"authorization": f"Bearer {PLAIN_TOKEN}"}),
        ("Authorization: Bearer %s", "abc/" + PLAIN_TOKEN),
        ("Logged in with Bot %s", BOT_TOKEN),
        ("token=%s&wait=1", PLAIN_TOKEN),
        ("A token by itself: %s", INTERACTION_TOKEN),
        ("A token by itself: %s", SERVICE_TOKEN),
        (f"A token in a word: x{SERVICE_TOKEN}%s", "y"),
    ],
)
def test_no_token_reaches_a_line(log: logging.Logger, out: io.StringIO, message: str, argument: object) -> None:
    log.debug(message, argument)
    line = out.getvalue()
    assert "[redacted]" in line
    for token in (INTERACTION_TOKEN, PLAIN_TOKEN, BOT_TOKEN, SERVICE_TOKEN, "/short/"):
        assert token not in line


@pytest.mark.parametrize(
    "text",
    [
        "The bot connected as Easel after 1 s",
        "Bot disconnected unexpectedly; resuming",
        "The token expired yesterday evening",
        "Job 12345678 submitted as task 9f8e7d6c-1111-2222-3333-444455556666",
        "GET https://discord.com/api/v10/channels/12/messages/34 has returned 200",
        "GET https://discord.com/api/v10/applications/12/commands has returned 200",
    ],
)
def test_what_is_no_token_stays_readable(log: logging.Logger, out: io.StringIO, text: str) -> None:
    log.info("%s", text)
    assert out.getvalue().endswith(f"{text}\n")


def test_what_surrounds_a_token_stays_readable(log: logging.Logger, out: io.StringIO) -> None:
    log.debug("PATCH %s has returned 200", f"https://discord.com/api/v10/webhooks/12/{PLAIN_TOKEN}/messages/@original")
    assert "https://discord.com/api/v10/webhooks/12/[redacted]/messages/@original has returned 200" in out.getvalue()


def test_a_traceback_is_redacted_too(log: logging.Logger, out: io.StringIO) -> None:
    def fail() -> None:
        raise RuntimeError(f"POST https://discord.com/api/v10/webhooks/12/{PLAIN_TOKEN} and {SERVICE_TOKEN}")

    try:
        fail()
    except RuntimeError:
        log.exception("It failed")
    text = out.getvalue()
    assert "Traceback" in text
    assert "RuntimeError" in text
    assert PLAIN_TOKEN not in text
    assert SERVICE_TOKEN not in text


def test_a_secret_that_holds_another_is_blotted_out_whole() -> None:
    formatter = RedactingFormatter([SecretStr("secret-one"), SecretStr("secret-one-and-more")])
    record = logging.LogRecord("tests", logging.INFO, __file__, 1, "it was secret-one-and-more", None, None)
    assert formatter.format(record).endswith("it was [redacted]")


@pytest.fixture
def root() -> Iterator[logging.Logger]:
    """The root logger, put back as it was."""
    root = logging.getLogger()
    aiosqlite = logging.getLogger("aiosqlite")
    handlers, level, aiosqlite_level = root.handlers[:], root.level, aiosqlite.level
    yield root
    root.handlers[:] = handlers
    root.setLevel(level)
    aiosqlite.setLevel(aiosqlite_level)


def test_set_up_leaves_one_handler_and_it_redacts(root: logging.Logger, monkeypatch: pytest.MonkeyPatch) -> None:
    errors = io.StringIO()
    monkeypatch.setattr(sys, "stderr", errors)
    root.addHandler(logging.NullHandler())
    set_up("DEBUG", [SecretStr(SERVICE_TOKEN)])
    logging.getLogger("discord.http").debug("sent %s", SERVICE_TOKEN)
    logging.getLogger("aiosqlite").debug("executing a statement")
    assert len(root.handlers) == 1
    assert errors.getvalue().endswith("DEBUG   discord.http: sent [redacted]\n")


@pytest.mark.usefixtures("root")
def test_set_up_keeps_to_its_level(monkeypatch: pytest.MonkeyPatch) -> None:
    errors = io.StringIO()
    monkeypatch.setattr(sys, "stderr", errors)
    set_up("WARNING", [])
    logging.getLogger("tests").info("nobody asked")
    logging.getLogger("tests").warning("look here")
    assert errors.getvalue().endswith("WARNING tests: look here\n")
    assert "nobody asked" not in errors.getvalue()


def test_a_line_cannot_be_forged(log: logging.Logger, out: io.StringIO) -> None:
    forged = "x\n2026-01-01 00:00:00,000 ERROR   bot: all is lost\r\x1b[31mred\u2028\u202eback\x00"
    log.warning("The service said: %s", forged)
    log.info("%s", forged)
    assert len(out.getvalue().splitlines()) == 2
    assert "\\n2026" in out.getvalue()
    assert "\\x1b[31mred\\u2028\\u202eback\\x00" in out.getvalue()


def test_a_line_cannot_flood_the_log(log: logging.Logger, out: io.StringIO) -> None:
    log.warning("The service said: %s", "x" * 100_000)
    assert len(out.getvalue()) < 1200


def test_an_exception_s_own_words_stay_in_their_line_of_the_traceback(log: logging.Logger, out: io.StringIO) -> None:
    try:
        try:
            raise ValueError('inner\n  File "forged.py", line 1\n' + "x" * 5000)
        except ValueError as error:
            raise RuntimeError("outer\x1b[0m\nERROR all is lost") from error
    except RuntimeError:
        log.exception("It broke")
    lines = out.getvalue().splitlines()
    assert [line for line in lines if line.startswith('  File "forged')] == []
    assert not any(line.startswith("ERROR") for line in lines)
    assert any(line.startswith("  File ") and "test_log.py" in line for line in lines)
    assert any(line.startswith("The above exception was") for line in lines)
    assert max(map(len, lines)) < 1200


@pytest.mark.parametrize(
    "echo",
    [
        "key {} is wrong",
        '{{"token": "{}"}}',
        "invalid: {:.16}…",
        "invalid: {:.14}****",
    ],
)
def test_a_secret_is_recognized_however_it_is_echoed(echo: str) -> None:
    told = Redactor([SecretStr(SERVICE_TOKEN)]).text(echo.format(SERVICE_TOKEN))
    assert SERVICE_TOKEN[:12] not in told
    assert "[redacted]" in told


@pytest.mark.parametrize("written", ["ab\\/cdefgh", "ab%2Fcdefgh", "ab/cdefgh"])
def test_a_secret_is_recognized_escaped(written: str) -> None:
    redactor = Redactor([SecretStr("ab/cdefgh")])
    assert redactor.text(f"x{written}y") == "x[redacted]y"
    assert redactor.data(f"x{written}y".encode()) == b"x[redacted]y"

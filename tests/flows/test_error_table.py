"""Every row of the image service's error table, and what is not in it: its card, its buttons, who is told, what is billed."""

from __future__ import annotations

import pytest

from sandbox.town import Card, Town

REWORD, AGAIN = {"Edit prompt"}, {"Try again"}

# Status, code; what the card says; what it offers beside Delete; whether the owner is told.
ROWS = [
    (400, "bad_request", "could not make sense of this", REWORD, False),
    (400, "invalid_parameter", "could not make sense of this", REWORD, False),
    (400, "parameter_error", "It said: 参数错误", REWORD, False),
    (400, "banned_prompt", "moderation refused this prompt", REWORD, False),
    (400, "no_token", "the operator has been told", AGAIN, True),
    (400, "api_not_implemented", "the operator has been told", set(), True),
    (401, "token_mismatched", "the operator has been told", AGAIN, True),
    (401, "invalid_token", "the operator has been told", AGAIN, True),
    (400, "token_expired", "the operator has been told", AGAIN, True),
    (403, "used_up", "run out of credit", AGAIN, True),
    (403, "disabled", "the operator has been told", AGAIN, True),
    (403, "forbidden", "moderation refused this prompt", REWORD, False),
    (404, "no_api", "the operator has been told", set(), True),
    (500, "api_error", "not known whether the service accepted this", AGAIN, False),
    (504, "timeout", "not known whether the service accepted this", AGAIN, False),
    (504, "gateway_timeout", "not known whether the service accepted this", AGAIN, False),
    (500, "task_failed", "not known whether the service accepted this", AGAIN, False),
    (403, "sensitive_prompt", "moderation refused this prompt", REWORD, False),
    (403, "xyz_token_expired", "the operator has been told", AGAIN, True),
    (418, "teapot", "It said: Nobody has heard of this", AGAIN | REWORD, False),
]
SURPRISES = {"sensitive_prompt", "xyz_token_expired", "teapot"}


def offered(card: Card) -> set[str]:
    return {each.label or "" for each in card.buttons} - {"Delete", ""}


def over(card: Card) -> bool:
    return "⚠️" in card.text


@pytest.mark.pace(accepted_within=0.2)
@pytest.mark.parametrize("told_with_200", [False, True])
@pytest.mark.parametrize(("status", "code", "words", "buttons", "owner"), ROWS)
async def test_a_failure_is_told_in_words_with_a_way_on(
    town: Town, status: int, code: str, words: str, buttons: set[str], *, owner: bool, told_with_200: bool
) -> None:
    message = "Nobody has heard of this" if code in SURPRISES else None
    if told_with_200:
        town.midjourney.fail_as_200_next(code, message)
    else:
        town.midjourney.fail_next(status, code, message)
    card = await (await town.member.slash("imagine", prompt="a red fox")).until(over)
    if told_with_200 and code == "task_failed":
        words, buttons = "It said: The task failed.", AGAIN | REWORD  # its own no, with no status that leaves it open
    assert words in card.text
    assert offered(card) == buttons
    assert (town.midjourney.ledger.count(), len(town.midjourney.received("imagine"))) == (0, 1)
    if owner:
        await town.until(lambda: town.dms_of(town.owner))
    else:
        assert not town.dms_of(town.owner)


@pytest.mark.parametrize("code", ["bad_request", "banned_prompt", "timeout", "gateway_timeout", "api_error", "teapot"])
async def test_a_task_that_failed_is_told_as_failed_and_costs_nothing(town: Town, code: str) -> None:
    town.midjourney.fail_task_next(code, "Nobody has heard of this")
    card = await (await town.member.slash("imagine", prompt="a red fox")).until(over)
    assert "billed twice" not in card.text
    assert offered(card)
    assert (len(town.midjourney.ledger.accepted), town.midjourney.ledger.count()) == (1, 0)


@pytest.mark.settings(daily_jobs_per_user=2)
@pytest.mark.pace(accepted_within=0.2)
async def test_what_the_service_refused_does_not_count_and_a_doubtful_one_does(town: Town) -> None:
    town.midjourney.fail_next(403, "forbidden")
    await (await town.member.slash("imagine", prompt="a red fox")).until(over)
    town.midjourney.fail_task_next("task_failed")
    await (await town.member.slash("imagine", prompt="a blue fox")).until(over)
    town.midjourney.cut_next(accepted=False)
    doubtful = await (await town.member.slash("imagine", prompt="a green fox")).until(over)
    assert "It is billed if it succeeded" in doubtful.text
    await (await town.member.slash("imagine", prompt="a crow")).until(lambda card: card.pictures and card.has("U1"))
    assert "used up" in (await town.member.slash("imagine", prompt="a crow")).text


async def test_a_hiccup_of_a_running_task_is_no_end(town: Town) -> None:
    held = town.midjourney.hold_next("after_line:2")
    reply = await town.member.slash("imagine", prompt="a red fox")
    await held.reached()
    await reply.until(lambda card: "35 %" in card.text)
    task = town.midjourney.tasks.newest
    asked = len(town.midjourney.received("tasks"))
    task.response = {"success": False, "error": {"message": "fetch failed"}}
    await town.midjourney.until_received("tasks", asked + 3)
    assert "35 %" in reply.now.text
    held.release()
    await reply.until(lambda card: card.pictures and card.has("U1"))


async def test_a_task_s_id_is_on_no_card_and_in_no_log(town: Town, caplog: pytest.LogCaptureFixture) -> None:
    held = town.midjourney.hold_next("after_line:2")
    reply = await town.member.slash("imagine", prompt="a red fox")
    await held.reached()
    task = town.midjourney.tasks.newest
    task.add({"success": False, "error": {"code": "task_failed", "message": f"task {task.id} failed"}})
    card = await reply.until(over)
    assert "It said: task … failed" in card.text
    held.release()
    town.midjourney.cut_next()
    found = await town.member.slash("imagine", prompt="a crow")
    await found.until(lambda card: card.pictures and card.has("U1"))
    ids = [each.id for each in town.midjourney.tasks] + list(town.midjourney.account.told().values())
    ours = [each for each in caplog.records if each.levelname != "DEBUG" and each.name.startswith("bot")]
    logged = "\n".join(each.getMessage() for each in ours)
    shown = "\n".join(state.text for each in town.cards() for state in each.history)
    assert not [each for each in ids if each in logged or each in shown]

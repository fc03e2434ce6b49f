"""`easel probe` against a service that reads each fact in either way: exactly that one is found to differ."""

from __future__ import annotations

import asyncio
import json
import os
import pty
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from test_operator_mistakes import closed_port

from bot.pace import Pace
from bot.probe import Outcome, TokenRefused, Verdict, document, probe, runner, table
from bot.probe.probing import PROMPT
from bot.probe.runner import FACTS
from bot.proxies import Proxies
from sandbox.midjourney import Held, Midjourney
from sandbox.midjourney.accounts import Account

ALL = 5
"""Pictures that can be bought."""
HURRIED = Pace(tasks_interval=0.005, backoff=0.01, poll_idle=60.0)
Switch = Callable[[Midjourney], object]
MORE_THAN_A_PAGE = 60


# What makes each fact differ, while all others stay as they are assumed.
SWITCHES: dict[str, Switch] = {
    "refusals": lambda service: service.fail_as_200_next("bad_request", endpoint="imagine"),
    "refusals of lines": lambda service: switch(service, refusals_in_lines=True),
    "refusals of async": lambda service: switch(service, async_refused_later=True),
    "wrong token": lambda service: service.fail_next(403, "forbidden", endpoint="translate", times=2),
    "no token": lambda service: service.fail_next(403, "forbidden", endpoint="seed"),
    "unknown endpoint": lambda service: service.fail_next(400, "api_not_implemented", endpoint="easel-probe"),
    "unknown task": lambda service: service.fail_next(404, "no_api", endpoint="tasks"),
    "unscoped listing": lambda service: switch(service, listing="nothing"),
    "listing with a wrong token": lambda service: switch(service, tasks_check_token=True),
    "owner filter": lambda service: switch(service, owner_filter=False),
    "limit of a page": lambda service: switch(service, listing_limit=20),
    "limit of ids": lambda service: switch(service, ids_limit=20),
    "price list": lambda service: switch(service, price_list=False),
    "prices": lambda service: switch(service, picture_price=0.3, credit_price=0.1),
    "quotes": lambda service: switch(service, quotes=False),
    "price of a Credit": lambda service: switch(service, credit_price=0.5),
    "account in records": lambda service: switch(service, records_name_account=False),
    "async for lines": lambda service: switch(service, async_streams=True),
    "success in acceptance": lambda service: switch(service, accepted_says_success=True),
    "first sign of life": lambda service: service.slow_next(0.4, endpoint="imagine", times=6),
    "progress in records": lambda service: switch(service, record_progress=False),
    "request in records": lambda service: switch(service, request_as_sent=True),
    "unknown fields": lambda service: switch(service, extra_fields="kept"),
    "times": lambda service: switch(service, iso_times=True),
    "sizes": lambda service: switch(service, string_widths=True),
    "picture's host": lambda service: service.fail_next(403, "forbidden", endpoint="pictures"),
    "record of a description": lambda service: switch(service, record_from_start=False),
    "async for JSON": lambda service: switch(service, async_waits=True),
    "version in the body": lambda service: switch(service, version_from_body=False),
    "size of masks": lambda service: switch(service, mask_size_checked=True),
    "actions on edits": lambda service: switch(service, edits_can_be_pressed=True),
    "turbo with version 8": lambda service: switch(service, turbo_on_8=False),
}
FREE = [name for name in SWITCHES if name in {fact.name for subject in runner.FREE for fact in subject.facts}]


def switch(midjourney: Midjourney, **readings: Any) -> None:
    """Read facts otherwise."""
    for name, value in readings.items():
        assert hasattr(midjourney.readings, name)
        setattr(midjourney.readings, name, value)


@dataclass
class Operator:
    """Agrees or not, whatever the price, and then sees to it that what runs can be looked up before it ends."""

    midjourney: Midjourney
    agrees: bool = True
    ushers: list[asyncio.Task[None]] = field(default_factory=list)

    async def ask(self, prices: Any, pictures: int, descriptions: int) -> bool:
        assert len(prices) == pictures + descriptions
        # The first request for a picture is one of an unknown field, and refused as a rule.
        for endpoint, point in (("imagine", "after_line:1"), ("imagine", "after_line:1"), ("describe", "after_accept")):
            held = self.midjourney.hold_next(point, endpoint=endpoint)
            self.ushers.append(asyncio.create_task(self._usher(held), name="usher"))
        return self.agrees

    async def _usher(self, held: Held) -> None:
        """Let it go on once it was looked up several times."""
        await held.reached(60)
        await self.midjourney.until_received("tasks", len(self.midjourney.received("tasks")) + 4, within=60)
        held.release()


@asynccontextmanager
async def service(**options: Any) -> AsyncIterator[Midjourney]:
    """An image service that other people have used before."""
    async with Midjourney(**{"pace": 0.005, "size": 64, "cheap": True, "tasks_interval": 0.0} | options) as midjourney:
        accounts = [Account() for _ in range(3)]
        for number in range(MORE_THAN_A_PAGE):
            midjourney.add_task_of(accounts[number % 3], "imagine", {"prompt": "a red fox"})
        yield midjourney


async def probed(
    midjourney: Midjourney, pictures: int, *, agrees: bool = True, pace: Pace = HURRIED, token: str | None = None
) -> Outcome:
    """What is found."""
    operator = Operator(midjourney, agrees)
    secret = SecretStr(token or midjourney.token)
    try:
        return await probe(midjourney.url, secret, pace, Proxies(), pictures=pictures, confirm=operator.ask)
    finally:
        for each in operator.ushers:
            each.cancel()
        await asyncio.gather(*operator.ushers, return_exceptions=True)


def having(outcome: Outcome, verdict: Verdict) -> dict[str, str]:
    """The facts of which this is so, and what was found."""
    return {fact.name: outcome.findings[fact.name].found for fact in outcome.having(verdict)}


def test_each_fact_can_be_switched() -> None:
    assert SWITCHES.keys() == {fact.name for fact in FACTS}
    assert len(FACTS) == len(SWITCHES)


async def test_all_that_can_be_bought_is_found_as_assumed() -> None:
    async with service() as midjourney:
        outcome = await probed(midjourney, ALL)
        assert having(outcome, Verdict.AS_ASSUMED).keys() == SWITCHES.keys(), outcome.findings
        # The action on the edit is refused.
        assert (outcome.pictures, outcome.descriptions) == (4, 1)
        assert (midjourney.ledger.count(), midjourney.ledger.count("describe")) == (5, 1)


@pytest.mark.parametrize("name", SWITCHES)
async def test_what_is_otherwise_is_found_and_nothing_else(name: str) -> None:
    waits = {"first sign of life": {"first_timeout": 0.2}, "record of a description": {"poll_idle": 0.001}}
    pace = replace(HURRIED, **waits.get(name, {}))
    async with service() as midjourney:
        SWITCHES[name](midjourney)
        outcome = await probed(midjourney, ALL, pace=pace)
        assert having(outcome, Verdict.DIFFERS).keys() == {name}, outcome.findings
        assert not having(outcome, Verdict.UNCLEAR)
        assert midjourney.ledger.count() <= ALL + 1
    (fact,) = outcome.having(Verdict.DIFFERS)
    told = " ".join(" ".join(table(outcome, 120)).split())
    assert f"{name} differs. {fact.otherwise}" in told
    facts = {each["fact"]: each for each in json.loads(document(outcome, midjourney.url))["facts"]}
    assert facts[name]["easel"] == fact.otherwise


@pytest.mark.parametrize("name", FREE)
async def test_free_facts_cost_nothing(name: str) -> None:
    async with service() as midjourney:
        SWITCHES[name](midjourney)
        outcome = await probed(midjourney, 0)
        assert having(outcome, Verdict.DIFFERS).keys() == {name}, outcome.findings
        assert not midjourney.ledger.accepted
    assert set(having(outcome, Verdict.NOT_TESTED)) >= SWITCHES.keys() - set(FREE)


async def test_a_listing_of_our_own_tasks_alone_is_told_once_it_is_known_which_they_are() -> None:
    async with service() as midjourney:
        switch(midjourney, listing="own")
        for _ in range(3):
            midjourney.add_task_of(midjourney.account, "imagine", {"prompt": "a red fox"})
        outcome = await probed(midjourney, 0)
        assert "perhaps ours" in having(outcome, Verdict.NOT_TESTED)["unscoped listing"]
        outcome = await probed(midjourney, 1)
        assert having(outcome, Verdict.DIFFERS) == {"unscoped listing": "only our own tasks are listed"}


@pytest.mark.parametrize(("pictures", "bought"), [(1, 1), (2, 2), (3, 3), (99, 4)])
async def test_no_more_is_bought_than_was_asked_for(pictures: int, bought: int) -> None:
    async with service() as midjourney:
        outcome = await probed(midjourney, pictures)
        assert midjourney.ledger.count() - midjourney.ledger.count("describe") == bought == outcome.pictures
        assert midjourney.ledger.count("describe") == 1
        assert all("--spend" in why for why in having(outcome, Verdict.NOT_TESTED).values())


async def test_what_is_not_confirmed_is_not_bought() -> None:
    async with service() as midjourney:
        outcome = await probed(midjourney, ALL, agrees=False)
        assert not midjourney.ledger.accepted
        assert having(outcome, Verdict.AS_ASSUMED).keys() == set(FREE)


async def test_a_request_that_may_have_been_billed_is_not_sent_again() -> None:
    async with service() as midjourney:
        switch(midjourney, extra_fields="dropped")

        async def ask(*_: Any) -> bool:
            midjourney.cut_next(endpoint="imagine")
            return True

        outcome = await probe(midjourney.url, SecretStr(midjourney.token), HURRIED, Proxies(), pictures=1, confirm=ask)
        assert [each.body["action"] for each in midjourney.received("imagine") if each.body.get("prompt")] == ["generate"]
        assert having(outcome, Verdict.UNCLEAR).keys() >= {"async for lines", "account in records"}
        assert outcome.pictures == 1


async def test_a_look_up_in_vain_does_not_lose_what_was_paid_for() -> None:
    async with service() as midjourney:

        async def ask(*_: Any) -> bool:
            midjourney.fail_next(502, endpoint="tasks", html=True)
            return True

        pace = replace(HURRIED, poll_due=0.01)
        outcome = await probe(midjourney.url, SecretStr(midjourney.token), pace, Proxies(), pictures=1, confirm=ask)
    assert "times" in having(outcome, Verdict.AS_ASSUMED)


async def test_a_field_that_is_passed_over_is_told_from_one_that_is_kept() -> None:
    async with service() as midjourney:
        switch(midjourney, extra_fields="dropped")
        assert having(await probed(midjourney, 1), Verdict.DIFFERS) == {"unknown fields": "left out of the record"}


async def test_a_failed_picture_leaves_its_facts_unclear() -> None:
    async with service() as midjourney:
        midjourney.fail_task_next("task_failed", endpoint="imagine")
        outcome = await probed(midjourney, 1)
    assert "task_failed" in having(outcome, Verdict.UNCLEAR)["async for lines"]
    assert outcome.pictures == 0


async def test_look_ups_stay_below_one_a_second() -> None:
    async with service(tasks_interval=1.0) as midjourney:
        await probed(midjourney, 0, pace=Pace())
        assert len(midjourney.received("tasks")) > 4
        assert midjourney.lookups.refused == 0


async def test_a_wrong_token_is_no_fact(tmp_path: Path) -> None:
    async with service() as midjourney:
        midjourney.token = "another"
        with pytest.raises(TokenRefused):
            await probe(
                midjourney.url, SecretStr("nobody-knows-this"), HURRIED, Proxies(), pictures=1, confirm=Operator(midjourney).ask
            )
        code, output = await ended(tmp_path, **environment(midjourney, ACEDATACLOUD_API_TOKEN="nobody-knows-this"))
    assert (code, output.count("\n")) == (78, 1)
    assert output.startswith("ACEDATACLOUD_API_TOKEN: ")
    assert "nobody-knows-this" not in output


def environment(midjourney: Midjourney, **settings: str) -> dict[str, str]:
    """What `easel probe` is started with."""
    ours = {"DISCORD_TOKEN": "a-token", "ACEDATACLOUD_API_TOKEN": midjourney.token, "ACEDATACLOUD_API_BASE_URL": midjourney.url}
    return ours | settings


@asynccontextmanager
async def command(
    home: Path, *arguments: str, stdin: int = asyncio.subprocess.DEVNULL, **settings: str
) -> AsyncIterator[Process]:
    """`python -m bot probe …` in a hurry; what it writes is read from its standard output."""
    script = f"import sys; from bot.__main__ import main; from bot.pace import Pace; sys.exit(main(sys.argv[1:], {HURRIED!r}))"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", script, "probe", *arguments),
        cwd=home,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])} | settings,
        stdin=stdin,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def ended(home: Path, *arguments: str, **settings: str) -> tuple[int | None, str]:
    """Its exit code and all it wrote."""
    async with command(home, *arguments, **settings) as process, asyncio.timeout(90):
        output, _ = await process.communicate()
        return process.returncode, output.decode()


async def test_an_operator_gets_a_table_and_a_file_that_holds_nothing_of_theirs(tmp_path: Path) -> None:
    async with service(pace=0.2) as midjourney:
        code, output = await ended(tmp_path, "--spend", "--yes", **environment(midjourney))
        secrets = [
            midjourney.token,
            PROMPT,
            "/pictures/",
            *midjourney.account.told().values(),
            *midjourney.stranger.told().values(),
        ]
        secrets += [task.id for task in midjourney.tasks] + [
            str((task.response or {}).get("image_id")) for task in midjourney.tasks
        ]
        assert (midjourney.ledger.count("imagine"), midjourney.ledger.count("describe")) == (1, 1)
    assert code == 0, output
    assert (
        "To be bought: 1 picture and 1 description, $0.05 by the service's own quotes, 0.45 Credits by its price list."
        in output
    )
    text = (tmp_path / "probe.json").read_text("utf-8")
    for secret in secrets:
        assert secret not in text + output
    told = json.loads(text)
    assert told["bought"] == {"pictures": 1, "descriptions": 1}
    assert {each["fact"] for each in told["facts"]} == SWITCHES.keys()
    assert {each["verdict"] for each in told["facts"]} == {"as assumed", "not tested"}


async def test_a_fact_that_differs_is_an_exit_code(tmp_path: Path) -> None:
    async with service() as midjourney:
        switch(midjourney, quotes=False)
        code, output = await ended(tmp_path, **environment(midjourney))
        assert not midjourney.ledger.accepted
    assert code == 1
    assert "quotes differs." in output


async def test_where_nobody_can_be_asked_nothing_is_spent(tmp_path: Path) -> None:
    async with service() as midjourney:
        code, output = await ended(tmp_path, "--spend", "3", **environment(midjourney))
        assert not midjourney.ledger.accepted
    assert code == 0, output
    assert "To be bought: 3 pictures and 1 description" in output
    assert "Nothing is spent: there is no terminal" in output


@pytest.mark.parametrize(("typed", "bought"), [("y", 1), ("", 0), ("never", 0)])
async def test_a_person_at_a_terminal_is_asked(tmp_path: Path, typed: str, bought: int) -> None:
    keyboard, terminal = pty.openpty()
    try:
        async with service() as midjourney, command(tmp_path, "--spend", stdin=terminal, **environment(midjourney)) as process:
            assert process.stdout is not None
            async with asyncio.timeout(90):
                while b"Spend it?" not in (line := await process.stdout.readline()):
                    assert line
                assert not midjourney.ledger.accepted
                os.write(keyboard, f"{typed}\n".encode())
                await process.communicate()
            assert midjourney.ledger.count("imagine") == bought
    finally:
        os.close(keyboard)
        os.close(terminal)


async def test_a_service_that_is_away_is_said_to_be(tmp_path: Path) -> None:
    settings = {"DISCORD_TOKEN": "a-token", "ACEDATACLOUD_API_TOKEN": "another"}
    away = {"ACEDATACLOUD_API_BASE_URL": f"http://127.0.0.1:{closed_port()}"}
    code, output = await ended(tmp_path, "--spend", "--yes", **settings, **away)
    assert (code, output.count("\n")) == (75, 1), output
    assert "is away" in output
    assert not (tmp_path / "probe.json").exists()


async def test_what_the_service_left_unanswered_is_unclear_and_worth_another_try(tmp_path: Path) -> None:
    async with service() as midjourney:
        midjourney.fail_next(502, endpoint="tasks", html=True)
        code, output = await ended(tmp_path, **environment(midjourney))
    assert code == 75, output
    assert "the service answered 502" in " ".join(output.split())

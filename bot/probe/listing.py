"""What `/tasks` tells, and to whom. Look-ups cost nothing."""

from __future__ import annotations

import uuid
from functools import partial
from typing import Any, Final

from bot.probe.model import Fact, Finding, compared, not_tested
from bot.probe.probing import Found, Probing, Subject, each, record_of, records_in
from bot.probe.wire import Token

PAGE: Final = 50
"""Records or ids that Easel relies on in one call."""
MORE: Final = 100
REFUSALS: Final = range(400, 500)

FACTS = (
    Fact(
        name="unknown task",
        assumes="a task that does not exist is told as {}",
        otherwise="Easel takes a refused look-up for one that failed, and asks again until the job's time is up.",
    ),
    Fact(
        name="unscoped listing",
        assumes="without ids and user_id, everybody's tasks are listed",
        otherwise="Nothing: with its own user_id, which any of its records tells, Easel is listed its own tasks.",
    ),
    Fact(
        name="listing with a wrong token",
        assumes="/tasks checks no token",
        otherwise="Nothing: Easel sends its token with every look-up, and keeps task ids secret in any case.",
    ),
    Fact(
        name="owner filter",
        assumes="a listing for a user_id has that account's tasks only",
        otherwise="Easel compares the user_id of each record itself, and claims none of another account; pages are longer.",
    ),
    Fact(
        name="limit of a page",
        assumes=f"a page holds {PAGE} records, if that many are asked for",
        otherwise="Easel asks for the next page where one held fewer records than there are.",
    ),
    Fact(
        name="limit of ids",
        assumes=f"{PAGE} ids are looked up in one call",
        otherwise="Tasks at the end of a long list seem to be missing: set MAX_CONCURRENT_JOBS below the limit.",
    ),
)


async def _unknown_task(probing: Probing) -> Finding:
    answer = await probing.wire.look_up(action="retrieve", id=str(uuid.uuid4()))
    if answer.status in REFUSALS:
        return compared(answer.told, as_assumed=False)
    empty = record_of(answer) == {} and answer.body == {}
    return compared("{}" if empty else "something else than {}", as_assumed=empty)


async def _unscoped(probing: Probing) -> Finding:
    probing.listed = records_in(await probing.wire.look_up(action="retrieve_batch", limit=PAGE))
    return _listing(probing.listed, probing.owner)


async def _wrong_token(probing: Probing) -> Finding:
    answer = await probing.wire.look_up(Token.WRONG, action="retrieve_batch", limit=PAGE)
    if answer.status in REFUSALS:
        return compared(answer.told, as_assumed=False)
    records = records_in(answer)
    return compared(f"records: {len(records)}, of so many accounts: {len(_owners(records))}", as_assumed=True)


async def _owner_filter(probing: Probing) -> Finding:
    """As long as it is unknown which tasks are ours, other people's do as well: it is the filter that is looked at."""
    owner = probing.owner or next(iter(_owners(probing.listed)), None)
    if owner is None:
        return not_tested("no account is known to ask for")
    page = records_in(await probing.wire.look_up(action="retrieve_batch", limit=PAGE, user_id=owner))
    if not page:
        return compared("nothing is listed for an account that has tasks", as_assumed=False)
    others = any(each.get("user_id") != owner for each in page)
    return compared("other accounts' tasks are among them" if others else "that account's tasks only", as_assumed=not others)


async def _limit_of_a_page(probing: Probing) -> Finding:
    owner = {"user_id": probing.owner} if probing.owner else {}
    answer = await probing.wire.look_up(Token.OURS, action="retrieve_batch", limit=MORE, **owner)
    records, count = records_in(answer), answer.object.get("count")
    found = f"{len(records)} records came for limit {MORE}"
    if len(records) >= PAGE:
        return compared(found, as_assumed=True)
    if isinstance(count, int) and count > len(records):
        return compared(f"{found}, though there are more", as_assumed=False)
    return not_tested(f"there are fewer than {PAGE} records to list")


async def _limit_of_ids(probing: Probing) -> Finding:
    """Whether a task is found behind so many ids that are nobody's."""
    listed = (each["id"] for each in probing.listed if isinstance(each.get("id"), str))
    known = probing.record_id or next(listed, None)
    if known is None:
        return not_tested("no task is known to ask for")

    async def is_found(count: int) -> bool:
        ids = [str(uuid.uuid4()) for _ in range(count - 1)] + [known]
        answer = await probing.wire.look_up(action="retrieve_batch", ids=ids, limit=count)
        return any(each.get("id") == known for each in records_in(answer))

    if not await is_found(PAGE):
        return compared(f"the last of {PAGE} ids is not looked up", as_assumed=False)
    more = "is looked up, too" if await is_found(MORE) else "is not"
    return compared(f"the last of {PAGE} ids is looked up; the last of {MORE} {more}", as_assumed=True)


def _listing(records: list[dict[str, Any]], owner: str | None) -> Finding:
    owners = _owners(records)
    if not records:
        return compared("nothing is listed", as_assumed=False)
    if not owners:
        return not_tested("records name no account")
    if len(owners) > 1 or (owner is not None and owner not in owners):
        return compared("other people's tasks are listed", as_assumed=True)
    if owner is None:
        return not_tested("the records listed are of one account, perhaps ours; a picture would tell")
    return compared("only our own tasks are listed", as_assumed=False)


def _owners(records: list[dict[str, Any]]) -> set[str]:
    return {str(each["user_id"]) for each in records if each.get("user_id")}


SUBJECT = Subject(
    facts=FACTS,
    ask=partial(
        each,
        facts=FACTS,
        finders=(_unknown_task, _unscoped, _wrong_token, _owner_filter, _limit_of_a_page, _limit_of_ids),
    ),
)


def relisted(probing: Probing) -> Found:
    """The same, once a task of our own is known: whose the listed ones are can be told now."""
    finders = (_unscoped, _owner_filter, _limit_of_a_page, _limit_of_ids)
    return each(probing, facts=(FACTS[1], *FACTS[3:]), finders=finders)

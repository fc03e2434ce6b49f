"""Whether prices are told, and are those that are known. Neither list nor quote costs anything."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from bot.probe import prices
from bot.probe.model import Fact, Finding, compared, not_tested
from bot.probe.probing import DESCRIBE, IMAGINE, PROMPT, Probing, Subject, each

PICTURE: Final[dict[str, Any]] = {"prompt": PROMPT, "action": "generate"}
DEAR: Final[dict[str, Any]] = {**PICTURE, "version": "8", "hd": True}
OK: Final = 200
CENT: Final = 0.005  # Credits by which a price may differ

FACTS = (
    Fact(
        name="price list",
        assumes="the public price list answers, and its rules have the form that is known",
        otherwise="Easel tells no price in Credits.",
    ),
    Fact(
        name="prices",
        assumes=f"in Credits: a picture {prices.PICTURE}, with version 8 and hd {prices.DEAR_PICTURE}, "
        f"a description {prices.DESCRIPTION}",
        otherwise="Nothing: Easel counts jobs, not Credits. Look whether your limits still fit your budget.",
    ),
    Fact(
        name="quotes",
        assumes="the same request without a token is answered 402 with its price",
        otherwise="The price of this probe is taken from the price list instead, as far as that tells it.",
    ),
    Fact(
        name="price of a Credit",
        assumes=f"quote and list agree: a Credit is ${prices.CREDIT[0]} to ${prices.CREDIT[1]}",
        otherwise="Nothing: the price that is shown before anything is bought is the dearer one, the quote's.",
    ),
)


async def _list(probing: Probing) -> Finding:
    answer = await probing.wire.ask(prices.addresses(probing.wire.base_url)[0])
    probing.prices = prices.read_list(answer.body) if answer.status == OK else None
    if probing.prices is None:
        return compared(answer.told if answer.status != OK else "it has another form", as_assumed=False)
    return compared(f"rules for {len(probing.prices.rules)} endpoints", as_assumed=True)


async def _prices(probing: Probing) -> Finding:
    if probing.prices is None:
        return not_tested("there is no price list")
    asked: tuple[tuple[str, dict[str, Any], float], ...] = (
        (IMAGINE, PICTURE, prices.PICTURE),
        (IMAGINE, DEAR, prices.DEAR_PICTURE),
        (DESCRIBE, {}, prices.DESCRIPTION),
    )
    try:
        told = [probing.prices.credits(path, body) for path, body, _ in asked]
    except prices.NotUnderstood:
        return compared("a rule is not understood", as_assumed=False)
    same = all(price is not None and abs(price - known) < CENT for price, (_, _, known) in zip(told, asked, strict=True))
    shown = ["no price" if price is None else f"{price:g}" for price in told]
    return compared("{}, with version 8 and hd {}, a description {}".format(*shown), as_assumed=same)


async def _quotes(probing: Probing) -> Finding:
    quote = await prices.quoted(probing.wire, IMAGINE, PICTURE)
    return compared("no price" if quote is None else f"${quote:.4f} for a picture", as_assumed=quote is not None)


async def _credit(probing: Probing) -> Finding:
    price = await prices.price_of(probing.wire, probing.prices, IMAGINE, PICTURE)
    if not price.dollars or not price.credits:
        return not_tested("list or quote tells no price")
    dollars = price.dollars / price.credits
    low, high = prices.CREDIT
    return compared(f"${dollars:.4f}", as_assumed=low <= round(dollars, 4) <= high)


SUBJECT = Subject(facts=FACTS, ask=partial(each, facts=FACTS, finders=(_list, _prices, _quotes, _credit)))

"""Whether prices are told, and are those that are known. Neither list nor quote costs anything."""

from __future__ import annotations

from typing import Any, Final

from bot.probe import prices
from bot.probe.model import Fact, Finding, compared, not_tested, unclear
from bot.probe.probing import DESCRIBE, IMAGINE, PROMPT, Found, Probing, Subject
from bot.probe.wire import Silence

PICTURE: Final[dict[str, Any]] = {"prompt": PROMPT, "action": "generate"}
DEAR: Final[dict[str, Any]] = {**PICTURE, "version": "8", "hd": True}
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


async def _ask(probing: Probing) -> Found:
    try:
        yield "price list", await _list(probing)
    except Silence as silence:
        yield "price list", unclear(str(silence))
    quote = await prices.quoted(probing.wire, IMAGINE, PICTURE)
    yield "quotes", compared("no price" if quote is None else f"${quote:.4f} for a picture", as_assumed=quote is not None)
    if probing.prices is None:
        for name in ("prices", "price of a Credit"):
            yield name, not_tested("there is no price list")
        return
    try:
        asked: tuple[tuple[str, dict[str, Any]], ...] = ((IMAGINE, PICTURE), (IMAGINE, DEAR), (DESCRIBE, {}))
        told = [probing.prices.credits(path, body) for path, body in asked]
    except prices.NotUnderstood:
        yield "prices", compared("a rule uses an operator that is not known", as_assumed=False)
        return
    known = (prices.PICTURE, prices.DEAR_PICTURE, prices.DESCRIPTION)
    same = all(price is not None and abs(price - each) < CENT for price, each in zip(told, known, strict=True))
    shown = ["no price" if price is None else f"{price:g}" for price in told]
    yield "prices", compared("{}, with version 8 and hd {}, a description {}".format(*shown), as_assumed=same)
    if quote is not None and told[0]:
        dollars = quote / told[0]
        low, high = prices.CREDIT
        yield "price of a Credit", compared(f"${dollars:.4f}", as_assumed=low <= round(dollars, 4) <= high)


async def _list(probing: Probing) -> Finding:
    answer = await probing.wire.ask(prices.addresses(probing.wire.base_url)[0])
    probing.prices = prices.read_list(answer.body) if answer.status == 200 else None
    if probing.prices is None:
        form = answer.told if answer.status != 200 else "it has another form"
        return compared(form, as_assumed=False)
    return compared(f"rules for {len(probing.prices.rules)} endpoints", as_assumed=True)


SUBJECT = Subject(facts=FACTS, ask=_ask)

"""What the service says of its prices: a public list of rules, and a quote for one body. Neither is asked with a token."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from yarl import URL

from bot.probe.wire import Silence, Wire

PROVIDER: Final = "acedata.cloud"
PICTURE, DESCRIPTION, DEAR_PICTURE = 0.27, 0.18, 1.08
"""Credits, as known in August 2026; the dear one is of version 8 with hd."""
CREDIT: Final = (0.095, 0.13)
"""Dollars that one Credit costs, from and to."""
LARGEST_PRICE: Final = 1_000_000.0
DEPTH: Final = 20
MICRO: Final = 1_000_000
PAYMENT_REQUIRED: Final = 402


class NotUnderstood(Exception):
    """A rule uses an operator that is not known, or is none."""


@dataclass(frozen=True, slots=True)
class Price:
    """What one request costs: in dollars by its quote, in Credits by the list; None where that does not tell."""

    dollars: float | None = None
    credits: float | None = None


@dataclass(frozen=True, slots=True)
class PriceList:
    """The rules of each path, the first that matches holds: conditions (JsonLogic over the body) and Credits."""

    rules: Mapping[str, tuple[tuple[Any, float], ...]]

    def credits(self, path: str, body: dict[str, Any]) -> float | None:
        """What a body costs; None if no rule matches. Raises NotUnderstood."""
        for conditions, consumption in self.rules.get(path, ()):
            if evaluate(conditions, body):
                return consumption
        return None


def addresses(base_url: str) -> tuple[str, str]:
    """Where the list is, and where quotes are: beside the provider's API, or under any other base URL."""
    url = URL(base_url)
    host = url.host or ""
    if host == PROVIDER or host.endswith(f".{PROVIDER}"):
        return f"https://platform.{PROVIDER}/api/v1/services/midjourney", f"https://x402.{PROVIDER}"
    return f"{base_url.rstrip('/')}/api/v1/services/midjourney", f"{base_url.rstrip('/')}/x402"


def read_list(body: Any) -> PriceList | None:
    """The list; None if it has not the form that is known."""
    apis = body.get("apis") if isinstance(body, dict) else None
    if not isinstance(apis, list):
        return None
    rules: dict[str, tuple[tuple[Any, float], ...]] = {}
    for api in apis:
        if not isinstance(api, dict) or not isinstance(api.get("path"), str) or not isinstance(api.get("cost"), list):
            return None
        found = [_rule(each) for each in api["cost"]]
        rules[api["path"]] = tuple(each for each in found if each is not None)
        if len(rules[api["path"]]) < len(found):
            return None
    return PriceList(rules)


def _rule(rule: Any) -> tuple[Any, float] | None:
    if not isinstance(rule, dict) or "conditions" not in rule or (price := _number(rule.get("consumption"))) is None:
        return None
    return rule["conditions"], price


def evaluate(rule: Any, body: dict[str, Any], depth: int = 0) -> Any:
    """What a rule of JsonLogic says of a body; raises NotUnderstood."""
    if not isinstance(rule, dict):
        return rule
    if len(rule) != 1 or depth > DEPTH:
        raise NotUnderstood
    ((operator, given),) = rule.items()
    arguments = given if isinstance(given, list) else [given]
    if operator == "var":
        return body.get(str(arguments[0])) if arguments else None
    try:
        return _OPERATORS[operator](*(evaluate(each, body, depth + 1) for each in arguments))
    except (KeyError, TypeError):
        raise NotUnderstood from None


_OPERATORS: Final[Mapping[str, Callable[..., Any]]] = {
    "and": lambda *values: all(values),
    "or": lambda *values: any(values),
    "!": lambda value: not value,
    "!!": bool,
    "==": lambda one, other: one == other,
    "===": lambda one, other: one == other,
    "!=": lambda one, other: one != other,
    "!==": lambda one, other: one != other,
    "in": lambda one, many: one in many,
}


async def quoted(wire: Wire, path: str, body: dict[str, Any]) -> float | None:
    """The dollars that one body would cost; None if no quote can be read. Raises Silence. Nothing is bought by it."""
    answer = await wire.ask(f"{addresses(wire.base_url)[1]}{path}", body)
    accepts = answer.object.get("accepts")
    if answer.status != PAYMENT_REQUIRED or not isinstance(accepts, list) or not accepts or not isinstance(accepts[0], dict):
        return None
    amount = _number(accepts[0].get("maxAmountRequired"))
    return None if amount is None else amount / MICRO


async def price_of(wire: Wire, prices: PriceList | None, path: str, body: dict[str, Any]) -> Price:
    """What a body costs, as far as that is told."""
    try:
        dollars = await quoted(wire, path, body)
    except Silence:
        dollars = None
    try:
        listed = prices.credits(path, body) if prices else None
    except NotUnderstood:
        listed = None
    return Price(dollars, listed)


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except ValueError:
        return None
    return number if math.isfinite(number) and 0 <= number <= LARGEST_PRICE * MICRO else None

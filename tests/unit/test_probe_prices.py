"""Reading what a service says of its prices."""

from __future__ import annotations

import base64
import io
from typing import Any

import pytest
from PIL import Image

from bot.probe.consent import total
from bot.probe.further import mask
from bot.probe.model import media_type, word
from bot.probe.prices import NotUnderstood, Price, addresses, evaluate, read_list

DEAR = {"and": [{"==": [{"var": "version"}, "8"]}, {"or": [{"var": "hd"}, {"in": [{"var": "quality"}, ["2", "4"]]}]}]}
LISTED = {
    "apis": [
        {
            "path": "/midjourney/imagine",
            "cost": [{"conditions": DEAR, "consumption": 1.08}, {"conditions": {"==": [1, 1]}, "consumption": "0.27"}],
        }
    ]
}


@pytest.mark.parametrize(
    ("body", "price"),
    [({}, 0.27), ({"version": "8"}, 0.27), ({"version": "8", "hd": True}, 1.08), ({"version": "8", "quality": "4"}, 1.08)],
)
def test_the_first_rule_that_matches_says_the_price(body: dict[str, Any], price: float) -> None:
    prices = read_list(LISTED)
    assert prices is not None
    assert prices.credits("/midjourney/imagine", body) == price
    assert prices.credits("/midjourney/unheard-of", body) is None


@pytest.mark.parametrize("rule", [{"cat": ["a", "b"]}, {"==": [1]}, {"==": [1, 1], "or": []}, {"in": ["a", 1]}, {}])
def test_a_rule_that_is_not_understood_says_no_price(rule: Any) -> None:
    with pytest.raises(NotUnderstood):
        evaluate(rule, {})


def test_a_rule_without_end_is_not_followed() -> None:
    rule: dict[str, Any] = {"!": [True]}
    for _ in range(100):
        rule = {"!": [rule]}
    with pytest.raises(NotUnderstood):
        evaluate(rule, {})


@pytest.mark.parametrize(
    "body",
    [None, [], {}, {"apis": [1]}, {"apis": [{"path": "/x", "cost": [{"consumption": 1}]}]}]
    + [
        {"apis": [{"path": "/x", "cost": [{"conditions": {}, "consumption": odd}]}]}
        for odd in (None, True, "dear", float("nan"), -1)
    ],
)
def test_a_list_of_another_form_is_none(body: Any) -> None:
    assert read_list(body) is None


def test_prices_are_asked_beside_the_provider_s_api_or_under_any_other_base() -> None:
    assert addresses("https://api.acedata.cloud") == (
        "https://platform.acedata.cloud/api/v1/services/midjourney",
        "https://x402.acedata.cloud",
    )
    for base in ("http://127.0.0.1:80", "https://acedata.cloud.example.com", "https://notacedata.cloud"):
        assert addresses(base) == (f"{base}/api/v1/services/midjourney", f"{base}/x402")


def test_the_best_price_that_is_told_for_all_is_shown() -> None:
    assert "$0.05" in total([Price(0.025, 0.27), Price(0.02, 0.18)])
    assert "0.45 Credits" in total([Price(None, 0.27), Price(0.02, 0.18)])
    assert "does not tell" in total([Price(None, 0.27), Price(0.02, None)])


def test_the_mask_is_a_picture_of_its_size_white_in_the_middle() -> None:
    with Image.open(io.BytesIO(base64.b64decode(mask(41, 30)))) as image:
        assert (image.size, image.mode) == ((41, 30), "L")
        assert (image.getpixel((20, 15)), image.getpixel((0, 0))) == (255, 0)


@pytest.mark.parametrize("odd", ["/x", "a b", "11111111-1111", "x" * 50, 7, None, "a\nb"])
def test_what_may_tell_of_the_account_is_not_shown(odd: Any) -> None:
    assert word(odd) == "(not shown)"
    assert media_type(str(odd)) == "(not shown)"

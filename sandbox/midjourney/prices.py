"""What things cost, as the service tells it to anybody: the public list, and the quote for one body."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiohttp import web

from .errors import Refusal

if TYPE_CHECKING:
    from .readings import Readings

DEARER = 4
DESCRIPTION = 0.18


def serve_prices(app: web.Application, readings: Readings) -> None:
    """Serve the list and the quotes; both are asked without a token, and refuse one."""

    async def tell(request: web.Request) -> web.Response:
        if not readings.price_list or "Authorization" in request.headers:
            return Refusal("no_api").response()
        return web.json_response(_service(readings))

    async def quote(request: web.Request) -> web.Response:
        if not readings.quotes or "Authorization" in request.headers:
            return Refusal("no_api").response()
        endpoint, body = request.match_info["endpoint"], await request.json()
        amount = round(_credits(endpoint, body, readings) * readings.credit_price * 1_000_000)
        offer = {"scheme": "exact", "network": "base", "maxAmountRequired": str(amount), "resource": f"/midjourney/{endpoint}"}
        return web.json_response({"x402Version": 1, "accepts": [offer]}, status=402)

    app.router.add_get("/api/v1/services/midjourney", tell)
    app.router.add_post("/x402/midjourney/{endpoint}", quote)


def _service(readings: Readings) -> dict[str, Any]:
    def rule(consumption: float, conditions: dict[str, Any] | None = None) -> dict[str, Any]:
        return {"conditions": conditions or {"==": [1, 1]}, "consumption": consumption}

    better = {"or": [{"==": [{"var": "hd"}, True]}, {"==": [{"var": "quality"}, "4"]}]}
    dear = {"and": [{"==": [{"var": "version"}, "8"]}, better]}
    price = readings.picture_price
    return {
        "alias": "midjourney",
        "unit": "Credit",
        "cost": [rule(price)],
        "apis": [
            {"path": "/midjourney/imagine", "cost": [rule(price * DEARER, dear), rule(price)]},
            {"path": "/midjourney/describe", "cost": [rule(DESCRIPTION)]},
        ],
    }


def _credits(endpoint: str, body: dict[str, Any], readings: Readings) -> float:
    if endpoint == "describe":
        return DESCRIPTION
    better = body.get("hd") is True or body.get("quality") == "4"
    return readings.picture_price * (DEARER if endpoint == "imagine" and body.get("version") == "8" and better else 1)

"""How the imitated API reads what its sources leave open; each field is a fact that `easel probe` looks for.

The defaults are what Easel assumes, which is the unkinder reading wherever that costs nothing: both must work.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(slots=True)
class Readings:
    """Switches; change a field of `Midjourney.readings` at any time, it counts for the next request.

    `listing` is what `/tasks` lists without ids and `user_id`, `tasks_check_token` whether it takes our token alone.
    With `async_streams` a request with `async: true` for lines is answered by all of its lines, the first of them only
    when painting starts; without, by one object at once, which has `success` if `accepted_says_success`.
    `record_progress` tells progress and preview in records of running tasks. `record_from_start` tells a describe's record
    while it is at work, not only afterwards. `request_as_sent` keeps the request in a record as it was sent, else with nulls,
    defaults and fields of the service's own. `extra_fields` are dropped from the record, kept, or refused with 400.
    `version_from_body` lets the body's `version` alone pick the model. `listing_limit` is the most that a page holds,
    `ids_limit` the most ids that are looked up, both cut without a word. `iso_times` writes times as ISO strings,
    as old records have them, with their `_id` and `email`; `string_widths` sizes as strings. With `single_video` a film is one
    clip in `image_url`. `mask_size_checked` refuses masks that are not of the picture's size.
    `edits_can_be_pressed` lets actions run on what `edits` made.

    `refusals_in_lines` answers a request for lines that is refused by a line, `async_refused_later` takes a malformed one with
    `async: true` and lets it fail in its record. `async_waits` holds a request with `async: true` for JSON open until the end.
    `records_name_account` has the account's ids in records, `owner_filter` heeds `user_id` and `application_id` in a listing.
    `price_list` and `quotes` say whether these answer, `picture_price` (Credits) and `credit_price` (dollars) what they tell.
    `turbo_on_8` lets version 8 paint in turbo.
    """

    listing: Literal["everybody", "own", "nothing"] = "everybody"
    tasks_check_token: bool = False
    async_streams: bool = False
    accepted_says_success: bool = False
    record_progress: bool = True
    record_from_start: bool = True
    request_as_sent: bool = False
    extra_fields: Literal["dropped", "kept", "refused"] = "refused"
    version_from_body: bool = True
    listing_limit: int = 50
    ids_limit: int = 50
    iso_times: bool = False
    string_widths: bool = False
    single_video: bool = False
    mask_size_checked: bool = False
    edits_can_be_pressed: bool = False
    refusals_in_lines: bool = False
    async_refused_later: bool = False
    async_waits: bool = False
    records_name_account: bool = True
    owner_filter: bool = True
    price_list: bool = True
    quotes: bool = True
    picture_price: float = 0.27
    credit_price: float = 0.0952
    turbo_on_8: bool = True

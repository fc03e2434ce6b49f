"""What the image service's sources leave open, read either way: the flows of submission and recovery run under each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sandbox.midjourney import Midjourney

READINGS: Final[Mapping[str, Mapping[str, Any]]] = {
    "as assumed": {},
    "async streams": {"async_streams": True},
    "no progress in records": {"record_progress": False},
    "only ours listed": {"listing": "own"},
    "nothing listed unnamed": {"listing": "nothing"},
    "owners not filtered": {"owner_filter": False},
    "tasks check the token": {"tasks_check_token": True},
    "requests as sent": {"request_as_sent": True},
    "short pages": {"listing_limit": 2, "ids_limit": 50},
    "words recorded at their end": {"record_from_start": False},
    "refusals in lines": {"refusals_in_lines": True},
    "refusals in records": {"async_refused_later": True},
    "times and sizes as text": {"iso_times": True, "string_widths": True, "accepted_says_success": True},
}


def read(midjourney: Midjourney, name: str) -> None:
    """Let the imitated service read its sources in this way."""
    for field, value in READINGS[name].items():
        setattr(midjourney.readings, field, value)

"""How quiet the machine was: other processes take time from the bot and from the services alike."""

from __future__ import annotations

import os
import time

import psutil


class Quietness:
    """Looks at the processors from when it was made."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._before = _used_by_others()

    def __str__(self) -> str:
        cores = (_used_by_others() - self._before) / (time.monotonic() - self._began)
        return f"Other processes used {max(0.0, cores):.2f} of {os.cpu_count()} cores meanwhile."


def _used_by_others() -> float:
    """CPU seconds since the machine was started, those of this process and of its ended children left out."""
    every = psutil.cpu_times()
    own = os.times()
    idle = every.idle + getattr(every, "iowait", 0.0)
    return float(sum(every) - idle - own.user - own.system - own.children_user - own.children_system)

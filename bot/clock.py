"""Time: seconds that pass on this machine, and what another machine's clock shows.

Nothing here trusts `time.time()`: a machine whose clock is minutes ahead would take every living token of Discord's for a
dead one, and one whose clock is set while the program runs would see waits end at once or never.
"""

from __future__ import annotations

import logging
import time

log = logging.getLogger(__name__)

TRUSTED_FOR = 600.0  # seconds until a later reading replaces an earlier one, whichever of them is ahead
WORTH_TELLING = 60.0  # seconds of difference

_BOOTTIME = getattr(time, "CLOCK_BOOTTIME", None)


def uptime() -> float:
    """Seconds on a clock that only goes forward; if the system has one, it also counts while the machine sleeps."""
    return time.monotonic() if _BOOTTIME is None else time.clock_gettime(_BOOTTIME)


class RemoteClock:
    """Another machine's clock, as its answers tell it; a difference of over a minute is logged once."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._offset: float | None = None
        self._read_at = 0.0
        self._told = False

    def read(self, moment: float) -> None:
        """Note that the other clock showed `moment` (epoch seconds) a moment ago or earlier.

        A reading is old by the time that its answer needed, never new, so the one furthest ahead is the best. Clocks
        drift, so that it counts for ten minutes only.
        """
        now = uptime()
        offset = moment - now
        if self._offset is None or offset > self._offset or now - self._read_at > TRUSTED_FOR:
            self._offset, self._read_at = offset, now
            self._tell(time.time() - moment)

    def now(self) -> float | None:
        """What the other clock shows, in epoch seconds; None before anything is known of it."""
        return None if self._offset is None else self._offset + uptime()

    def _tell(self, ahead: float) -> None:
        if self._told or abs(ahead) <= WORTH_TELLING:
            return
        self._told = True
        direction = "ahead of" if ahead > 0 else "behind"
        log.warning("This machine's clock is %.0f s %s %s's; that is allowed for", abs(ahead), direction, self._name)

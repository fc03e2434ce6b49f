"""What can be chosen on the command line."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Options:
    """None leaves each case its own: how many jobs or presses, how many of them a second, how many stored pictures,
    how many stops of each kind; and what the chances are drawn from.
    """

    jobs: int | None = None
    rate: float | None = None
    pictures: int | None = None
    stops: int | None = None
    seed: int = 1

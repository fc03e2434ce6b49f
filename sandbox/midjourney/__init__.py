"""An imitation of the image API on loopback, with pictures that are really drawn."""

from .faults import Held
from .ledger import Entry, Ledger
from .server import Midjourney

__all__ = ["Entry", "Held", "Ledger", "Midjourney"]

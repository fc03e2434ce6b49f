"""A language that nobody speaks: every template in ⟦ ⟧ and about 40 % longer, so that what went past the catalogue shows."""

from __future__ import annotations

import math
import re

OPEN, CLOSE, PADDING = "⟦", "⟧", "~"


class Pseudo:
    """A catalogue of it."""

    def gettext(self, message: str, /) -> str:
        """The template between marks."""
        length = len(re.sub(r"\{\w+\}", "", message))
        return f"{OPEN}{message}{PADDING * math.ceil(length * 0.4)}{CLOSE}"

    def ngettext(self, one: str, many: str, n: int, /) -> str:
        """The same, with English plurals."""
        return self.gettext(one if n == 1 else many)

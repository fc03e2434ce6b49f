"""Discord's traffic in a test, for a checker that holds it against Discord's own description of its API."""

from __future__ import annotations

import os
import re
from pathlib import Path

FOLDER = "RECORD_TRAFFIC"


def traffic_file() -> Path | None:
    """Where the test that runs now records its traffic, if RECORD_TRAFFIC names a folder."""
    if not (folder := os.environ.get(FOLDER)):
        return None
    test = os.environ["PYTEST_CURRENT_TEST"].rpartition(" ")[0]
    return Path(folder) / (re.sub(r"[^\w.-]+", "-", test).strip("-") + ".jsonl")

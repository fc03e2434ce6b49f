"""What the tests of jobs and of the store share."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from job_orders import open_records
from task_ledger import Ledger

from bot.jobs.records import Records


@pytest.fixture
async def records(tmp_path: Path) -> AsyncIterator[Records]:
    """Jobs in a store of their own."""
    async with open_records(tmp_path) as opened:
        yield opened


@pytest.fixture
async def ledger() -> Ledger:
    """What `/tasks` knows."""
    return Ledger()

"""What was found, as a table for a terminal and as a file for an issue."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import zip_longest
from typing import Any, Final

from yarl import URL

from bot import __version__
from bot.probe.model import Verdict
from bot.probe.runner import FACTS, Outcome

FILE: Final = "probe.json"
NAME_WIDTH, VERDICT_WIDTH, NARROWEST, GAP = 25, 10, 24, 2


def table(outcome: Outcome, width: int) -> Iterator[str]:
    """The lines of a table of at most `width` characters (or 87), and what Easel does about what differs."""
    rest = max(NARROWEST, (width - NAME_WIDTH - VERDICT_WIDTH - 3 * GAP) // 2)
    widths = (NAME_WIDTH, VERDICT_WIDTH, rest, rest)
    yield from _row(("fact", "", "what Easel assumes", "what was found"), widths)
    yield "-" * (sum(widths) + 3 * GAP)
    for fact in FACTS:
        finding = outcome.findings[fact.name]
        verdict = finding.verdict.upper() if finding.verdict is Verdict.DIFFERS else finding.verdict
        yield from _row((fact.name, verdict, fact.assumes, finding.found), widths)
    for fact in outcome.having(Verdict.DIFFERS):
        yield ""
        yield from textwrap.wrap(f"{fact.name} differs. {fact.otherwise}", sum(widths) + 3 * GAP)
    yield ""
    yield ", ".join(f"{len(outcome.having(verdict))} {verdict}" for verdict in Verdict) + "."


def _row(cells: tuple[str, ...], widths: tuple[int, ...]) -> Iterator[str]:
    columns = [textwrap.wrap(cell, width) for cell, width in zip(cells, widths, strict=True)]
    for parts in zip_longest(*columns, fillvalue=""):
        yield (" " * GAP).join(part.ljust(width) for part, width in zip(parts, widths, strict=True)).rstrip()


def document(outcome: Outcome, base_url: str) -> str:
    """The same as JSON, to be attached to an issue: it tells nothing of the account, and no words of a prompt."""
    facts = []
    for fact in FACTS:
        finding = outcome.findings[fact.name]
        row: dict[str, Any] = {"fact": fact.name, "assumes": fact.assumes, "verdict": finding.verdict, "found": finding.found}
        facts.append(row | ({"easel": fact.otherwise} if finding.verdict is Verdict.DIFFERS else {}))
    content = {
        "easel": __version__,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "service": URL(base_url).host,
        "bought": {"pictures": outcome.pictures, "descriptions": outcome.descriptions},
        "facts": facts,
    }
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"

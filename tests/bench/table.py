"""One table a case: what was measured, what it is held against, and the ratio of the two."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """A line of the table; `aim` says what it should be, in words."""

    what: str
    measured: float
    beside: float
    aim: str = ""


def table(title: str, columns: tuple[str, str], rows: Sequence[Row]) -> str:
    """The lines to print; the ratio is the first column's to the second's."""
    lines = [title, "", f"{'':30}{columns[0]:>12}{columns[1]:>12}{'ratio':>8}  aim"]
    for row in rows:
        ratio = f"{row.measured / row.beside:.2f}" if row.beside else "–"
        lines.append(f"{row.what:30}{row.measured:12.2f}{row.beside:12.2f}{ratio:>8}  {row.aim}")
    return "\n".join(line.rstrip() for line in lines) + "\n"

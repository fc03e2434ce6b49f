"""What all tests share."""

import importlib
import sys
from collections import defaultdict

import pytest
from hypothesis import settings

settings.register_profile("easel", deadline=None)  # a busy machine is no failure
settings.load_profile("easel")

# discord.py chooses the gateway's compression once, when it is imported: zstd where it can. Here it can't, so that tests
# in this process speak zlib, as most bots do; bots in processes of their own speak zstd.
_LIBRARIES = ("zstandard", "compression.zstd")
_known = {name: sys.modules.get(name) for name in _LIBRARIES}
# None is how Python is told: not importable.
sys.modules.update(dict.fromkeys(_LIBRARIES))
importlib.import_module("discord")
for _name, _module in _known.items():
    if _module is None:
        del sys.modules[_name]
    else:
        sys.modules[_name] = _module


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print which flow ran under which reading of what the image service's sources leave open."""
    cells: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for outcome, mark in (("passed", "✓"), ("skipped", "skipped"), ("error", "ERROR"), ("failed", "FAILED")):
        for report in terminalreporter.stats.get(outcome, ()):
            if reading := dict(getattr(report, "user_properties", ())).get("reading"):
                flow = report.nodeid.partition("::")[2].partition("[")[0].removeprefix("test_").replace("_", " ")
                cells[flow][reading] = mark
    readings = sorted({reading for marks in cells.values() for reading in marks})
    if not readings:
        return
    terminalreporter.section("flows and readings of the image service")
    for number, reading in enumerate(readings, 1):
        terminalreporter.write_line(f"{number:3} {reading}")
    terminalreporter.write_line(f"{'':90}" + "".join(f"{number:>4}" for number in range(1, len(readings) + 1)))
    for flow, marks in sorted(cells.items()):
        terminalreporter.write_line(f"{flow:90.90}" + "".join(f"{marks.get(each, '–'):>4}" for each in readings))

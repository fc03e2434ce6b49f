"""Who may import whom: the arrows of CONTRIBUTING.md, read from the source."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
WIRING = {"app", "client", "gateway", "registration", "__main__", "demo", "operations"}
"""The modules that put the rooms together; only they may import each other and everything else."""
MAY_IMPORT = {
    "clock": set(),
    "config": {"redaction", "errors", "values"},
    "errors": {"text"},
    "text": set(),
    "log": {"redaction"},
    "redaction": set(),
    "pace": set(),
    "values": set(),
    "proxies": {"errors", "values"},
    "background": set(),
    "midjourney": {"clock", "pace", "proxies", "redaction", "errors", "text"},
    "store": {"clock", "errors"},
    "prompts": {"errors", "text"},
    "jobs": {"midjourney", "store", "prompts", "background", "clock", "pace", "errors", "text"},
    "ui": {"jobs", "midjourney", "prompts", "background", "clock", "pace", "errors", "text"},
    "web": {"jobs", "errors"},
    "probe": {"midjourney", "pace", "proxies"},
    "cogs": {"ui", "jobs", "prompts", "midjourney", "errors", "text"},
}
"""For each room, the others that it may import."""
INSIDE_UI = {
    "languages": set(),
    "access": set(),
    "discord_errors": set(),
    "cards": set(),
    "output": {"cards", "discord_errors", "languages"},
    "services": {"access", "languages", "output"},
    "input": {"cards", "output", "services", "discord_errors", "languages"},
}
"""The same for what is inside `bot/ui`."""
DISCORD_SPEAKERS = {"ui", "cogs"} | WIRING
HTTP_SPEAKERS = {"midjourney", "probe", "ui", "web", "cogs"} | WIRING
SQL_SPEAKERS = {"store"}
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def is_type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING")


def walk(node: ast.AST) -> Iterator[ast.AST]:
    """All nodes that run; what only a type checker reads is skipped."""
    yield node
    for child in ast.iter_child_nodes(node):
        if is_type_checking(child):
            assert isinstance(child, ast.If)
            for other in child.orelse:
                yield from walk(other)
        else:
            yield from walk(child)


def imports(path: Path, *, types: bool = False) -> Iterator[str]:
    """The full name of everything that a file imports, such as `bot.errors.UserError`; what is for `types` only too."""
    package = path.relative_to(ROOT).parent.parts
    for node in (ast.walk if types else walk)(ast.parse(path.read_text("utf-8"), str(path))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
            module = ".".join(part for part in (base, node.module) if part)
            yield from (f"{module}.{alias.name}" for alias in node.names)


def room(path: Path) -> str:
    """`bot/ui/cards/layout.py` lives in `ui`, `bot/app.py` in `app`, `cogs/about.py` in `cogs`."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return parts[1] if parts[0] == "bot" else parts[0]


def sources(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def used_rooms(path: Path) -> set[str]:
    """The rooms of ours that a file imports, its own left out; what `bot/__init__.py` holds is everybody's."""
    names = [name.split(".") for name in imports(path)]
    used = {parts[1] if parts[0] == "bot" and len(parts) > 1 else parts[0] for parts in names if parts[0] in ("bot", "cogs")}
    return used - {room(path), "__version__", "README_URL"}


def foreign(path: Path) -> set[str]:
    """The top-level packages that a file imports."""
    return {name.split(".")[0] for name in imports(path)}


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", sources("bot", "cogs"), ids=name_of)
def test_rooms_import_only_what_their_arrows_point_to(path: Path) -> None:
    used = used_rooms(path)
    assert "cogs" not in used, "nothing imports cogs: the client loads them by name"
    if room(path) not in WIRING:
        assert used <= MAY_IMPORT.get(room(path), set())


@pytest.mark.parametrize("path", sources("bot/ui"), ids=name_of)
def test_inside_ui_the_arrows_point_from_input_to_output_to_cards(path: Path) -> None:
    def folder(name: str) -> str:
        return name.split(".")[2] if name.startswith("bot.ui.") else ""

    own = folder(".".join(path.relative_to(ROOT).with_suffix("").parts))
    assert {folder(name) for name in imports(path)} - {"", own} <= INSIDE_UI.get(own, set())


@pytest.mark.parametrize("path", sources("bot", "cogs"), ids=name_of)
def test_the_api_has_one_door(path: Path) -> None:
    inside = {name for name in imports(path) if name.startswith("bot.midjourney.") and name.count(".") > 2}
    assert room(path) == "midjourney" or not inside


@pytest.mark.parametrize("path", sources("bot", "cogs"), ids=name_of)
def test_each_room_speaks_its_own_protocol_only(path: Path) -> None:
    for packages, speakers in (
        ({"discord"}, DISCORD_SPEAKERS),
        ({"aiohttp"}, HTTP_SPEAKERS),
        ({"aiosqlite", "sqlite3"}, SQL_SPEAKERS),
        ({"pydantic_settings"}, {"config"}),
    ):
        assert room(path) in speakers or not foreign(path) & packages


@pytest.mark.parametrize("path", sources("bot", "cogs"), ids=name_of)
def test_the_bot_knows_nothing_of_its_sandbox(path: Path) -> None:
    assert not foreign(path) & {"sandbox", "tests"}


@pytest.mark.parametrize("path", sources("sandbox"), ids=name_of)
def test_the_sandbox_knows_nothing_of_the_bot(path: Path) -> None:
    assert not foreign(path) & {"bot", "cogs", "tests"}


@pytest.mark.parametrize("path", sources("bot", "cogs", "sandbox"), ids=name_of)
def test_no_file_grows_past_its_limit(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= 350


@pytest.mark.parametrize("path", sources("bot", "cogs", "sandbox"), ids=name_of)
def test_no_function_is_longer_than_forty_lines(path: Path) -> None:
    functions = (node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, FUNCTIONS))
    assert not {node.name for node in functions if node.end_lineno and node.end_lineno - node.lineno >= 40}


def test_no_modules_import_each_other_in_a_circle() -> None:
    found = circles(edges(sources("bot", "cogs", "sandbox")))
    assert not found, "\n".join(["each line's modules import each other:", *map(", ".join, found)])


def edges(paths: list[Path]) -> dict[str, set[str]]:
    """Which of these modules each of them imports: at the top, in a function, or for a type checker only."""
    modules = {".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path for path in paths}
    found = {}
    for module, path in modules.items():
        # What is no module is a name that its package's __init__ holds.
        named = {name if name in modules else name.rpartition(".")[0] for name in imports(path, types=True)}
        found[module] = (named & modules.keys()) - {module}
    return found


def circles(imported: dict[str, set[str]]) -> list[list[str]]:
    """The groups of modules that all reach each other."""
    while leaves := {module for module, others in imported.items() if not others & imported.keys()}:
        imported = {module: others for module, others in imported.items() if module not in leaves}
    reached = {module: reach(module, imported) for module in imported}
    groups = {frozenset(other for other in reached[module] if module in reached[other]) for module in imported}
    return sorted(sorted(group) for group in groups if group)


def reach(module: str, imported: dict[str, set[str]]) -> set[str]:
    """All modules that one of them imports, directly or not."""
    found: set[str] = set()
    ahead = [module]
    while ahead:
        new = (imported[ahead.pop()] & imported.keys()) - found
        found |= new
        ahead += new
    return found


def test_the_finder_of_circles_finds_one_that_is_for_types_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"{__name__}.ROOT", tmp_path)
    (tmp_path / "bot").mkdir()
    texts = {
        "a": "from bot import b\n",
        "b": "def late():\n    from . import c\n",
        "c": "if TYPE_CHECKING:\n    from .a import A\n",
    }
    for name, text in (texts | {"d": "from bot.a import A\n"}).items():
        (tmp_path / "bot" / f"{name}.py").write_text(text, "utf-8")
    assert circles(edges(sources("bot"))) == [["bot.a", "bot.b", "bot.c"]]


def test_the_reader_of_edges_tells_a_package_from_its_modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"{__name__}.ROOT", tmp_path)
    (tmp_path / "bot" / "ui").mkdir(parents=True)
    texts = {
        "ui/__init__": "from .cards import Card\n",
        "ui/cards": "import json\nfrom . import words\n",
        "ui/words": "import bot.log\n",
        "log": "",
        "whole": "from bot.ui import Card\n",
        "part": "from bot.ui.cards import Card\nfrom bot.ui import words\n",
    }
    for name, text in texts.items():
        (tmp_path / "bot" / f"{name}.py").write_text(text, "utf-8")
    assert edges(sources("bot")) == {
        "bot.ui": {"bot.ui.cards"},
        "bot.ui.cards": {"bot.ui.words"},
        "bot.ui.words": {"bot.log"},
        "bot.log": set(),
        "bot.whole": {"bot.ui"},
        "bot.part": {"bot.ui.cards", "bot.ui.words"},
    }


def test_only_the_configuration_reads_the_environment() -> None:
    readers = {name_of(path) for path in sources("bot", "cogs") if {"os.environ", "os.getenv"} & set(attributes(path))}
    assert readers <= {"bot/config.py", "bot/demo.py"}, "the demo hands its child processes an environment"


def attributes(path: Path) -> Iterator[str]:
    yield from imports(path)
    for node in walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Attribute):
            yield ast.unparse(node)


def test_the_reader_of_imports_sees_what_it_should(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"{__name__}.ROOT", tmp_path)
    path = tmp_path / "bot" / "ui" / "cards.py"
    path.parent.mkdir(parents=True)
    path.write_text(
        "import bot.log\nfrom bot import __version__, client\nfrom . import words\nfrom ..jobs import model\n"
        "def late():\n    from cogs.about import About\n"
        "if TYPE_CHECKING:\n    from bot.store import Queries\n",
        "utf-8",
    )
    assert used_rooms(path) == {"log", "client", "jobs", "cogs"}

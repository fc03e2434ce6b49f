"""Folders that are the sandbox's own, and may so be deleted when a world begins anew; all others are somebody's."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

MARK = ".made-by-the-sandbox"
WORDS = "The sandbox made this folder, and deletes it with all that is in it when it starts afresh.\n"


def make(folder: Path) -> None:
    """Make a folder, and mark it as ours; one that is there already stays what it is. Raises OSError."""
    try:
        folder.mkdir(parents=True)
    except FileExistsError:
        if not folder.is_dir():
            raise
    else:
        (folder / MARK).write_text(WORDS, encoding="utf-8")


def clear(folder: Path) -> None:
    """Delete a folder that we made; any other stays as it is."""
    # Where it is linked to, somebody else has decided.
    if not folder.is_symlink() and (folder / MARK).is_file():
        shutil.rmtree(folder, ignore_errors=True)

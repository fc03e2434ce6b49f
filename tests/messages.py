"""The template of all translations: `make messages` writes it, and a test compares it with what the source says."""

from __future__ import annotations

from contextlib import redirect_stderr
from io import BytesIO, StringIO
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import write_po

ROOT = Path(__file__).parents[1]
TEMPLATE = ROOT / "bot" / "locales" / "easel.pot"
KEYWORDS = {"_": None, "_n": (1, 2)}
# Without what changes when no message does: dates, and the version of what wrote it.
HEADER = r"""# What Easel says to people. `make messages` writes this file; don't edit it.
msgid ""
msgstr ""
"Project-Id-Version: Easel\n"
"MIME-Version: 1.0\n"
"Content-Type: text/plain; charset=utf-8\n"
"Content-Transfer-Encoding: 8bit\n"

"""


def extract() -> str:
    """The template's text, as Babel reads it from the source."""
    catalogue = Catalog()
    for folder in ("bot", "cogs"):
        found = extract_from_dir(
            str(ROOT / folder),
            method_map=[("**.py", "python")],
            keywords=KEYWORDS,
            comment_tags=("Translators:",),
            strip_comment_tags=True,
        )
        # Babel warns of every f-string in a call, also of those that are values; a test of ours looks at the templates.
        with redirect_stderr(StringIO()):
            for _file, _line, message, comments, context in found:
                catalogue.add(message, auto_comments=comments, context=context)
    written = BytesIO()
    write_po(written, catalogue, width=None, omit_header=True, no_location=True, sort_output=True)
    return HEADER + written.getvalue().decode().strip("\n") + "\n"


if __name__ == "__main__":
    TEMPLATE.write_text(extract(), "utf-8")

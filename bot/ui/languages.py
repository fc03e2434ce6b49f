"""In whose language something is said: the guild's where all read it, the person's where they alone do."""

from __future__ import annotations

import gettext
from collections.abc import Mapping
from pathlib import Path

from bot.jobs.model import Place
from bot.text import ENGLISH, Catalogue, Language

DOMAIN = "easel"


class Languages:
    """A language for each locale of Discord's that there is a catalogue for; English for all others."""

    def __init__(self, catalogues: Mapping[str, Catalogue] | None = None) -> None:
        self._languages = {locale: Language(catalogue) for locale, catalogue in (catalogues or {}).items()}

    def of(self, locale: str | None) -> Language:
        """The language of a locale, such as `pt-BR`: of itself, else of its first part."""
        name = locale or ""
        return self._languages.get(name) or self._languages.get(name.partition("-")[0]) or ENGLISH

    def of_card(self, place: Place) -> Language:
        """The language of a card there: in direct messages and in a private answer the person's, else the guild's."""
        alone = place.ephemeral or place.guild_id is None
        return self.of(place.locale if alone else place.guild_locale or place.locale)


def load(folder: Path) -> Languages:
    """The catalogues in a folder, `<locale>/LC_MESSAGES/easel.mo` each. Reads files: call it in a thread.

    A locale is named as gettext's tools do (`pt_BR`) or as Discord does (`pt-BR`).
    """
    found = {}
    for file in sorted(folder.glob(f"*/LC_MESSAGES/{DOMAIN}.mo")):
        with file.open("rb") as opened:
            found[file.parts[-3].replace("_", "-")] = gettext.GNUTranslations(opened)
    return Languages(found)

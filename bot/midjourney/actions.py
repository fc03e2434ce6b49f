"""Actions as Midjourney users know them. Names that are not here get a label made from the name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.text import Text, _

if TYPE_CHECKING:
    from collections.abc import Iterable

GROUPS = ("upscale_grid", "reroll", "variation_grid", "upscale", "vary", "zoom", "square", "pan", "other")
"""The order in which users know them; unknown names come last, in `other`."""

LABEL_LIMIT = 80
"""Characters of a Discord button's label."""


@dataclass(frozen=True, slots=True)
class ActionLabel:
    """How an action looks: `label` is never empty, and a name if nobody knows the action.

    Where there is an `emoji` it may stand alone.
    """

    name: str
    label: Text | str
    emoji: str | None
    group: str


_KNOWN = (
    *(ActionLabel(f"upscale{n}", f"U{n}", None, "upscale_grid") for n in range(1, 5)),
    ActionLabel("reroll", _("Reroll"), "🔄", "reroll"),
    *(ActionLabel(f"variation{n}", f"V{n}", None, "variation_grid") for n in range(1, 5)),
    ActionLabel("upscale_subtle", _("Upscale (Subtle)"), None, "upscale"),
    ActionLabel("upscale_creative", _("Upscale (Creative)"), None, "upscale"),
    ActionLabel("upscale_2x", _("Upscale (2×)"), None, "upscale"),
    ActionLabel("upscale_4x", _("Upscale (4×)"), None, "upscale"),
    ActionLabel("redo_upscale_subtle", _("Redo Upscale (Subtle)"), None, "upscale"),
    ActionLabel("redo_upscale_creative", _("Redo Upscale (Creative)"), None, "upscale"),
    ActionLabel("redo_upscale_2x", _("Redo Upscale (2×)"), None, "upscale"),
    ActionLabel("redo_upscale_4x", _("Redo Upscale (4×)"), None, "upscale"),
    ActionLabel("variation_subtle", _("Vary (Subtle)"), None, "vary"),
    ActionLabel("variation_strong", _("Vary (Strong)"), None, "vary"),
    ActionLabel("variation_region", _("Vary (Region)"), None, "vary"),
    ActionLabel("zoom_out_2x", _("Zoom Out 2×"), None, "zoom"),
    ActionLabel("zoom_out_1_5x", _("Zoom Out 1.5×"), None, "zoom"),
    ActionLabel("square", _("Make Square"), None, "square"),
    ActionLabel("pan_left", _("Pan Left"), "⬅️", "pan"),
    ActionLabel("pan_right", _("Pan Right"), "➡️", "pan"),
    ActionLabel("pan_up", _("Pan Up"), "⬆️", "pan"),
    ActionLabel("pan_down", _("Pan Down"), "⬇️", "pan"),
)
LABELS = {label.name: label for label in _KNOWN}
"""The known actions by name, in the order of their buttons."""


def label_of(action: str) -> ActionLabel:
    """The label of an action; an unknown one's is made from its name, e.g. `super_zoom_3x` is "Super Zoom 3x"."""
    if action in LABELS:
        return LABELS[action]
    words = action.replace("_", " ").replace("-", " ").split()
    label = " ".join(word[:1].upper() + word[1:] for word in words) or "Action"
    if len(label) > LABEL_LIMIT:
        label = f"{label[: LABEL_LIMIT - 1]}…"
    return ActionLabel(action, label, None, "other")


def ordered(actions: Iterable[str]) -> list[tuple[str, list[ActionLabel]]]:
    """Sort actions into groups in the order users know, each action once; unknown ones keep their order at the end."""
    places = {name: place for place, name in enumerate(LABELS)}
    groups: dict[str, list[ActionLabel]] = {group: [] for group in GROUPS}
    for label in sorted(map(label_of, dict.fromkeys(actions)), key=lambda label: places.get(label.name, len(places))):
        groups[label.group].append(label)
    return [(group, labels) for group, labels in groups.items() if labels]

"""What Midjourney takes, as data: versions, parameters, ranges, defaults, and how far each is known.

A new model version is a line in `VERSIONS` and a name in the tuples below it; nothing else has to change.
What is refused is the same for all versions (`choices`, `low`, `high`), but for what a model certainly answers with an
error (`refused_by`); all else that depends on the version is only warned about (`versions`, `by_version`), since the
service knows its models better than this table.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import Enum, StrEnum, auto

from bot.text import Text, _

MAX_PROMPT = 4000
"""Characters of a whole prompt; what a modal holds, so that every prompt can be edited again."""
MAX_IMAGES = 5
MAX_RATIO = 14
MAX_HD_RATIO = 4

VERSIONS: tuple[str, ...] = ("5.2", "6", "6.1", "7", "8", "8.1", "8.2")
MODES: tuple[str, ...] = ("fast", "relax", "turbo")
DEFAULT_VERSION = "8.2"
RETIRED: tuple[str, ...] = ("8",)

UP_TO_6 = ("5.2", "6", "6.1")
V7 = ("7",)
V8 = ("8", "8.1", "8.2")
WEIGHTS = UP_TO_6
"""The versions in which `a::2 b::-1` weighs parts of the text."""
NIJI = {"4": "5.2", "5": "5.2", "6": "6", "7": "7"}
"""Which version's parameters a niji model takes."""
OLD_NIJI = ("4", "5")
ANY_NIJI = "niji"
"""What `Capability.refused_by` calls the niji models, whichever of them."""
FAST_ACTIONS: tuple[str, ...] = ("8.1",)
"""The versions on whose pictures every action runs in the mode fast."""
MOODBOARDS: tuple[str, ...] = ("8", "8.1")
"""The versions that make a moodboard of the images in front, which has a price of its own."""


class ValueType(Enum):
    """What a parameter's value looks like."""

    FLAG = auto()
    RATIO = auto()
    WHOLE = auto()
    NUMBER = auto()
    CHOICE = auto()
    LIST = auto()
    STYLE = auto()
    IMAGE = auto()
    CODES = auto()


class Trust(StrEnum):
    """Where a fact comes from: Midjourney's documentation, somebody's digest of it, or nobody was sure."""

    OFFICIAL = "official"
    DIGEST = "digest"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class Narrower:
    """What some versions take of what all of them together take."""

    versions: tuple[str, ...]
    choices: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None

    def takes(self, value: str) -> bool:
        """Whether these versions take a value that is one of the parameter's."""
        if self.choices:
            return value in self.choices
        return self.low is None or self.high is None or self.low <= Decimal(value) <= self.high


@dataclass(frozen=True, slots=True, kw_only=True)
class Capability:
    """A parameter. `refusal` is set if this bot can't take it at all, and says why.

    `group` names what only one parameter of a prompt may choose, `needs` the parameter (or `image`) without which
    it does nothing, `clashes` the parameters, perhaps with a value, that it doesn't go with. `note` is always told.
    `refused_by` are the models that certainly refuse it: versions, and `ANY_NIJI`.
    """

    name: str
    takes: ValueType
    trust: Trust
    aliases: tuple[str, ...] = ()
    low: float = 0
    high: float = 0
    choices: tuple[str, ...] = ()
    default: str | None = None
    example: str = ""
    versions: tuple[str, ...] = VERSIONS
    by_version: tuple[Narrower, ...] = ()
    refused_by: tuple[str, ...] = ()
    needs: str | None = None
    needs_text: bool = False
    group: str | None = None
    clashes: tuple[tuple[str, str | None], ...] = ()
    note: Text | None = None
    refusal: Text | None = None


_O, _D, _U = Trust.OFFICIAL, Trust.DIGEST, Trust.UNSURE
_VIDEO = _("It belongs to videos, and this makes pictures. Leave it out.")
_ELSEWHERE = _("It works on Midjourney's own site only. Leave it out.")
_REPEAT = _("One prompt makes one job here. Leave it out and send the prompt again for more.")

_CAPABILITIES = (
    Capability(name="ar", aliases=("aspect",), takes=ValueType.RATIO, trust=_O, default="1:1", example="16:9"),
    Capability(
        name="v",
        aliases=("version",),
        takes=ValueType.CHOICE,
        trust=_D,
        choices=VERSIONS,
        default=DEFAULT_VERSION,
        example="7",
        refused_by=(ANY_NIJI,),
    ),
    Capability(name="niji", takes=ValueType.CHOICE, trust=_O, choices=("4", "5", "6", "7"), example="7"),
    Capability(name="stylize", aliases=("s",), takes=ValueType.WHOLE, trust=_O, high=1000, default="100", example="250"),
    Capability(name="chaos", aliases=("c",), takes=ValueType.WHOLE, trust=_O, high=100, default="0", example="20"),
    Capability(name="weird", aliases=("w",), takes=ValueType.WHOLE, trust=_D, high=3000, default="0", example="500"),
    Capability(
        name="quality",
        aliases=("q",),
        takes=ValueType.CHOICE,
        trust=_O,
        choices=("0.25", "0.5", "1", "2", "4"),
        default="1",
        example="2",
        versions=(*UP_TO_6, *V7, "8", "8.2"),
        by_version=(
            Narrower(("5.2",), choices=("0.25", "0.5", "1", "2")),
            Narrower(("6", "6.1"), choices=("0.5", "1", "2")),
            Narrower(V7, choices=("1", "2", "4")),
            Narrower(("8",), choices=("1", "4")),
            Narrower(("8.2",), choices=("1", "2")),
        ),
        refused_by=("8.1",),
    ),
    Capability(name="seed", takes=ValueType.WHOLE, trust=_O, high=4294967295, example="1234", clashes=(("turbo", None),)),
    Capability(name="no", takes=ValueType.LIST, trust=_O, example="cars, people"),
    Capability(
        name="iw",
        takes=ValueType.NUMBER,
        trust=_O,
        high=3,
        default="1",
        example="1.5",
        by_version=(Narrower(V8, low=0.5, high=3),),
        needs="image",
    ),
    Capability(name="sref", takes=ValueType.STYLE, trust=_O, example="random", needs_text=True),
    Capability(name="sw", takes=ValueType.WHOLE, trust=_D, high=1000, default="100", example="200", needs="sref"),
    Capability(
        name="sv",
        takes=ValueType.WHOLE,
        trust=_D,
        low=1,
        high=6,
        example="4",
        by_version=(Narrower(UP_TO_6, low=1, high=4),),
        needs="sref",
    ),
    Capability(
        name="cref",
        takes=ValueType.IMAGE,
        trust=_O,
        example="https://example.com/face.png",
        versions=UP_TO_6,
        needs_text=True,
    ),
    Capability(
        name="cw", takes=ValueType.WHOLE, trust=_D, high=100, default="100", example="50", versions=UP_TO_6, needs="cref"
    ),
    Capability(
        name="oref",
        takes=ValueType.IMAGE,
        trust=_O,
        example="https://example.com/fox.png",
        versions=V7,
        needs_text=True,
        clashes=(("quality", "4"), ("draft", None)),
        note=_("A picture made with “--oref” costs about twice as much, and can't be zoomed, panned or varied by region."),
    ),
    Capability(
        name="ow", takes=ValueType.WHOLE, trust=_O, low=1, high=1000, default="100", example="200", versions=V7, needs="oref"
    ),
    Capability(
        name="profile",
        aliases=("p",),
        takes=ValueType.CODES,
        trust=_O,
        example="abc1234",
        note=_("A profile belongs to one Midjourney account; the service's accounts may not know it."),
    ),
    Capability(name="raw", takes=ValueType.FLAG, trust=_O),
    Capability(
        name="style",
        takes=ValueType.CHOICE,
        trust=_O,
        choices=("raw", "4a", "4b", "4c", "cute", "expressive", "original", "scenic"),
        example="raw",
        needs="niji",
    ),
    Capability(name="tile", takes=ValueType.FLAG, trust=_O),
    Capability(name="exp", takes=ValueType.WHOLE, trust=_O, high=100, default="0", example="25", versions=V7 + V8),
    Capability(name="hd", takes=ValueType.FLAG, trust=_O, versions=V8, group="resolution", refused_by=(ANY_NIJI,)),
    Capability(name="sd", takes=ValueType.FLAG, trust=_O, versions=V8, group="resolution"),
    Capability(name="draft", takes=ValueType.FLAG, trust=_O, versions=V7),
    Capability(name="stop", takes=ValueType.WHOLE, trust=_O, low=10, high=100, default="100", example="80", versions=UP_TO_6),
    Capability(name="fast", takes=ValueType.FLAG, trust=_O, group="mode"),
    Capability(name="relax", takes=ValueType.FLAG, trust=_O, group="mode"),
    Capability(
        name="turbo", takes=ValueType.FLAG, trust=_O, group="mode", versions=(*UP_TO_6, *V7, "8.2"), refused_by=("8.1",)
    ),
    Capability(name="repeat", aliases=("r",), takes=ValueType.WHOLE, trust=_O, refusal=_REPEAT),
    *(
        Capability(name=name, takes=ValueType.FLAG, trust=_D, refusal=_VIDEO)
        for name in ("motion", "loop", "end", "bs", "video")
    ),
    *(
        Capability(name=name, takes=ValueType.FLAG, trust=_U, refusal=_ELSEWHERE)
        for name in ("edit", "preview", "stealth", "public")
    ),
)

CAPABILITIES: dict[str, Capability] = {capability.name: capability for capability in _CAPABILITIES}
NAMES: dict[str, Capability] = {name: each for each in _CAPABILITIES for name in (each.name, *each.aliases)}
"""Every spelling of every parameter, without its dashes."""

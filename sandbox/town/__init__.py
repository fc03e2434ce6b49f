"""People for tests and the demo, and the town they live in."""

from .cards import Card, Reply
from .errors import ClientRefused, InteractionFailed
from .modals import Modal
from .options import Upload
from .people import Person
from .town import Town
from .view import Button, Option, Picture, Select

__all__ = [
    "Button",
    "Card",
    "ClientRefused",
    "InteractionFailed",
    "Modal",
    "Option",
    "Person",
    "Picture",
    "Reply",
    "Select",
    "Town",
    "Upload",
]

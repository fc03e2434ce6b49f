"""An imitation of Discord on loopback: REST v10, gateway, interactions, CDN, and what Discord refuses."""

from .faults import Held
from .model import Attachment, Channel, Guild, Interaction, Message, Permission, Snapshot, User
from .server import Exchange
from .service import Discord

__all__ = [
    "Attachment",
    "Channel",
    "Discord",
    "Exchange",
    "Guild",
    "Held",
    "Interaction",
    "Message",
    "Permission",
    "Snapshot",
    "User",
]

"""A message's life: its body checked, then sent, edited, deleted."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from . import components, embeds, images, payloads
from .errors import Form, Refusal
from .model import Attachment, Channel, Flag, Message, Permission, Snapshot, User

if TYPE_CHECKING:
    from .forms import Upload
    from .state import State

JSON = dict[str, Any]
SENDABLE = Flag.SUPPRESS_EMBEDS | Flag.EPHEMERAL | Flag.SUPPRESS_NOTIFICATIONS | Flag.COMPONENTS_V2
MAX_FILES = 10


@dataclass
class Draft:
    """A body that Discord would take, as the message's next state."""

    content: str
    embeds: list[JSON]
    components: list[JSON]
    attachments: list[Attachment]
    flags: int
    allowed_mentions: JSON | None


async def compose(
    state: State, channel: Channel, data: JSON, files: dict[int, Upload], *, limit: int, existing: Message | None = None
) -> Draft:
    """Check a body and store its files; raises `Refusal` 50035, 50006, 40005. `limit` is bytes per file."""
    if any(upload.size > limit for upload in files.values()):
        raise Refusal(40005)
    form = Form()
    old = existing.now if existing else None
    kept, new = _list_attachments(form, data, files, old)
    flags = _flags(form, data, old)
    given = data.get("components")
    content = data["content"] or "" if "content" in data else (old.content if old else "")
    shown = data["embeds"] or [] if "embeds" in data else (old.embeds if old else [])
    names = {attachment.filename for attachment in kept} | {entry["filename"] for entry in new.values()}
    v2 = bool(flags & Flag.COMPONENTS_V2)
    if v2:
        _check_no_legacy_fields(form, data, content, shown)
    form.length(("content",), content, 0, 2000)
    embeds.check(form, data.get("embeds") or [], names)
    if given is not None or (v2 and old is None):
        components.check(form, given or [], v2=v2, names=names)
    form.raise_refused()
    if not (content or shown or names or (given if given is not None else old and old.components)):
        raise Refusal(50006)
    ephemeral = bool(flags & Flag.EPHEMERAL)
    attachments = kept + [await _store(state, channel, files[at], entry, ephemeral) for at, entry in new.items()]
    kept_components = components.normalize(given, attachments) if given is not None else (old.components if old else [])
    bound = _bind_embeds(shown, attachments) if "embeds" in data else shown
    return Draft(content, bound, kept_components, attachments, flags, data.get("allowed_mentions"))


def _flags(form: Form, data: JSON, old: Snapshot | None) -> int:
    given = data.get("flags")
    if old is None:
        return (given or 0) & SENDABLE
    if given is not None and old.flags & Flag.COMPONENTS_V2 and not given & Flag.COMPONENTS_V2:
        form.refuse(("flags",), "MESSAGE_FLAGS_CANNOT_REMOVE_COMPONENTS_V2", "The IS_COMPONENTS_V2 flag cannot be removed")
    return (old.flags | ((given or 0) & (Flag.COMPONENTS_V2 | Flag.SUPPRESS_EMBEDS))) & ~Flag.LOADING


def _check_no_legacy_fields(form: Form, data: JSON, content: str, shown: list[JSON]) -> None:
    legacy = {"content": content, "embeds": shown, "poll": data.get("poll"), "sticker_ids": data.get("sticker_ids")}
    for name, value in legacy.items():
        if value:
            message = f"The '{name}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2"
            form.refuse((name,), "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2", message)


def _list_attachments(
    form: Form, data: JSON, files: dict[int, Upload], old: Snapshot | None
) -> tuple[list[Attachment], dict[int, JSON]]:
    """Which files stay, and what is told of each new one; without `attachments` all stay and all are new."""
    present = {attachment.id: attachment for attachment in old.attachments} if old else {}
    listed = data.get("attachments")
    kept: list[Attachment] = [] if listed is not None else list(present.values())
    new: dict[int, JSON] = {}
    for index, entry in enumerate(listed or []):
        key = str(entry.get("id"))
        if key in present:
            kept.append(present[key])
        elif key.isdecimal() and int(key) in files:
            new[int(key)] = entry
        else:
            message = "The referenced attachment was not found"
            form.refuse(("attachments", index, "id"), "ATTACHMENT_NOT_FOUND", message)
    for at, upload in files.items():
        if listed is not None and at not in new:
            message = f"The uploaded file {at} is not listed in attachments"
            form.refuse(("attachments",), "ATTACHMENT_NOT_LISTED", message)
        new[at] = {"description": None} | new.get(at, {})
        new[at]["filename"] = clean_name(new[at].get("filename") or upload.filename)
        form.length(("attachments", at, "description"), new[at]["description"] or "", 0, 1024)
    if len(kept) + len(new) > MAX_FILES:
        form.refuse(("attachments",), "BASE_TYPE_MAX_LENGTH", f"Must be {MAX_FILES} or fewer in length.")
    return kept, new


def clean_name(filename: str) -> str:
    """A filename as Discord keeps it: spaces become underscores, odd characters go."""
    return re.sub(r"[^\w.\-]", "", re.sub(r"\s+", "_", filename)) or "unknown"


async def _store(state: State, channel: Channel, upload: Upload, entry: JSON, ephemeral: bool) -> Attachment:
    return await store(state, channel, entry["filename"], upload.data, description=entry["description"], ephemeral=ephemeral)


async def store(
    state: State, channel: Channel, filename: str, data: bytes, *, description: str | None = None, ephemeral: bool = False
) -> Attachment:
    """Keep a file and say what it is by its first bytes."""
    name = clean_name(filename)
    path = await state.keep(name, data)
    content_type, width, height = images.sniff(data[: images.HEAD], name)
    attachment = Attachment(
        state.new_id(), channel.id, name, len(data), path, content_type, width, height, description or None, ephemeral
    )
    state.attachments[attachment.id] = attachment
    return attachment


def _bind_embeds(shown: list[JSON], attachments: list[Attachment]) -> list[JSON]:
    by_name = {f"attachment://{attachment.filename}": attachment for attachment in attachments}
    bound = []
    for embed in shown:
        pictures = {key: embed[key] for key in ("image", "thumbnail") if (embed.get(key) or {}).get("url") in by_name}
        bound.append(embed | {key: value | {"_attachment": by_name[value["url"]]} for key, value in pictures.items()})
    return bound


def send(state: State, channel: Channel, author: User, draft: Draft, **details: Any) -> Message:
    """Put a message into a channel and tell the gateway's sessions; `details` are further fields of `Message`."""
    message = Message(state.new_id(), channel, author, **details)
    message.history.append(_snapshot(state, draft))
    channel.messages[message.id] = message
    _ping(state, message, draft, new=True)
    if not message.ephemeral:
        emit(state, "MESSAGE_CREATE", message)
    state.changed(message)
    return message


def edit(state: State, message: Message, draft: Draft) -> None:
    """Give a message its next state; an edit pings nobody, except the one that fills a loading message."""
    loading = bool(message.now.flags & Flag.LOADING)
    message.history.append(_snapshot(state, draft))
    message.edited_at = datetime.now(UTC)
    _ping(state, message, draft, new=loading)
    if not message.ephemeral:
        emit(state, "MESSAGE_UPDATE", message)
    state.changed(message)


def delete(state: State, message: Message, *, told: bool = True) -> None:
    """Take a message away, and its files with it: their links die. The gateway's sessions are `told`."""
    now = message.now
    message.history.append(
        Snapshot(now.content, now.embeds, now.components, now.attachments, now.flags, state.now(), deleted=True)
    )
    for attachment in now.attachments:
        state.attachments.pop(attachment.id, None)
    if told and not message.ephemeral:
        guild = {"guild_id": message.channel.guild.id} if message.channel.guild else {}
        state.emit("MESSAGE_DELETE", {"id": message.id, "channel_id": message.channel.id} | guild, message.channel)
    state.changed(message)


def emit(state: State, event: str, message: Message) -> None:
    """Tell the sessions of a message that is new or changed."""
    data = payloads.message(message, state)
    guild = message.channel.guild
    if guild is not None:
        data |= {"guild_id": guild.id, "member": payloads.member(state, guild, message.author, with_user=False)}
    state.emit(event, data | {"channel_type": message.channel.type}, message.channel)


def _snapshot(state: State, draft: Draft) -> Snapshot:
    return Snapshot(draft.content, draft.embeds, draft.components, draft.attachments, draft.flags, state.now())


def _ping(state: State, message: Message, draft: Draft, *, new: bool) -> None:
    """Work out whom the text mentions within `allowed_mentions`, and who is pinged by it."""
    texts = [item.get("content") or "" for item in components.walk(draft.components) if item["type"] == components.TEXT]
    text = "\n".join([draft.content, *texts])
    allowed = draft.allowed_mentions
    parse = set(allowed.get("parse") or []) if allowed is not None else {"users", "roles", "everyone"}
    # Ids may be sent as numbers, which discord.py does.
    named_users, named_roles = ({str(key) for key in (allowed or {}).get(kind) or ()} for kind in ("users", "roles"))
    users = [state.users[key] for key in dict.fromkeys(re.findall(r"<@!?(\d+)>", text)) if key in state.users]
    message.mentions = [person for person in users if "users" in parse or person.id in named_users]
    roles = message.channel.guild.roles if message.channel.guild else {}
    found = [key for key in dict.fromkeys(re.findall(r"<@&(\d+)>", text)) if key in roles]
    message.mention_roles = [key for key in found if "roles" in parse or key in named_roles]
    may = state.permissions(message.author, message.channel) & Permission.MENTION_EVERYONE
    everyone = [name for name in ("everyone", "here") if f"@{name}" in text] if "everyone" in parse and may else []
    message.mention_everyone = bool(everyone)
    if new:
        message.pinged |= {person.id for person in message.mentions} | set(message.mention_roles) | set(everyone)

"""What Discord's objects look like on the wire."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from .model import Attachment, Channel, Flag, Guild, Message, Role, Snapshot, User

if TYPE_CHECKING:
    from .state import State

JSON = dict[str, Any]
REPLY = 19


def user(person: User) -> JSON:
    """A user as others see it."""
    return {
        "id": person.id,
        "username": person.username,
        "avatar": None,
        "discriminator": "0",
        "public_flags": 0,
        "flags": 0,
        "global_name": person.global_name,
        "primary_guild": None,
        "avatar_decoration_data": None,
        "collectibles": None,
    } | ({"bot": True} if person.bot else {})


def me(state: State) -> JSON:
    """The bot's own user."""
    return user(state.bot) | {"mfa_enabled": True, "locale": "en-US", "verified": True, "email": None}


def member(state: State, guild: Guild, person: User, *, with_user: bool = True) -> JSON:
    """Someone's place in a guild; the bot and people from elsewhere have one without roles."""
    data: JSON = {
        "nick": None,
        "avatar": None,
        "banner": None,
        "roles": sorted(guild.members.get(person.id, ())),
        "joined_at": guild.created_at.isoformat(),
        "premium_since": None,
        "deaf": False,
        "mute": False,
        "flags": 0,
        "pending": False,
        "communication_disabled_until": None,
    }
    if with_user:
        data["user"] = user(state.users[person.id])
    return data


def role(item: Role) -> JSON:
    """A role."""
    return {
        "id": item.id,
        "name": item.name,
        "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "icon": None,
        "unicode_emoji": None,
        "position": item.position,
        "permissions": str(int(item.permissions)),
        "managed": item.bot_id is not None,
        "mentionable": False,
        "flags": 0,
    } | ({"tags": {"bot_id": item.bot_id}} if item.bot_id else {})


def channel(item: Channel, state: State) -> JSON:
    """A channel; private ones list the others in them."""
    last = next(reversed(item.messages), None)
    data: JSON = {"id": item.id, "type": item.type, "flags": 0, "last_message_id": last}
    if item.guild is None:
        return data | {"recipients": [user(person) for person in item.recipients if person is not state.bot]}
    return data | {
        "guild_id": item.guild.id,
        "name": item.name,
        "position": item.position,
        "topic": None,
        "nsfw": item.nsfw,
        "parent_id": None,
        "rate_limit_per_user": 0,
        "permission_overwrites": [
            {"id": grant.id, "type": grant.type, "allow": str(grant.allow), "deny": str(grant.deny)}
            for grant in item.overwrites
        ],
    }


_PLAIN_GUILD: JSON = {
    "icon": None,
    "description": None,
    "home_header": None,
    "splash": None,
    "discovery_splash": None,
    "features": [],
    "banner": None,
    "application_id": None,
    "region": "deprecated",
    "afk_channel_id": None,
    "afk_timeout": 300,
    "system_channel_id": None,
    "system_channel_flags": 0,
    "widget_enabled": False,
    "widget_channel_id": None,
    "verification_level": 0,
    "default_message_notifications": 0,
    "mfa_level": 0,
    "explicit_content_filter": 0,
    "max_presences": None,
    "max_members": 500000,
    "max_stage_video_channel_users": 50,
    "max_video_channel_users": 25,
    "vanity_url_code": None,
    "premium_subscription_count": 0,
    "rules_channel_id": None,
    "safety_alerts_channel_id": None,
    "public_updates_channel_id": None,
    "premium_progress_bar_enabled": False,
    "nsfw": False,
    "nsfw_level": 0,
    "emojis": [],
    "stickers": [],
    "incidents_data": None,
}
"""What a guild says that has none of all that."""


def guild(item: Guild) -> JSON:
    """A guild as REST tells it."""
    return _PLAIN_GUILD | {
        "id": item.id,
        "name": item.name,
        "owner_id": item.owner_id,
        "roles": [role(entry) for entry in item.roles.values()],
        "premium_tier": item.premium_tier,
        "preferred_locale": item.locale,
    }


def guild_create(item: Guild, state: State) -> JSON:
    """A guild as the gateway tells it, its channels and the bot's own member with it."""
    return guild(item) | {
        "joined_at": item.created_at.isoformat(),
        "large": False,
        "unavailable": False,
        "member_count": len(item.members),
        "voice_states": [],
        "members": [member(state, item, state.bot)],
        "channels": [channel(entry, state) for entry in state.channels.values() if entry.guild is item],
        "threads": [],
        "presences": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
        "hub_type": None,
    }


def attachment(item: Attachment, state: State) -> JSON:
    """An uploaded file with a freshly signed link."""
    url = state.link(item)
    data: JSON = {"id": item.id, "filename": item.filename, "size": item.size, "url": url, "proxy_url": url}
    optional = {"content_type": item.content_type, "width": item.width, "height": item.height, "description": item.description}
    data |= {key: value for key, value in optional.items() if value is not None}
    return data | ({"ephemeral": True} if item.ephemeral else {})


def message(item: Message, state: State, snapshot: Snapshot | None = None, *, with_reference: bool = True) -> JSON:
    """A message as it is now, or as it was; a reply has with it what it answers, which comes without its own."""
    shown = snapshot or item.now
    data: JSON = {
        "id": item.id,
        "type": item.type,
        "channel_id": item.channel.id,
        "author": user(item.author),
        "content": shown.content,
        "embeds": [_embed(entry, state) for entry in shown.embeds],
        "components": [_component(entry, state) for entry in shown.components],
        "attachments": [attachment(entry, state) for entry in shown.attachments],
        "flags": shown.flags,
        "timestamp": item.created_at.isoformat(),
        "edited_timestamp": item.edited_at.isoformat() if item.edited_at else None,
        "mentions": [user(person) for person in item.mentions],
        "mention_roles": item.mention_roles,
        "mention_everyone": item.mention_everyone,
        "pinned": False,
        "tts": False,
    }
    if item.nonce is not None:
        data["nonce"] = item.nonce
    if item.author is state.bot:
        data["application_id"] = state.application_id
    if item.interaction is not None:
        data |= {"webhook_id": state.application_id, "interaction_metadata": metadata(item.interaction)}
    if item.reference is not None:
        place = {"type": 0, "channel_id": item.reference.channel.id, "message_id": item.reference.id}
        data["message_reference"] = place | ({"guild_id": item.channel.guild.id} if item.channel.guild else {})
        if item.type == REPLY and with_reference:
            answered = item.reference
            data["referenced_message"] = None if answered.deleted else message(answered, state, with_reference=False)
    return data


def metadata(interaction: Any) -> JSON:
    """How a message tells which interaction it answers."""
    data: JSON = {
        "id": interaction.id,
        "type": interaction.type,
        "user": user(interaction.user),
        "authorizing_integration_owners": interaction.owners,
    }
    if interaction.type == 2 and "target_id" in interaction.data:
        data["target_message_id"] = interaction.data["target_id"]
    if interaction.type == 3:
        data["interacted_message_id"] = interaction.message.id
    if interaction.type == 5:
        data["triggering_interaction_metadata"] = metadata(interaction.parent)
    return data


def media(item: JSON, state: State) -> JSON:
    """A picture or file inside a component."""
    found = item.get("_attachment")
    if found is None:
        return {"id": item["id"], "url": item["url"], "proxy_url": item["url"]}
    shown = attachment(found, state)
    data = {"id": item["id"], "attachment_id": found.id} | {key: shown[key] for key in ("url", "proxy_url")}
    return data | {"width": found.width, "height": found.height, "content_type": found.content_type}


def _component(item: JSON, state: State) -> JSON:
    data: JSON = {}
    for key, value in item.items():
        if key in ("media", "file"):
            data[key] = media(value, state)
        elif key in ("components", "items"):
            data[key] = [_component(entry, state) for entry in value]
        elif key == "accessory":
            data[key] = _component(value, state)
        else:
            data[key] = copy.deepcopy(value)
    return data


def _embed(item: JSON, state: State) -> JSON:
    data = {"type": "rich"} | {key: value for key, value in item.items() if value is not None}
    for key in ("image", "thumbnail"):
        found = (item.get(key) or {}).get("_attachment")
        if found is not None:
            url = state.link(found)
            data[key] = {"url": url, "proxy_url": url, "width": found.width or 0, "height": found.height or 0}
    return data


def application(state: State) -> JSON:
    """The bot's application as its owner sees it."""
    return {
        "id": state.application_id,
        "name": state.application_name,
        "icon": None,
        "description": state.application_description,
        "type": None,
        "bot": user(state.bot),
        "summary": "",
        "bot_public": state.application_public,
        "bot_require_code_grant": False,
        "verify_key": "0" * 64,
        "flags": 0,
        "redirect_uris": [],
        "interactions_endpoint_url": None,
        "role_connections_verification_url": None,
        "owner": user(state.owner),
        "approximate_guild_count": sum(state.bot.id in item.members for item in state.guilds.values()),
        "approximate_user_install_count": sum(person.installed for person in state.users.values()),
        "approximate_user_authorization_count": 0,
        "explicit_content_filter": 0,
        "team": None,
        "eligible_oauth2_scopes": [],
        "integration_types_config": {"0": {}, "1": {}},
    }


def visible_content(item: Message, data: JSON, state: State, *, privileged: bool) -> JSON:
    """Strip what a session without the message-content intent is not shown."""
    mine = item.author is state.bot or item.channel.guild is None or state.bot in item.mentions
    if privileged or mine or item.now.flags & Flag.EPHEMERAL:
        return data
    return data | {"content": "", "embeds": [], "components": [], "attachments": []}

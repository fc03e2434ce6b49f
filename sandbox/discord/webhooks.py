"""Answering interactions: the callback, and the webhook that lives fifteen minutes after it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import messages, modals, payloads
from .errors import Refusal
from .messages import Draft, compose
from .model import Flag, Interaction, Message
from .state import TOKEN_LIFE, State

if TYPE_CHECKING:
    from .forms import Body

JSON = dict[str, Any]
PONG, MESSAGE, DEFERRED, DEFERRED_UPDATE, UPDATE, AUTOCOMPLETE, MODAL = 1, 4, 5, 6, 7, 8, 9
SLASH_MESSAGE, CONTEXT_MENU_MESSAGE, REPLY = 20, 23, 19
MAX_FOLLOWUPS = 5


class Answers:
    """What the application may do with an interaction's token."""

    def __init__(self, state: State) -> None:
        self.state = state

    async def callback(self, interaction_id: str, token: str, body: Body, *, with_response: bool) -> tuple[int, JSON | None]:
        """The first answer; refuses 10062 (unknown or too late), 40060 (answered before) and bad bodies."""
        interaction = self._waiting(interaction_id, token)
        kind = self._check_kind(interaction, body.form.get("type"))
        data = body.form.get("data") or {}
        draft = None
        if kind in (MESSAGE, UPDATE):
            existing = interaction.message if kind == UPDATE else None
            limit = interaction.file_limit
            draft = await compose(self.state, interaction.channel, data, body.files, limit=limit, existing=existing)
            self._waiting(interaction_id, token)  # Another answer may have come while the files were stored.
        elif kind == DEFERRED and (data.get("flags") or 0) & Flag.COMPONENTS_V2:
            _refuse_field("flags", "A deferred answer takes no IS_COMPONENTS_V2 flag")
        elif kind == MODAL:
            modals.check(data)
        self._answer(interaction, kind, data, draft)
        return (200, self._response(interaction, kind)) if with_response else (204, None)

    async def follow_up(self, token: str, body: Body) -> Message:
        """A further message; the first one after a "thinking" answer fills that in instead, as Discord does."""
        interaction = self.alive(token)
        original = interaction.original
        if original is not None and not original.deleted and original.now.flags & Flag.LOADING:
            return await self.edit(interaction, original, body)
        if interaction.user_installed_only and len(interaction.followups) >= MAX_FOLLOWUPS:
            raise Refusal(40094)
        draft = await compose(self.state, interaction.channel, body.form, body.files, limit=interaction.file_limit)
        message = self._send(interaction, draft, REPLY, reference=original)
        interaction.followups.append(message)
        interaction.bell.ring()
        self.state.bell.ring()
        return message

    async def edit(self, interaction: Interaction, message: Message, body: Body) -> Message:
        """Change a message by the token."""
        draft = await compose(
            self.state, interaction.channel, body.form, body.files, limit=interaction.file_limit, existing=message
        )
        if message.deleted:
            raise Refusal(10008)
        messages.edit(self.state, message, draft)
        return message

    def alive(self, token: str) -> Interaction:
        """The answered interaction of a living token; refuses 10015 and, after fifteen minutes, 50027."""
        interaction = self.state.tokens.get(token)
        if interaction is None or interaction.forgotten:
            raise Refusal(10015)
        if self.state.now() - interaction.born_at >= TOKEN_LIFE:
            raise Refusal(50027)
        if interaction.outcome in (None, "failed", "choices"):
            raise Refusal(10015)
        return interaction

    def message(self, interaction: Interaction, message_id: str) -> Message:
        """The original answer or a follow-up of this interaction; refuses 10008."""
        known = [message for message in (interaction.original, *interaction.followups) if message is not None]
        if message_id == "@original":
            known = known[:1] if interaction.original is not None else []
            message_id = known[0].id if known else ""
        for message in known:
            if message.id == message_id and not message.deleted:
                return message
        raise Refusal(10008)

    def _waiting(self, interaction_id: str, token: str) -> Interaction:
        interaction = self.state.interactions.get(interaction_id)
        if interaction is None or interaction.token != token or interaction.forgotten or interaction.outcome == "failed":
            raise Refusal(10062)
        if interaction.outcome is not None:
            raise Refusal(40060)
        return interaction

    def _check_kind(self, interaction: Interaction, kind: Any) -> int:
        on_message = interaction.type == 3 or (interaction.type == 5 and interaction.message is not None)
        allowed = {2: {MESSAGE, DEFERRED, MODAL}, 3: {MESSAGE, DEFERRED, MODAL}, 4: {AUTOCOMPLETE}, 5: {MESSAGE, DEFERRED}}
        fitting = allowed[interaction.type] | ({DEFERRED_UPDATE, UPDATE} if on_message else set())
        if kind not in fitting:
            _refuse_field("type", f"Value must be one of {sorted(fitting)}.")
        return int(kind)

    def _answer(self, interaction: Interaction, kind: int, data: JSON, draft: Draft | None) -> None:
        if interaction.timer is not None:
            interaction.timer.cancel()
        interaction.answered_at = self.state.now()
        if kind == AUTOCOMPLETE:
            interaction.outcome, interaction.choices = "choices", data.get("choices") or []
        elif kind == MODAL:
            interaction.outcome, interaction.modal = "modal", data
        elif kind == DEFERRED_UPDATE:
            interaction.outcome, interaction.original = "deferred", interaction.message
        elif kind == UPDATE:
            assert interaction.message is not None
            assert draft is not None
            interaction.outcome, interaction.original = "updated", interaction.message
            messages.edit(self.state, interaction.message, draft)
        else:
            loading = Draft("", [], [], [], Flag.LOADING | ((data.get("flags") or 0) & Flag.EPHEMERAL), None)
            first = _first_type(interaction)
            interaction.original = self._send(interaction, draft or loading, first, reference=interaction.message)
            interaction.outcome = "message" if draft else "deferred"
        if interaction.original is not None:
            interaction.original_index = len(interaction.original.history) - 1
        interaction.bell.ring()
        self.state.bell.ring()

    def _send(self, interaction: Interaction, draft: Draft, kind: int, *, reference: Message | None) -> Message:
        if interaction.whispered:
            draft.flags |= Flag.EPHEMERAL
        return messages.send(
            self.state,
            interaction.channel,
            self.state.bot,
            draft,
            type=kind,
            interaction=interaction,
            reference=reference,
            seen_by=interaction.user,
        )

    def _response(self, interaction: Interaction, kind: int) -> JSON:
        told: JSON = {"id": interaction.id, "type": interaction.type, "channel_id": interaction.channel.id}
        if interaction.channel.guild is not None:
            told["guild_id"] = interaction.channel.guild.id
        answer: JSON = {"interaction": told}
        original = interaction.original
        if original is not None:
            told["response_message_id"] = original.id
            told["response_message_loading"] = bool(original.now.flags & Flag.LOADING)
            told["response_message_ephemeral"] = original.ephemeral
            if kind in (MESSAGE, UPDATE):
                answer["resource"] = {"type": kind, "message": payloads.message(original, self.state)}
        return answer


def _first_type(interaction: Interaction) -> int:
    if interaction.message is not None:
        return REPLY
    return CONTEXT_MENU_MESSAGE if interaction.data.get("type", 1) != 1 else SLASH_MESSAGE


def _refuse_field(name: str, message: str) -> None:
    raise Refusal(50035, {name: {"_errors": [{"code": "BASE_TYPE_CHOICES", "message": message}]}})

"""Switches for what goes wrong in real life: for the next call, at once, or until switched off again."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sandbox.discord.faults import Rule

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.discord.model import Channel
    from sandbox.town import Town

JSON = dict[str, Any]
FAILURES: dict[str, tuple[str, int, str]] = {
    "400": ("400 bad request", 400, "bad_request"),
    "401": ("401 wrong token", 401, "invalid_token"),
    "403": ("403 moderation", 403, "forbidden"),
    "403-used-up": ("403 used up", 403, "used_up"),
    "429": ("429 too many requests", 429, "too_many_requests"),
    "500": ("500 error", 500, "api_error"),
    "504": ("504 time-out", 504, "timeout"),
}
DISCORD_FAILURES = {"429": ("429 slow down", 429, 2.0), "502": ("502 bad gateway", 502, None)}
# Of Discord's routes, those that a bot uses for people; not what it asks at its start.
FOR_PEOPLE = r"^/(interactions|webhooks|channels)/"
SLOW_PACE, LATE_RECORDS = 6.0, 45.0
ALWAYS = 1 << 30


@dataclass
class Switch:
    """`kind` is `once`, `toggle` or `choice`; subclasses tell how one stands in a channel, and turn it."""

    id: str
    label: str
    help: str
    kind: str = field(default="", init=False)

    def told(self, channel: Channel) -> JSON | None:
        """As the page gets it for a channel; None if it makes no sense there."""
        return {"id": self.id, "label": self.label, "help": self.help, "kind": self.kind} | self.stands(channel)

    def stands(self, _channel: Channel) -> JSON:
        """How it stands."""
        return {"on": False}

    def turn(self, channel: Channel, value: Any) -> None:
        """Turn it; raises KeyError for a value that it hasn't."""
        raise NotImplementedError


@dataclass
class Action(Switch):
    """Something that happens at once."""

    act: Callable[[], None]
    kind: str = field(default="once", init=False)

    def turn(self, _channel: Channel, _value: Any) -> None:
        self.act()


@dataclass
class Armed(Switch):
    """Something that the next call meets; turned again before that, it is taken back. With `options`, of several kinds."""

    arm: Callable[[str], Any]
    waits: Callable[[Any], bool]
    drop: Callable[[Any], None]
    options: dict[str, str] | None = None
    armed: tuple[Any, str] | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self.kind = "choice" if self.options else "once"

    def stands(self, _channel: Channel) -> JSON:
        if self.armed is not None and not self.waits(self.armed[0]):
            self.armed = None
        value = self.armed[1] if self.armed else None
        if self.options is None:
            return {"on": value is not None}
        return {"value": value, "options": [{"value": key, "label": label} for key, label in self.options.items()]}

    def turn(self, channel: Channel, value: Any) -> None:
        self.stands(channel)
        before, self.armed = self.armed, None
        if before is not None:
            self.drop(before[0])
        if self.options is None:
            value = None if before else ""
        elif value is not None and value not in self.options:
            raise KeyError(value)
        if value is not None:
            self.armed = (self.arm(value), value)


@dataclass
class Toggle(Switch):
    """Something that is so until it is switched off."""

    is_on: Callable[[Channel], bool]
    set: Callable[[Channel, bool], None]
    here: Callable[[Channel], bool] = lambda _channel: True
    kind: str = field(default="toggle", init=False)

    def told(self, channel: Channel) -> JSON | None:
        return super().told(channel) if self.here(channel) else None

    def stands(self, channel: Channel) -> JSON:
        return {"on": self.is_on(channel)}

    def turn(self, channel: Channel, value: Any) -> None:
        self.set(channel, bool(value))


class Switches:
    """The switches of a town; those of the image service are left out where it has none."""

    def __init__(self, town: Town) -> None:
        service = [] if town.midjourney is None else [*_failures(town.midjourney), *_habits(town.midjourney)]
        self._all = {switch.id: switch for switch in [*service, *_discord(town)]}

    def told(self, channel: Channel) -> list[JSON]:
        """All of them, for someone who looks at a channel."""
        return [told for switch in self._all.values() if (told := switch.told(channel)) is not None]

    def turn(self, switch_id: str, value: Any, channel: Channel) -> None:
        """Turn one; raises KeyError for one, or a value, that isn't there."""
        self._all[switch_id].turn(channel, value)


def _failures(service: Any) -> list[Switch]:
    """What the next request to the image service meets."""

    def fail(value: str) -> Any:
        service.fail_next(*FAILURES[value][1:])
        return service.waiting("fail")[-1]

    def cut(_: str) -> Any:
        service.cut_next(after_lines=2, endpoint="imagine")
        return service.waiting("cut")[-1]

    def fail_task(_: str) -> Any:
        service.fail_task_next()
        return service.waiting("fail_task")[-1]

    def armed(name: str, label: str, words: str, arm: Callable[[str], Any], options: dict[str, str] | None = None) -> Armed:
        return Armed(name, label, words, arm, lambda fault: fault in service.waiting(fault.kind), service.drop, options)

    labels = {value: label for value, (label, *_) in FAILURES.items()}
    return [
        armed("api-fails", "The next API call fails", "The image service answers so, once.", fail, labels),
        armed(
            "stream-breaks",
            "An answer gets lost",
            "The connection is cut before the next picture's answer; it is painted all the same.",
            cut,
        ),
        armed("task-fails", "The task fails", "The next picture is begun, and then comes to nothing.", fail_task),
        armed("moderation", "Moderation refuses", "The next request is refused for its words.", lambda _: fail("403")),
    ]


def _habits(service: Any) -> list[Switch]:
    """How the image service behaves until it is told otherwise."""
    pace, pictures, quirks = service.pace, service.pictures, service.quirks

    def balance(_: Channel, on: bool) -> None:
        service.balance = 0.0 if on else None

    def slow(_: Channel, on: bool) -> None:
        service.pace = SLOW_PACE if on else pace

    def late(_: Channel, on: bool) -> None:
        service.records_late(LATE_RECORDS if on else 0.0)

    def lost(_: Channel, on: bool) -> None:
        service.lose_callbacks(ALWAYS if on else 0)

    def twice(_: Channel, on: bool) -> None:
        service.double_callbacks(ALWAYS if on else 0)

    def expired(_: Channel, on: bool) -> None:
        service.expire_picture_links(on)

    callbacks = "For a bot that asks for callbacks; the others notice nothing."
    return [
        Toggle("used-up", "The balance is used up", "Nothing is accepted.", lambda _: service.balance == 0, balance),
        Toggle("slow", "Pictures take long", "Each takes about half a minute.", lambda _: service.pace != pace, slow),
        Toggle("records-late", "Task records come late", "By 45 seconds.", lambda _: quirks.record_delay > 0, late),
        Toggle("callbacks-lost", "Callbacks are lost", callbacks, lambda _: quirks.lost_callbacks > 0, lost),
        Toggle("callbacks-twice", "Callbacks come twice", callbacks, lambda _: quirks.doubled_callbacks > 0, twice),
        Toggle("links-expired", "Picture links are dead", "All answer 404.", lambda _: pictures.expired, expired),
    ]


def _discord(town: Town) -> list[Switch]:
    discord, state = town.discord, town.discord.state

    def fail(value: str) -> Rule:
        _, status, retry_after = DISCORD_FAILURES[value]
        return discord.faults.add(Rule(None, FOR_PEOPLE, status=status, retry_after=retry_after))

    def keep_out(channel: Channel, on: bool) -> None:
        (discord.remove_bot_from_channel if on else discord.restore_bot_in_channel)(channel)

    def is_out(channel: Channel) -> bool:
        return not state.permissions(state.bot, channel)

    def has_bot(channel: Channel) -> bool:
        return channel.guild is not None and state.bot.id in channel.guild.members

    labels = {value: label for value, (label, *_) in DISCORD_FAILURES.items()}
    words = "Whatever the bot asks for next in a channel is answered so, once."
    kept_out = "The bot is kept out of this channel"
    return [
        Armed("discord-fails", "Discord fails", words, fail, discord.faults.waiting, discord.faults.drop, labels),
        Action("gateway-drops", "The gateway drops", "The connection is cut; it resumes.", lambda: discord.drop_gateway(None)),
        Action("session-invalid", "The session ends", "The bot must identify anew.", discord.invalidate_sessions),
        Action("tokens-expire", "Interaction tokens expire", "All of now, as after 15 minutes.", discord.expire_tokens),
        Toggle("bot-removed", kept_out, "It may not see it any more.", is_out, keep_out, has_bot),
    ]

"""The page: the sandbox's own Discord client, in a browser. It knows nothing of the bot.

HTTP, all under a random token, so that other pages of the browser can't reach it; served on Discord's port:

    GET  /app/<token>/                    the page
    GET  /app/<token>/<file>              its modules and styles, from the flat folder `static`
    GET  /app/<token>/socket?person=&channel=&locale=      the WebSocket; what the page remembers may be left out
    POST /app/<token>/upload?channel=&name=                a file's bytes
         → {id, filename, size, content_type, width, height, url}

The WebSocket carries JSON text frames, each with a `type`. A page that reads too slowly is closed with 1013 and comes back, to
be told everything anew; 1001 means that the sandbox is going.

A message M is Discord's own payload (as MESSAGE_CREATE has it) and `client`, made for the person who looks:

    header       null, or {user, text}: "Member used /imagine"
    reference    null, or {message_id, author, text, deleted}: what it answers to, and all its text, in one line
    only_you     whether it is ephemeral
    loading      "is thinking…"
    may          of "delete", "dismiss"
    pinged       whether it pings this person

Users are Discord's user objects. Every component has Discord's numeric `id`, which names it in presses.

From the sandbox:

    hello        {you: PERSON, people: [PERSON], locales: [{id, name}], guilds: [{id, name, bot, channels: [CHANNEL]}],
                 dms: [CHANNEL], bot: BOT, switches: [SWITCH], names: {users, channels, roles: {id: name}}, open: channel id}
    channel      {channel_id, messages: [M], more, older}: at most 50, oldest first; `older`: to go before what is there
    message      {message: M}: new or changed, in the open channel, if this person may see it
    gone         {channel_id, message_id}
    commands     {channel_id, slash: [COMMAND], message: [COMMAND]}: what is offered here, again when that changes
    interaction  {ref, interaction_id, outcome, reason?, choices?, modal?, message_id?}: `pending`, or `refused` with a reason
                 and a null id where a client would not have sent it; then one of `message`, `deferred`, `updated`, `modal`,
                 `choices`, `failed` (what the client shows as "The application did not respond")
    bot          {bot: BOT}
    switches     {switches: [SWITCH]}
    wire         {entries: [ENTRY], reset}: the same `n` again replaces an entry; `reset`: all that was told before
    token        {message_id, expires_at}: until when the newest token of the drawer's card lives (epoch s), or null
    notice       {text}: something to read

    PERSON   {id, name, username, role, locale}
    CHANNEL  {id, name, nsfw, type, here: "guild" | "dm" | "user-installed"}
    BOT      {user, online, process: "running" | "stopped" | null}; null: somebody else started it
    COMMAND  Discord's, with `name_shown`, `description`, and the options' and choices' likewise, in the person's language
    SWITCH   {id, label, help, kind} and, for `once` and `toggle`, `on` (a `once` waits for its occasion); for `choice`,
             `options: [{value, label}]` and `value`, the one that waits, or null
    ENTRY    {n, at, kind: "discord" | "midjourney" | "gateway", method, path, status, ms, request, response, cards: [id]}
             While it is under way `ms` is null and `status` 0, which it stays where the connection was cut. Of files there
             are names and sizes. Gateway frames: `method` is `receive` or `send`, as the bot sees it, `path` the event's or
             opcode's name, `response` the payload, the rest null.

From the page; `ref` is any string of its choosing. What makes no sense is answered with a `notice`:

    be {person_id}, speak {locale}                          → hello, channel, commands
    open {channel_id}                                       → channel, commands
    older {channel_id, before}                              → channel
    say {channel_id, content, attachments: [upload ids], reply_to?}
    slash {ref, channel_id, command_id, options}            options as on Discord's wire; files by their upload ids
    autocomplete                                            the same, one option with `focused: true`
    menu {ref, channel_id, command_id, message_id}
    press {ref, channel_id, message_id, component_id}, choose {…, values}
    submit {ref, interaction_id, components}                as on Discord's wire; what is left out is empty; refused, the modal
                                                            stays open
    dismiss {channel_id, message_id}, delete {channel_id, message_id}
    switch {id, value}                                      nothing for `once` (again: taken back), a bool, or a choice (null)
    bot {do: "kill" | "start"}
    wire {on, message_id}                                   the drawer, on one card or (null) on everything
"""

from .app import Page

__all__ = ["Page"]

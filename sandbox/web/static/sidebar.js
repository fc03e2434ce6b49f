/** The left side: servers, channels, direct messages, who one is, and the bot. */

import { h, icon, iconButton, morphChildren } from "./dom.js";
import { avatar, initials, tint } from "./format.js";
import { openPicker } from "./picker.js";
import { send } from "./socket.js";
import { channelTitle, isDm, listen, nameOf, openChannel, partner, state, tell } from "./state.js";

const WHERE = { "user-installed": "The bot is no member here: people bring it along", dm: "A private conversation" };
const narrow = matchMedia("(max-width: 760px)");

let root, scrim, header, main;
let seen = null; // the guild whose channels are listed; null: direct messages

export function setUpSidebar(nodes) {
  ({ root, scrim, header, main } = nodes);
  for (const type of ["hello", "bot", "theme", "wire-shown"]) listen(type, draw);
  listen("opened", arrived);
  listen("go", go);
  scrim.addEventListener("click", closeDrawer);
  root.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && narrow.matches) closeDrawer();
  });
  narrow.addEventListener("change", closeDrawer);
}

const guildOf = (id) => state.guilds.find((guild) => guild.channels.some((channel) => channel.id === id));

function open(id) {
  if (id !== state.open) send("open", { channel_id: id });
  else closeDrawer();
}

let sought = null; // the message to be shown once its channel is open

function go({ channel_id: channel, message_id: message = null }) {
  if (channel === state.open) return message && tell("jump", message);
  sought = message;
  return open(channel);
}

function arrived(id) {
  seen = guildOf(id)?.id ?? null;
  closeDrawer();
  draw();
  if (sought) tell("jump", sought);
  sought = null;
}

function draw() {
  if (!state.you) return;
  morphChildren(root, [rail(), panel()]);
  morphChildren(header, headerParts());
  document.title = `${channelTitle(openChannel()) || "…"} · Sandbox`;
}

/* The drawer that the sidebar is on narrow screens. */

function openDrawer() {
  root.classList.add("open");
  scrim.hidden = false;
  main.inert = true;
  root.querySelector("[aria-current], button")?.focus();
}

function closeDrawer() {
  if (!root.classList.contains("open")) return;
  root.classList.remove("open");
  scrim.hidden = true;
  main.inert = false;
  if (narrow.matches) header.querySelector("button")?.focus();
}

function headerParts() {
  const channel = openChannel();
  const about = channel?.nsfw ? "Age-restricted" : WHERE[channel?.here];
  return [
    iconButton("menu", "Servers and channels", openDrawer, { class: "hamburger" }),
    icon(isDm(channel) ? "at" : "hash"),
    h("h1", null, channel?.name ?? ""),
    about ? h("p", { class: "topic" }, about) : null,
    iconButton("wire", "What went over the wire", () => tell("wire-toggle"), {
      class: "wire-button",
      "aria-pressed": String(Boolean(state.wireShown)),
    }),
  ].filter(Boolean);
}

/* Servers. */

function rail() {
  const dm = server({
    key: "dms",
    label: "Direct messages",
    on: seen === null,
    content: icon("people"),
    pick: () => show(null),
    className: "plain",
  });
  const servers = state.guilds.map((guild) =>
    server({
      key: guild.id,
      label: guild.name,
      on: seen === guild.id,
      content: initials(guild.name),
      pick: () => show(guild.id),
      className: tint(guild.id),
    }),
  );
  return h(
    "ul",
    { class: "rail", role: "list", "aria-label": "Servers" },
    dm,
    h("li", { role: "presentation", class: "rail-line" }),
    servers,
  );
}

function server({ key, label, on, content, pick, className }) {
  return h(
    "li",
    { dataset: { key } },
    h(
      "button",
      {
        type: "button",
        class: `server ${className}`,
        title: label,
        "aria-label": label,
        "aria-pressed": String(on),
        onclick: pick,
      },
      content,
    ),
  );
}

function show(id) {
  seen = id;
  const list = id === null ? state.dms : state.guilds.find((guild) => guild.id === id).channels;
  draw();
  if (!list.some((channel) => channel.id === state.open) && list[0] && !narrow.matches) open(list[0].id);
}

/* Channels. */

function panel() {
  const guild = state.guilds.find((entry) => entry.id === seen);
  const list = guild ? guild.channels : state.dms;
  return h(
    "div",
    { class: "panel" },
    h("div", { class: "panel-head" }, h("h2", null, guild?.name ?? "Direct messages")),
    h(
      "div",
      { class: "panel-scroll" },
      guild && !guild.bot
        ? h(
            "p",
            { class: "panel-note" },
            `${nameOf(state.bot?.user)} is not a member of this server. People who installed it bring it along.`,
          )
        : null,
      h(
        "ul",
        { class: "channels", role: "list", "aria-label": "Channels" },
        list.map((channel) => entry(channel, guild)),
      ),
    ),
    botBox(),
    youBox(),
  );
}

function entry(channel, guild) {
  const on = channel.id === state.open;
  const label = channel.nsfw ? `${channel.name}, age-restricted` : channel.name;
  const lead = guild ? icon("hash") : avatar(partner(channel), "small");
  return h(
    "li",
    { dataset: { key: channel.id } },
    h(
      "button",
      {
        type: "button",
        class: "channel",
        "aria-current": on ? "page" : null,
        "aria-label": label,
        onclick: () => open(channel.id),
      },
      lead,
      h("span", { class: "channel-name" }, channel.name),
      channel.nsfw ? h("span", { class: "tag", title: "Age-restricted" }, "18+") : null,
    ),
  );
}

/* The bot, and the person. */

function botBox() {
  const { bot } = state;
  if (!bot?.user) return null;
  const words = bot.process === "stopped" ? "stopped" : bot.online ? "online" : "offline";
  const control =
    bot.process === null || bot.process === undefined
      ? null
      : bot.process === "running"
        ? h(
            "button",
            { type: "button", class: "button small danger-outline", onclick: () => send("bot", { do: "kill" }) },
            icon("power"),
            "Kill the bot",
          )
        : h(
            "button",
            { type: "button", class: "button small success", onclick: () => send("bot", { do: "start" }) },
            icon("play"),
            "Start the bot",
          );
  return h(
    "div",
    { class: "bot-box", role: "group", "aria-label": "The bot" },
    h(
      "div",
      { class: "bot-line", role: "status" },
      h("span", { class: `dot ${words}`, "aria-hidden": "true" }),
      h("b", null, nameOf(bot.user)),
      h("span", { class: "muted" }, words),
    ),
    control,
  );
}

function youBox() {
  const { you } = state;
  const choose = function choose() {
    const options = state.people.map((person) => ({
      value: person.id,
      label: nameOf(person),
      description: person.role,
      lead: avatar({ ...person, username: person.name }, "small"),
    }));
    openPicker({
      anchor: this,
      label: "Who you are",
      options,
      chosen: [you.id],
      ondone: ([id]) => send("be", { person_id: id }),
    });
  };
  const languages = state.locales.map((locale) =>
    h("option", { value: locale.id, selected: locale.id === you.locale }, locale.name),
  );
  const dark = document.documentElement.dataset.theme === "dark";
  return h(
    "div",
    { class: "you-box" },
    h(
      "button",
      {
        type: "button",
        class: "you",
        "aria-haspopup": "listbox",
        "aria-expanded": "false",
        "aria-label": `You are ${nameOf(you)}, ${you.role}. Be someone else`,
        onclick: choose,
      },
      avatar({ ...you, username: you.name }, "small"),
      h("span", { class: "you-text" }, h("b", null, nameOf(you)), h("span", { class: "muted" }, you.role)),
      icon("down"),
    ),
    h(
      "div",
      { class: "you-row" },
      h(
        "select",
        {
          class: "language",
          "aria-label": "Language",
          title: "The client's language",
          onchange() {
            send("speak", { locale: this.value });
          },
        },
        languages,
      ),
      iconButton(dark ? "sun" : "moon", dark ? "Light theme" : "Dark theme", () => tell("theme-toggle")),
    ),
  );
}

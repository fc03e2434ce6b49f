/** One message as it is shown. */

import { component } from "./components.js";
import { h, dots, icon, iconButton } from "./dom.js";
import { embed } from "./embeds.js";
import { cut } from "./excerpt.js";
import { appBadge, avatar, moment, sameDay, sentAt } from "./format.js";
import { markup, plainText } from "./markup.js";
import { attachmentList } from "./media.js";
import { openMessageMenu } from "./menus.js";
import { send } from "./socket.js";
import { isDm, nameOf, openChannel, partner, state, tell } from "./state.js";

const V2 = 1 << 15;
const SUPPRESS_EMBEDS = 1 << 2;
const TOGETHER = 7 * 60 * 1000;

/** Whether a message goes on under the header of the one before it. */
function continues(message, previous) {
  if (!previous || previous.author.id !== message.author.id || previous.local || message.local) return false;
  if (message.client?.header || message.client?.reference || !sameDay(previous.timestamp, message.timestamp)) return false;
  if (Boolean(previous.client?.only_you) !== Boolean(message.client?.only_you)) return false;
  return new Date(message.timestamp) - new Date(previous.timestamp) < TOGETHER;
}

/** The list item of a message, given the one before it. */
export function messageItem(message, previous) {
  const newDay = !previous || !sameDay(previous.timestamp, message.timestamp);
  const divider = newDay ? h("div", { class: "day" }, h("span", null, moment(new Date(message.timestamp), "D"))) : null;
  return h("li", { dataset: { key: `m${message.id}` } }, divider, article(message, continues(message, previous)));
}

function article(message, joined) {
  const client = message.client ?? {};
  const classes = ["message", joined ? "joined" : "", client.pinged ? "pinged" : "", client.only_you ? "only-you" : ""].join(
    " ",
  );
  const label = `${nameOf(message.author)}, ${sentAt(message.timestamp)}`;
  return h(
    "article",
    {
      class: classes,
      "aria-label": label,
      tabindex: "-1",
      dataset: { messageId: message.id, key: message.id },
      oncontextmenu: (event) => contextMenu(event, message),
    },
    client.header ? usedLine(client.header) : null,
    client.reference ? replyLine(client.reference) : null,
    h(
      "div",
      { class: "message-grid" },
      joined
        ? h(
            "time",
            { class: "joined-time", datetime: message.timestamp, "aria-hidden": "true" },
            moment(new Date(message.timestamp), "t"),
          )
        : avatar(message.author),
      h("div", { class: "message-main" }, joined ? null : authorLine(message), body(message), foot(message)),
    ),
    message.local ? null : toolbar(message),
  );
}

function contextMenu(event, message) {
  // A link's or a text field's own menu, and a selection's, are the browser's.
  if (message.local || event.target.closest("a, input, textarea, video") || String(getSelection()).length) return;
  event.preventDefault();
  const keyboard = event.clientX === 0 && event.clientY === 0;
  openMessageMenu(keyboard ? event.currentTarget.querySelector(".more") : { x: event.clientX, y: event.clientY }, message);
}

function toolbar(message) {
  const tools = h("div", { class: "tools" });
  if (!message.client?.only_you) tools.append(iconButton("reply", "Reply", () => tell("reply", message), { tabindex: "-1" }));
  tools.append(
    iconButton(
      "dots",
      "More",
      function open() {
        openMessageMenu(this, message);
      },
      { class: "more", "aria-haspopup": "menu", tabindex: "-1" },
    ),
  );
  return tools;
}

function usedLine({ user, text }) {
  return h(
    "div",
    { class: "above" },
    h("span", { class: "spine", "aria-hidden": "true" }),
    avatar(user, "tiny"),
    h("b", null, nameOf(user)),
    " used ",
    h("span", { class: "used" }, text),
  );
}

function replyLine(reference) {
  const spine = h("span", { class: "spine", "aria-hidden": "true" });
  if (reference.deleted || !reference.author)
    return h("div", { class: "above" }, spine, h("em", null, "Original message was deleted"));
  const jump = () => tell("jump", reference.message_id);
  const excerpt = cut(plainText(reference.text).replace(/ -# /g, " "), 100);
  return h(
    "div",
    { class: "above" },
    spine,
    avatar(reference.author, "tiny"),
    h("b", null, `@${nameOf(reference.author)}`),
    h(
      "button",
      { type: "button", class: "excerpt", "aria-label": `Go to the message: ${excerpt || "picture or file"}`, onclick: jump },
      excerpt || h("em", null, "Press to see the attachment"),
    ),
  );
}

function authorLine(message) {
  return h(
    "div",
    { class: "author-line" },
    h("span", { class: `author ${tintOf(message)}` }, nameOf(message.author)),
    message.author.bot ? appBadge() : null,
    h(
      "time",
      { class: "sent", datetime: message.timestamp, title: moment(new Date(message.timestamp), "F") },
      sentAt(message.timestamp),
    ),
  );
}

const tintOf = (message) => (message.author.bot ? "is-app" : "");

function body(message) {
  const client = message.client ?? {};
  if (client.loading) return h("div", { class: "thinking" }, dots(), `${nameOf(message.author)} is thinking…`);
  if (message.local) return localBody(message);
  const parts = [];
  if (message.content) {
    const text = markup(message.content);
    if (message.edited_timestamp) text.append(edited(message));
    parts.push(text);
  }
  if (!(message.flags & V2)) parts.push(attachmentList(message.attachments ?? []));
  if (!(message.flags & SUPPRESS_EMBEDS)) parts.push((message.embeds ?? []).map(embed));
  const layout = (message.components ?? []).map((item) => component(item, message));
  if (layout.length) parts.push(h("div", { class: message.flags & V2 ? "layout v2" : "layout" }, layout));
  if (message.edited_timestamp && !message.content) parts.push(h("div", { class: "edited-line" }, edited(message)));
  return parts;
}

function edited(message) {
  return h("span", { class: "edited", title: `Edited ${moment(new Date(message.edited_timestamp), "F")}` }, " (edited)");
}

function localBody(message) {
  if (message.local === "sending") return h("div", { class: "thinking" }, dots(), "Sending command…");
  return h("p", { class: "wrong", role: "alert" }, icon("warn"), message.wrong);
}

function foot(message) {
  const wrong = state.failed.get(message.id);
  return [
    wrong ? h("p", { class: "wrong", role: "alert", dataset: { key: "wrong" } }, icon("warn"), wrong) : null,
    message.client?.only_you && message.local !== "sending" ? onlyYou(message) : null,
  ];
}

function onlyYou(message) {
  const dismiss = () =>
    message.local
      ? tell("gone", { channel_id: message.channel_id, message_id: message.id })
      : send("dismiss", { channel_id: message.channel_id, message_id: message.id });
  const able = message.local || message.client.may?.includes("dismiss");
  return h(
    "p",
    { class: "note" },
    icon("eye"),
    "Only you can see this",
    able ? [" • ", h("button", { type: "button", class: "as-link", onclick: dismiss }, "Dismiss message")] : null,
  );
}

/** A message of the page's own: a command that is being sent, or was not answered. */
export function localMessage(id, after, text, fields) {
  return {
    id,
    sort: after,
    author: state.bot.user,
    timestamp: new Date().toISOString(),
    local: "sending",
    channel_id: fields.channel_id,
    client: { header: { user: state.you, text }, only_you: true, may: [] },
  };
}

/** What stands at the beginning of a channel. */
export function greeting() {
  const channel = openChannel();
  if (!channel) return null;
  const bot = nameOf(state.bot?.user);
  const dm = isDm(channel);
  const hint = ["Type ", h("kbd", null, "/"), ` to see what ${bot} can do.`];
  return h(
    "div",
    { class: "greeting" },
    dm ? avatar(partner(channel), "huge") : h("span", { class: "big-icon" }, icon("hash")),
    h("h2", null, dm ? channel.name : `Welcome to #${channel.name}!`),
    h(
      "p",
      null,
      dm
        ? `This is the beginning of your direct messages with ${channel.name}.`
        : `This is the start of the #${channel.name} channel.`,
    ),
    h("p", { class: "hint" }, hint),
  );
}

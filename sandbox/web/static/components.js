/** Message components: rows of buttons and selects, and the layout of Components V2. */

import { dots, h, icon } from "./dom.js";
import { hex } from "./format.js";
import { markup } from "./markup.js";
import { cover, fileCard, gallery, mediaItem, thumbnail } from "./media.js";
import { defaultsOf, emoji, selectBox, SELECTS } from "./selects.js";
import { ask } from "./socket.js";
import { state, tell } from "./state.js";

const ROW = 1;
const BUTTON = 2;
const STYLES = { 1: "primary", 2: "secondary", 3: "success", 4: "danger", 5: "secondary link", 6: "primary premium" };

const DRAW = {
  [ROW]: (item, message) =>
    h(
      "div",
      { class: "row" },
      item.components.map((entry) => component(entry, message)),
    ),
  [BUTTON]: button,
  9: section,
  10: (item) => markup(item.content),
  11: (item) => thumbnail(mediaItem(item.media, item)),
  12: (item) => gallery(item.items.map((entry) => mediaItem(entry.media, entry))),
  13: (item) => fileCard({ ...mediaItem(item.file, item), name: item.name, size: item.size ?? item.file.size }),
  14: separator,
  17: container,
};

/** One component of a message, with all that is in it. */
export function component(item, message) {
  if (SELECTS.includes(item.type)) return select(item, message);
  const draw = DRAW[item.type];
  return draw
    ? draw(item, message)
    : h("p", { class: "muted" }, `A component of type ${item.type}, which this page doesn't know`);
}

function section(item, message) {
  return h(
    "div",
    { class: "section" },
    h(
      "div",
      { class: "section-text" },
      item.components.map((entry) => component(entry, message)),
    ),
    h("div", { class: "section-side" }, component(item.accessory, message)),
  );
}

function separator(item) {
  return h(item.divider === false ? "div" : "hr", { class: `separator ${item.spacing === 2 ? "large" : "small"}` });
}

function container(item, message) {
  const accent = item.accent_color === null || item.accent_color === undefined ? {} : { "--accent": hex(item.accent_color) };
  const body = h(
    "div",
    { class: "container-body" },
    item.components.map((entry) => component(entry, message)),
  );
  const box = h("div", { class: `container ${"--accent" in accent ? "accented" : ""}`, style: accent }, body);
  return item.spoiler ? cover(box, "whole") : box;
}

const nameOf = (item) => item.label || (item.emoji ? item.emoji.name : item.style === 6 ? "Buy" : "Button");

function button(item, message) {
  const style = `button ${STYLES[item.style] ?? "secondary"}`;
  const content = [emoji(item.emoji), item.label ? h("span", null, item.label) : null];
  if (item.style === 5) return linkButton(item, style, content);
  const pending = state.pending.has(`${message.id}:${item.id}`);
  const usable = item.style !== 6;
  return h(
    "button",
    {
      type: "button",
      class: `${style} ${pending ? "pending" : ""}`,
      "aria-label": nameOf(item),
      "aria-busy": pending ? "true" : null,
      disabled: Boolean(item.disabled),
      dataset: { componentId: String(item.id), key: `button-${item.id}` },
      onclick: () => (usable ? act("press", message, item) : tell("notice", { text: "Nothing can be bought here." })),
    },
    h("span", { class: "button-text" }, content.some(Boolean) ? content : "Buy"),
    pending ? dots() : null,
  );
}

function linkButton(item, style, content) {
  const body = [h("span", { class: "button-text" }, content), icon("out")];
  if (item.disabled || !/^https?:\/\//i.test(item.url))
    return h("button", { type: "button", class: style, disabled: true }, body);
  return h(
    "a",
    { class: style, href: item.url, target: "_blank", rel: "noopener noreferrer", dataset: { key: `button-${item.id}` } },
    body,
  );
}

function select(item, message) {
  const name = `${message.id}:${item.id}`;
  const values = state.chosen.get(name) ?? defaultsOf(item);
  const onchoose = (chosen) => {
    state.chosen.set(name, chosen);
    act("choose", message, item, { values: chosen });
  };
  return selectBox(item, values, {
    pending: state.pending.has(name),
    onchoose,
    props: { dataset: { componentId: String(item.id), key: `select-${item.id}` } },
  });
}

/** Send a press or a choice; the message shows that it is awaited, and where it fails. */
function act(type, message, item, more = {}) {
  const name = `${message.id}:${item.id}`;
  if (state.pending.has(name)) return;
  state.failed.delete(message.id);
  state.pending.add(name);
  tell("redraw", message.id);
  ask(type, { channel_id: message.channel_id, message_id: message.id, component_id: item.id, ...more }, (frame) => {
    if (frame.outcome === "pending") return;
    state.pending.delete(name);
    if (frame.outcome === "failed") state.failed.set(message.id, "This interaction failed");
    if (frame.outcome === "refused" && frame.reason) tell("refused", frame);
    if (["failed", "refused"].includes(frame.outcome)) state.chosen.delete(name);
    tell("redraw", message.id);
  });
}

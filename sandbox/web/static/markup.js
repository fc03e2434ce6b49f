/** Discord's markdown as DOM nodes. */

import { h } from "./dom.js";
import { timeNode } from "./format.js";
import { isJumbo, parse } from "./markdown.js";
import { state, tell } from "./state.js";

const MESSAGE_LINK = /^https:\/\/(?:\w+\.)?discord(?:app)?\.com\/channels\/(?:\d+|@me)\/(\d+)\/(\d+)$/;

/** A text with its markdown; only http(s) links become links. */
export function markup(text, className = "") {
  return h("div", { class: `md ${isJumbo(text?.trim()) ? "jumbo" : ""} ${className}` }, nodes(parse(text)));
}

/** The same for one line: titles, names of fields. */
export function inlineMarkup(text) {
  return nodes(parse(text)).map((node) => (node instanceof HTMLHeadingElement ? h("span", null, ...node.childNodes) : node));
}

/** What a text says without its marks. */
export function plainText(text) {
  return h("div", null, nodes(parse(text))).textContent;
}

const nodes = (tree) => tree.map((node) => RENDER[node.kind](node));
const wrap = (tag, className) => (node) => h(tag, { class: className ?? null }, nodes(node.children));

const RENDER = {
  text: (node) => document.createTextNode(node.text),
  strong: wrap("strong"),
  emphasis: wrap("em"),
  underline: wrap("u"),
  strike: wrap("s"),
  subtext: wrap("small", "subtext"),
  quote: wrap("blockquote"),
  code: (node) => h("code", null, node.text),
  fence: (node) =>
    h(
      "pre",
      { tabindex: "0", "aria-label": node.language ? `Code, ${node.language}` : "Code", role: "group" },
      h("code", null, node.text),
    ),
  // All of one level: a message is no chapter of the page, and may begin with any of them.
  heading: (node) => h("h2", { class: `h${node.level}` }, nodes(node.children)),
  list: (node) => {
    const items = node.items.map((item) => h("li", null, nodes(item.children)));
    return node.ordered ? h("ol", { start: String(node.start) }, items) : h("ul", null, items);
  },
  spoiler: (node) => spoiler(nodes(node.children)),
  link: (node) => link(node.href, node.title, nodes(node.children)),
  user: (node) => mention(`@${state.names.users[node.id] ?? "unknown-user"}`, node.id === state.you?.id),
  role: (node) => mention(`@${state.names.roles[node.id] ?? "unknown-role"}`),
  channel: channelMention,
  everyone: (node) => mention(`@${node.name}`, true),
  command: commandMention,
  time: (node) => timeNode(new Date(node.seconds * 1000), node.style),
  custom: (node) => h("span", { class: "custom-emoji", title: `:${node.name}:` }, `:${node.name}:`),
};

/** A link that leaves the page; anything that is not http(s) stays text. */
export function link(href, title, children) {
  let url;
  try {
    url = new URL(href);
  } catch {
    return h("span", null, children);
  }
  if (!["http:", "https:"].includes(url.protocol)) return h("span", null, children);
  const message = MESSAGE_LINK.exec(url.href);
  if (message && message[1] in state.names.channels) return messageLink(message[1], message[2], url.href, children);
  return h("a", { href: url.href, target: "_blank", rel: "noopener noreferrer", title: title ?? null }, children);
}

/** A link to a message leads there, not out of the page. */
function messageLink(channel, id, href, children) {
  const bare = children.length === 1 && children[0].data === href;
  return h(
    "a",
    {
      href,
      class: bare ? "mention" : null,
      onclick: (event) => {
        event.preventDefault();
        tell("go", { channel_id: channel, message_id: id });
      },
    },
    bare ? `#${state.names.channels[channel]} › message` : children,
  );
}

function spoiler(children) {
  const reveal = function reveal(event) {
    if (event.type === "keydown" && event.key !== "Enter" && event.key !== " ") return;
    if (this.hasAttribute("data-revealed")) return;
    event.preventDefault();
    this.setAttribute("data-revealed", "");
    this.removeAttribute("role");
    this.removeAttribute("aria-label");
  };
  const props = { class: "spoiler", role: "button", tabindex: "0", "aria-label": "Spoiler: press to reveal" };
  return h("span", { ...props, onclick: reveal, onkeydown: reveal }, h("span", null, children));
}

function mention(text, mine = false) {
  return h("span", { class: mine ? "mention mine" : "mention" }, text);
}

function channelMention(node) {
  const name = state.names.channels[node.id];
  if (!name) return mention("#unknown");
  return h("button", { type: "button", class: "mention", onclick: () => tell("go", { channel_id: node.id }) }, `#${name}`);
}

function commandMention(node) {
  const known = state.slash.some((command) => command.id === node.id);
  if (!known) return mention(`/${node.name}`);
  return h(
    "button",
    { type: "button", class: "mention", onclick: () => tell("use", { line: `/${node.name} ` }) },
    `/${node.name}`,
  );
}

/** The list of messages: kept in order, changed in place, and still where it was for the one who reads. */

import { h, icon, morph, morphChildren } from "./dom.js";
import { excerpt } from "./excerpt.js";
import { greeting, localMessage, messageItem } from "./message.js";
import { openMessageMenu } from "./menus.js";
import { ask, send } from "./socket.js";
import { channelTitle, compareIds, listen, nameOf, openChannel, state, tell } from "./state.js";

const NEAR_END = 60;
const NEAR_START = 400;

let scroller;
let content;
let top;
let list;
let newer;
let atEnd = true;
let asking = false;
let counter = 0;

export function setUpMessages(root) {
  scroller = root;
  top = h("div", { class: "list-top" });
  list = h("ol", { class: "messages", role: "list", onkeydown, onfocusin: remember });
  content = h("div", { class: "scroll-content" }, h("h2", { class: "hush" }, "Messages"), top, list);
  newer = h("button", { type: "button", class: "newer", hidden: true, onclick: toEnd }, "New messages", icon("down"));
  scroller.append(content);
  scroller.after(newer);
  scroller.addEventListener("scroll", scrolled, { passive: true });
  const watch = new ResizeObserver(() => {
    if (atEnd) toEnd();
  });
  watch.observe(content);
  watch.observe(scroller);
  listen("channel", received);
  listen("message", ({ message }) => put(message));
  listen("gone", ({ message_id: id }) => take(id));
  listen("redraw", redraw);
  listen("jump", jump);
  listen("sent", sent);
  listen("names", drawAll);
}

function toEnd() {
  scroller.scrollTop = scroller.scrollHeight;
  atEnd = true;
  newer.hidden = true;
}

function scrolled() {
  atEnd = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < NEAR_END;
  if (atEnd) newer.hidden = true;
  if (scroller.scrollTop < NEAR_START) older();
}

function older() {
  if (!state.more || asking || !state.messages.length) return;
  const oldest = state.messages.find((message) => !message.local);
  asking = Boolean(oldest) && send("older", { channel_id: state.open, before: oldest.id });
}

function received({ channel_id: id, messages, more, older: before }) {
  if (before && id !== state.open) return;
  const fresh = [...messages].sort((a, b) => compareIds(a.id, b.id));
  state.more = more;
  asking = false;
  if (before) {
    const known = new Set(state.messages.map((message) => message.id));
    state.messages = [...fresh.filter((message) => !known.has(message.id)), ...state.messages];
    steady(drawAll);
    return;
  }
  const same = id === state.shown;
  state.open = id;
  state.shown = id;
  state.messages = fresh;
  state.failed.clear();
  state.chosen.clear();
  drawAll();
  if (!same || atEnd) toEnd();
  tell("opened", id);
}

/** Change what is above without moving what is seen. */
function steady(change) {
  const edge = scroller.getBoundingClientRect().top;
  const anchor = [...list.children].find((child) => child.getBoundingClientRect().bottom > edge);
  const before = anchor?.getBoundingClientRect().top;
  scroller.style.overflowAnchor = "none";
  change();
  if (anchor?.isConnected) scroller.scrollTop += anchor.getBoundingClientRect().top - before;
  requestAnimationFrame(() => {
    scroller.style.overflowAnchor = "";
  });
}

function drawAll() {
  const channel = openChannel();
  list.setAttribute("aria-label", `Messages in ${channelTitle(channel)}`);
  top.replaceChildren(
    ...(state.more ? [h("p", { class: "loading-older" }, "Loading older messages…")] : [greeting()].filter(Boolean)),
  );
  morphChildren(
    list,
    state.messages.map((message, index) => messageItem(message, state.messages[index - 1])),
  );
  rove();
}

function draw(index) {
  const message = state.messages[index];
  if (!message) return;
  const fresh = messageItem(message, state.messages[index - 1]);
  const old = itemOf(message.id);
  if (old) {
    morph(old, fresh);
    if (current?.isConnected && old.contains(current)) reach(current, 0);
  } else list.insertBefore(fresh, itemOf(state.messages[index + 1]?.id) ?? null);
}

const itemOf = (id) => (id ? list.querySelector(`:scope > [data-key="m${CSS.escape(id)}"]`) : null);

function put(message) {
  if (message.channel_id !== state.open) return;
  const index = state.messages.findIndex((entry) => entry.id === message.id);
  if (index >= 0) {
    for (const name of state.chosen.keys()) if (name.startsWith(`${message.id}:`)) state.chosen.delete(name);
    state.messages[index] = message;
    draw(index);
    return;
  }
  const sortId = (entry) => entry.sort ?? entry.id;
  let place = state.messages.length;
  while (place > 0 && compareIds(sortId(state.messages[place - 1]), message.id) > 0) place -= 1;
  state.messages.splice(place, 0, message);
  draw(place);
  draw(place + 1);
  rove();
  if (atEnd || message.author.id === state.you?.id) toEnd();
  else newer.hidden = false;
  announce(message);
}

function take(id) {
  const index = state.messages.findIndex((entry) => entry.id === id);
  if (index < 0) return;
  const item = itemOf(id);
  const focused = item?.contains(document.activeElement);
  state.messages.splice(index, 1);
  item?.remove();
  draw(index);
  rove();
  if (focused)
    (list.children[Math.min(index, list.children.length - 1)]?.querySelector("article") ?? scroller).focus({
      preventScroll: true,
    });
}

function redraw(id) {
  draw(state.messages.findIndex((entry) => entry.id === id));
}

function announce(message) {
  if (message.author.id === state.you?.id) return;
  const words = message.client?.loading ? "is thinking" : excerpt(message) || "sent a message";
  document.getElementById("live").textContent = `${nameOf(message.author)}: ${words}`;
}

function jump(id) {
  const found = itemOf(id)?.querySelector("article");
  if (!found) return tell("notice", { text: "That message is not loaded here." });
  found.scrollIntoView({ block: "center" });
  found.focus({ preventScroll: true });
  found.classList.remove("flash");
  requestAnimationFrame(() => found.classList.add("flash"));
}

/** A command on its way: shown until its answer comes, or as one that was not answered. */
function sent({ command, type, fields, onrefused }) {
  const last = state.messages.findLast((message) => !message.local);
  const message = localMessage(`local-${++counter}`, last?.id ?? "0", type === "slash" ? `/${command}` : command, fields);
  state.messages.push(message);
  draw(state.messages.length - 1);
  toEnd();
  ask(type, fields, (frame) => {
    if (frame.outcome === "pending") return;
    if (frame.outcome !== "failed") take(message.id);
    if (frame.outcome === "refused") {
      if (frame.reason) tell("refused", frame);
      onrefused?.();
    }
    if (frame.outcome !== "failed" || !state.messages.includes(message)) return;
    message.local = "failed";
    message.wrong = frame.reason || "The application did not respond";
    redraw(message.id);
  });
}

/* One message is reached by Tab, the others from it by the arrow keys. */

let current = null;

function rove(chosen = null) {
  const next = chosen ?? list.lastElementChild?.querySelector(":scope > article") ?? null;
  if (current && current !== next) reach(current, -1);
  current = next;
  if (current) reach(current, 0);
}

function reach(article, tabIndex) {
  article.tabIndex = tabIndex;
  for (const tool of article.querySelectorAll(":scope > .tools button")) tool.tabIndex = tabIndex;
}

function remember(event) {
  const article = event.target.closest("article");
  if (article && article.tabIndex !== 0) rove(article);
}

function onkeydown(event) {
  if (!event.target.matches("article")) return;
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const articles = [...list.querySelectorAll(":scope > li > article")];
  if (step) (articles[articles.indexOf(event.target) + step] ?? event.target).focus();
  else if (event.key === "Home") articles[0].focus();
  else if (event.key === "End") articles.at(-1).focus();
  else if (event.key === "Enter") openMenuOf(event.target);
  else return;
  event.preventDefault();
}

function openMenuOf(article) {
  const message = state.messages.find((entry) => entry.id === article.dataset.messageId);
  if (message && !message.local) openMessageMenu(article.querySelector(".more"), message);
}

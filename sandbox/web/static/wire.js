/** The drawer "What went over the wire": calls and frames with their bodies, and the switches for what goes wrong. */

import { h, icon, iconButton, morph, morphChildren } from "./dom.js";
import { clock } from "./format.js";
import { json } from "./json.js";
import { send } from "./socket.js";
import { switchList } from "./switches.js";
import { listen, state, tell } from "./state.js";

const KINDS = { discord: "Discord", midjourney: "Midjourney", gateway: "Gateway" };
const MOST = 1000;
const narrow = matchMedia("(max-width: 760px)");

let root, main, head, life, filters, list, empty, switches, scope;
let entries = new Map();
let hidden = new Set();
let expanded = new Set();
let about = null; // the message whose traffic is shown; null: everything
let expires; // undefined: nothing told; null: no token
let from = null;

export function setUpWire(aside, mainNode) {
  root = aside;
  main = mainNode;
  head = h(
    "header",
    { class: "wire-head" },
    h("h2", null, "What went over the wire"),
    iconButton("close", "Close the drawer", close),
  );
  scope = h("p", { class: "wire-scope" });
  life = h("p", { class: "wire-life", hidden: true });
  filters = h("div", { class: "wire-filters", role: "group", "aria-label": "Show" });
  list = h("ol", { class: "wire-list", role: "list", "aria-label": "Calls and frames", tabindex: "0" });
  empty = h("p", { class: "wire-empty muted" }, "Nothing yet. Use a command, and see what it sets off.");
  switches = h("details", { class: "wire-switches", open: true });
  root.append(
    head,
    h("div", { class: "wire-top" }, scope, life, filters),
    h("div", { class: "wire-body" }, empty, list),
    switches,
  );
  listen("wire-toggle", () => (root.hidden ? open(null) : close()));
  listen("wire-open", ({ message_id: id }) => open(id));
  listen("wire", received);
  listen("token", ({ message_id: id, expires_at: at }) => {
    if (id === about || about === null) {
      expires = at;
      tick();
    }
  });
  listen("switches", drawSwitches);
  listen("hello", () => {
    drawSwitches();
    if (!root.hidden) subscribe();
  });
  root.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
  });
  narrow.addEventListener("change", () => {
    main.inert = narrow.matches && !root.hidden;
  });
  setInterval(tick, 1000);
}

const subscribe = () => send("wire", { on: true, message_id: about });

function open(id) {
  if (root.hidden) from = document.activeElement;
  about = id;
  entries = new Map();
  expires = undefined;
  root.hidden = false;
  shown(true);
  draw();
  drawSwitches();
  subscribe();
  head.querySelector("button").focus();
}

function close() {
  root.hidden = true;
  shown(false);
  send("wire", { on: false, message_id: null });
  if (from?.isConnected && from !== document.body) from.focus();
  else tell("focus-composer");
}

function shown(on) {
  state.wireShown = on;
  main.inert = on && narrow.matches;
  document.body.classList.toggle("with-wire", on);
  tell("wire-shown");
}

function received({ entries: news, reset }) {
  if (reset) entries = new Map();
  const end = nearEnd();
  for (const entry of news) entries.set(entry.n, entry);
  while (entries.size > MOST) entries.delete(entries.keys().next().value);
  if (reset || news.length > 5) draw();
  else {
    for (const entry of news) put(entry);
    frame();
  }
  if (end) list.parentElement.scrollTop = list.parentElement.scrollHeight;
}

const nearEnd = () => list.parentElement.scrollHeight - list.parentElement.scrollTop - list.parentElement.clientHeight < 50;

function draw() {
  morphChildren(list, [...entries.values()].filter((entry) => !hidden.has(entry.kind)).map(row));
  frame();
}

function put(entry) {
  const old = list.querySelector(`:scope > [data-key="n${entry.n}"]`);
  if (hidden.has(entry.kind)) return;
  if (old) morph(old, row(entry));
  else list.append(row(entry));
  while (list.children.length > MOST) list.firstElementChild.remove();
}

/** What stands around the list. */
function frame() {
  empty.hidden = entries.size > 0;
  scope.replaceChildren(
    about ? h("span", null, "About one message. ") : "Everything since the sandbox started.",
    about ? h("button", { type: "button", class: "as-link", onclick: () => open(null) }, "Show everything") : "",
  );
  const count = (kind) => [...entries.values()].filter((entry) => entry.kind === kind).length;
  morphChildren(
    filters,
    Object.entries(KINDS).map(([kind, name]) =>
      h(
        "button",
        {
          type: "button",
          class: `filter ${kind}`,
          "aria-pressed": String(!hidden.has(kind)),
          "aria-label": name,
          onclick: () => flip(kind),
        },
        h("span", { class: "dot", "aria-hidden": "true" }),
        name,
        h("span", { class: "muted" }, ` ${count(kind)}`),
      ),
    ),
  );
}

function flip(kind) {
  if (!hidden.delete(kind)) hidden.add(kind);
  draw();
}

/* One entry. */

function row(entry) {
  const open_ = expanded.has(entry.n);
  const waiting = entry.kind !== "gateway" && !entry.status;
  const bad = entry.status >= 400;
  const status = waiting ? (entry.ms === null || entry.ms === undefined ? "…" : "cut") : entry.status || "";
  const line = h(
    "button",
    { type: "button", class: "wire-line", "aria-expanded": String(open_), onclick: () => toggle(entry.n) },
    h("span", { class: `dot ${entry.kind}`, title: KINDS[entry.kind] ?? entry.kind }),
    h("span", { class: "wire-time" }, clock(entry.at)),
    h("span", { class: "wire-what" }, h("b", null, entry.method ?? ""), " ", brief(entry.path)),
    h("span", { class: `wire-status ${bad ? "bad" : waiting ? "waiting" : ""}` }, String(status)),
    h(
      "span",
      { class: "wire-ms" },
      entry.ms === null || entry.ms === undefined ? "" : `${Math.round(entry.ms).toLocaleString("en")} ms`,
    ),
    icon("right"),
  );
  return h(
    "li",
    { class: bad ? "wire-entry bad" : "wire-entry", dataset: { key: `n${entry.n}` } },
    line,
    open_
      ? h(
          "div",
          { class: "wire-bodies" },
          h("p", { class: "wire-path" }, `${entry.method ?? ""} ${entry.path}`),
          part("Request", entry.request),
          part("Response", entry.response),
        )
      : null,
  );
}

/** A path whose long ids and tokens are cut, so that its end can be seen. */
const brief = (path) => path.replace(/[^/?=&]{15,}/g, (word) => (/^[A-Z_]+$/.test(word) ? word : `${word.slice(0, 4)}…`));

function part(title, value) {
  if (value === null || value === undefined || value === "")
    return h("section", { "aria-label": title }, h("h3", null, title), h("p", { class: "muted" }, "nothing"));
  return h(
    "section",
    { "aria-label": title },
    h("h3", null, title),
    h("pre", { tabindex: "0", role: "group", "aria-label": `${title} body` }, json(value)),
  );
}

function toggle(n) {
  if (!expanded.delete(n)) expanded.add(n);
  put(entries.get(n));
}

/* The token's life, and the switches. */

function tick() {
  if (root.hidden) return;
  life.hidden = expires === undefined;
  if (life.hidden) return;
  const left = expires === null ? null : Math.max(0, Math.round(expires - Date.now() / 1000));
  const words =
    left === null
      ? "no token is known"
      : left === 0
        ? "expired"
        : `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")} left`;
  life.classList.toggle("bad", left === 0);
  life.classList.toggle("low", left > 0 && left < 120);
  if (life.dataset.words === words) return;
  life.dataset.words = words;
  life.replaceChildren("Interaction token: ", h("b", null, words));
}

function drawSwitches() {
  switches.hidden = !state.switches.length;
  morphChildren(switches, [
    h("summary", null, h("h3", null, "What goes wrong in real life"), icon("down")),
    switchList(state.switches),
  ]);
}

/** Building DOM nodes, and bringing old ones up to date in place. Text is only ever inserted as text. */

const HANDLERS = Symbol("handlers");
const SVG = "http://www.w3.org/2000/svg";
const AS_PROPERTY = new Set(["value", "checked", "muted", "disabled", "hidden", "tabIndex"]);
// What a person did to a node (a spoiler revealed, details opened) outlives a change of the message.
const KEPT = new Set(["open", "style"]);

function dispatch(event) {
  this[HANDLERS]?.[event.type]?.call(this, event);
}

function handle(node, type, handler) {
  if (!node[HANDLERS]) node[HANDLERS] = {};
  if (!(type in node[HANDLERS])) node.addEventListener(type, dispatch);
  node[HANDLERS][type] = handler;
}

function assign(node, name, value) {
  if (value === null || value === undefined) return;
  if (name === "style") for (const [key, entry] of Object.entries(value)) node.style.setProperty(key, entry);
  else if (name === "dataset") for (const [key, entry] of Object.entries(value)) node.dataset[key] = entry;
  else if (typeof value === "function") handle(node, name.slice(2), value);
  else if (AS_PROPERTY.has(name)) node[name] = value;
  else if (value === true) node.setAttribute(name, "");
  else if (value !== false || name.startsWith("aria-")) node.setAttribute(name, value);
}

/** An element; `on…` are handlers, `style` and `dataset` objects, nulls are left out, nested children are flattened. */
export function h(tag, props, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) assign(node, name, value);
  append(node, children);
  return node;
}

function append(node, children) {
  for (const child of children.flat(Infinity)) {
    if (child !== null && child !== undefined && child !== false) node.append(child);
  }
}

const ICONS = {
  hash: "M9 4 7 20M17 4l-2 16M4 9h16M3.5 15h16",
  at: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8M16 8v5.5a2.5 2.5 0 0 0 5 0V12a9 9 0 1 0-3.6 7.2",
  warn: "M12 4 2.5 20h19zM12 10v4M12 17v.01",
  menu: "M4 6h16M4 12h16M4 18h16",
  dots: "M5 12h.01M12 12h.01M19 12h.01",
  close: "M6 6l12 12M18 6 6 18",
  plus: "M12 5v14M5 12h14",
  send: "M4 12h15M13 5.5 19.5 12 13 18.5",
  eye: "M2 12s3.6-6.5 10-6.5S22 12 22 12s-3.6 6.5-10 6.5S2 12 2 12M12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6",
  sun: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8M12 2v2M12 20v2M2 12h2M20 12h2M5 5l1.4 1.4M17.6 17.6 19 19M19 5l-1.4 1.4M6.4 17.6 5 19",
  moon: "M20 14.5A8.5 8.5 0 0 1 9.5 4 8.5 8.5 0 1 0 20 14.5",
  down: "M6 9.5l6 6 6-6",
  right: "M9.5 6l6 6-6 6",
  left: "M14.5 6l-6 6 6 6",
  file: "M6 3h8l5 5v13H6zM14 3v5h5",
  out: "M13 5h6v6M19 5l-9 9M17 14v5H5V7h5",
  reply: "M9 6 3.5 11.5 9 17M4 11.5h9a7 7 0 0 1 7 7v.5",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  id: "M3 5h18v14H3zM7 10v5M11 10v5h1.5a2.5 2.5 0 0 0 0-5z",
  trash: "M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13",
  wire: "M2.5 12h4l3-8 5 16 3-8h4",
  apps: "M4 4h6v6H4zM14 4h6v6h-6zM4 14h6v6H4zM17 13.5v7M13.5 17h7",
  check: "M5 12.5 10 17.5 19 7",
  power: "M12 3v9M6.5 7a8 8 0 1 0 11 0",
  play: "M8 5v14l11-7z",
  people:
    "M9 4.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7M2.5 20a6.5 6.5 0 0 1 13 0M16 5a3.5 3.5 0 0 1 0 6.5M18 14.5a6.5 6.5 0 0 1 3.5 5.5",
};

/** A drawn icon; it says nothing to screen readers, so its button needs a name. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", `icon icon-${name}`);
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

/** A button that shows an icon alone. */
export function iconButton(name, label, onclick, props) {
  return h(
    "button",
    { type: "button", "aria-label": label, title: label, onclick, ...props, class: `icon-button ${props?.class ?? ""}` },
    icon(name),
  );
}

/** Three pulsing dots: something is awaited. */
export function dots() {
  return h("span", { class: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i"));
}

const keyOf = (node) => node.dataset?.key;

/** Make `old` look like `fresh`, keeping nodes (and so focus, scroll positions, loaded pictures) where it can; the node that stands. */
export function morph(old, fresh) {
  if (old.nodeName !== fresh.nodeName || keyOf(old) !== keyOf(fresh)) {
    old.replaceWith(fresh);
    return fresh;
  }
  if (old.nodeType !== Node.ELEMENT_NODE) {
    if (old.data !== fresh.data) old.data = fresh.data;
    return old;
  }
  if (old.hasAttribute("data-opaque")) return old;
  morphAttributes(old, fresh);
  for (const type of Object.keys(old[HANDLERS] ?? {})) old[HANDLERS][type] = undefined;
  for (const [type, handler] of Object.entries(fresh[HANDLERS] ?? {})) handle(old, type, handler);
  morphChildren(old, [...fresh.childNodes]);
  return old;
}

function morphAttributes(old, fresh) {
  if (old.hasAttribute("data-revealed")) return;
  // Links to files are signed anew each time; the same file isn't loaded again.
  const fixed = old.dataset?.file && old.dataset.file === fresh.dataset.file ? ["src"] : [];
  for (const { name } of [...old.attributes]) {
    if (!fresh.hasAttribute(name) && !KEPT.has(name)) old.removeAttribute(name);
  }
  for (const { name, value } of [...fresh.attributes]) {
    if (name === "inert" && old.parentElement?.hasAttribute("data-revealed")) continue;
    if (name !== "style" && !fixed.includes(name) && old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  if (fresh.style?.length && old.style.cssText !== fresh.style.cssText) old.style.cssText = fresh.style.cssText;
  if ("value" in fresh && ["SELECT"].includes(fresh.nodeName))
    queueMicrotask(() => {
      old.value = fresh.value;
    });
}

/** Bring the children of `old` up to date with these nodes; those with the same `data-key` are moved, not made anew. */
export function morphChildren(old, nodes) {
  const keyed = new Map([...old.children].filter(keyOf).map((child) => [keyOf(child), child]));
  let at = old.firstChild;
  for (const next of nodes) {
    const match = keyOf(next) ? keyed.get(keyOf(next)) : at && !keyOf(at) ? at : null;
    if (!match || match.nodeName !== next.nodeName) old.insertBefore(next, at);
    else {
      if (match === at) at = at.nextSibling;
      else move(old, match, at);
      morph(match, next);
    }
  }
  while (at) {
    const following = at.nextSibling;
    at.remove();
    at = following;
  }
}

function move(parent, node, before) {
  // A video goes on playing where the browser can move nodes without taking them out.
  if (parent.moveBefore && parent.isConnected) parent.moveBefore(node, before);
  else parent.insertBefore(node, before);
}

/** Times, sizes, colours and avatars. */

import { h } from "./dom.js";
import { nameOf, state } from "./state.js";

const formats = new Map();

function format(options) {
  const key = `${state.you?.locale}|${JSON.stringify(options)}`;
  if (!formats.has(key)) {
    let made;
    try {
      made = new Intl.DateTimeFormat(state.you?.locale, options);
    } catch {
      made = new Intl.DateTimeFormat("en-US", options);
    }
    formats.set(key, made);
  }
  return formats.get(key);
}

const STYLES = {
  t: { timeStyle: "short" },
  T: { timeStyle: "medium" },
  d: { dateStyle: "short" },
  D: { dateStyle: "long" },
  f: { dateStyle: "long", timeStyle: "short" },
  F: { dateStyle: "full", timeStyle: "short" },
  s: { dateStyle: "short", timeStyle: "short" },
  S: { dateStyle: "short", timeStyle: "medium" },
};
const UNITS = [
  ["year", 31536000],
  ["month", 2592000],
  ["week", 604800],
  ["day", 86400],
  ["hour", 3600],
  ["minute", 60],
  ["second", 1],
];

/** A moment in one of Discord's timestamp styles; "R" is relative to now. */
export function moment(date, style = "f") {
  if (Number.isNaN(date.getTime())) return "an invalid date";
  return style === "R" ? relative(date) : format(STYLES[style] ?? STYLES.f).format(date);
}

function relative(date) {
  const seconds = Math.round((date.getTime() - Date.now()) / 1000);
  const [unit, size] = UNITS.find(([, entry]) => Math.abs(seconds) >= entry) ?? UNITS.at(-1);
  let words;
  try {
    words = new Intl.RelativeTimeFormat(state.you?.locale, { numeric: "auto" });
  } catch {
    words = new Intl.RelativeTimeFormat("en-US", { numeric: "auto" });
  }
  return words.format(Math.trunc(seconds / size), unit);
}

const dayOf = (date) => new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();

export const sameDay = (a, b) => dayOf(new Date(a)) === dayOf(new Date(b));

/** When a message was sent, as its header says it. */
export function sentAt(text) {
  const date = new Date(text);
  const days = Math.round((dayOf(new Date()) - dayOf(date)) / 86400000);
  const time = moment(date, "t");
  return days === 0 ? `Today at ${time}` : days === 1 ? `Yesterday at ${time}` : moment(date, "s");
}

export function clock(seconds) {
  const date = new Date(seconds * 1000);
  const part = (number, width = 2) => String(number).padStart(width, "0");
  return `${part(date.getHours())}:${part(date.getMinutes())}:${part(date.getSeconds())}.${part(date.getMilliseconds(), 3)}`;
}

/** A `<time>` that keeps itself relative (see `refreshTimes`) or exact. */
export function timeNode(date, style) {
  const valid = !Number.isNaN(date.getTime());
  const props = { class: "timestamp", title: moment(date, "F"), datetime: valid ? date.toISOString() : null };
  return h("time", style === "R" ? { ...props, dataset: { relative: String(date.getTime()) } } : props, moment(date, style));
}

/** Bring every relative time on the page up to date. */
export function refreshTimes() {
  for (const node of document.querySelectorAll("time[data-relative]")) {
    const text = moment(new Date(Number(node.dataset.relative)), "R");
    if (node.textContent !== text) node.textContent = text;
  }
}

export function bytes(size) {
  if (size === null || size === undefined) return "";
  if (size < 1024) return `${size} bytes`;
  return size < 1048576 ? `${(size / 1024).toFixed(1)} KB` : `${(size / 1048576).toFixed(2)} MB`;
}

export const hex = (colour) => `#${(colour >>> 0).toString(16).padStart(6, "0").slice(-6)}`;

/** A colour class from an id, always the same for the same id. */
export function tint(id) {
  let sum = 0;
  for (const digit of String(id)) sum = (sum * 31 + digit.charCodeAt(0)) % 9973;
  return `tint-${sum % 8}`;
}

export function initials(name) {
  const words = name
    .replace(/[^\p{L}\p{N}\s]/gu, " ")
    .trim()
    .split(/\s+/);
  return (words.length > 1 ? words[0][0] + words.at(-1)[0] : [...(words[0] || "?")].slice(0, 1).join("")).toUpperCase();
}

/** A round picture made of initials. */
export function avatar(user, size = "") {
  return h("span", { class: `avatar ${tint(user?.id ?? "0")} ${size}`, "aria-hidden": "true" }, initials(nameOf(user)));
}

export function appBadge() {
  return h("span", { class: "badge" }, "APP");
}

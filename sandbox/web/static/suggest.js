/** The list above the composer: commands, choices, what the bot completes. One at a time, driven from a text field. */

import { dots, h } from "./dom.js";

let root = null;
let now = null;

/** `place` is where the list appears. */
export function setUpSuggestions(place) {
  root = place;
  root.hidden = true;
}

/**
 * Show `options` (`{title, description?, aside?, lead?, group?, …}`) for `field`. `label` names the list, `header` stands above
 * it; `active` is the option that Enter takes (-1: none until an arrow key is pressed).
 */
export function suggest(field, { label, header = null, options = [], state = null, active = 0, onpick }) {
  if (now && now.field !== field) hush();
  const list = h("ul", { id: "suggestions", role: "listbox", "aria-label": label });
  now = { field, options, list, onpick, active: Math.min(active, options.length - 1) };
  const rows = options.flatMap((option, index) => {
    const heading =
      option.group && option.group !== options[index - 1]?.group
        ? [h("li", { role: "presentation", class: "suggest-group" }, option.lead, option.group)]
        : [];
    return [...heading, row(option, index)];
  });
  list.append(...rows);
  root.replaceChildren(
    header ? h("div", { class: "suggest-header" }, header) : "",
    state === "loading" ? h("p", { class: "suggest-state" }, dots(), "Loading options…") : "",
    state && state !== "loading"
      ? h(
          "p",
          { class: state === "none" ? "suggest-state" : "suggest-state bad", role: "status" },
          state === "none" ? "No options match" : state,
        )
      : "",
    options.length ? list : "",
  );
  root.hidden = false;
  field.setAttribute("aria-controls", "suggestions");
  if (field.getAttribute("role") === "combobox") field.setAttribute("aria-expanded", String(options.length > 0));
  mark();
}

function row(option, index) {
  return h(
    "li",
    {
      id: `suggestion-${index}`,
      role: "option",
      "aria-selected": "false",
      onpointerdown: (event) => event.preventDefault(),
      onpointermove: () => {
        if (now.active !== index) {
          now.active = index;
          mark(false);
        }
      },
      onclick: () => pick(index),
    },
    option.group ? null : (option.lead ?? null),
    h(
      "span",
      { class: "suggest-text" },
      h(
        "span",
        { class: "suggest-title" },
        option.title,
        option.usage ? [" ", h("span", { class: "suggest-usage" }, option.usage)] : null,
      ),
      option.description ? h("span", { class: "muted" }, option.description) : null,
    ),
    option.aside ? h("span", { class: "suggest-aside" }, option.aside) : null,
  );
}

function mark(scroll = true) {
  for (const node of now.list.querySelectorAll("[role=option]")) {
    const on = node.id === `suggestion-${now.active}`;
    node.setAttribute("aria-selected", String(on));
    if (on && scroll) node.scrollIntoView({ block: "nearest" });
  }
  if (now.active >= 0) now.field.setAttribute("aria-activedescendant", `suggestion-${now.active}`);
  else now.field.removeAttribute("aria-activedescendant");
}

function pick(index, event = null) {
  const { options, onpick } = now;
  hush();
  onpick(options[index], event);
}

/** Close the list (of `field`, where given). */
export function hush(field = null) {
  if (!now || (field && now.field !== field)) return;
  now.field.removeAttribute("aria-activedescendant");
  now.field.removeAttribute("aria-controls");
  if (now.field.getAttribute("role") === "combobox") now.field.setAttribute("aria-expanded", "false");
  now = null;
  root.hidden = true;
  root.replaceChildren();
}

export const isSuggesting = (field) => now?.field === field;

/** Let the list have a key first; whether it took it. */
export function suggestKey(event) {
  if (!now || event.isComposing) return false;
  const { options } = now;
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step && options.length) {
    now.active = now.active < 0 && step < 0 ? options.length - 1 : (now.active + step + options.length) % options.length;
    mark();
  } else if ((event.key === "Enter" || (event.key === "Tab" && !event.shiftKey)) && now.active >= 0) pick(now.active, event);
  else if (event.key === "Escape") hush();
  else return false;
  event.preventDefault();
  event.stopPropagation();
  return true;
}

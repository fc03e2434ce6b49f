/** Switches for what goes wrong in real life, as the sandbox offers them. */

import { h } from "./dom.js";
import { send } from "./socket.js";

export function switchList(switches) {
  return h(
    "ul",
    { class: "switches", role: "list" },
    switches.map((entry) => h("li", { class: "switch", dataset: { key: entry.id } }, text(entry), control(entry))),
  );
}

function text(entry) {
  return h(
    "div",
    { class: "switch-text" },
    h("span", { class: "switch-label" }, entry.label),
    entry.help ? h("span", { class: "muted", id: `switch-${entry.id}-help` }, entry.help) : null,
  );
}

function control(entry) {
  const named = { "aria-label": entry.label, "aria-describedby": entry.help ? `switch-${entry.id}-help` : null };
  if (entry.kind === "once") {
    return h(
      "button",
      {
        type: "button",
        class: `button small ${entry.on ? "primary" : "secondary"}`,
        "aria-label": entry.on ? `${entry.label} (waiting for its occasion)` : entry.label,
        "aria-describedby": named["aria-describedby"],
        onclick: () => send("switch", { id: entry.id }),
      },
      entry.on ? "Waiting…" : "Do it",
    );
  }
  if (entry.kind === "toggle") {
    return h(
      "button",
      {
        type: "button",
        role: "switch",
        class: "toggle",
        "aria-checked": String(Boolean(entry.on)),
        ...named,
        onclick() {
          send("switch", { id: entry.id, value: this.getAttribute("aria-checked") !== "true" });
        },
      },
      h("span", { class: "knob" }),
    );
  }
  const options = [{ value: null, label: "Off" }, ...(entry.options ?? [])];
  const current = Math.max(
    0,
    options.findIndex((option) => option.value === entry.value),
  );
  const choose = function choose() {
    send("switch", { id: entry.id, value: options[this.selectedIndex].value });
  };
  return h(
    "select",
    { ...named, onchange: choose },
    options.map((option, index) => h("option", { value: String(index), selected: index === current }, option.label)),
  );
}

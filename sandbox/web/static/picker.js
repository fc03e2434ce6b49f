/** The list that a select menu opens: one or several of its options, with a search box where there are many. */

import { h, icon } from "./dom.js";
import { openPopup } from "./popup.js";

let counter = 0;

/**
 * Open the list at `anchor`. `options` are `{value, label, description?, lead?}`; `ondone` is called once, when it closes, with
 * the chosen values in the list's order, or not at all where nothing changed or fewer than `min` are chosen.
 */
export function openPicker({ anchor, label, options, chosen, min = 1, max = 1, search = false, ondone }) {
  const id = `picker-${++counter}`;
  const picked = new Set(chosen);
  const before = [...picked].sort().join("\n");
  const single = max === 1;
  let shown = options;
  let active = Math.max(0, options.findIndex((option) => picked.has(option.value)));
  const list = h("ul", { id, role: "listbox", class: "picker-list", "aria-label": label, tabindex: search ? "-1" : "0", "aria-multiselectable": single ? null : "true" });
  const field = search
    ? h("input", { type: "text", class: "picker-search", role: "combobox", "aria-label": `Search: ${label}`, "aria-expanded": "true", "aria-controls": id, placeholder: "Search", oninput: filter, autocomplete: "off" })
    : null;
  const driver = field ?? list;
  const node = h("div", { class: "picker", onkeydown }, field, list, single ? null : h("p", { class: "picker-hint" }));
  node.style.minWidth = `${Math.min(anchor.getBoundingClientRect().width, 420)}px`;
  render();
  const popup = openPopup(node, anchor, { onclose: finish });
  anchor.setAttribute("aria-expanded", "true");

  function filter() {
    const query = field.value.trim().toLowerCase();
    shown = options.filter((option) => option.label.toLowerCase().includes(query) || option.value === query);
    active = 0;
    render();
  }

  function render() {
    list.replaceChildren(...shown.map((option, index) => row(option, index)));
    if (!shown.length) list.append(h("li", { class: "picker-none", role: "option", "aria-disabled": "true", "aria-selected": "false" }, "Nothing found"));
    driver.setAttribute("aria-activedescendant", shown.length ? `${id}-${active}` : "");
    list.children[active]?.scrollIntoView({ block: "nearest" });
    if (!single) node.querySelector(".picker-hint").textContent = hint();
  }

  function hint() {
    return min === max ? `${picked.size} of ${max} chosen` : `${picked.size} chosen (${min} to ${max})`;
  }

  function row(option, index) {
    const on = picked.has(option.value);
    const full = !single && !on && picked.size >= max;
    return h("li", { id: `${id}-${index}`, role: "option", class: index === active ? "active" : "", "aria-selected": String(on), "aria-disabled": full ? "true" : null,
      onpointermove: () => { if (active !== index) { active = index; mark(); } }, onclick: () => toggle(option) },
    option.lead ?? null,
    h("span", { class: "picker-text" }, h("span", null, option.label), option.description ? h("span", { class: "muted" }, option.description) : null),
    single ? (on ? icon("check") : null) : h("span", { class: "box", "aria-hidden": "true" }, on ? icon("check") : null));
  }

  function mark() {
    [...list.children].forEach((child, index) => child.classList.toggle("active", index === active));
    driver.setAttribute("aria-activedescendant", `${id}-${active}`);
  }

  function toggle(option) {
    if (single) {
      const again = picked.has(option.value);
      picked.clear();
      if (!again || min > 0) picked.add(option.value);
      popup.close();
      return;
    }
    if (picked.has(option.value)) picked.delete(option.value);
    else if (picked.size < max) picked.add(option.value);
    render();
  }

  function onkeydown(event) {
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 6, PageUp: -6 }[event.key];
    if (step && shown.length) active = Math.max(0, Math.min(shown.length - 1, active + step));
    else if (event.key === "Home" && !search) active = 0;
    else if (event.key === "End" && !search) active = shown.length - 1;
    else if ((event.key === "Enter" || (event.key === " " && !search)) && shown[active]) toggle(shown[active]);
    else if (event.key === "Tab") popup.close();
    else {
      if (!search && event.key.length === 1) jump(event.key.toLowerCase());
      return;
    }
    event.preventDefault();
    if (node.isConnected) render();
  }

  function jump(letter) {
    const found = shown.findIndex((option, index) => index > active && option.label.toLowerCase().startsWith(letter));
    active = found >= 0 ? found : Math.max(0, shown.findIndex((option) => option.label.toLowerCase().startsWith(letter)));
    render();
  }

  function finish() {
    anchor.setAttribute("aria-expanded", "false");
    const changed = [...picked].sort().join("\n") !== before;
    if (changed && picked.size >= min) ondone(options.map((option) => option.value).filter((value) => picked.has(value)));
  }

  list.children[active]?.scrollIntoView({ block: "nearest" });
  driver.focus();
  return popup;
}

/** The list that a select menu opens: one or several of its options, with a search box where there are many. */

import { h, icon } from "./dom.js";
import { openPopup } from "./popup.js";

const STEPS = { ArrowDown: 1, ArrowUp: -1, PageDown: 6, PageUp: -6 };

let counter = 0;

/**
 * Open the list at `anchor`. `options` are `{value, label, description?, lead?}`; `ondone` is called once, when it closes, with
 * the chosen values in the list's order, or not at all where nothing changed or fewer than `min` are chosen.
 */
export function openPicker(settings) {
  new Picker({ min: 1, max: 1, search: false, ...settings }).open();
}

class Picker {
  constructor(settings) {
    Object.assign(this, settings);
    this.id = `picker-${++counter}`;
    this.picked = new Set(this.chosen);
    this.before = [...this.picked].sort().join("\n");
    this.single = this.max === 1;
    this.shown = this.options;
    this.active = this.#first((option) => this.picked.has(option.value));
    this.list = this.#listbox();
    this.field = this.search ? this.#searchBox() : null;
    this.driver = this.field ?? this.list;
    this.note = this.single ? null : h("p", { class: "picker-hint" });
    this.node = h("div", { class: "picker", onkeydown: (event) => this.#key(event) }, this.field, this.list, this.note);
    this.node.style.minWidth = `${Math.min(this.anchor.getBoundingClientRect().width, 420)}px`;
    this.#draw();
  }

  open() {
    this.popup = openPopup(this.node, this.anchor, { onclose: () => this.#finish() });
    this.anchor.setAttribute("aria-expanded", "true");
    this.list.children[this.active]?.scrollIntoView({ block: "nearest" });
    this.driver.focus();
  }

  #first(test) {
    return Math.max(0, this.shown.findIndex(test));
  }

  #listbox() {
    const several = this.single ? null : "true";
    const props = { role: "listbox", class: "picker-list", "aria-label": this.label, "aria-multiselectable": several };
    return h("ul", { id: this.id, ...props, tabindex: this.search ? "-1" : "0" });
  }

  #searchBox() {
    const props = {
      role: "combobox",
      "aria-label": `Search: ${this.label}`,
      "aria-expanded": "true",
      "aria-controls": this.id,
    };
    const filter = () => this.#filter();
    return h("input", {
      type: "text",
      class: "picker-search",
      ...props,
      placeholder: "Search",
      autocomplete: "off",
      oninput: filter,
    });
  }

  #filter() {
    const query = this.field.value.trim().toLowerCase();
    this.shown = this.options.filter((option) => option.label.toLowerCase().includes(query) || option.value === query);
    this.active = 0;
    this.#draw();
  }

  #draw() {
    this.list.replaceChildren(...this.shown.map((option, index) => this.#row(option, index)));
    const none = { class: "picker-none", role: "option", "aria-disabled": "true", "aria-selected": "false" };
    if (!this.shown.length) this.list.append(h("li", none, "Nothing found"));
    if (this.note) this.note.textContent = this.#count();
    this.#mark();
    this.list.children[this.active]?.scrollIntoView({ block: "nearest" });
  }

  #count() {
    const { picked, min, max } = this;
    return min === max ? `${picked.size} of ${max} chosen` : `${picked.size} chosen (${min} to ${max})`;
  }

  #row(option, index) {
    const on = this.picked.has(option.value);
    const full = !this.single && !on && this.picked.size >= this.max;
    const props = {
      id: `${this.id}-${index}`,
      role: "option",
      "aria-selected": String(on),
      "aria-disabled": full ? "true" : null,
    };
    const hover = () => {
      if (this.active === index) return;
      this.active = index;
      this.#mark();
    };
    const about = option.description ? h("span", { class: "muted" }, option.description) : null;
    const check = on ? icon("check") : null;
    return h(
      "li",
      { ...props, onpointermove: hover, onclick: () => this.#toggle(option) },
      option.lead ?? null,
      h("span", { class: "picker-text" }, h("span", null, option.label), about),
      this.single ? check : h("span", { class: "box", "aria-hidden": "true" }, check),
    );
  }

  #mark() {
    [...this.list.children].forEach((child, index) => child.classList.toggle("active", index === this.active));
    if (this.shown.length) this.driver.setAttribute("aria-activedescendant", `${this.id}-${this.active}`);
    else this.driver.removeAttribute("aria-activedescendant");
  }

  #toggle(option) {
    const had = this.picked.has(option.value);
    if (this.single) {
      this.picked.clear();
      if (!had || this.min > 0) this.picked.add(option.value);
      this.popup.close();
      return;
    }
    if (had) this.picked.delete(option.value);
    else if (this.picked.size < this.max) this.picked.add(option.value);
    this.#draw();
  }

  #key(event) {
    const { key } = event;
    const last = this.shown.length - 1;
    if (STEPS[key] && last >= 0) this.active = Math.max(0, Math.min(last, this.active + STEPS[key]));
    else if (key === "Home" && !this.search) this.active = 0;
    else if (key === "End" && !this.search) this.active = last;
    else if ((key === "Enter" || (key === " " && !this.search)) && this.shown[this.active])
      this.#toggle(this.shown[this.active]);
    else if (key === "Tab") this.popup.close();
    else return this.search || key.length > 1 ? undefined : this.#jump(key.toLowerCase());
    event.preventDefault();
    return this.node.isConnected && this.#draw();
  }

  /** To the next option that begins with a letter. */
  #jump(letter) {
    const begins = (option) => option.label.toLowerCase().startsWith(letter);
    const further = this.shown.findIndex((option, index) => index > this.active && begins(option));
    this.active = further >= 0 ? further : this.#first(begins);
    this.#draw();
  }

  #finish() {
    this.anchor.setAttribute("aria-expanded", "false");
    const changed = [...this.picked].sort().join("\n") !== this.before;
    if (!changed || this.picked.size < this.min) return;
    this.ondone(this.options.map((option) => option.value).filter((value) => this.picked.has(value)));
  }
}

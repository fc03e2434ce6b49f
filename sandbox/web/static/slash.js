/** A slash command being filled in: its name, its options as pills, what is missing. */

import { split, wireOptions } from "./commands.js";
import { complete, stopCompleting } from "./complete.js";
import { h, icon, iconButton } from "./dom.js";
import { optionField, optionName } from "./fields.js";
import { tell } from "./state.js";
import { hush, suggest, suggestKey } from "./suggest.js";

const ATTACHMENT = 11;

const namesOf = (option) => [option.name, optionName(option)];

/** The form of one command; `onsend(options, texts)` and `oncancel(line)` are called once it is done. */
export class CommandForm {
  constructor(entry, texts, { hint, onsend, oncancel }) {
    Object.assign(this, { entry, hint, onsend, oncancel, fields: [], busy: false, released: false });
    this.pills = h("div", { class: "pills" });
    this.more = this.#moreInput();
    const cancel = iconButton("close", `Cancel /${entry.shown}`, () => this.cancel(""), { class: "pill-remove" });
    const chip = h("span", { class: "command-chip" }, `/${entry.shown}`, cancel);
    const props = { class: "command", role: "group", "aria-label": `/${entry.shown}`, onkeydown: (event) => this.#key(event) };
    this.root = h("div", props, chip, this.pills, this.more);
    const shown = entry.options.filter((option) => option.required || option.name in texts);
    for (const option of shown) this.#add(option, texts[option.name]);
    this.#drawMore();
    this.#describe(this.fields[0]);
  }

  focus() {
    const first = this.fields.find((field) => field.isEmpty() && field.option.required) ?? this.fields.at(-1);
    (first ?? this.more).focus();
  }

  async submit() {
    if (this.busy || !this.#values()) return;
    await this.#uploads();
    // In the meantime it may have been cancelled, or its options changed.
    const values = this.released ? null : this.#values();
    if (!values) return;
    hush();
    const texts = Object.fromEntries(this.fields.map((field) => [field.option.name, field.text()]));
    this.onsend(wireOptions(this.entry, values), texts);
  }

  /** What the fields hold, by option name; null, and a complaint, where something is wrong. */
  #values() {
    const values = {};
    for (const field of this.fields) {
      const found = field.read();
      const wrong = found.wrong ?? (found.empty && field.option.required ? "is required" : null);
      if (wrong) return this.#complain(field, wrong);
      if ("value" in found) values[field.option.name] = found.value;
    }
    return values;
  }

  /** Until every file has arrived, those that were chosen meanwhile too. */
  async #uploads() {
    const waiting = () => this.fields.map((field) => field.read().later).filter(Boolean);
    this.busy = true;
    for (let later = waiting(); later.length && !this.released; later = waiting()) {
      this.hint.replaceChildren("Waiting for the upload…");
      await Promise.all(later);
    }
    this.busy = false;
  }

  cancel(line) {
    this.release();
    this.oncancel(line);
  }

  /** Give back what the fields hold; from then on nothing is sent. */
  release() {
    this.released = true;
    stopCompleting();
    for (const field of this.fields) field.release();
    hush();
  }

  /** Files that were dropped or pasted: into the first free attachment options. */
  takeFiles(files) {
    for (const file of files) {
      const free = this.fields.find((field) => field.take && !field.upload);
      const option = this.#unused().find((other) => other.type === ATTACHMENT);
      if (free || option) (free ?? this.#add(option)).take(file);
      else return tell("notice", { text: `/${this.entry.shown} takes no ${files.length > 1 ? "more files" : "file"} here.` });
    }
    return undefined;
  }

  /* What the fields call. */

  complete(field) {
    complete(this, field);
  }

  changed(field) {
    field.root.classList.remove("bad");
    if (this.hint.classList.contains("bad")) this.#describe(field);
    if (field.input?.localName === "textarea") this.#untangle(field);
  }

  focused(field) {
    const complained = this.hint.classList.contains("bad") && this.hint.dataset.option === field.option.name;
    if (!complained) this.#describe(field);
  }

  picked(field, choice, event) {
    field.choose(choice);
    this.changed(field);
    const next = this.fields.slice(this.fields.indexOf(field) + 1).find((other) => other.isEmpty());
    if (event?.key === "Tab" || next) (next ?? this.more).focus();
  }

  /** To what is still empty, or to the end, where Enter sends. */
  advance(field) {
    (this.fields.find((other) => other !== field && other.isEmpty()) ?? this.more).focus();
  }

  remove(field) {
    const index = this.fields.indexOf(field);
    field.release();
    this.fields.splice(index, 1);
    field.root.remove();
    this.#drawMore();
    (this.fields[Math.max(0, index - 1)] ?? this.more).focus();
  }

  /* Options that are there, and those that could be. */

  #add(option, text) {
    const field = optionField(option, this);
    if (text) field.put(text);
    this.fields.push(field);
    this.pills.append(field.root);
    this.#drawMore();
    return field;
  }

  #unused() {
    return this.entry.options.filter((option) => !this.fields.some((field) => field.option === option));
  }

  /** At the end: what else can be given. It also holds the cursor of a command that needs nothing. */
  #moreInput() {
    const offer = () => this.#offerMore();
    const focus = () => {
      this.#describe(null);
      offer();
    };
    const leave = () => {
      this.more.value = "";
      hush(this.more);
    };
    const props = { type: "text", class: "pill-more", role: "combobox", "aria-expanded": "false", "aria-autocomplete": "list" };
    return h("input", {
      ...props,
      autocomplete: "off",
      spellcheck: "false",
      oninput: offer,
      onclick: offer,
      onfocus: focus,
      onblur: leave,
    });
  }

  #drawMore() {
    const rest = this.#unused();
    this.more.placeholder = rest.length ? `+${rest.length} more` : this.fields.length ? "" : "press Enter to send";
    this.more.setAttribute("aria-label", rest.length ? "More options" : `Send /${this.entry.shown}`);
  }

  #offerMore() {
    const typed = this.more.value.trim().replace(/:$/, "").toLowerCase();
    const options = this.#unused()
      .filter((option) => namesOf(option).some((name) => name.toLowerCase().includes(typed)))
      .map((option) => ({ title: optionName(option), description: option.description, option }));
    if (!options.length) return hush(this.more);
    const onpick = ({ option }) => {
      this.more.value = "";
      this.#add(option).focus();
    };
    return suggest(this.more, { label: "More options", options, active: typed ? 0 : -1, onpick });
  }

  /* What is said above the composer. */

  #describe(field) {
    this.hint.classList.remove("bad");
    const { entry } = this;
    if (!field) return this.hint.replaceChildren(h("b", null, `/${entry.shown}`), ` ${entry.description}`);
    const { option } = field;
    const optional = option.required ? "" : h("span", { class: "muted" }, " (optional)");
    return this.hint.replaceChildren(h("b", null, optionName(option)), ` ${option.description ?? ""}`, optional);
  }

  #complain(field, why) {
    this.hint.classList.add("bad");
    this.hint.dataset.option = field.option.name;
    this.hint.replaceChildren(icon("warn"), h("b", null, optionName(field.option)), ` ${why}`);
    field.root.classList.add("bad");
    field.input?.setAttribute("aria-invalid", "true");
    field.focus();
    hush();
    return null;
  }

  /* Names typed inside a text. */

  /** `name:` typed at the end of a text goes to that option; a pasted line of them fills several. */
  #untangle(field) {
    const text = field.text();
    const own = namesOf(field.option).find((name) => text.toLowerCase().startsWith(`${name.toLowerCase()}:`));
    const parts = own ? split(this.entry.options, text) : {};
    if (own && Object.keys(parts).length > 1) return this.#spread(parts);
    if (own) return field.put(text.slice(own.length + 1).trimStart());
    const typed = /(?:^|\s)([\p{L}\p{N}_-]+):$/u.exec(text);
    const atEnd = typed && field.input.selectionEnd === text.length;
    const option = atEnd && this.#unused().find((other) => namesOf(other).includes(typed[1]));
    if (!option) return undefined;
    field.put(text.slice(0, typed.index));
    return this.#add(option).focus();
  }

  #spread(parts) {
    for (const [name, text] of Object.entries(parts)) {
      const option = this.entry.options.find((other) => other.name === name);
      (this.fields.find((field) => field.option === option) ?? this.#add(option)).put(text);
    }
    this.fields.find((field) => field.option.name === Object.keys(parts).at(-1))?.focus();
  }

  /* Keys. */

  #key(event) {
    if (event.isComposing || suggestKey(event)) return;
    const field = this.fields.find((entry) => entry.root.contains(event.target));
    if (event.key === "Escape") this.cancel(this.#line());
    else if (event.key === "Enter" && !event.shiftKey && (!event.target.closest("button") || event.ctrlKey)) this.submit();
    else if (!(event.target === this.more ? this.#keyAtEnd(event) : field?.input && this.#keyIn(field, event))) return;
    event.preventDefault();
  }

  #keyAtEnd(event) {
    if (this.more.value || !["Backspace", "ArrowLeft"].includes(event.key)) return false;
    if (this.fields.length) this.fields.at(-1).focus();
    else if (event.key === "Backspace") this.cancel(`/${this.entry.shown}`);
    return true;
  }

  #keyIn(field, event) {
    const { input } = field;
    const index = this.fields.indexOf(field);
    const atEnd = input.selectionStart === input.value.length;
    const atStart = input.selectionEnd === 0;
    if (event.key === "Backspace" && !input.value) {
      if (!field.option.required) this.remove(field);
      else if (index === 0) this.cancel(`/${this.entry.shown}`);
      else this.fields[index - 1].focus();
    } else if (event.key === "ArrowRight" && !event.shiftKey && atEnd) (this.fields[index + 1] ?? this.more).focus();
    else if (event.key === "ArrowLeft" && !event.shiftKey && atStart && index > 0) this.fields[index - 1].focus();
    else return false;
    return true;
  }

  /** The command as one would type it. */
  #line() {
    const filled = this.fields.filter((field) => field.text().trim());
    return [`/${this.entry.shown}`, ...filled.map((field) => `${optionName(field.option)}: ${field.text().trim()}`)].join(" ");
  }
}

/** A slash command being filled in: its name, its options as pills, what is missing. */

import { split, wireOptions } from "./commands.js";
import { h, icon, iconButton } from "./dom.js";
import { optionField, optionName } from "./fields.js";
import { ask } from "./socket.js";
import { state, tell } from "./state.js";
import { hush, isSuggesting, suggest, suggestKey } from "./suggest.js";

const PAUSE = 250;
const ATTACHMENT = 11;

/** The form of one command; `onsend(values, texts)` and `oncancel(line)` are called once it is done. */
export function commandForm(entry, texts, { hint, onsend, oncancel }) {
  const fields = [];
  const pills = h("div", { class: "pills" });
  const more = h("input", { type: "text", class: "pill-more", role: "combobox", "aria-expanded": "false", "aria-autocomplete": "list", autocomplete: "off", spellcheck: "false",
    oninput: offerMore, onfocus: () => { describe(null); offerMore(); }, onclick: offerMore, onblur: () => { more.value = ""; hush(more); } });
  const chip = h("span", { class: "command-chip" }, `/${entry.shown}`, iconButton("close", `Cancel /${entry.shown}`, () => cancel(""), { class: "pill-remove" }));
  const root = h("div", { class: "command", role: "group", "aria-label": `/${entry.shown}`, onkeydown }, chip, pills, more);
  let busy = false;
  let timer = 0;
  const form = { complete, changed, remove, focused, picked, advance };

  for (const option of entry.options) if (option.required || option.name in texts) add(option, texts[option.name]);
  drawMore();
  describe(fields[0]);

  function add(option, text) {
    const field = optionField(option, form);
    if (text) field.put(text);
    fields.push(field);
    pills.append(field.root);
    drawMore();
    return field;
  }

  function unused() {
    return entry.options.filter((option) => !fields.some((field) => field.option === option));
  }

  /** At the end: what else can be given. It also holds the cursor of a command that needs nothing. */
  function drawMore() {
    const rest = unused();
    more.placeholder = rest.length ? `+${rest.length} more` : fields.length ? "" : "press Enter to send";
    more.setAttribute("aria-label", rest.length ? "More options" : `Send /${entry.shown}`);
  }

  function offerMore() {
    const typed = more.value.trim().replace(/:$/, "").toLowerCase();
    const options = unused().filter((option) => [option.name, optionName(option)].some((name) => name.toLowerCase().includes(typed)))
      .map((option) => ({ title: optionName(option), description: option.description, option }));
    if (!options.length) return hush(more);
    return suggest(more, { label: "More options", options, active: typed ? 0 : -1, onpick: ({ option }) => { more.value = ""; add(option).focus(); } });
  }

  function remove(field) {
    const index = fields.indexOf(field);
    field.release();
    fields.splice(index, 1);
    field.root.remove();
    drawMore();
    (fields[Math.max(0, index - 1)] ?? more).focus();
  }

  function describe(field) {
    hint.classList.remove("bad");
    if (!field) return hint.replaceChildren(h("b", null, `/${entry.shown}`), ` ${entry.description}`);
    const { option } = field;
    return hint.replaceChildren(h("b", null, optionName(option)), ` ${option.description ?? ""}`, option.required ? "" : h("span", { class: "muted" }, " (optional)"));
  }

  function focused(field) {
    const bad = hint.classList.contains("bad") && hint.dataset.option === field.option.name;
    if (!bad) describe(field);
  }

  function complain(field, why) {
    hint.classList.add("bad");
    hint.dataset.option = field.option.name;
    hint.replaceChildren(icon("warn"), h("b", null, optionName(field.option)), ` ${why}`);
    field.root.classList.add("bad");
    field.input?.setAttribute("aria-invalid", "true");
    field.focus();
    hush();
  }

  function changed(field) {
    field.root.classList.remove("bad");
    if (hint.classList.contains("bad")) describe(field);
    if (field.input?.localName === "textarea") untangle(field);
  }

  /** `name:` typed at the end of a text goes to that option; a pasted line of them fills several. */
  function untangle(field) {
    const text = field.text();
    const own = [field.option.name, optionName(field.option)].find((name) => text.toLowerCase().startsWith(`${name.toLowerCase()}:`));
    const parts = own ? split(entry.options, text) : {};
    if (own && Object.keys(parts).length > 1) return spread(parts);
    if (own) return field.put(text.slice(own.length + 1).trimStart());
    const typed = /(?:^|\s)([\p{L}\p{N}_-]+):$/u.exec(text);
    const option = typed && field.input.selectionEnd === text.length && unused().find((other) => [other.name, optionName(other)].includes(typed[1]));
    if (!option) return undefined;
    field.put(text.slice(0, typed.index));
    return add(option).focus();
  }

  function spread(parts) {
    for (const [name, text] of Object.entries(parts)) {
      const option = entry.options.find((other) => other.name === name);
      (fields.find((field) => field.option === option) ?? add(option)).put(text);
    }
    return fields.find((field) => field.option.name === Object.keys(parts).at(-1))?.focus();
  }

  function picked(field, choice, event) {
    field.choose(choice);
    changed(field);
    const next = fields.slice(fields.indexOf(field) + 1).find((other) => other.isEmpty());
    if (event?.key === "Tab" || next) (next ?? more).focus();
  }

  /** To what is still empty, or to the end, where Enter sends. */
  function advance(field) {
    (fields.find((other) => other !== field && other.isEmpty()) ?? more).focus();
  }

  function partial(except) {
    const values = {};
    for (const field of fields) {
      const found = field.read();
      if (field === except) values[field.option.name] = field.text();
      else if ("value" in found) values[field.option.name] = found.value;
    }
    return values;
  }

  function complete(field) {
    clearTimeout(timer);
    const show = (options, status) => suggest(field.input, { label: optionName(field.option), options, state: status, active: -1, onpick: (choice, event) => picked(field, choice, event) });
    if (field.picked && field.results) return show(field.results, null);
    show(field.results ?? [], field.results?.length ? null : "loading");
    timer = setTimeout(() => {
      const options = wireOptions(entry, partial(field), field.option.name);
      const mine = {};
      field.asked = mine;
      ask("autocomplete", { channel_id: state.open, command_id: entry.command.id, options }, (frame) => {
        if (frame.outcome === "pending" || field.asked !== mine) return;
        const good = frame.outcome === "choices";
        field.results = good ? frame.choices.map((choice) => ({ title: choice.name, value: choice.value })) : null;
        if (!isSuggesting(field.input) || document.activeElement !== field.input) return;
        show(field.results ?? [], good ? (field.results.length ? null : "none") : "Failed to load options");
      });
    }, PAUSE);
    return undefined;
  }

  async function submit() {
    if (busy) return;
    const values = {};
    for (const field of [...fields]) {
      let found = field.read();
      if (found.later) {
        busy = true;
        hint.replaceChildren("Waiting for the upload…");
        await found.later;
        busy = false;
        found = field.read();
      }
      if (found.wrong) return void complain(field, found.wrong);
      if (found.empty && field.option.required) return void complain(field, "is required");
      if ("value" in found) values[field.option.name] = found.value;
    }
    hush();
    onsend(wireOptions(entry, values), Object.fromEntries(fields.map((field) => [field.option.name, field.text()])));
  }

  function cancel(line) {
    clearTimeout(timer);
    for (const field of fields) field.release();
    hush();
    oncancel(line);
  }

  const asLine = () => [`/${entry.shown}`, ...fields.filter((field) => field.text().trim()).map((field) => `${optionName(field.option)}: ${field.text().trim()}`)].join(" ");

  function onkeydown(event) {
    if (event.isComposing || suggestKey(event)) return;
    const field = fields.find((entry_) => entry_.root.contains(event.target));
    const input = field?.input;
    if (event.key === "Escape") cancel(asLine());
    else if (event.key === "Enter" && !event.shiftKey && (!event.target.closest("button") || event.ctrlKey)) submit();
    else if (event.target === more && !more.value && ["Backspace", "ArrowLeft"].includes(event.key)) {
      if (fields.length) fields.at(-1).focus();
      else if (event.key === "Backspace") cancel(`/${entry.shown}`);
    }
    else if (event.key === "Backspace" && input && !input.value) {
      if (!field.option.required) remove(field);
      else if (fields[0] === field) cancel(`/${entry.shown}`);
      else fields[fields.indexOf(field) - 1].focus();
    } else if (input && event.key === "ArrowRight" && !event.shiftKey && input.selectionStart === input.value.length) (fields[fields.indexOf(field) + 1] ?? more).focus();
    else if (input && event.key === "ArrowLeft" && !event.shiftKey && input.selectionEnd === 0) fields[fields.indexOf(field) - 1]?.focus();
    else return;
    event.preventDefault();
  }

  /** Files that were dropped or pasted: into the first free attachment option; false where there is none. */
  function takeFiles(files) {
    for (const file of files) {
      const free = fields.find((field) => field.take && !field.upload);
      const option = unused().find((other) => other.type === ATTACHMENT);
      if (!free && !option) return tell("notice", { text: `/${entry.shown} takes no ${files.length > 1 ? "more files" : "file"} here.` });
      const field = free ?? add(option);
      field.take(file);
    }
    return undefined;
  }

  const first = () => fields.find((field) => field.isEmpty() && field.option.required) ?? fields.at(-1);
  const focus = () => (first() ?? more).focus();
  return { root, entry, focus, submit, takeFiles };
}

/** What the bot completes while an option is typed: asked for after a pause, shown above the composer. */

import { wireOptions } from "./commands.js";
import { optionName } from "./fields.js";
import { ask } from "./socket.js";
import { state } from "./state.js";
import { isSuggesting, suggest } from "./suggest.js";

const PAUSE = 250;

let timer = 0;

/** Forget what would have been asked. */
export function stopCompleting() {
  clearTimeout(timer);
}

/** Show what is known for `field`, and ask the bot anew with all that is filled in so far. */
export function complete(form, field) {
  clearTimeout(timer);
  if (field.picked && field.results) return show(form, field, field.results, null);
  show(form, field, field.results ?? [], field.results?.length ? null : "loading");
  timer = setTimeout(() => askBot(form, field), PAUSE);
  return undefined;
}

function show(form, field, options, status) {
  const onpick = (choice, event) => form.picked(field, choice, event);
  suggest(field.input, { label: optionName(field.option), options, state: status, active: -1, onpick });
}

function askBot(form, field) {
  const options = wireOptions(form.entry, partial(form.fields, field), field.option.name);
  const mine = {};
  field.asked = mine;
  ask("autocomplete", { channel_id: state.open, command_id: form.entry.command.id, options }, (frame) => {
    if (frame.outcome === "pending" || field.asked !== mine) return;
    const good = frame.outcome === "choices";
    field.results = good ? frame.choices.map((choice) => ({ title: choice.name, value: choice.value })) : null;
    if (!isSuggesting(field.input) || document.activeElement !== field.input) return;
    show(form, field, field.results ?? [], good ? (field.results.length ? null : "none") : "Failed to load options");
  });
}

function partial(fields, except) {
  const values = {};
  for (const field of fields) {
    const found = field.read();
    if (field === except) values[field.option.name] = field.text();
    else if ("value" in found) values[field.option.name] = found.value;
  }
  return values;
}

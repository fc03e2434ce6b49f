/** The fields of a slash command's options: one pill each, and what its text means. */

import { h, icon, iconButton } from "./dom.js";
import { entities } from "./selects.js";
import { hush, suggest } from "./suggest.js";
import { dropUpload, pickFiles, startUpload, uploadCard } from "./uploads.js";

const STRING = 3;
const INTEGER = 4;
const BOOLEAN = 5;
const NUMBER = 10;
const ATTACHMENT = 11;
const ENTITY = { 6: 5, 7: 8, 8: 6, 9: 7 }; // option type → the select that offers the same

export const optionName = (option) => option.name_shown ?? option.name;

/** A field for `option`; `form` has `complete(field)`, `changed(field)`, `remove(field)` and `focused(field)`. */
export function optionField(option, form) {
  return option.type === ATTACHMENT ? fileField(option, form) : textField(option, form);
}

function pill(option, form, field, content) {
  const remove = option.required
    ? null
    : iconButton("close", `Remove ${optionName(option)}`, () => form.remove(field), { class: "pill-remove", tabindex: "-1" });
  return h(
    "div",
    { class: "pill", onfocusin: () => form.focused(field) },
    h("span", { class: "pill-name" }, optionName(option)),
    content,
    remove,
  );
}

function textField(option, form) {
  const field = { option, picked: null };
  const choices = choicesOf(option);
  const free = option.type === STRING && !choices && !option.autocomplete;
  const listed = Boolean(choices) || option.autocomplete;
  const shared = {
    class: "pill-input",
    "aria-label": optionName(option),
    "aria-required": String(Boolean(option.required)),
    "aria-describedby": "option-hint",
    autocomplete: "off",
    spellcheck: "false",
    oninput: () => {
      field.picked = null;
      input.removeAttribute("aria-invalid");
      form.changed(field);
      offer(field, choices, form);
    },
    onfocus: () => offer(field, choices, form),
    onblur: () => hush(input),
  };
  const input = free
    ? h("textarea", { ...shared, rows: "1", placeholder: " " })
    : h("input", {
        ...shared,
        type: "text",
        placeholder: " ",
        size: "1",
        inputmode: [INTEGER, NUMBER].includes(option.type) && !listed ? "decimal" : null,
        role: listed ? "combobox" : null,
        "aria-expanded": listed ? "false" : null,
        "aria-autocomplete": listed ? "list" : null,
      });
  field.input = input;
  field.root = pill(option, form, field, input);
  field.focus = () => input.focus();
  field.isEmpty = () => !input.value.trim();
  field.text = () => input.value;
  field.put = (text) => {
    input.value = text;
    field.picked = null;
  };
  field.choose = (choice) => {
    input.value = choice.title;
    field.picked = choice;
    input.removeAttribute("aria-invalid");
  };
  field.read = () => read(field, choices);
  field.offer = () => offer(field, choices, form);
  field.release = () => hush(input);
  return field;
}

/** What an option can be chosen of, or null where anything may be typed. */
function choicesOf(option) {
  if (option.type === BOOLEAN)
    return () => [
      { title: "True", value: true },
      { title: "False", value: false },
    ];
  if (option.choices?.length) return () => option.choices.map((choice) => ({ title: choice.name, value: choice.value }));
  if (ENTITY[option.type]) {
    return () =>
      entities(ENTITY[option.type], option.channel_types).map((entry) => ({
        title: entry.label,
        value: entry.value,
        lead: entry.lead,
      }));
  }
  return null;
}

function fitting(choices, text) {
  const wanted = text.trim().replace(/^[@#]/, "").toLowerCase();
  return choices()
    .filter((choice) => choice.title.replace(/^[@#]/, "").toLowerCase().includes(wanted))
    .slice(0, 25);
}

function offer(field, choices, form) {
  if (field.option.autocomplete) return form.complete(field);
  if (!choices) return hush();
  const options = fitting(choices, field.picked ? "" : field.text());
  const active = Math.max(
    0,
    options.findIndex((choice) => choice.value === field.picked?.value),
  );
  return suggest(field.input, {
    label: optionName(field.option),
    options,
    active,
    state: options.length ? null : "none",
    onpick: (choice, event) => form.picked(field, choice, event),
  });
}

/** What is typed as a value: `{value}`, `{empty: true}` or `{wrong: why}`. */
function read(field, choices) {
  const { option } = field;
  const text = field.text().trim();
  if (!text) return { empty: true };
  if (field.picked) return { value: field.picked.value };
  if (choices) return readChoice(choices, text, option);
  if (option.type === INTEGER || option.type === NUMBER) return readNumber(option, text);
  if (option.min_length && text.length < option.min_length)
    return { wrong: `at least ${option.min_length} characters are needed` };
  if (option.max_length && text.length > option.max_length)
    return { wrong: `at most ${option.max_length} characters fit, not ${text.length}` };
  return { value: text };
}

function readChoice(choices, text, option) {
  const id = /^<(?:@!?|@&|#)(\d+)>$/.exec(text)?.[1];
  const bare = (word) => String(word).replace(/^[@#]/, "").toLowerCase();
  const all = choices();
  const found =
    all.find((choice) => choice.value === id || bare(choice.title) === bare(text)) ??
    all.find((choice) => bare(choice.value) === bare(text));
  return found
    ? { value: found.value }
    : { wrong: ENTITY[option.type] ? `nothing here is called “${text}”` : "choose one of the options" };
}

function readNumber(option, text) {
  const whole = option.type === INTEGER;
  if (!(whole ? /^-?\d+$/ : /^-?\d+(\.\d+)?$/).test(text))
    return { wrong: whole ? "a whole number is needed" : "a number is needed" };
  const value = Number(text);
  if (option.min_value !== undefined && value < option.min_value) return { wrong: `${option.min_value} is the least` };
  if (option.max_value !== undefined && value > option.max_value) return { wrong: `${option.max_value} is the most` };
  return { value };
}

function fileField(option, form) {
  const field = { option, upload: null };
  const slot = h("span", { class: "pill-file" });
  const choose = () => pickFiles(([file]) => field.take(file));
  const draw = () => {
    const had = slot.contains(document.activeElement);
    const card = field.upload
      ? uploadCard(
          field.upload,
          () => {
            field.clear();
          },
          "small",
        )
      : h(
          "button",
          {
            type: "button",
            class: "pill-choose",
            "aria-label": optionName(option),
            "aria-describedby": "option-hint",
            onclick: choose,
          },
          icon("plus"),
          "Choose, drop or paste a file",
        );
    slot.replaceChildren(card);
    if (had) field.focus();
  };
  field.root = pill(option, form, field, slot);
  field.take = (file) => {
    field.clear();
    field.upload = startUpload(file, draw);
    draw();
    form.changed(field);
    form.advance(field);
  };
  field.clear = () => {
    dropUpload(field.upload);
    field.upload = null;
    draw();
  };
  field.focus = () => slot.querySelector("button")?.focus();
  field.isEmpty = () => !field.upload;
  field.text = () => "";
  field.put = () => {};
  field.offer = () => hush();
  field.release = () => dropUpload(field.upload);
  field.read = () => {
    if (!field.upload) return { empty: true };
    if (field.upload.wrong) return { wrong: "the file could not be uploaded; choose another" };
    return field.upload.id ? { value: field.upload.id } : { later: field.upload.done };
  };
  draw();
  return field;
}

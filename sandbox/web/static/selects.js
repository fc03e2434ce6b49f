/** Select menus of every kind, in messages and in modals. */

import { dots, h, icon } from "./dom.js";
import { avatar } from "./format.js";
import { openPicker } from "./picker.js";
import { channels, isDm, state } from "./state.js";

const STRING = 3;
const USER = 5;
const ROLE = 6;
const MENTIONABLE = 7;
const CHANNEL = 8;
export const SELECTS = [STRING, USER, ROLE, MENTIONABLE, CHANNEL];
const PLACEHOLDER = {
  [STRING]: "Make a selection",
  [USER]: "Select a user",
  [ROLE]: "Select a role",
  [MENTIONABLE]: "Select a user or role",
  [CHANNEL]: "Select a channel",
};

/** An emoji as Discord's objects have it: unicode as it is, a custom one by its name. */
export function emoji(data) {
  if (!data) return null;
  return h("span", { class: "emoji", "aria-hidden": data.id ? null : "true" }, data.id ? `:${data.name}:` : data.name);
}

const users = () =>
  Object.entries(state.names.users).map(([id, name]) => ({
    value: id,
    label: name,
    lead: avatar({ id, username: name }, "tiny"),
  }));
const roles = () =>
  Object.entries(state.names.roles).map(([id, name]) => ({ value: id, label: `@${name.replace(/^@/, "")}`, lead: icon("at") }));

function places(types) {
  const here = state.guilds.find((guild) => guild.channels.some((channel) => channel.id === state.open));
  const known = here ? here.channels : channels().filter((channel) => !isDm(channel));
  const fitting = known.filter((channel) => !types?.length || types.includes(channel.type ?? 0));
  return fitting.map((channel) => ({ value: channel.id, label: channel.name, lead: icon("hash") }));
}

/** What people, roles or channels can be chosen of; `{value, label, lead}` each. */
export function entities(kind, channelTypes) {
  return { [USER]: users, [ROLE]: roles, [MENTIONABLE]: () => [...users(), ...roles()], [CHANNEL]: () => places(channelTypes) }[
    kind
  ]();
}

/** The options of a select menu. */
export function optionsOf(component) {
  if (component.type !== STRING) return entities(component.type, component.channel_types);
  return component.options.map((option) => ({
    value: option.value,
    label: option.label,
    description: option.description,
    lead: emoji(option.emoji),
  }));
}

/** What is chosen before anybody chose. */
export function defaultsOf(component) {
  if (component.type !== STRING) return (component.default_values ?? []).map((entry) => entry.id);
  return component.options.filter((option) => option.default).map((option) => option.value);
}

/** The closed select: `values` are shown as chosen, `onchoose` gets new ones. */
export function selectBox(component, values, { pending = false, required = true, label = null, onchoose, props = {} }) {
  const options = optionsOf(component);
  const chosen = values.map((value) => options.find((option) => option.value === value)).filter(Boolean);
  const placeholder = component.placeholder || PLACEHOLDER[component.type];
  const text = chosen.length
    ? chosen.map((option, index) => [
        index ? ", " : null,
        h("span", { class: "chosen" }, option.lead?.cloneNode(true), option.label),
      ])
    : h("span", { class: "placeholder" }, placeholder);
  const name = [label, placeholder].filter(Boolean).join(": ");
  const open = function open() {
    if (pending) return;
    openPicker({
      anchor: this,
      label: label ?? placeholder,
      options,
      chosen: values,
      min: component.min_values ?? (required ? 1 : 0),
      max: component.max_values ?? 1,
      search: component.type !== STRING || options.length > 10,
      ondone: onchoose,
    });
  };
  return h(
    "button",
    {
      type: "button",
      class: "select",
      "aria-haspopup": "listbox",
      "aria-expanded": "false",
      disabled: Boolean(component.disabled),
      "aria-disabled": pending ? "true" : null,
      "aria-label": chosen.length ? `${name}, ${chosen.map((option) => option.label).join(", ")}` : name,
      "aria-busy": pending ? "true" : null,
      onclick: open,
      ...props,
    },
    h("span", { class: "select-text" }, text),
    pending ? dots() : icon("down"),
  );
}

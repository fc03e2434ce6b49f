/** A modal that the bot opened: filled in, checked, sent; it stays open where the bot doesn't answer. */

import { dots, h, iconButton } from "./dom.js";
import { avatar } from "./format.js";
import { markup } from "./markup.js";
import { modalInput } from "./inputs.js";
import { ask } from "./socket.js";
import { listen, nameOf, state, tell } from "./state.js";
import { filesOf } from "./uploads.js";

const ROW = 1;
const TEXT_DISPLAY = 10;
const LABEL = 18;

let counter = 0;

export function setUpModals() {
  listen("modal", ({ modal, interaction_id: id }) => openModal(modal, id));
}

function openModal(modal, interactionId) {
  document.querySelector("dialog.modal")?.close();
  const id = `modal-${++counter}`;
  const parts = modal.components.map((component, index) => part(component, index, id));
  const inputs = parts.filter((entry) => entry.input);
  const problem = h("p", { class: "form-wrong", role: "alert" });
  const submitText = h("span", { class: "button-text" }, "Submit");
  const submit = h(
    "button",
    { type: "submit", class: "button primary" },
    submitText,
    h("span", { class: "modal-wait", hidden: true }, dots()),
  );
  const cancel = h("button", { type: "button", class: "button plain", onclick: () => dialog.close() }, "Cancel");
  const form = h(
    "form",
    {
      class: "modal-form",
      novalidate: true,
      onsubmit,
      oninput: (event) => inputs.find((entry) => entry.node.contains(event.target))?.check(false),
    },
    h(
      "header",
      { class: "modal-head" },
      avatar(state.bot?.user, "small"),
      h("h2", { id: `${id}-title` }, modal.title),
      iconButton("close", "Close", () => dialog.close()),
    ),
    h(
      "div",
      { class: "modal-body" },
      parts.map((entry) => entry.node),
      h(
        "p",
        { class: "modal-note" },
        `This form goes to ${nameOf(state.bot?.user)}. Do not share passwords or other sensitive information.`,
      ),
    ),
    h("footer", { class: "modal-foot" }, problem, h("div", { class: "modal-buttons" }, cancel, submit)),
  );
  const dialog = h("dialog", { class: "modal", "aria-labelledby": `${id}-title`, onclose: gone, onpaste: paste }, form);
  let waiting = false;
  document.body.append(dialog);
  dialog.showModal();
  (inputs[0]?.input ?? { focus: () => submit.focus() }).focus();

  async function onsubmit(event) {
    event.preventDefault();
    if (waiting) return;
    problem.textContent = "";
    const bad = inputs.filter((entry) => !entry.check(true));
    if (bad.length) return void bad[0].input.focus();
    wait(true);
    await Promise.all(inputs.map((entry) => entry.input.ready?.()));
    if (!inputs.every((entry) => entry.check(true))) return void wait(false);
    ask("submit", { interaction_id: interactionId, components: parts.map((entry) => entry.sent()) }, (frame) => {
      if (frame.outcome === "pending") return;
      wait(false);
      if (["failed", "refused"].includes(frame.outcome))
        problem.textContent = (frame.outcome === "refused" && frame.reason) || "Something went wrong. Try again.";
      else dialog.close();
    });
  }

  function wait(on) {
    waiting = on;
    submit.classList.toggle("pending", on);
    submit.setAttribute("aria-busy", String(on));
    submit.querySelector(".modal-wait").hidden = !on;
  }

  function paste(event) {
    const target = inputs.find((entry) => entry.input.take);
    if (!target || !filesOf(event.clipboardData).length) return;
    event.preventDefault();
    target.input.take(filesOf(event.clipboardData));
  }

  function gone() {
    for (const entry of inputs) entry.input.release?.();
    dialog.remove();
    if (document.activeElement === document.body) tell("focus-composer");
  }
}

/** One top-level component: its node, and what is sent for it. */
function part(component, index, id) {
  if (component.type === TEXT_DISPLAY) {
    return {
      node: markup(component.content, "modal-text"),
      sent: () => ({ type: TEXT_DISPLAY, id: component.id ?? index + 1 }),
    };
  }
  const inner = component.type === LABEL ? component.component : component.components?.[0];
  const label = component.type === LABEL ? component.label : inner?.label;
  const names = {
    text: label,
    label: `${id}-${index}-label`,
    input: `${id}-${index}`,
    wrong: `${id}-${index}-wrong`,
    description: component.description ? `${id}-${index}-description` : null,
  };
  const input = inner && modalInput(inner, names);
  if (!input)
    return {
      node: h("p", { class: "muted" }, `An input of type ${inner?.type}, which this page doesn't know`),
      sent: () => ({ type: component.type, id: component.id ?? index + 1 }),
    };
  const sent = () => {
    const value = { type: inner.type, id: inner.id ?? 100 + index, custom_id: inner.custom_id, ...input.sent() };
    const outer = { type: component.type, id: component.id ?? index + 1 };
    return component.type === ROW ? { ...outer, components: [value] } : { ...outer, component: value };
  };
  return { input, sent, ...frame(component, inner, label, names, input) };
}

function frame(component, inner, label, names, input) {
  const required = inner.required !== false && !input.inline;
  const wrong = h("p", { class: "field-wrong", id: names.wrong });
  const title = h(
    "label",
    { id: names.label, for: names.input, class: "field-label" },
    label,
    required ? h("span", { class: "star", "aria-hidden": "true" }, " *") : null,
  );
  const about = component.description ? h("p", { class: "field-about", id: names.description }, component.description) : null;
  const node = h(
    "div",
    { class: `field ${input.inline ? "inline-field" : ""}` },
    input.inline ? [input.node, h("div", null, title, about)] : [title, about, input.node],
    wrong,
  );
  const check = (show) => {
    const why = input.wrong();
    if (show || !why) wrong.textContent = why ?? "";
    if (why && show) input.mark.setAttribute("aria-invalid", "true");
    else if (!why) input.mark.removeAttribute("aria-invalid");
    return !why;
  };
  return { node, check };
}

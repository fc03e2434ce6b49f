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
  listen("modal", ({ modal, interaction_id: id }) => new ModalDialog(modal, id).open());
}

class ModalDialog {
  constructor(modal, interactionId) {
    this.interactionId = interactionId;
    this.id = `modal-${++counter}`;
    this.waiting = false;
    this.parts = modal.components.map((component, index) => part(component, index, this.id));
    this.inputs = this.parts.filter((entry) => entry.input);
    this.problem = h("p", { class: "form-wrong", role: "alert" });
    this.wait = h("span", { class: "modal-wait", hidden: true }, dots());
    const words = h("span", { class: "button-text" }, "Submit");
    this.button = h("button", { type: "submit", class: "button primary" }, words, this.wait);
    const props = { class: "modal", "aria-labelledby": `${this.id}-title` };
    const form = this.#form(modal);
    this.dialog = h("dialog", { ...props, onclose: () => this.#gone(), onpaste: (event) => this.#paste(event) }, form);
  }

  open() {
    document.querySelector("dialog.modal")?.close();
    document.body.append(this.dialog);
    this.dialog.showModal();
    (this.inputs[0]?.input ?? this.button).focus();
  }

  #form(modal) {
    const bot = state.bot?.user;
    const close = () => this.dialog.close();
    const title = h("h2", { id: `${this.id}-title` }, modal.title);
    const cancel = h("button", { type: "button", class: "button plain", onclick: close }, "Cancel");
    const warning = `This form goes to ${nameOf(bot)}. Do not share passwords or other sensitive information.`;
    const nodes = this.parts.map((entry) => entry.node);
    const changed = (event) => this.inputs.find((entry) => entry.node.contains(event.target))?.check(false);
    return h(
      "form",
      { class: "modal-form", novalidate: true, onsubmit: (event) => this.#submit(event), oninput: changed },
      h("header", { class: "modal-head" }, avatar(bot, "small"), title, iconButton("close", "Close", close)),
      h("div", { class: "modal-body" }, nodes, h("p", { class: "modal-note" }, warning)),
      h("footer", { class: "modal-foot" }, this.problem, h("div", { class: "modal-buttons" }, cancel, this.button)),
    );
  }

  async #submit(event) {
    event.preventDefault();
    if (this.waiting) return;
    this.problem.textContent = "";
    const bad = this.inputs.filter((entry) => !entry.check(true));
    if (bad.length) return void bad[0].input.focus();
    this.#await(true);
    await Promise.all(this.inputs.map((entry) => entry.input.ready?.()));
    if (!this.dialog.open) return;
    if (!this.inputs.every((entry) => entry.check(true))) return void this.#await(false);
    const components = this.parts.map((entry) => entry.sent());
    ask("submit", { interaction_id: this.interactionId, components }, (frame) => this.#heard(frame));
  }

  #heard({ outcome, reason }) {
    if (outcome === "pending") return;
    this.#await(false);
    if (outcome === "refused" && reason) this.problem.textContent = reason;
    else if (outcome === "failed" || outcome === "refused") this.problem.textContent = "Something went wrong. Try again.";
    else this.dialog.close();
  }

  #await(on) {
    this.waiting = on;
    this.button.classList.toggle("pending", on);
    this.button.setAttribute("aria-busy", String(on));
    this.wait.hidden = !on;
  }

  #paste(event) {
    const target = this.inputs.find((entry) => entry.input.take);
    const files = filesOf(event.clipboardData);
    if (!target || !files.length) return;
    event.preventDefault();
    target.input.take(files);
  }

  #gone() {
    for (const entry of this.inputs) entry.input.release?.();
    this.dialog.remove();
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

/** Menus: a message's context menu, and any other list of things to do. */

import { h, icon } from "./dom.js";
import { openPopup } from "./popup.js";
import { ask, send } from "./socket.js";
import { markupText } from "./excerpt.js";
import { state, tell } from "./state.js";

/** Open a menu at an element or a point; items are `{label, note?, icon?, danger?, run}` or `{label, icon?, items}`, null draws a line. */
export function openMenu(anchor, items, label, options = {}) {
  const node = h("div", { role: "menu", class: "menu", "aria-label": label, tabindex: "-1", onkeydown });
  node.append(...items.map((item) => (item ? entry(item) : h("div", { role: "separator", class: "line" }))));
  const popup = openPopup(node, anchor, options);
  const root = options.root ?? popup;
  let child = null;
  node.querySelector("[role=menuitem]")?.focus({ preventScroll: true });

  function entry(item) {
    const props = item.items ? { "aria-haspopup": "menu", "aria-expanded": "false" } : {};
    return h(
      "button",
      {
        type: "button",
        role: "menuitem",
        tabindex: "-1",
        class: item.danger ? "danger" : "",
        ...props,
        onclick() {
          return item.items ? branch(this, item) : choose(item);
        },
        onpointerenter() {
          this.focus({ preventScroll: true });
          if (item.items) branch(this, item, { quiet: true });
          else child?.close({ refocus: false });
        },
      },
      item.icon ? icon(item.icon) : null,
      h(
        "span",
        { class: "menu-text" },
        h("span", null, item.label),
        item.note ? h("span", { class: "muted" }, item.note) : null,
      ),
      item.items ? icon("right") : null,
    );
  }

  function branch(button, item, { quiet = false } = {}) {
    if (child?.node.isConnected) {
      if (!quiet) child.node.querySelector("[role=menuitem]")?.focus();
      return;
    }
    button.setAttribute("aria-expanded", "true");
    child = openMenu(button, item.items, item.label, {
      side: "right",
      parent: popup,
      root,
      onclose: () => button.setAttribute("aria-expanded", "false"),
    });
    if (quiet) button.focus({ preventScroll: true });
  }

  function choose(item) {
    root.close();
    item.run();
  }

  function onkeydown(event) {
    if (event.target.closest("[role=menu]") !== node) return;
    const buttons = [...node.querySelectorAll(":scope > [role=menuitem]")];
    const here = buttons.indexOf(document.activeElement);
    const to = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: buttons.length - 1 }[event.key];
    if (to !== undefined) buttons[(to + buttons.length) % buttons.length]?.focus();
    else if (event.key === "ArrowRight" && buttons[here]?.hasAttribute("aria-haspopup")) buttons[here].click();
    else if (event.key === "ArrowLeft" && options.parent) popup.close();
    else if (event.key === "Tab") root.close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  return popup;
}

/** What can be done with a message. */
export function openMessageMenu(anchor, message) {
  openMenu(anchor, messageItems(message), "Message actions");
}

function messageItems(message) {
  const place = { channel_id: message.channel_id, message_id: message.id };
  const may = message.client?.may ?? [];
  const text = markupText(message);
  return [
    message.client?.only_you ? null : { label: "Reply", icon: "reply", run: () => tell("reply", message) },
    state.menu.length
      ? {
          label: "Apps",
          icon: "apps",
          items: state.menu.map((command) => ({
            label: command.name_shown ?? command.name,
            run: () => runCommand(command, message),
          })),
        }
      : null,
    text ? { label: "Copy text", icon: "copy", run: () => copy(text, "Text copied") } : null,
    { label: "Copy message ID", icon: "id", run: () => copy(message.id, "Message ID copied") },
    { label: "What went over the wire", icon: "wire", run: () => tell("wire-open", { message_id: message.id }) },
    may.includes("dismiss") ? { label: "Dismiss message", icon: "close", run: () => send("dismiss", place) } : null,
    may.includes("delete") ? { label: "Delete message", icon: "trash", danger: true, run: () => send("delete", place) } : null,
  ].filter(Boolean);
}

function runCommand(command, message) {
  tell("sent", {
    command: command.name_shown ?? command.name,
    type: "menu",
    fields: { channel_id: message.channel_id, command_id: command.id, message_id: message.id },
    ask,
  });
}

async function copy(text, done) {
  try {
    await navigator.clipboard.writeText(text);
    tell("notice", { text: done });
  } catch {
    tell("notice", { text: "The browser did not allow copying." });
  }
}

/** Short notices in a corner. */

import { h, icon, iconButton } from "./dom.js";
import { listen } from "./state.js";

const SHOWN_FOR = 6000;
let root;

export function setUpToasts(node) {
  root = node;
  listen("notice", ({ text }) => toast(text));
  listen("refused", ({ reason }) => toast(reason, true));
}

function toast(text, bad = false) {
  if (!text) return;
  for (const old of [...root.children].slice(0, -3)) old.remove();
  const node = h(
    "div",
    { class: bad ? "toast bad" : "toast", role: bad ? "alert" : null },
    bad ? icon("warn") : null,
    h("span", null, text),
    iconButton("close", "Close this notice", () => node.remove()),
  );
  // A modal dialog makes everything outside it unreachable, and hides it.
  (document.querySelector("dialog[open]:last-of-type") ?? root).append(node);
  let timer = setTimeout(() => node.remove(), SHOWN_FOR);
  node.addEventListener("pointerenter", () => clearTimeout(timer));
  node.addEventListener("pointerleave", () => {
    timer = setTimeout(() => node.remove(), SHOWN_FOR / 2);
  });
}

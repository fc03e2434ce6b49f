/** What happens anywhere on the page and belongs to the composer: files dropped or pasted, letters typed. */

import { h, icon } from "./dom.js";
import { filesOf } from "./uploads.js";

// An open dialog takes its own files and letters.
const elsewhere = () => document.querySelector("dialog[open]") !== null;
const hasFiles = (event) => Boolean(event.dataTransfer?.types.includes("Files"));

/** Hand files that are dropped or pasted to `take`. */
export function catchFiles(take) {
  const veil = h("div", { class: "veil", hidden: true }, h("p", null, icon("file"), "Drop to upload"));
  document.body.append(veil);
  let depth = 0;
  const enter = (by) => {
    depth = by ? Math.max(0, depth + by) : 0;
    veil.hidden = !depth;
  };
  addEventListener("dragenter", (event) => hasFiles(event) && !elsewhere() && enter(1));
  addEventListener("dragleave", (event) => hasFiles(event) && enter(-1));
  addEventListener("dragover", (event) => hasFiles(event) && event.preventDefault());
  addEventListener("drop", (event) => {
    enter(0);
    if (!hasFiles(event) || event.defaultPrevented) return;
    event.preventDefault();
    if (!elsewhere()) take(filesOf(event.dataTransfer));
  });
  addEventListener("paste", (event) => {
    const files = filesOf(event.clipboardData);
    if (elsewhere() || !files.length) return;
    event.preventDefault();
    take(files);
  });
}

/** Put the cursor where one writes when a letter is typed where nothing takes it. */
export function catchLetters(focus) {
  addEventListener("keydown", (event) => {
    const { key, target } = event;
    if (key.length !== 1 || key === " " || event.ctrlKey || event.metaKey || event.altKey || elsewhere()) return;
    const passive = target.closest("article, button, a") && !target.closest("[popover], #composer, #wire");
    if (target === document.body || passive) focus();
  });
}

/** Files on their way to the sandbox: brought there at once, shown with a preview, taken back by a button. */

import { dots, h, icon, iconButton } from "./dom.js";
import { bytes } from "./format.js";
import { upload } from "./socket.js";
import { tell } from "./state.js";

/** Begin to bring a file; `onchange` is called when it is there or has failed. */
export function startUpload(file, onchange) {
  const entry = { file, name: file.name || "file", size: file.size, id: null, wrong: null, preview: null };
  if (/^image\/(?!svg)/.test(file.type)) entry.preview = URL.createObjectURL(file);
  entry.done = upload(file).then(
    (told) => {
      entry.id = told.id;
      onchange?.(entry);
      return told.id;
    },
    (error) => {
      entry.wrong = error.message || "The upload failed.";
      tell("refused", { reason: `${entry.name}: ${entry.wrong}` });
      onchange?.(entry);
      return null;
    },
  );
  return entry;
}

/** Give back what the preview holds. */
export function dropUpload(entry) {
  if (entry?.preview) URL.revokeObjectURL(entry.preview);
}

/** A file with its preview, which is loaded once however often the card is drawn, and a button that removes it. */
export function uploadCard(entry, onremove, className = "") {
  return h(
    "div",
    { class: `upload ${className} ${entry.wrong ? "bad" : ""}` },
    entry.preview
      ? (entry.image ??= h("img", { src: entry.preview, alt: "", class: "upload-preview" }))
      : h("span", { class: "upload-preview" }, icon("file")),
    h(
      "span",
      { class: "upload-text" },
      h("span", { class: "upload-name" }, entry.name),
      h("span", { class: "muted" }, entry.wrong ? "failed" : entry.id ? bytes(entry.size) : dots()),
    ),
    iconButton("close", `Remove ${entry.name}`, onremove, { class: "upload-remove" }),
  );
}

/** Ask for files with the browser's own dialog. */
export function pickFiles(onfiles, { multiple = false, accept = "" } = {}) {
  const input = h("input", {
    type: "file",
    multiple,
    accept,
    onchange: () => {
      if (input.files.length) onfiles([...input.files]);
    },
  });
  input.click();
}

export const filesOf = (transfer) => [...(transfer?.files ?? [])];

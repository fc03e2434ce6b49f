/** JSON for reading: indented, its parts coloured. */

import { h } from "./dom.js";

const TOKEN = /("(?:\\.|[^"\\])*")(\s*:)?|\b(true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
const LONGEST = 20000;

/** Nodes that show a JSON value; a text that is none is shown as it is. */
export function json(value) {
  if (typeof value === "string") return [value];
  const text = JSON.stringify(value, null, 2);
  if (text.length > LONGEST) return [`${text.slice(0, LONGEST)}\n… (${text.length.toLocaleString("en")} characters)`];
  const nodes = [];
  let from = 0;
  for (const found of text.matchAll(TOKEN)) {
    const [whole, string, colon, word] = found;
    nodes.push(text.slice(from, found.index));
    const kind = string ? (colon ? "j-key" : "j-string") : word ? "j-word" : "j-number";
    nodes.push(h("span", { class: kind }, string ?? whole), colon ?? "");
    from = found.index + whole.length;
  }
  nodes.push(text.slice(from));
  return nodes;
}

/** The plain words of a message, for copying and for announcing it. */

import { plainText } from "./markup.js";

const TEXT = 10;

function texts(components) {
  return components
    .flatMap((item) => [item.type === TEXT ? item.content : null, ...texts(item.components ?? [])])
    .filter(Boolean);
}

/** All text of a message as it was written, markdown and all. */
export function markupText(message) {
  const embeds = (message.embeds ?? []).flatMap((embed) => [embed.title, embed.description]);
  return [message.content, ...embeds, ...texts(message.components ?? [])].filter(Boolean).join("\n");
}

/** The first words of a message, without its marks. */
export function excerpt(message, longest = 160) {
  return cut(plainText(markupText(message)).replace(/\s+/g, " ").trim(), longest);
}

/** As much of a text as fits; its marks are to be read before, since a cut may go through one. */
export function cut(text, longest) {
  return text.length > longest ? `${text.slice(0, longest - 1)}…` : text;
}

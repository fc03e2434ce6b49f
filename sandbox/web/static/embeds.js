/** Embeds: the coloured cards of V1 messages. */

import { h } from "./dom.js";
import { hex, timeNode } from "./format.js";
import { inlineMarkup, link, markup } from "./markup.js";
import { gallery, mediaItem, thumbnail } from "./media.js";

export function embed(data) {
  const known = typeof data.color === "number" && data.color !== 0;
  const side = data.thumbnail?.url ? thumbnail(mediaItem(data.thumbnail)) : null;
  const body = h(
    "div",
    { class: "embed-body" },
    author(data),
    title(data),
    data.description ? markup(data.description, "embed-text") : null,
    fields(data),
  );
  return h(
    "div",
    {
      class: "embed",
      role: "group",
      "aria-label": data.title ? `Embed: ${data.title}` : "Embed",
      style: known ? { "--accent": hex(data.color) } : {},
    },
    h("div", { class: "embed-top" }, body, side),
    pictures(data),
    footer(data),
  );
}

function author(data) {
  if (!data.author?.name) return null;
  return h(
    "div",
    { class: "embed-author" },
    data.author.url ? link(data.author.url, null, [data.author.name]) : data.author.name,
  );
}

function title(data) {
  if (!data.title) return null;
  const text = inlineMarkup(data.title);
  return h(
    "div",
    { class: "embed-title" },
    data.url
      ? link(
          data.url,
          null,
          text.map((node) => node.textContent),
        )
      : text,
  );
}

function fields(data) {
  if (!data.fields?.length) return null;
  const shown = data.fields.map((field) =>
    h(
      "div",
      { class: field.inline ? "field inline" : "field" },
      h("dt", null, inlineMarkup(field.name)),
      h("dd", null, markup(field.value)),
    ),
  );
  return h("dl", { class: "fields" }, shown);
}

function pictures(data) {
  const media = [data.image, data.video]
    .filter((entry) => entry?.url)
    .map((entry) => mediaItem(entry, { description: entry.description ?? data.title }));
  return media.length ? gallery(media) : null;
}

function footer(data) {
  if (!data.footer?.text && !data.timestamp) return null;
  const parts = [data.footer?.text, data.timestamp ? timeNode(new Date(data.timestamp), "s") : null].filter(Boolean);
  return h(
    "div",
    { class: "embed-footer" },
    parts.flatMap((part, index) => (index ? [" • ", part] : [part])),
  );
}

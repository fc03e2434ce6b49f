/** Pictures, videos and files: sized before they load, spoilers blurred, full size in a dialog. */

import { h, icon, iconButton } from "./dom.js";
import { bytes } from "./format.js";
import { link } from "./markup.js";

const WIDEST = 550;
const TALLEST = 350;
const VIDEO = /\.(mp4|webm|mov|m4v)$/i;
const IMAGE = /\.(png|jpe?g|gif|webp|avif|bmp)$/i;
const AUDIO = /\.(mp3|ogg|wav|flac|m4a)$/i;

const calm = matchMedia("(prefers-reduced-motion: reduce)");
const pathOf = (url) => String(url ?? "").split(/[?#]/, 1)[0];

/** "image", "video", "audio" or "file". */
export function kindOf(item) {
  const type = item.content_type ?? "";
  const path = pathOf(item.filename ?? item.url);
  if (type.startsWith("image/") ? !type.includes("svg") : !type && IMAGE.test(path)) return "image";
  if (type.startsWith("video/") || (!type && VIDEO.test(path))) return "video";
  if (type.startsWith("audio/") || (!type && AUDIO.test(path))) return "audio";
  return "file";
}

/** What Discord's several shapes of a picture have in common. */
export function mediaItem(media, { description, spoiler } = {}) {
  return { ...media, src: media.url, alt: description ?? media.description ?? "", spoiler: Boolean(spoiler) };
}

const keyOf = (item) => item.attachment_id ?? pathOf(item.src);

function fit(item, widest, tallest) {
  const { width, height } = item;
  if (!width || !height) return null;
  const scale = Math.min(1, widest / width, tallest / height);
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

/** Up to ten pictures or videos as Discord lays them out. */
export function gallery(items, props = {}) {
  const single = items.length === 1;
  const shown = items.map((item, index) => figure(item, { single, all: items, index }));
  return h(
    "div",
    { class: `gallery n${items.length}`, role: "group", "aria-label": single ? null : `${items.length} attachments`, ...props },
    shown,
  );
}

function figure(item, { single, all, index }) {
  const size = single ? fit(item, WIDEST, TALLEST) : null;
  const content = kindOf(item) === "video" ? video(item, size) : picture(item, size, () => openViewer(all, index));
  const style = size ? { "--width": `${size.width}px`, "--ratio": `${size.width} / ${size.height}` } : {};
  const className = `media ${single ? "single" : ""} ${single && !size ? "unsized" : ""}`;
  return h("div", { class: className, style }, item.spoiler ? cover(content) : content);
}

/** A picture in a button that opens it. */
export function picture(item, size, open) {
  const image = h("img", {
    src: item.src,
    alt: item.alt,
    ...size,
    dataset: { file: keyOf(item) },
    draggable: "false",
    onload: loaded,
    onerror() {
      this.closest(".media, .thumbnail")?.classList.add("broken");
    },
  });
  const label = item.alt ? `Open picture: ${item.alt}` : "Open picture";
  return h("button", { type: "button", class: "picture", "aria-label": label, onclick: open }, image);
}

/** A picture whose size nobody told gets its width now; its height was reserved. */
function loaded() {
  const box = this.closest(".media");
  box?.classList.remove("broken");
  if (box?.classList.contains("unsized"))
    box.style.setProperty("--width", `${Math.round(Math.min(WIDEST, (TALLEST * this.naturalWidth) / this.naturalHeight))}px`);
}

function video(item, size) {
  const moves = !calm.matches && !item.spoiler;
  return h("video", {
    src: item.src,
    controls: true,
    loop: true,
    muted: true,
    playsinline: true,
    autoplay: moves,
    preload: "metadata",
    ...size,
    "aria-label": item.alt || item.filename || "Video",
    dataset: { file: keyOf(item) },
  });
}

/** What is blurred until it is pressed. */
export function cover(content, className = "") {
  content.setAttribute("inert", "");
  const reveal = function reveal() {
    const box = this.parentElement;
    box.setAttribute("data-revealed", "");
    box.firstElementChild.removeAttribute("inert");
    box.querySelector("button:not(.cover-label), video, a")?.focus();
  };
  const label = h("button", { type: "button", class: "cover-label", onclick: reveal }, h("span", null, "Spoiler"));
  return h("div", { class: `cover ${className}` }, content, label);
}

/** A small picture at the side. */
export function thumbnail(item) {
  const content = picture(item, fit(item, 85, 85), () => openViewer([item], 0));
  return h("div", { class: "thumbnail" }, item.spoiler ? cover(content) : content);
}

/** A file to download. */
export function fileCard(item) {
  const name = item.filename ?? item.name ?? pathOf(item.src).split("/").at(-1);
  const body = h("div", { class: "file-text" }, link(item.src, null, [name]), h("span", { class: "muted" }, bytes(item.size)));
  const card = h("div", { class: "file-card" }, icon("file"), body);
  if (kindOf(item) === "audio") card.append(h("audio", { src: item.src, controls: true, "aria-label": name }));
  return item.spoiler ? cover(card) : card;
}

/** A message's attachments: pictures and videos together, other files below each other. */
export function attachmentList(attachments) {
  const items = attachments.map((file) =>
    mediaItem({ ...file, attachment_id: file.id }, { spoiler: file.filename.startsWith("SPOILER_") }),
  );
  const seen = items.filter((item) => ["image", "video"].includes(kindOf(item)));
  const files = items.filter((item) => !seen.includes(item));
  return [seen.length ? gallery(seen) : null, files.map(fileCard)];
}

/** Pictures in full size; arrow keys go through the others beside it. */
export function openViewer(items, index) {
  const images = items.filter((item) => kindOf(item) !== "video");
  let here = Math.max(0, images.indexOf(items[index]));
  const stage = h("div", { class: "stage" });
  const caption = h("p", { class: "caption" });
  const original = h("p", { class: "original" });
  const step = (by) => {
    here = (here + by + images.length) % images.length;
    show();
  };
  const show = () => {
    const item = images[here];
    stage.replaceChildren(h("img", { src: item.src, alt: item.alt, width: item.width, height: item.height }));
    caption.textContent = item.alt;
    caption.hidden = !item.alt;
    original.replaceChildren(
      link(item.src, null, ["Open original"]),
      images.length > 1 ? ` · ${here + 1} of ${images.length}` : "",
    );
  };
  const dialog = h(
    "dialog",
    {
      class: "viewer",
      "aria-label": "Picture",
      onclose: () => dialog.remove(),
      onclick: (event) => {
        if (!event.target.closest("img, a, button, p")) dialog.close();
      },
      onkeydown: (event) => {
        if (images.length > 1 && event.key === "ArrowRight") step(1);
        if (images.length > 1 && event.key === "ArrowLeft") step(-1);
      },
    },
    iconButton("close", "Close", () => dialog.close(), { class: "viewer-close" }),
    stage,
    images.length > 1
      ? [
          iconButton("left", "Previous picture", () => step(-1), { class: "viewer-previous" }),
          iconButton("right", "Next picture", () => step(1), { class: "viewer-next" }),
        ]
      : null,
    h("div", { class: "viewer-foot" }, caption, original),
  );
  show();
  document.body.append(dialog);
  dialog.showModal();
}

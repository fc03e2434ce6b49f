/** The message box: plain messages with files and replies, and the way into slash commands. */

import { leaves, matches, understand, usage } from "./commands.js";
import { h, icon, iconButton } from "./dom.js";
import { catchFiles, catchLetters } from "./catching.js";
import { avatar } from "./format.js";
import { CommandForm } from "./slash.js";
import { send } from "./socket.js";
import { channelTitle, listen, nameOf, openChannel, state, tell } from "./state.js";
import { hush, setUpSuggestions, suggest, suggestKey } from "./suggest.js";
import { dropUpload, pickFiles, startUpload, uploadCard } from "./uploads.js";

const LONGEST = 2000;
const MOST_FILES = 10;

const drafts = new Map();
let entries = [];
let form = null;
let files = [];
let reply = null;
let sending = false;
let shown = null;
let place, textarea, slot, hint, counter, replyBar, fileBar;

export function setUpComposer(root) {
  place = h("div", { class: "suggest" });
  hint = h("p", { class: "option-hint", id: "option-hint", hidden: true, "aria-live": "polite" });
  replyBar = h("div", { class: "reply-bar", hidden: true });
  fileBar = h("div", { class: "upload-bar", hidden: true });
  counter = h("span", { class: "counter", hidden: true, "aria-live": "polite" });
  textarea = h("textarea", {
    rows: "1",
    class: "composer-text",
    "aria-autocomplete": "list",
    "aria-haspopup": "listbox",
    autocomplete: "off",
    oninput,
    onkeydown,
    onblur: () => hush(textarea),
    onfocus: offer,
  });
  slot = h("div", { class: "composer-slot" }, textarea);
  const attach = iconButton("plus", "Attach files", () => pickFiles(takeFiles, { multiple: true }), { class: "attach" });
  const box = h("div", { class: "composer-box" }, attach, slot, counter, iconButton("send", "Send", submit, { class: "send" }));
  root.append(place, replyBar, fileBar, hint, box);
  root.addEventListener("focus", focusComposer);
  setUpSuggestions(place);
  listen("commands", took);
  listen("opened", opened);
  listen("hello", rename);
  listen("reply", startReply);
  listen("use", ({ line }) => {
    leave(line);
    oninput();
  });
  listen("focus-composer", focusComposer);
  catchFiles(takeFiles);
  catchLetters(focusComposer);
}

function rename() {
  const title = channelTitle(openChannel());
  textarea.placeholder = `Message ${title}`;
  textarea.setAttribute("aria-label", `Message ${title}`);
}

function opened(id) {
  rename();
  if (id === shown) return;
  // Who types faster than the first channel opens writes to that channel.
  const draft = shown ? (drafts.get(id) ?? "") : textarea.value;
  if (shown) drafts.set(shown, textarea.value);
  shown = id;
  leave(draft);
  if (draft && document.activeElement === textarea) offer();
  endReply();
}

function took({ slash, message }) {
  state.slash = slash;
  state.menu = message;
  entries = leaves(slash);
  if (form && !entries.some((entry) => entry.command.id === form.entry.command.id && entry.name === form.entry.name)) leave("");
  else if (!form && document.activeElement === textarea) offer();
  tell("names");
}

/** Put the cursor where one writes. */
export function focusComposer() {
  if (form) form.focus();
  else textarea.focus({ preventScroll: true });
}

/* Plain text, and the list of commands. */

function oninput() {
  counter.hidden = textarea.value.length < LONGEST - 200;
  counter.textContent = String(LONGEST - textarea.value.length);
  counter.classList.toggle("bad", textarea.value.length > LONGEST);
  const line = understand(entries, textarea.value);
  if (line) return enter(line.entry, line.texts);
  return offer();
}

function offer() {
  const text = textarea.value;
  if (!text.startsWith("/") || text.includes("\n")) return hush(textarea);
  const bot = state.bot?.user;
  const options = matches(entries, text.slice(1)).map((entry) => ({
    title: `/${entry.shown}`,
    usage: usage(entry),
    description: entry.description,
    entry,
    group: nameOf(bot),
    lead: avatar(bot, "tiny"),
  }));
  if (options.length) return suggest(textarea, { label: "Commands", options, onpick: (option) => enter(option.entry, {}) });
  const offline = !entries.length && text === "/";
  return offline ? suggest(textarea, { label: "Commands", state: "There are no commands for you here" }) : hush(textarea);
}

function onkeydown(event) {
  if (event.isComposing || suggestKey(event)) return;
  if (event.key === "Enter" && !event.shiftKey) {
    event.preventDefault();
    submit();
  } else if (event.key === "Escape" && reply) endReply();
  else if (event.key === "ArrowUp" && !textarea.value) {
    document.querySelector("article[tabindex='0']")?.focus();
    event.preventDefault();
  }
}

/* Into a command and out of it. */

function enter(entry, texts) {
  hush();
  endReply();
  textarea.value = "";
  hint.hidden = false;
  form = new CommandForm(entry, texts, {
    hint,
    onsend: (options, typed) => run(entry, options, typed),
    oncancel: (line) => {
      leave(line);
      textarea.focus();
    },
  });
  slot.replaceChildren(form.root);
  const waiting = files.map((upload) => upload.file);
  if (waiting.length && entry.options.some((option) => option.type === 11)) {
    clearFiles();
    form.takeFiles(waiting);
  }
  form.focus();
}

function leave(line) {
  form?.release();
  form = null;
  hint.hidden = true;
  hush();
  textarea.value = line;
  // Put in anew it would lose the focus.
  if (!textarea.isConnected) slot.replaceChildren(textarea);
  counter.hidden = true;
}

function run(entry, options, typed) {
  leave("");
  textarea.focus();
  const onrefused = () => {
    if (!form && !textarea.value) enter(entry, typed);
  };
  tell("sent", {
    command: entry.shown,
    type: "slash",
    fields: { channel_id: state.open, command_id: entry.command.id, options },
    onrefused,
  });
}

async function submit() {
  if (form) return form.submit();
  const content = textarea.value.trim();
  if (!content && !files.length) return undefined;
  const line = understand(entries, `${content} `);
  if (line) return enter(line.entry, line.texts);
  if (content.length > LONGEST)
    return tell("refused", { reason: `A message has at most ${LONGEST} characters; this one has ${content.length}.` });
  if (sending) return tell("notice", { text: "The message before this one still waits for its upload." });
  sending = true;
  await say({ text: textarea.value, content, channel: shown, files, reply });
  sending = false;
  return undefined;
}

/** Send a message as it was when Enter was pressed; what was written or chosen since then stays. */
async function say(message) {
  await Promise.all(message.files.map((upload) => upload.done));
  const kept = message.files.filter((upload) => files.includes(upload));
  const { channel, content, reply: answered } = message;
  const attachments = kept.map((upload) => upload.id).filter(Boolean);
  if (!content && !attachments.length) return;
  if (!send("say", { channel_id: channel, content, attachments, ...(answered ? { reply_to: answered.id } : {}) })) return;
  clearFiles(kept);
  if (shown !== channel) {
    if (drafts.get(channel) === message.text) drafts.delete(channel);
    return;
  }
  if (!form && textarea.value === message.text) {
    textarea.value = "";
    counter.hidden = true;
    hush(textarea);
  }
  if (reply === answered) endReply();
}

/* Replies. */

function startReply(message) {
  if (form) leave("");
  reply = message;
  replyBar.hidden = false;
  replyBar.replaceChildren(
    h("span", null, "Replying to ", h("b", null, nameOf(message.author))),
    iconButton("close", "Cancel reply", () => {
      endReply();
      textarea.focus();
    }),
  );
  textarea.focus();
}

function endReply() {
  reply = null;
  replyBar.hidden = true;
}

/* Files. */

function takeFiles(list) {
  if (form) return form.takeFiles(list);
  if (files.length + list.length > MOST_FILES) tell("refused", { reason: `A message takes at most ${MOST_FILES} files.` });
  files = [...files, ...list.slice(0, MOST_FILES - files.length).map((file) => startUpload(file, drawFiles))];
  drawFiles();
  return textarea.focus();
}

function drawFiles() {
  fileBar.hidden = !files.length;
  fileBar.replaceChildren(
    ...files.map((upload) =>
      uploadCard(upload, () => {
        files = files.filter((other) => other !== upload);
        dropUpload(upload);
        drawFiles();
        textarea.focus();
      }),
    ),
  );
}

function clearFiles(gone = files) {
  gone.forEach(dropUpload);
  files = files.filter((upload) => !gone.includes(upload));
  drawFiles();
}

/** The WebSocket to the sandbox: it comes back by itself, and tells what became of each interaction. */

import { state, tell } from "./state.js";

const FIRST_PAUSE = 300;
const LONGEST_PAUSE = 5000;
const FINAL = new Set(["message", "deferred", "updated", "modal", "choices", "failed", "refused"]);

let socket = null;
let pause = FIRST_PAUSE;
let counter = 0;
const asked = new Map();

const remembered = (key) => sessionStorage.getItem(`sandbox.${key}`);

function address() {
  const url = new URL("socket", document.baseURI);
  url.protocol = url.protocol.replace("http", "ws");
  for (const key of ["person", "channel", "locale"]) {
    if (remembered(key)) url.searchParams.set(key, remembered(key));
  }
  return url;
}

/** Remember for the next connection of this tab who speaks, where, and in which language. */
export function remember(values) {
  for (const [key, value] of Object.entries(values)) {
    if (value) sessionStorage.setItem(`sandbox.${key}`, value);
  }
}

export function connect() {
  const mine = new WebSocket(address());
  socket = mine;
  mine.addEventListener("open", () => {
    pause = FIRST_PAUSE;
    tell("connection", { on: true });
  });
  mine.addEventListener("message", (event) => receive(JSON.parse(event.data)));
  mine.addEventListener("close", () => {
    if (socket !== mine) return;
    socket = null;
    tell("connection", { on: false });
    abandon();
    setTimeout(again, pause);
    pause = Math.min(pause * 2, LONGEST_PAUSE);
  });
}

/** Connect again, unless the sandbox that answers is another one: to it, this page's address means nothing. */
async function again() {
  const answer = await fetch(document.baseURI, { method: "HEAD" }).catch(() => null);
  if (answer?.status === 404) tell("connection", { on: false, moved: true });
  else connect();
}

function receive(frame) {
  if (frame.type === "interaction") settle(frame);
  else tell(frame.type, frame);
}

function settle(frame) {
  const heard = asked.get(frame.ref);
  if (FINAL.has(frame.outcome)) asked.delete(frame.ref);
  heard?.(frame);
  if (frame.outcome === "modal") tell("modal", frame);
}

/** Nobody will hear of what was under way when the connection went. */
function abandon() {
  const waiting = [...asked.values()];
  asked.clear();
  for (const heard of waiting) heard({ outcome: "failed", reason: "The connection was lost." });
}

/** Send a frame; false where there is no connection, which the person is told. */
export function send(type, fields = {}) {
  if (socket?.readyState !== WebSocket.OPEN) {
    tell("notice", { text: "Not connected. Try again in a moment." });
    return false;
  }
  socket.send(JSON.stringify({ type, ...fields }));
  return true;
}

/** Start an interaction; `heard` is called with each of its `interaction` frames. */
export function ask(type, fields, heard) {
  const ref = `r${++counter}`;
  asked.set(ref, heard);
  if (send(type, { ref, ...fields })) return ref;
  asked.delete(ref);
  heard({ ref, outcome: "refused", reason: null });
  return ref;
}

/** Bring a file to the sandbox; what it says of it. Raises where it can't. */
export async function upload(file) {
  const url = new URL("upload", document.baseURI);
  url.searchParams.set("channel", state.open);
  url.searchParams.set("name", file.name || "file");
  const response = await fetch(url, {
    method: "POST",
    body: file,
    headers: { "Content-Type": file.type || "application/octet-stream" },
  });
  if (!response.ok) throw new Error((await response.text()) || `The upload failed (${response.status}).`);
  return response.json();
}

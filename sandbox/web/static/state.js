/** What the page knows, and who wants to hear of its changes. */

export const state = {
  you: null,
  people: [],
  locales: [],
  guilds: [],
  dms: [],
  bot: null,
  switches: [],
  names: { users: {}, channels: {}, roles: {} },
  open: null,
  messages: [],
  more: false,
  loaded: false,
  slash: [],
  menu: [],
  pending: new Set(), // "message:component" of presses that wait for their answer
  chosen: new Map(), // "message:component" → the values chosen since the message last changed
  failed: new Map(), // message id → what went wrong with the last press
};

const listeners = new Map();

/** Call `listener` with every later `tell` of this type. */
export function listen(type, listener) {
  if (!listeners.has(type)) listeners.set(type, []);
  listeners.get(type).push(listener);
}

export function tell(type, detail) {
  for (const listener of listeners.get(type) ?? []) listener(detail);
}

export function channels() {
  return [...state.guilds.flatMap((guild) => guild.channels), ...state.dms];
}

export function openChannel() {
  return channels().find((channel) => channel.id === state.open) ?? null;
}

export function isDm(channel) {
  return state.dms.some((entry) => entry.id === channel?.id);
}

export const channelTitle = (channel) => (!channel ? "" : isDm(channel) ? `@${channel.name}` : `#${channel.name}`);

export const nameOf = (user) => user?.global_name || user?.name || user?.username || "Someone";

/** The one on the other side of a direct message, as far as its name tells. */
export function partner(channel) {
  const bot = state.bot?.user;
  return bot && nameOf(bot) === channel.name ? bot : { id: channel.id, username: channel.name };
}

/** Snowflakes in order of time. */
export function compareIds(a, b) {
  return a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);
}

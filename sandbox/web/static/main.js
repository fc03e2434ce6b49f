/** Everything is put together here, and what the sandbox tells is kept. */

import { focusComposer, setUpComposer } from "./composer.js";
import { dots } from "./dom.js";
import { refreshTimes } from "./format.js";
import { setUpMessages } from "./messages.js";
import { setUpModals } from "./modal.js";
import { setUpSidebar } from "./sidebar.js";
import { connect, remember } from "./socket.js";
import { listen, state } from "./state.js";
import { setUpTheme } from "./theme.js";
import { setUpToasts } from "./toasts.js";
import { setUpWire } from "./wire.js";

const RELATIVE_TIMES = 5000;
const SLOW = 700;
const find = (id) => document.getElementById(id);

// First in line: what the others draw is known before they do.
listen("hello", (hello) => {
  for (const key of ["you", "people", "locales", "guilds", "dms", "bot", "switches", "names", "open"]) state[key] = hello[key];
  state.pending.clear();
  remember({ person: state.you.id, channel: state.open, locale: state.you.locale });
});
listen("bot", ({ bot }) => {
  state.bot = bot;
});
listen("switches", ({ switches }) => {
  state.switches = switches;
});
listen("channel", ({ channel_id: id, older }) => {
  if (!older) remember({ channel: id });
});

setUpTheme();
setUpToasts(find("toasts"));
setUpSidebar({ root: find("sidebar"), scrim: find("scrim"), header: find("header"), main: find("main") });
setUpMessages(find("scroller"));
setUpComposer(find("composer"));
setUpModals();
setUpWire(find("wire"), find("main"));

listen("hello", () => {
  const first = find("app").hidden;
  find("boot").hidden = true;
  find("app").hidden = false;
  if (first) focusComposer();
});

let lost = 0;
listen("connection", ({ on, moved }) => {
  clearTimeout(lost);
  const banner = find("banner");
  if (on) banner.replaceChildren();
  else if (moved) banner.replaceChildren("The sandbox was started anew: open the address that it printed.");
  else lost = setTimeout(() => banner.replaceChildren(dots(), "Connection lost, reconnecting…"), SLOW);
});

setInterval(refreshTimes, RELATIVE_TIMES);
connect();

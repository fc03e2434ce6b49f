/** What opens over the page beside something: it closes by Escape or a press elsewhere, and gives the focus back. */

const GAP = 6;
const EDGE = 8;
const stack = [];

/** Show `node` at `anchor` (an element or `{x, y}`); `side` is "top", "bottom" or "right". Returns a function that closes it. */
export function openPopup(node, anchor, { side = "bottom", parent = null, onclose = null } = {}) {
  closeAbove(parent);
  const from = document.activeElement;
  const popup = { node, anchor, side, parent, onclose, from };
  node.setAttribute("popover", "manual");
  // Nothing outside an open dialog can be reached.
  const home = parent?.node ?? (anchor instanceof Element ? anchor.closest("dialog") : null) ?? document.body;
  home.append(node);
  node.showPopover();
  stack.push(popup);
  place(popup);
  popup.close = (options) => close(popup, options);
  return popup;
}

function place({ node, anchor, side }) {
  const box = anchor instanceof Element ? anchor.getBoundingClientRect() : new DOMRect(anchor.x, anchor.y, 0, 0);
  const { offsetWidth: width, offsetHeight: height } = node;
  const below = box.bottom + GAP;
  const above = box.top - GAP - height;
  let top = side === "top" ? above : side === "right" ? box.top - 4 : below;
  let left = side === "right" ? box.right + 2 : box.left;
  if (side === "right" && left + width > innerWidth - EDGE) {
    left = box.left - width - 2;
    if (left < EDGE) [left, top] = [box.right - width, box.bottom + 2];
  }
  if (side === "bottom" && top + height > innerHeight - EDGE && above > EDGE) top = above;
  if (side === "top" && top < EDGE) top = below;
  node.style.top = `${Math.max(EDGE, Math.min(top, innerHeight - height - EDGE))}px`;
  node.style.left = `${Math.max(EDGE, Math.min(left, innerWidth - width - EDGE))}px`;
}

function close(popup, { refocus = true } = {}) {
  const index = stack.indexOf(popup);
  if (index < 0) return;
  for (const above of stack.slice(index + 1).reverse()) close(above, { refocus: false });
  stack.splice(stack.indexOf(popup), 1);
  const inside = popup.node.contains(document.activeElement) || document.activeElement === document.body;
  popup.node.remove();
  popup.onclose?.();
  if (!refocus || !inside) return;
  if (popup.from?.isConnected) popup.from.focus({ preventScroll: true });
  else if (popup.anchor instanceof Element && popup.anchor.isConnected) popup.anchor.focus({ preventScroll: true });
}

function closeAbove(parent) {
  while (stack.length && stack.at(-1) !== parent) close(stack.at(-1), { refocus: false });
}

document.addEventListener(
  "keydown",
  (event) => {
    if (event.key !== "Escape" || !stack.length) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    stack.at(-1).close();
  },
  { capture: true },
);

document.addEventListener(
  "pointerdown",
  (event) => {
    for (const popup of [...stack].reverse()) {
      const onAnchor = popup.anchor instanceof Element && popup.anchor.contains(event.target);
      if (!popup.node.contains(event.target) && !onAnchor) popup.close({ refocus: false });
    }
  },
  { capture: true },
);

addEventListener("resize", () => {
  for (const popup of stack) place(popup);
});

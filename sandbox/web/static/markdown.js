/** Discord's markdown as a tree: parsing only. A node is `{kind, …}` with `children`, `text` or what its kind needs. */

const LANGUAGE = /^([\w+\-.#]+)\n/;
const HEADING = /(#{1,3}) +([^\n]+)(?:\n|$)/y;
const SUBTEXT = /-# +([^\n]+)(?:\n|$)/y;
const REST_QUOTE = />>> ([^]*)/y;
const QUOTE = /(?:> [^\n]*(?:\n|$)|>(?:\n|$)(?=> ))+/y;
// A list goes on through deeper lines and items of its own sort.
const LISTS = ["[-*]", "\\d{1,10}\\."].map(
  (mark) => new RegExp(`( *)${mark} +[^\\n]+(?:\\n|$)(?: [^\\S\\n]*\\S[^\\n]*(?:\\n|$)|${mark} +[^\\n]+(?:\\n|$))*`, "y"),
);
const ITEM = /^( *)([-*]|\d{1,10}\.) +(.*)$/;

const at = (pattern, text, index) => {
  pattern.lastIndex = index;
  return pattern.exec(text);
};

/** The whole of a text: blocks, and what is inside them. */
export function parse(text) {
  return parseBlocks(String(text ?? ""), { quoted: false });
}

function parseBlocks(text, context) {
  const nodes = [];
  const source = sourceOf(text);
  let plain = "";
  let index = 0;
  const flush = () => {
    if (plain) nodes.push(...parseInline(plain, {}));
    plain = "";
  };
  while (index < text.length) {
    const newLine = index === 0 || text[index - 1] === "\n";
    const block = fenceAt(text, index) ?? (newLine ? blockAt(text, index, context) : null);
    if (!block) {
      const span = skipSpan(source, index);
      plain += text.slice(index, index + span);
      index += span;
      continue;
    }
    // A block begins its own line: the newline before it, and the one that ends it, are not shown.
    plain = plain.replace(/\n$/, "");
    flush();
    nodes.push(block[0]);
    index += block[1];
    if (block[0].kind === "fence" && text[index] === "\n") index += 1;
  }
  flush();
  return nodes;
}

/** How far what stands here may be taken as plain text at once: an escape or inline code hides what is in it. */
function skipSpan(source, index) {
  if (source.text[index] === "\\") return 2;
  if (source.text[index] === "`") return codeAt(source, index)?.size ?? 1;
  return 1;
}

function fenceAt(text, index) {
  if (!text.startsWith("```", index)) return null;
  const end = text.indexOf("```", index + 3);
  if (end < 0) return null;
  let inside = text.slice(index + 3, end);
  const language = LANGUAGE.exec(inside)?.[1] ?? "";
  if (language) inside = inside.slice(language.length);
  if (!inside.trim()) return null;
  return [{ kind: "fence", language, text: trimLines(inside) }, end + 3 - index];
}

/** Without the empty lines around it. */
function trimLines(text) {
  let [start, end] = [0, text.length];
  while (text[start] === "\n") start += 1;
  while (text[end - 1] === "\n") end -= 1;
  return text.slice(start, end);
}

function blockAt(text, index, context) {
  let found = at(HEADING, text, index);
  if (found) return [{ kind: "heading", level: found[1].length, children: parseInline(found[2].trim(), {}) }, found[0].length];
  if ((found = at(SUBTEXT, text, index)))
    return [{ kind: "subtext", children: parseInline(found[1].trim(), {}) }, found[0].length];
  if ((found = at(LISTS[0], text, index) ?? at(LISTS[1], text, index)))
    return [listOf(found[0].replace(/\n$/, "").split("\n")), found[0].length];
  if (context.quoted) return null;
  if ((found = at(REST_QUOTE, text, index))) {
    return [{ kind: "quote", children: parseBlocks(found[1], { quoted: true }) }, found[0].length];
  }
  if ((found = at(QUOTE, text, index))) {
    const inside = found[0].replace(/^> ?/gm, "").replace(/\n$/, "");
    return [{ kind: "quote", children: parseBlocks(inside, { quoted: true }) }, found[0].length];
  }
  return null;
}

/** Lines of a list; deeper ones become lists inside their item. */
function listOf(lines) {
  const [, indent, mark] = ITEM.exec(lines[0]);
  const list = { kind: "list", ordered: /\d/.test(mark), start: parseInt(mark, 10) || 1, items: [] };
  for (let index = 0; index < lines.length; index += 1) {
    const item = ITEM.exec(lines[index]);
    if (item && item[1].length <= indent.length + 1) {
      list.items.push({ children: parseInline(item[3], {}) });
    } else if (item) {
      const deeper = [];
      while (index < lines.length && /^ +/.exec(lines[index])?.[0].length > indent.length + 1) deeper.push(lines[index++]);
      index -= 1;
      list.items.at(-1).children.push(listOf(deeper));
    } else {
      list.items.at(-1).children.push({ kind: "text", text: "\n" }, ...parseInline(lines[index].trim(), {}));
    }
  }
  return list;
}

/** A text with what was found out about it: marks look ahead for their ends, and must not search all of it each time. */
function sourceOf(text) {
  return { text, code: codeEnds(text), lastLabel: text.lastIndexOf("]("), links: new Map(), passed: new Map() };
}

/** What `find` says of a key, asked once. */
function once(known, key, find) {
  if (!known.has(key)) known.set(key, find());
  return known.get(key);
}

/** Where the inline code that backticks open ends, by where it opens: at the next run of as many. */
function codeEnds(text) {
  const [ends, next] = [new Map(), new Map()];
  for (const { 0: ticks, index } of [...text.matchAll(/`+/g)].reverse()) {
    for (let size = 1; size <= ticks.length; size += 1) {
      if (next.has(size)) ends.set(index + ticks.length - size, { size, end: next.get(size) });
    }
    next.set(ticks.length, index);
  }
  return ends;
}

function codeAt({ text, code }, index) {
  const found = code.get(index);
  if (!found) return null;
  const inside = text.slice(index + found.size, found.end);
  return { text: inside.replace(/^ (?=`)|(?<=`) $/g, ""), size: found.end + found.size - index };
}

const ESCAPED = /\\([^\sa-zA-Z0-9])/y;
const ANGLE_LINK = /<(https?:\/\/[^\s>]+)>/y;
const BARE_LINK = /https?:\/\/[^\s<\]]+[^\s<.,:;"'\])*_~|]/y;
const MASKED = /\[((?:\\.|[^[\]\\]|\[[^\]]*\])+)\]\(<?(https?:\/\/[^\s()>]*(?:\([^\s()>]*\)[^\s()>]*)*)>?(?: +"([^"]*)")?\)/y;
const MENTION = /<(@&|@!?|#)(\d+)>/y;
const COMMAND = /<\/([-\p{L}\p{N}_]+(?: [-\p{L}\p{N}_]+){0,2}):(\d+)>/uy;
const EVERYONE = /@(everyone|here)\b/y;
const TIME = /<t:(-?\d{1,13})(?::([tTdDfFRsS]))?>/y;
const CUSTOM = /<a?:(\w{2,32}):(\d+)>/y;
const MARKS = [
  ["**", "strong"],
  ["__", "underline"],
  ["~~", "strike"],
  ["||", "spoiler"],
  ["*", "emphasis"],
  ["_", "emphasis"],
];

const SIMPLE = [
  [ESCAPED, (found) => ({ kind: "text", text: found[1] })],
  [MENTION, (found) => ({ kind: { "#": "channel", "@&": "role" }[found[1]] ?? "user", id: found[2] })],
  [COMMAND, (found) => ({ kind: "command", name: found[1], id: found[2] })],
  [TIME, (found) => ({ kind: "time", seconds: Number(found[1]), style: found[2] ?? "f" })],
  [CUSTOM, (found) => ({ kind: "custom", name: found[1] })],
  [EVERYONE, (found) => ({ kind: "everyone", name: found[1] })],
];

/** What can stand in a line (or several): `context.linked` inside a link, where no other link may be. */
export function parseInline(text, context) {
  const nodes = [];
  const source = sourceOf(text);
  let index = 0;
  while (index < text.length) {
    const [node, size] = inlineAt(source, index, context);
    if (node.kind === "text" && nodes.at(-1)?.kind === "text") nodes.at(-1).text += node.text;
    else nodes.push(node);
    index += size;
  }
  return nodes;
}

function inlineAt(source, index, context) {
  const { text } = source;
  for (const [pattern, make] of SIMPLE) {
    const found = at(pattern, text, index);
    if (found) return [make(found), found[0].length];
  }
  const code = text[index] === "`" && codeAt(source, index);
  if (code) return [{ kind: "code", text: code.text }, code.size];
  const link = context.linked ? null : linkAt(source, index);
  if (link) return link;
  for (const [mark, kind] of MARKS) {
    const end = text.startsWith(mark, index) ? closing(source, index, mark) : -1;
    if (end > 0) {
      const children = parseInline(text.slice(index + mark.length, end), context);
      return [{ kind, children }, end + mark.length - index];
    }
  }
  return [{ kind: "text", text: text[index] }, 1];
}

const linkAt = (source, index) => once(source.links, index, () => findLink(source, index));

function findLink({ text, lastLabel }, index) {
  let found = at(ANGLE_LINK, text, index);
  if (found) return [{ kind: "link", href: found[1], children: [{ kind: "text", text: found[1] }] }, found[0].length];
  found = index < lastLabel ? at(MASKED, text, index) : null;
  // A link that shows another address than its own is not trusted.
  if (found && !/https?:\/\/|discord\.gg/i.test(found[1])) {
    return [
      { kind: "link", href: found[2], title: found[3], children: parseInline(found[1], { linked: true }) },
      found[0].length,
    ];
  }
  found = at(BARE_LINK, text, index);
  return found ? [{ kind: "link", href: found[0], children: [{ kind: "text", text: found[0] }] }, found[0].length] : null;
}

/** Where the mark that opens at `index` closes, or -1. */
function closing(source, index, mark) {
  const { text } = source;
  const start = index + mark.length;
  if (mark === "*" && /\s|^$/.test(text[start] ?? "")) return -1;
  if (mark === "_" && /\w/.test(text[index - 1] ?? "")) return -1;
  // From where an earlier mark of this kind has been, the rest is known to close nothing.
  const passed = once(source.passed, mark, () => new Set());
  for (let here = start; here < text.length && !passed.has(here); here += 1) {
    passed.add(here);
    if (text[here] === "\\") here += 1;
    else if (text[here] === "`") here += (codeAt(source, here)?.size ?? 1) - 1;
    else if (text[here] === "[" || text[here] === "h") here += (linkAt(source, here)?.[1] ?? 1) - 1;
    else if (text[here] === mark[0]) {
      let run = 1;
      while (text[here + run] === mark[0]) run += 1;
      const end = here + run - mark.length;
      if (closes(text, mark, run, end, start)) return end;
      here += run - 1;
    }
  }
  return -1;
}

function closes(text, mark, run, end, start) {
  if (run < mark.length || end <= start) return false;
  if (mark === "*") return run !== 2 && !/\s/.test(text[end - run] ?? "");
  if (mark === "_") return run !== 2 && !/\w/.test(text[end + 1] ?? "");
  return true;
}

const ONE_EMOJI = new RegExp("\\p{RGI_Emoji}|<a?:\\w{2,32}:\\d+>", "gv");

/** Whether a text is nothing but up to thirty emoji, which are then shown large. */
export function isJumbo(text) {
  const count = text?.match(ONE_EMOJI)?.length ?? 0;
  return count > 0 && count <= 30 && !text.replace(ONE_EMOJI, "").trim();
}

/** The bot's slash commands: which fit what is typed, and what a whole typed line means. No DOM here. */

const SUB = 1;
const GROUP = 2;
const STRING = 3;

const shownName = (entry) => entry.name_shown ?? entry.name;

/** Every command that can be sent: one entry for each subcommand. */
export function leaves(commands) {
  return commands.flatMap((command) => descend(command, command, []));
}

function descend(command, holder, path) {
  const subs = (holder.options ?? []).filter((option) => option.type === SUB || option.type === GROUP);
  if (subs.length) return subs.flatMap((sub) => descend(command, sub, [...path, sub]));
  const steps = [command, ...path];
  return [
    {
      command,
      path,
      name: steps.map((step) => step.name).join(" "),
      shown: steps.map(shownName).join(" "),
      description: holder.description ?? "",
      options: [...(holder.options ?? [])].sort((a, b) => Number(Boolean(b.required)) - Number(Boolean(a.required))),
    },
  ];
}

/** The entries that fit `query` (without its slash), best first. */
export function matches(entries, query) {
  const wanted = query.trim().toLowerCase();
  const rank = (entry) => {
    const names = [entry.shown.toLowerCase(), entry.name.toLowerCase()];
    if (names.some((name) => name.startsWith(wanted))) return 0;
    if (names.some((name) => name.includes(wanted))) return 1;
    return entry.description.toLowerCase().includes(wanted) ? 2 : 3;
  };
  return entries
    .map((entry, index) => [rank(entry), index, entry])
    .filter(([score]) => score < 3)
    .sort((a, b) => a[0] - b[0] || a[1] - b[1])
    .map(([, , entry]) => entry);
}

/** What a line such as `/imagine prompt: a red fox aspect: 16:9` says: `{entry, texts: {option name: text}}`, or null. */
export function understand(entries, line) {
  if (!line.startsWith("/")) return null;
  const text = line.slice(1);
  let best = null;
  for (const entry of entries) {
    for (const name of [entry.shown, entry.name]) {
      if (text.toLowerCase().startsWith(`${name.toLowerCase()} `) && name.length > (best?.length ?? 0))
        best = { entry, length: name.length };
    }
  }
  return best && { entry: best.entry, texts: split(best.entry.options, text.slice(best.length + 1)) };
}

/** Text with `name:` in it, by option; what stands before the first name is the first text option's. */
export function split(options, text) {
  const byName = new Map(
    options.flatMap((option) => [
      [option.name.toLowerCase(), option],
      [shownName(option).toLowerCase(), option],
    ]),
  );
  const texts = {};
  let holder = options.find((option) => option.type === STRING) ?? options[0];
  let from = 0;
  const keep = (end) => {
    const part = text.slice(from, end).trim();
    if (holder && (part || from > 0)) texts[holder.name] = [texts[holder.name], part].filter(Boolean).join(" ");
  };
  for (const found of text.matchAll(/(?:^|(?<=\s))([\p{L}\p{N}_-]+):/gu)) {
    const option = byName.get(found[1].toLowerCase());
    if (!option || option.name in texts || (option === holder && from > 0)) continue;
    keep(found.index);
    holder = option;
    from = found.index + found[0].length;
  }
  keep(text.length);
  return texts;
}

/** Options as they go over the wire; `values` by option name, `focused` names the one being completed. */
export function wireOptions(entry, values, focused = null) {
  const inner = entry.options
    .filter((option) => option.name in values || option.name === focused)
    .map((option) => {
      const sent = { name: option.name, type: option.type, value: values[option.name] ?? "" };
      return option.name === focused ? { ...sent, focused: true } : sent;
    });
  return entry.path.reduceRight((options, sub) => [{ name: sub.name, type: sub.type, options }], inner);
}

/** How an entry's options read in the list. */
export function usage(entry) {
  const required = entry.options.filter((option) => option.required).map(shownName);
  const rest = entry.options.length - required.length;
  return [...required, rest ? `+${rest}` : null].filter(Boolean).join("  ");
}

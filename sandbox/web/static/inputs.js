/** The inputs of a modal: each has its node, what goes over the wire, and what is wrong with it now. */

import { h, icon, morph } from "./dom.js";
import { emoji, defaultsOf, selectBox, SELECTS } from "./selects.js";
import { dropUpload, filesOf, pickFiles, startUpload, uploadCard } from "./uploads.js";

const TEXT = 4;
const UPLOAD = 19;
const RADIO = 21;
const CHECKBOXES = 22;
const CHECKBOX = 23;
const PARAGRAPH = 2;

/** The input of a component; `names` are the ids of its label and description. `null` for kinds the page doesn't know. */
export function modalInput(component, names) {
  if (SELECTS.includes(component.type)) return selectInput(component, names);
  const make = {
    [TEXT]: textInput,
    [UPLOAD]: fileInput,
    [RADIO]: groupInput,
    [CHECKBOXES]: groupInput,
    [CHECKBOX]: checkInput,
  }[component.type];
  return make ? make(component, names) : null;
}

const isRequired = (component) => component.required !== false && component.type !== CHECKBOX;

const described = ({ label, description, wrong }) => ({
  "aria-labelledby": label,
  "aria-describedby": [description, wrong].filter(Boolean).join(" "),
});

function textInput(component, names) {
  const limit = component.max_length ?? 4000;
  const least = component.min_length ?? 0;
  const counter = h("span", { class: "input-counter", "aria-hidden": "true" });
  const count = () => {
    counter.textContent = `${input.value.length}/${limit}`;
    counter.hidden = !(component.style === PARAGRAPH || component.max_length);
  };
  const props = {
    ...described(names),
    id: names.input,
    class: "text-input",
    placeholder: component.placeholder ?? null,
    maxlength: String(limit),
    "aria-required": String(isRequired(component)),
    oninput: count,
    autocomplete: "off",
  };
  const input = component.style === PARAGRAPH ? h("textarea", { ...props, rows: "4" }) : h("input", { ...props, type: "text" });
  input.value = component.value ?? "";
  count();
  const wrong = () => {
    const { length } = input.value;
    if (!length) return isRequired(component) ? "This field is required" : null;
    return length < least
      ? `At least ${least} characters are needed`
      : length > limit
        ? `At most ${limit} characters fit`
        : null;
  };
  return {
    node: h("div", { class: "text-wrap" }, input, counter),
    sent: () => ({ value: input.value }),
    wrong,
    focus: () => input.focus(),
    mark: input,
  };
}

function selectInput(component, names) {
  let values = defaultsOf(component);
  const label = names.text;
  const draw = () =>
    selectBox(component, values, {
      label,
      required: isRequired(component),
      props: { "aria-describedby": described(names)["aria-describedby"] },
      onchoose: (chosen) => {
        values = chosen;
        morph(node.firstElementChild, draw());
        node.dispatchEvent(new Event("input", { bubbles: true }));
      },
    });
  const node = h("div", null, draw());
  const wrong = () => (isRequired(component) && !values.length ? "This field is required" : null);
  return {
    node,
    sent: () => ({ values }),
    wrong,
    focus: () => node.querySelector("button").focus(),
    mark: node.firstElementChild,
  };
}

function groupInput(component, names) {
  const radio = component.type === RADIO;
  const most = radio ? 1 : (component.max_values ?? component.options.length);
  const least = isRequired(component) ? (component.min_values ?? 1) : 0;
  const boxes = component.options.map((option) =>
    h("input", {
      type: radio ? "radio" : "checkbox",
      name: names.input,
      value: option.value,
      checked: Boolean(option.default),
    }),
  );
  const rows = component.options.map((option, index) =>
    h(
      "label",
      { class: "check" },
      boxes[index],
      h(
        "span",
        { class: "check-text" },
        h("span", null, emoji(option.emoji), option.label),
        option.description ? h("span", { class: "muted" }, option.description) : null,
      ),
    ),
  );
  const chosen = () => boxes.filter((box) => box.checked).map((box) => box.value);
  const node = h(
    "div",
    {
      role: radio ? "radiogroup" : "group",
      class: "checks",
      ...described(names),
      "aria-required": radio ? String(isRequired(component)) : null,
    },
    rows,
  );
  const wrong = () => {
    const { length } = chosen();
    if (length < least) return radio || least === 1 ? "Choose one" : `Choose at least ${least}`;
    return length > most ? `Choose at most ${most}` : null;
  };
  return {
    node,
    sent: () => (radio ? { value: chosen()[0] ?? null } : { values: chosen() }),
    wrong,
    focus: () => (boxes.find((box) => box.checked) ?? boxes[0]).focus(),
    mark: node,
  };
}

function checkInput(component, names) {
  const box = h("input", { type: "checkbox", checked: Boolean(component.default), id: names.input, ...described(names) });
  return {
    node: box,
    inline: true,
    sent: () => ({ value: box.checked }),
    wrong: () => null,
    focus: () => box.focus(),
    mark: box,
  };
}

function fileInput(component, names) {
  const most = component.max_values ?? 1;
  const least = isRequired(component) ? (component.min_values ?? 1) : 0;
  let files = [];
  const list = h("div", { class: "upload-list" });
  const choose = h(
    "button",
    { type: "button", class: "drop-zone", ...described(names), onclick: () => pickFiles(take, { multiple: most > 1 }) },
    icon("plus"),
    h("span", null, most > 1 ? `Choose or drop up to ${most} files` : "Choose or drop a file"),
  );
  const node = h(
    "div",
    {
      class: "file-input",
      ondragover: (event) => {
        event.preventDefault();
        node.classList.add("over");
      },
      ondragleave: () => node.classList.remove("over"),
      ondrop: (event) => {
        event.preventDefault();
        node.classList.remove("over");
        take(filesOf(event.dataTransfer));
      },
    },
    list,
    choose,
  );
  function take(given) {
    const room = most === 1 ? 1 : most - files.length;
    if (most === 1) files.forEach(dropUpload);
    files = [...(most === 1 ? [] : files), ...given.slice(0, room).map((file) => startUpload(file, draw))];
    draw();
    node.dispatchEvent(new Event("input", { bubbles: true }));
  }
  function draw() {
    list.replaceChildren(
      ...files.map((entry) =>
        uploadCard(entry, () => {
          files = files.filter((other) => other !== entry);
          dropUpload(entry);
          draw();
          choose.focus();
        }),
      ),
    );
    choose.hidden = files.length >= most && most > 1;
  }
  const wrong = () =>
    files.some((entry) => entry.wrong)
      ? "A file could not be uploaded; remove it"
      : files.length < least
        ? least > 1
          ? `Choose at least ${least} files`
          : "Choose a file"
        : null;
  return {
    node,
    sent: () => ({ values: files.map((entry) => entry.id).filter(Boolean) }),
    wrong,
    focus: () => choose.focus(),
    mark: choose,
    take,
    ready: () => Promise.all(files.map((entry) => entry.done)),
    release: () => files.forEach(dropUpload),
  };
}

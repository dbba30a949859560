/** What a model file says of itself: its inputs, outputs and states, and what it is. */

import { short } from "./qibu/core/words.js";

/**
 * @typedef {import("./qibu/index.js").Stepper} Stepper
 * @typedef {import("./qibu/index.js").Port} Port
 * @typedef {import("./qibu/index.js").StatePair} StatePair
 */

const MOST_LABELS = 16;

/**
 * Give the elements of a table that says what there is; words in two languages carry `data-text`.
 *
 * @param {Stepper} stepper
 * @param {number} bytes of the file
 * @returns {HTMLElement[]}
 */
export function tableOf(stepper, bytes) {
  const { spec, inputs, outputs, pairs } = stepper;
  return [
    group("inputs", Object.values(inputs).map((port) => portRow(stepper, port))),
    group("outputs", Object.values(outputs).map((port) => portRow(stepper, port))),
    group("states", pairs.map(stateRow)),
    group("file", [
      row(word("size"), [plain(bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`)]),
      spec?.task && row(word("task"), [plain(spec.task)]),
      spec?.parameters && row(word("parameters"), [plain(spec.parameters.toLocaleString("en"))]),
      spec?.quantization && row(word("quantization"), [plain(spec.quantization)]),
      row(word("digest"), [code(stepper.model.slice(0, 12))]),
    ]),
  ];
}

/** @param {string} title @param {(HTMLElement | null | undefined | "" | 0)[]} rows */
function group(title, rows) {
  const body = document.createElement("tbody");
  const head = document.createElement("tr");
  const cell = document.createElement("th");
  cell.colSpan = 2;
  cell.scope = "rowgroup";
  cell.dataset.text = title;
  head.append(cell);
  const shown = rows.filter((one) => one instanceof HTMLElement);
  body.hidden = shown.length === 0;
  body.append(head, ...shown);
  return body;
}

/** @param {Stepper} stepper @param {Port} port */
function portRow(stepper, port) {
  const note = stepper.spec?.ports[port.name];
  const standard = stepper.spec?.defaults[port.name];
  const batchAxis = stepper.batchAxes.get(port.name) ?? note?.batch_axis;
  const sizes = port.axes.map((size, axis) => {
    if (typeof size === "number") return size;
    if (axis === batchAxis) return "batch";
    return axis === note?.time_axis ? "time" : (size ?? "any");
  });
  const labels = note?.labels ?? [];
  const cut = labels.length > MOST_LABELS ? ` … (${labels.length})` : "";
  return row(code(port.name), [
    plain(`${port.type} [${sizes.join(", ")}]${note?.unit ? ` · ${note.unit}` : ""}`),
    note?.description && plain(note.description),
    labels.length > 0 && plain(labels.slice(0, MOST_LABELS).join(", ") + cut, "labels"),
    standard !== undefined && both(word("standard"), ` ${short(standard)}`),
  ]);
}

/** @param {StatePair} pair */
function stateRow({ input, output, dtype, wanted, growing, start, initial }) {
  const name = code(input);
  name.append(" → ", document.createElement("wbr"), output);
  return row(name, [
    plain(`${dtype} [${wanted.join(", ")}]`),
    typeof initial === "number"
      ? both(word("begins"), ` ${short(initial)}`)
      : both(word("begins"), " ", word("ownArray")),
    growing.length > 0 && both(word("grows"), ` ${start}`),
  ]);
}

/** @param {HTMLElement} name @param {(HTMLElement | false | undefined | "")[]} said */
function row(name, said) {
  const line = document.createElement("tr");
  const [left, right] = [document.createElement("th"), document.createElement("td")];
  left.scope = "row";
  left.append(name);
  right.append(...said.filter((one) => one instanceof HTMLElement));
  line.append(left, right);
  return line;
}

/** @param {string} text @param {string} [kind] */
function plain(text, kind = "") {
  const line = document.createElement("div");
  line.className = kind;
  line.textContent = text;
  return line;
}

/** @param {string} text */
function code(text) {
  const name = document.createElement("code");
  name.textContent = text;
  return name;
}

/** @param {string} text one of the page's */
function word(text) {
  const place = document.createElement("span");
  place.dataset.text = text;
  return place;
}

/** @param {(HTMLElement | string)[]} parts */
function both(...parts) {
  const line = document.createElement("div");
  line.append(...parts);
  return line;
}

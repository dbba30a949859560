/** Lines over the steps, one chart an output; the numbers beside them are of the last step. */

import { sizeOf, valuesOf } from "./qibu/core/arrays.js";
import { short } from "./qibu/core/words.js";

/**
 * @typedef {import("./qibu/index.js").Tensor} Tensor
 * @typedef {Record<string, {size: number, values: (number | string)[]}>} Shown what is kept of a
 *   step's outputs: how many values, and the first of them
 */

const SVG = "http://www.w3.org/2000/svg";
const [WIDTH, HEIGHT] = [600, 160]; // of the drawing, which is stretched
const MOST_LINES = 10;
const MOST_STEPS = 1000; // the last ones are drawn

/** Give of outputs what is drawn. @param {Record<string, Tensor>} outputs @returns {Shown} */
export function shownOf(outputs) {
  const shown = Object.entries(outputs).map(([name, tensor]) => {
    const first = [...valuesOf(tensor).slice(0, MOST_LINES)];
    const values = tensor.type === "string" ? first.map(String) : first.map(Number);
    return /** @type {const} */ ([name, { size: sizeOf(tensor.dims), values }]);
  });
  return Object.fromEntries(shown);
}

/**
 * Draw what came out.
 *
 * @param {HTMLElement} place
 * @param {readonly Shown[][]} branches of each, the outputs of its steps
 * @param {number} chosen the branch that is drawn in front
 * @param {(name: string) => readonly string[]} labelsOf an output
 */
export function drawCharts(place, branches, chosen, labelsOf) {
  const last = branches[chosen].at(-1);
  const charts = Object.keys(last ?? {}).map((name) => chart(name, branches, chosen, labelsOf(name)));
  place.replaceChildren(...charts);
}

/**
 * @param {string} name
 * @param {readonly Shown[][]} branches
 * @param {number} chosen
 * @param {readonly string[]} labels
 */
function chart(name, branches, chosen, labels) {
  const longest = Math.max(...branches.map((steps) => steps.length));
  const first = Math.max(0, longest - MOST_STEPS);
  const values = branches.map((steps) => steps.slice(first).map((step) => numbersOf(step[name])));
  const [low, high] = rangeOf(values.flat(2).filter(Number.isFinite));
  const across = Math.max(1, longest - first - 1);
  const picture = document.createElementNS(SVG, "svg");
  picture.setAttribute("viewBox", `0 0 ${WIDTH} ${HEIGHT}`);
  picture.setAttribute("preserveAspectRatio", "none");
  picture.setAttribute("role", "img");
  picture.setAttribute("aria-label", name);
  for (const branch of order(branches.length, chosen)) {
    const lines = Math.max(0, ...values[branch].map((row) => row.length));
    for (let line = 0; line < lines; line++) {
      const points = values[branch].map((row, step) => [
        (step / across) * WIDTH,
        HEIGHT - ((row[line] - low) / (high - low)) * HEIGHT,
      ]);
      picture.append(pathOf(points, line, branch !== chosen));
    }
  }
  const figure = document.createElement("figure");
  figure.className = "chart";
  figure.dataset.output = name;
  figure.append(
    captionOf(name, /** @type {Shown[string]} */ (branches[chosen].at(-1)?.[name]), labels),
    frameOf(picture, [low, high], [first + 1, longest]),
  );
  return figure;
}

/** Give the branches so that the chosen one is drawn last. @param {number} count @param {number} chosen */
const order = (count, chosen) => [...Array(count).keys()].sort((a, b) => Number(a === chosen) - Number(b === chosen));

/** @param {Shown[string] | undefined} shown @returns {number[]} */
const numbersOf = (shown) => (shown?.values ?? []).map((value) => (typeof value === "number" ? value : NaN));

/** @param {number[]} values @returns {[number, number]} */
function rangeOf(values) {
  if (!values.length) return [0, 1];
  const [low, high] = values.reduce(([a, b], v) => [Math.min(a, v), Math.max(b, v)], [Infinity, -Infinity]);
  const room = (high - low) * 0.06 || Math.abs(low) * 0.1 || 0.5;
  return [low - room, high + room];
}

/** @param {number[][]} points @param {number} line @param {boolean} behind */
function pathOf(points, line, behind) {
  const there = points.filter(([, y]) => Number.isFinite(y));
  const path = document.createElementNS(SVG, "path");
  // a single step is a point: a line of no length with round ends
  const end = there.length === 1 ? "h0.01" : "";
  path.setAttribute("d", there.map(([x, y], i) => `${i ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`).join("") + end);
  path.setAttribute("class", `line${line % MOST_LINES}${behind ? " behind" : ""}`);
  return path;
}

/** @param {string} name @param {Shown[string]} shown @param {readonly string[]} labels */
function captionOf(name, { size, values }, labels) {
  const caption = document.createElement("figcaption");
  const title = document.createElement("code");
  title.textContent = name;
  const list = document.createElement("ul");
  const items = values.map((value, place) => {
    const item = document.createElement("li");
    const [mark, number] = [document.createElement("i"), document.createElement("b")];
    mark.className = `line${place}`;
    number.textContent = typeof value === "number" ? short(Number(value.toPrecision(4))) : value;
    item.append(mark, labels[place] ?? (size > 1 ? String(place) : ""), " ", number);
    return item;
  });
  list.append(...items);
  if (size > MOST_LINES) {
    const rest = document.createElement("li");
    rest.textContent = `… ${size}`;
    list.append(rest);
  }
  caption.append(title, list);
  return caption;
}

/**
 * Put the ends of both axes beside a picture.
 *
 * @param {SVGElement} picture
 * @param {readonly [number, number]} range
 * @param {readonly [number, number]} steps
 */
function frameOf(picture, [low, high], [first, last]) {
  const frame = document.createElement("div");
  frame.className = "frame";
  // as many digits as tell the two apart
  const digits = 2 + Math.ceil(Math.log10(Math.max(Math.abs(low), Math.abs(high)) / (high - low)));
  const write = (/** @type {number} */ value) =>
    short(Number(value.toPrecision(Math.min(Math.max(digits, 2), 9))));
  const axis = document.createElement("div");
  axis.className = "axis";
  axis.append(textOf(String(first)), textOf(String(last)));
  frame.append(textOf(write(high)), textOf(write(low)), picture, axis);
  return frame;
}

/** @param {string} text */
function textOf(text) {
  const place = document.createElement("span");
  place.textContent = text;
  return place;
}

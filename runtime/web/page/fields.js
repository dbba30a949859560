/** The fields of an input row: a slider and a number for each value, or all values of a large one. */

import { InputError } from "./qibu/index.js";
import { castTo, isWhole, sizeOf, valuesOf } from "./qibu/core/arrays.js";
import { quoted } from "./qibu/core/words.js";

/**
 * @typedef {import("./qibu/index.js").Port} Port
 * @typedef {import("./qibu/index.js").Stepper} Stepper
 * @typedef {import("./qibu/index.js").Tensor} Tensor
 *
 * @typedef {object} Stepping what `qibu export --web` was told of a file that doesn't say it itself
 * @property {Record<string, string>} [states]
 * @property {Record<string, readonly number[]>} [sizes] of inputs in a step
 * @property {Record<string, readonly number[]>} [constants] inputs that are the same in every step
 *
 * @typedef {object} Input of a step
 * @property {Port} port
 * @property {readonly number[]} dims
 * @property {boolean} kept whether it stays as it is from step to step, so that no CSV has it
 * @property {readonly (number | string)[]} values that it begins with
 * @property {readonly [number, number]} range of its sliders
 * @property {readonly string[]} labels
 * @property {string} unit
 */

const MOST_SLIDERS = 16; // of an input; one with more values is a field of text

/** The inputs of a step, and the fields that hold their values. */
export class Fields {
  /** @type {Map<string, HTMLInputElement[] | HTMLTextAreaElement>} */
  #fields = new Map();

  /**
   * @param {Stepper} stepper
   * @param {Stepping} stepping
   */
  constructor(stepper, stepping) {
    this.inputs = Object.values(stepper.inputs).map((port) => describe(stepper, stepping, port));
    this.elements = this.inputs.map((input) => this.#fieldset(input));
    const read = this.inputs.filter(({ kept }) => !kept);
    /** The inputs that a row of a recording has, one after the other. */
    this.read = read.length ? read : this.inputs;
    this.width = this.read.reduce((sum, { dims }) => sum + sizeOf(dims), 0);
  }

  /**
   * Give the inputs of a step as the fields say, those of a row in its place.
   *
   * @param {readonly number[]} [row] `width` values
   * @returns {Record<string, Tensor>}
   * @throws {InputError} a field holds something that the input can't
   */
  tensors(row) {
    let taken = 0;
    const found = this.inputs.map((input) => {
      const size = sizeOf(input.dims);
      const isGiven = row !== undefined && this.read.includes(input);
      const values = isGiven ? row.slice(taken, taken + size) : this.#valuesOf(input);
      if (isGiven) taken += size;
      return /** @type {const} */ ([input.port.name, tensorOf(input, values)]);
    });
    return Object.fromEntries(found);
  }

  /** Put chance values within the sliders' ends into what a recording would have. */
  scatter() {
    for (const { port, range: [low, high], dims } of this.read) {
      if (port.type === "string") continue;
      const values = Array.from({ length: sizeOf(dims) }, () => {
        const value = low + Math.random() * (high - low);
        return port.type.startsWith("float") ? rounded(value) : Math.round(value);
      });
      const field = this.#fields.get(port.name);
      if (field instanceof HTMLTextAreaElement) field.value = values.join(", ");
      else field?.forEach((number, place) => setField(number, values[place]));
    }
  }

  /** @param {Input} input @returns {(string | number)[]} */
  #valuesOf({ port, dims }) {
    const field = this.#fields.get(port.name);
    const isText = port.type === "string";
    const texts =
      field instanceof HTMLTextAreaElement
        ? field.value.split(isText ? /\n/ : /[\s,;]+/).filter((text) => isText || text !== "")
        : (field ?? []).map(({ value }) => value.trim());
    if (texts.length !== sizeOf(dims)) {
      throw new InputError(`input ${quoted(port.name)} must have ${sizeOf(dims)} values, got ${texts.length}`);
    }
    if (isText) return texts;
    const odd = texts.find((text) => text === "" || Number.isNaN(Number(text)));
    if (odd !== undefined) throw new InputError(`input ${quoted(port.name)}: ${quoted(odd)} is no number`);
    return texts.map(Number);
  }

  /** @param {Input} input */
  #fieldset(input) {
    const { port, values, labels, unit } = input;
    const set = document.createElement("fieldset");
    set.classList.toggle("counted", values.length > 1 && !labels.length);
    const isSingle = values.length === 1 && !labels.length;
    const [legend, name] = [document.createElement("legend"), document.createElement("code")];
    name.textContent = port.name;
    legend.append(name, unit && ` ${unit}`);
    if (!isSingle) set.append(legend);
    if (values.length > MOST_SLIDERS) {
      const field = document.createElement("textarea");
      field.rows = 3;
      field.spellcheck = false;
      field.setAttribute("aria-label", port.name);
      field.value = values.join(port.type === "string" ? "\n" : ", ");
      this.#fields.set(port.name, field);
      set.append(field);
      return set;
    }
    const fields = values.map((value, place) => {
      const line = document.createElement("label");
      const caption = document.createElement("span");
      if (isSingle) caption.append(...legend.childNodes);
      else caption.textContent = labels[place] ?? String(place);
      const number = document.createElement("input");
      number.name = `${port.name}[${place}]`;
      number.inputMode = port.type === "string" ? "text" : "decimal";
      number.autocomplete = "off";
      number.id = `input-${number.name}`;
      line.htmlFor = number.id;
      line.append(caption);
      if (port.type.startsWith("float")) line.append(sliderOf(number, input.range));
      line.append(number);
      setField(number, value);
      set.append(line);
      return number;
    });
    this.#fields.set(port.name, fields);
    return set;
  }
}

/** @param {Stepper} stepper @param {Stepping} stepping @param {Port} port @returns {Input} */
function describe(stepper, { sizes = {}, constants = {} }, port) {
  const { spec, fixedBatch, batchAxes } = stepper;
  const dims =
    sizes[port.name] ??
    port.shape.map((size, axis) => size ?? (axis === batchAxes.get(port.name) ? (fixedBatch ?? 1) : 1));
  const size = sizeOf(dims);
  const note = spec?.ports[port.name];
  const seen = seenOf(stepper, port.name);
  const constant = constants[port.name];
  const standard = spec?.defaults[port.name];
  const kept = constant !== undefined || standard !== undefined;
  const begin = constant ?? (standard === undefined ? seen.slice(0, size).map(rounded) : [standard]);
  const filling = port.type === "string" ? "" : 0;
  const values = Array.from({ length: size }, (_, i) => begin[begin.length === 1 ? 0 : i] ?? filling);
  const numbers = [...seen, ...values].map(Number).filter(Number.isFinite);
  const known = numbers.some((value) => value !== numbers[0]);
  const [low, high] = known ? [Math.min(...numbers), Math.max(...numbers)] : [-1, 1];
  const room = port.type.startsWith("float") ? (high - low) / 4 : 0;
  return {
    port,
    dims,
    kept,
    values,
    range: [rounded(low - room), rounded(high + room)],
    labels: note?.labels ?? [],
    unit: note?.unit ?? "",
  };
}

/** Give what the file's own trace feeds to an input. @param {Stepper} stepper @param {string} name */
function seenOf(stepper, name) {
  const packed = stepper.spec?.trace?.steps.map(({ inputs }) => inputs[name]);
  return (packed ?? []).flatMap((one) => (one ? Array.from(valuesOf(one.values), Number) : []));
}

/** @param {number} value */
const rounded = (value) => (Number.isInteger(value) ? value : Number(value.toPrecision(3)));

/**
 * @param {Input} input
 * @param {(number | string)[]} values
 * @returns {Tensor}
 */
function tensorOf({ port: { name, type }, dims }, values) {
  const odd = values.find((value) => (isWhole(type) || type === "bool") && !Number.isInteger(value));
  const tensor = odd === undefined ? castTo({ data: values, dims, type }, type) : null;
  if (tensor === null) throw new InputError(`input ${quoted(name)} must be ${type}, got ${odd ?? values}`);
  if (!isWhole(type)) return tensor;
  const lost = values.find((value, place) => BigInt(value) !== BigInt(tensor.data[place]));
  if (lost === undefined) return tensor;
  throw new InputError(`input ${quoted(name)} must be ${type}, got ${lost}, which it can't hold`);
}

/**
 * Give a slider that moves with a field of a number.
 *
 * @param {HTMLInputElement} number
 * @param {readonly [number, number]} range
 */
function sliderOf(number, [low, high]) {
  const slider = document.createElement("input");
  slider.type = "range";
  slider.tabIndex = -1; // keys and readers go to the number
  slider.ariaHidden = "true";
  slider.step = "any";
  [slider.min, slider.max] = [String(low), String(high)];
  slider.addEventListener("input", () => (number.value = String(rounded(Number(slider.value)))));
  number.addEventListener("input", () => {
    const value = Number(number.value);
    if (!Number.isFinite(value)) return;
    if (value < Number(slider.min)) slider.min = String(value);
    if (value > Number(slider.max)) slider.max = String(value);
    slider.value = String(value);
  });
  return slider;
}

/** @param {HTMLInputElement} field @param {number | string} value */
function setField(field, value) {
  field.value = String(value);
  field.dispatchEvent(new Event("input"));
}

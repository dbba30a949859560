/** What may be fed to a graph: each input checked against its port, and copied only if need be. */

import { DTYPES, asArray, castTo, full, isWhole, placeOf } from "./arrays.js";
import { InputError } from "./errors.js";
import { quoted, sized, written } from "./words.js";

/**
 * @typedef {import("./arrays.js").ArrayLike} ArrayLike
 * @typedef {import("./arrays.js").Loose} Loose
 * @typedef {import("./arrays.js").Tensor} Tensor
 * @typedef {import("./port.js").Port} Port
 */

/** The check of one input. */
export class Feed {
  /**
   * @param {Port} port of the graph
   * @param {object} options
   * @param {number | null} options.batchAxis the axis that must have as many rows as the state has
   *   sequences; null: none
   * @param {boolean} options.takesEmpty whether the graph bears an input without a value in it
   * @param {number} [options.default] the number that fills the input where it is left out
   */
  constructor(port, { batchAxis, takesEmpty, default: filling }) {
    this.port = port;
    this.batchAxis = batchAxis;
    this.takesEmpty = takesEmpty;
    this.default = filling;
  }

  /**
   * Give the input as the graph takes it.
   *
   * @param {ArrayLike} value
   * @param {number} batch
   * @returns {Tensor}
   * @throws {InputError} its shape, type or batch is wrong, or it has NaN
   */
  fit(value, batch) {
    const { port } = this;
    const label = `input ${quoted(port.name)}`;
    if (!Object.hasOwn(DTYPES, port.type)) {
      throw new InputError(`input ${port} has a type that can't be fed`);
    }
    const array = asArray(value, label);
    this.#checkShape(array.dims, batch);
    const tensor = castTo(array, port.type, true);
    if (tensor === null) throw new InputError(`${label} must be ${port.type}, got ${array.type}`);
    if (isWhole(port.type) && tensor.data !== array.data) wantHeld(array, tensor, label);
    if (port.type.startsWith("float")) wantNumbers(tensor, label);
    return tensor;
  }

  /**
   * Give the input's default for a number of sequences.
   *
   * @param {number} batch
   * @throws {InputError} it has none
   */
  fill(batch) {
    if (this.default === undefined) throw new InputError(`input ${this.port} is missing`);
    const dims = this.port.shape.map((size, axis) => size ?? (axis === this.batchAxis ? batch : 1));
    return full(dims, this.default, this.port.type);
  }

  /** @param {readonly number[]} dims @param {number} batch */
  #checkShape(dims, batch) {
    /** @type {(number | string)[]} */
    const sizes = this.port.shape.map((size) => size ?? "any");
    if (this.batchAxis !== null) sizes[this.batchAxis] = batch;
    const fits = dims.length === sizes.length && sizes.every((s, i) => s === "any" || s === dims[i]);
    const isEmpty = dims.includes(0);
    if (!fits || (isEmpty && !this.takesEmpty)) {
      throw new InputError(
        `input ${quoted(this.port.name)} must be ${written(sizes)} ${this.port.type}, ` +
          `got shape ${sized(dims)}${isEmpty ? ": it is empty" : ""}`,
      );
    }
  }
}

/**
 * Refuse whole numbers that a type can't hold.
 *
 * @param {Loose} array
 * @param {Tensor} tensor the same converted
 * @param {string} label
 */
function wantHeld({ data }, tensor, label) {
  for (let i = 0; i < data.length; i++) {
    // a number and a BigInt are compared by what they are worth, and so is a bool
    if (/** @type {any} */ (data[i]) != tensor.data[i]) {
      throw new InputError(`${label} must be ${tensor.type}, got ${data[i]}, which it can't hold`);
    }
  }
}

/** @param {Tensor} tensor @param {string} label */
function wantNumbers({ type, data, dims }, label) {
  const isBits = type === "float16" && data instanceof Uint16Array;
  for (let i = 0; i < data.length; i++) {
    const value = /** @type {number} */ (data[i]);
    if (isBits ? (value & 0x7fff) > 0x7c00 : value !== value) {
      throw new InputError(`${label} has NaN at ${placeOf(i, dims)}`);
    }
  }
}

/** The checks of all inputs of a graph besides its states. */
export class Feeds {
  #feeds;
  #check;

  /**
   * @param {ReadonlyMap<string, Feed>} feeds
   * @param {(feeds: Record<string, Tensor>) => void} [check]
   */
  constructor(feeds, check) {
    this.#feeds = feeds;
    this.#check = check;
  }

  /**
   * Give all inputs as the graph takes them, defaults filled in.
   *
   * @param {Record<string, ArrayLike>} inputs
   * @param {number} batch
   * @returns {Record<string, Tensor>}
   * @throws {InputError} an input is missing, unknown, NaN, or has a wrong shape, type or batch
   */
  fit(inputs, batch) {
    /** @type {Map<string, Tensor>} */
    const fitted = new Map();
    for (const [name, value] of Object.entries(inputs)) {
      const feed = this.#feeds.get(name);
      if (feed === undefined) {
        const known = [...this.#feeds.keys()].join(", ");
        throw new InputError(`no input ${quoted(name)}; there are ${known}`);
      }
      if (value !== undefined) fitted.set(name, feed.fit(value, batch));
    }
    for (const [name, feed] of this.#feeds) {
      if (!fitted.has(name)) fitted.set(name, feed.fill(batch));
    }
    const feeds = Object.fromEntries(fitted);
    this.#check?.(feeds);
    return feeds;
  }
}

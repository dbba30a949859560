/** The inputs and outputs of a graph, and the states that pass from one to the other. */

import { DTYPES, broadcastTo, full } from "./arrays.js";

/** @typedef {import("./arrays.js").Tensor} Tensor */

export const LARGEST = 2 ** 31 - 1; // a size above stands for a free one

/** A graph's input or output. */
export class Port {
  /**
   * @param {string} name
   * @param {string} type as onnxruntime-web calls it: "float32", "string"
   * @param {readonly unknown[]} axes a size; a free axis by its symbol; anything else: a free axis
   *   without one
   */
  constructor(name, type, axes) {
    this.name = name;
    this.type = type;
    /** @type {readonly (number | string | null)[]} a size, a symbol, null: free without a symbol */
    this.axes = axes.map((axis) => (isSize(axis) || (axis && typeof axis === "string") ? axis : null));
    /** @type {readonly (number | null)[]} the sizes; null where one is free */
    this.shape = this.axes.map((axis) => (typeof axis === "number" ? axis : null));
  }

  toString() {
    const sizes = this.axes.map((axis) => axis ?? "any").join(", ");
    return `${this.name} ${DTYPES[this.type]?.name ?? this.type} [${sizes}]`;
  }
}

/** @param {unknown} axis @returns {axis is number} */
const isSize = (axis) => typeof axis === "number" && axis >= 0 && axis <= LARGEST;

/**
 * A state's way through the graph: in by one name, out by the other; its fields are those of the
 * model file.
 *
 * Where `batch_axis` isn't said, the only free axis is the batch, if there is just one.
 */
export class StatePair {
  /**
   * @param {object} fields
   * @param {string} fields.input
   * @param {string} fields.output
   * @param {readonly (number | null)[]} fields.shape null is a free axis
   * @param {string} [fields.dtype]
   * @param {number | null} [fields.batch_axis] which axis is the batch; null: none
   * @param {number | readonly number[]} [fields.start] the length with which every other free axis
   *   begins, or one length for each
   * @param {number | Tensor} [fields.initial] a number, or an array that is broadcast
   */
  constructor({ input, output, shape, dtype = "float32", batch_axis, start = 0, initial = 0 }) {
    this.input = input;
    this.output = output;
    this.shape = shape;
    this.dtype = dtype;
    const free = shape.flatMap((size, axis) => (size === null ? [axis] : []));
    this.batch_axis = batch_axis === undefined ? (free.length === 1 ? free[0] : null) : batch_axis;
    this.start = start;
    this.initial = initial;
    /** The free axes that aren't the batch: their lengths may change in a step. */
    this.growing = free.filter((axis) => axis !== this.batch_axis);
    Object.freeze(this);
  }

  /** Give the shape before the first step for a number of sequences. @param {number} batch */
  shapeFor(batch) {
    const { start } = this;
    const lengthOf = (/** @type {number} */ axis) =>
      typeof start === "number" ? start : start[this.growing.indexOf(axis)];
    return this.shape.map((size, axis) => size ?? (axis === this.batch_axis ? batch : lengthOf(axis)));
  }

  /** Give the value before the first step for a number of sequences. @param {number} batch */
  initialTensor(batch) {
    const dims = this.shapeFor(batch);
    if (typeof this.initial === "number") return full(dims, this.initial, this.dtype);
    return broadcastTo(this.initial, dims, this.dtype);
  }

  /** Say whether another pair is the same; how they begin doesn't count. @param {StatePair} other */
  equals(other) {
    return (
      this.input === other.input &&
      this.output === other.output &&
      this.dtype === other.dtype &&
      this.batch_axis === other.batch_axis &&
      this.shape.length === other.shape.length &&
      this.shape.every((size, axis) => size === other.shape[axis])
    );
  }

  /** The sizes as a message has them. @returns {(number | string)[]} */
  get wanted() {
    return this.shape.map((size, axis) => size ?? (axis === this.batch_axis ? "batch" : "any"));
  }
}

/** Arrays inside JSON: values in base64, little-endian, whole or every n-th of them. */

import { DTYPES, bytesOf, valuesOf } from "./arrays.js";
import { ModelFileError } from "./errors.js";

/**
 * @typedef {import("./arrays.js").Tensor} Tensor
 * @typedef {import("./arrays.js").Data} Data
 */

/** Some values of an array: all of them where `every` is 1. */
export class Packed {
  /**
   * @param {readonly number[]} shape
   * @param {number} every
   * @param {Tensor} values (n,), each `every`-th of the flattened array
   */
  constructor(shape, every, values) {
    this.shape = shape;
    this.every = every;
    this.values = values;
    Object.freeze(this);
  }

  /**
   * Give the whole array.
   *
   * @returns {Tensor}
   * @throws {ModelFileError} only some values were kept
   */
  array() {
    if (this.every !== 1) {
      throw new ModelFileError(`only every ${this.every}th value of the array was kept`);
    }
    return { ...this.values, dims: this.shape };
  }

  /** Give the values at the same places of another array. @param {Tensor} tensor */
  of(tensor) {
    const { every } = this;
    const values = /** @type {any} */ (valuesOf(tensor));
    return values.filter((/** @type {unknown} */ _, /** @type {number} */ i) => i % every === 0);
  }
}

/**
 * Read an array of a document that its schema has passed.
 *
 * @param {{dtype: string, shape: number[], every?: number, data: string}} packed
 * @param {string} where
 * @throws {ModelFileError} the data has another length than shape and type want
 */
export function unpack({ dtype, shape, every = 1, data }, where) {
  const size = shape.reduce((product, length) => product * BigInt(length), 1n); // no rounding
  const count = (size + BigInt(every) - 1n) / BigInt(every);
  const wanted = count * BigInt(bytesOf(dtype));
  if (BigInt(data.length) > 4n * (wanted / 3n + 1n)) {
    throw new ModelFileError(`${where} must have ${wanted} bytes of data, got more`);
  }
  const bytes = decoded(data, where);
  if (BigInt(bytes.length) !== wanted) {
    throw new ModelFileError(`${where} must have ${wanted} bytes of data, got ${bytes.length}`);
  }
  const values = new /** @type {any} */ (DTYPES[dtype].array)(bytes.buffer);
  return new Packed(shape, every, { type: dtype, data: values, dims: [values.length] });
}

/** @param {string} data @param {string} where */
function decoded(data, where) {
  try {
    if (data.length % 4) throw new Error("Incorrect padding");
    return Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
  } catch (error) {
    const reason = error instanceof Error ? error.message : error;
    throw new ModelFileError(`${where} has data that isn't base64: ${reason}`, { cause: error });
  }
}

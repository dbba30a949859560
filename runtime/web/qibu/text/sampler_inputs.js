/** What the inputs of a text model must be beyond their shapes: a wrong one gives no wrong token. */

import { InputError } from "../core/errors.js";
import { quoted, written } from "../core/words.js";

/** @typedef {import("../core/arrays.js").Tensor} Tensor */

/**
 * Check token numbers and what the sampler is told.
 *
 * @param {Record<string, Tensor>} feeds
 * @param {number} vocabularySize
 * @throws {InputError} names the input, the value found and the values wanted
 */
export function checkTextInputs(feeds, vocabularySize) {
  /** @type {[string, (value: number) => boolean, string][]} */
  const rules = [
    ["tokens", (x) => x >= 0 && x < vocabularySize, `0..${vocabularySize - 1}`],
    ["temperature", (x) => x > 0 && x < Infinity, "above 0"],
    ["top_k", (x) => x >= 1 && x <= vocabularySize, `1..${vocabularySize}`],
    ["top_p", (x) => x > 0 && x <= 1, "above 0 and at most 1"],
    ["uniform", (x) => x >= 0 && x < 1, "in [0, 1)"],
  ];
  for (const [name, holds, wanted] of rules) {
    for (const value of feeds[name].data) {
      if (!holds(Number(value))) {
        throw new InputError(
          `input ${quoted(name)} must be ${wanted}, got ${written(Number(value))}`,
        );
      }
    }
  }
  const { dims } = feeds.bias;
  const data = /** @type {Float32Array} */ (feeds.bias.data);
  for (let row = 0; row < dims[0]; row++) {
    const values = data.subarray(row * dims[1], (row + 1) * dims[1]);
    if (!values.some(Number.isFinite) || values.includes(Infinity)) {
      throw new InputError(
        "input 'bias' must allow a token in every row, and be below infinity",
      );
    }
  }
}

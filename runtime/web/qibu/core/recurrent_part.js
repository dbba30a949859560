/** What applications with one recurrent network say of it: its cell, layers and hidden size. */

import { ModelFileError } from "./errors.js";
import { quoted, written } from "./words.js";

/**
 * @typedef {object} RecurrentPart A stack of equal recurrent layers.
 * @property {string} cell
 * @property {number} num_layers
 * @property {number} hidden_size
 */

/**
 * Read the fields of a part that its schema has passed.
 *
 * @param {import("./model_file.js").ModelSpec} spec
 * @returns {RecurrentPart}
 * @throws {ModelFileError} a state has another shape than layers and hidden size want
 */
export function readRecurrentPart(spec) {
  const { cell, num_layers, hidden_size } = spec.part;
  const wanted = [num_layers, null, hidden_size];
  for (const { input, shape, batch_axis } of spec.states) {
    const fits = shape.length === 3 && shape.every((size, axis) => size === wanted[axis]);
    if (!fits || batch_axis !== 1) {
      throw new ModelFileError(
        `state ${quoted(input)} has shape ${written(shape)}, ` +
          `want [${num_layers}, null, ${hidden_size}] with the batch in the middle`,
      );
    }
  }
  return { cell, num_layers, hidden_size };
}

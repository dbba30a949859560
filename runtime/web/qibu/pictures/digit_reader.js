/** Reading handwritten digits row by row. */

import { asArray } from "../core/arrays.js";
import { InputError, ModelFileError } from "../core/errors.js";
import { written } from "../core/words.js";

/**
 * @typedef {import("../core/arrays.js").ArrayLike} ArrayLike
 * @typedef {import("../core/arrays.js").Tensor} Tensor
 * @typedef {object} DigitReading What a model reads in one picture.
 * @property {number} digit
 * @property {Float32Array} probabilities (10,), after the last row
 * @property {Float32Array[] | null} rows (28, 10), after each row; null where the model can't be
 *   stepped
 */

const SIDE = 28;

/** Reads 28 x 28 pictures with a digits model. */
export class DigitReader {
  /**
   * @param {import("../core/stepper.js").Stepper} stepper
   * @throws {ModelFileError} the stepper's file is no digits model
   */
  constructor(stepper) {
    if (stepper.spec?.task !== "digits") {
      throw new ModelFileError(`${stepper.path} is no digits model that Qibu exported`);
    }
    this.stepper = stepper;
  }

  /**
   * Read a picture from the top, a row at a time.
   *
   * @param {ArrayLike} picture (28, 28), ink 0..1; `toMnist` makes one of a drawing
   * @returns {AsyncGenerator<Float32Array>} probabilities (10,) after each of the 28 rows
   * @throws {InputError} the picture has another shape, or values outside 0..1
   * @throws {NotStreamingError} the model is bidirectional; use `read`
   */
  rows(picture) {
    const ink = checkPicture(picture);
    return this.#rows(ink, this.stepper.initialState());
  }

  /**
   * @param {Float32Array} ink
   * @param {import("../core/state.js").State} state
   * @returns {AsyncGenerator<Float32Array>}
   */
  async *#rows(ink, state) {
    for (let row = 0; row < SIDE; row++) {
      const data = ink.subarray(row * SIDE, (row + 1) * SIDE);
      const rows = { type: "float32", data, dims: [1, 1, SIDE] };
      let outputs;
      [outputs, state] = await this.stepper.advance({ rows }, state, ["probabilities"]);
      yield /** @type {Float32Array} */ (outputs.probabilities.data);
    }
  }

  /**
   * Read a whole picture; arguments and errors as in `rows`, but for any model.
   *
   * @param {ArrayLike} picture
   * @returns {Promise<DigitReading>}
   */
  async read(picture) {
    const ink = checkPicture(picture);
    let rows = null;
    let probabilities;
    if (this.stepper.pairs.length) {
      rows = [];
      for await (const row of this.#rows(ink, this.stepper.initialState())) rows.push(row);
      probabilities = rows[SIDE - 1];
    } else {
      const whole = { type: "float32", data: ink, dims: [1, SIDE, SIDE] };
      const outputs = await this.stepper.run({ rows: whole });
      probabilities = /** @type {Float32Array} */ (outputs.probabilities.data);
    }
    return { digit: probabilities.indexOf(Math.max(...probabilities)), probabilities, rows };
  }
}

/** @param {ArrayLike} picture */
function checkPicture(picture) {
  const { data, dims } = asArray(picture, "picture");
  if (dims.length !== 2 || dims[0] !== SIDE || dims[1] !== SIDE) {
    throw new InputError(`picture must be (28, 28), got shape (${dims.join(", ")})`);
  }
  const ink = Float32Array.from(/** @type {Iterable<any>} */ (data), Number);
  if (!ink.every((value) => value >= 0 && value <= 1)) {
    // NaN too
    throw new InputError(
      `picture must have ink 0..1, got ${written(Math.min(...ink))}..${written(Math.max(...ink))}`,
    );
  }
  return ink;
}

/** Reading pictures row by row: handwritten digits, or what somebody's own model was taught. */

import { asArray } from "../core/arrays.js";
import { InputError, ModelFileError } from "../core/errors.js";
import { written } from "../core/words.js";
import { prepare } from "./picture_format.js";

/**
 * @typedef {import("../core/arrays.js").ArrayLike} ArrayLike
 * @typedef {import("../core/arrays.js").Tensor} Tensor
 * @typedef {object} Reading What a model reads in one picture.
 * @property {string} label of the likeliest class
 * @property {number} index which of the classes that is, counted from 0
 * @property {number} digit the same: of handwritten digits, the digit
 * @property {Float32Array} probabilities (classes,), after the last row
 * @property {Float32Array[] | null} rows (rows, classes), after each row; null where the model can't
 *   be stepped
 */

/** Reads pictures with a model that takes them row by row. */
export class Reader {
  /**
   * @param {import("../core/stepper.js").Stepper} stepper
   * @throws {ModelFileError} the stepper's file is no model that reads pictures
   */
  constructor(stepper) {
    if (stepper.spec?.task !== "digits") {
      throw new ModelFileError(`${stepper.path} is no digits model that Qibu exported`);
    }
    this.stepper = stepper;
    /** What it reads: sizes, labels, preparation. @type {import("./picture_format.js").PictureFormat} */
    this.pictures = stepper.part.pictures;
  }

  /** What each of the probabilities is of. */
  get labels() {
    return this.pictures.labels;
  }

  /**
   * Make of greys what the model reads.
   *
   * @param {ArrayLike} grey (rows, columns) numbers, 0 black to 1 white, any size; not modified
   * @returns {Tensor} (height, width) float32, 0..1, prepared as the file says
   * @throws {InputError} grey has another shape or range, or the preparation finds no ink
   */
  prepare(grey) {
    return prepare(this.pictures, grey);
  }

  /**
   * Read a picture from the top, a row at a time.
   *
   * @param {ArrayLike} picture (height, width), 0..1; `prepare` makes one of a drawing
   * @returns {AsyncGenerator<Float32Array>} probabilities (classes,) after each of the rows
   * @throws {InputError} the picture has another shape, or values outside 0..1
   * @throws {NotStreamingError} the model is bidirectional; use `read`
   */
  rows(picture) {
    const ink = this.#checkPicture(picture);
    return this.#rows(ink, this.stepper.initialState());
  }

  /**
   * @param {Float32Array} ink
   * @param {import("../core/state.js").State} state
   * @returns {AsyncGenerator<Float32Array>}
   */
  async *#rows(ink, state) {
    const { height, width } = this.pictures;
    for (let row = 0; row < height; row++) {
      const data = ink.subarray(row * width, (row + 1) * width);
      const rows = { type: "float32", data, dims: [1, 1, width] };
      let outputs;
      [outputs, state] = await this.stepper.advance({ rows }, state, ["probabilities"]);
      yield /** @type {Float32Array} */ (outputs.probabilities.data);
    }
  }

  /**
   * Read a whole picture; arguments and errors as in `rows`, but for any model.
   *
   * @param {ArrayLike} picture
   * @returns {Promise<Reading>}
   */
  async read(picture) {
    const ink = this.#checkPicture(picture);
    const { height, width, labels } = this.pictures;
    let rows = null;
    let probabilities;
    if (this.stepper.pairs.length) {
      rows = [];
      for await (const row of this.#rows(ink, this.stepper.initialState())) rows.push(row);
      probabilities = rows[height - 1];
    } else {
      const whole = { type: "float32", data: ink, dims: [1, height, width] };
      const outputs = await this.stepper.run({ rows: whole });
      probabilities = /** @type {Float32Array} */ (outputs.probabilities.data);
    }
    const index = probabilities.indexOf(Math.max(...probabilities));
    return { label: labels[index], index, digit: index, probabilities, rows };
  }

  /** @param {ArrayLike} picture */
  #checkPicture(picture) {
    const { height, width } = this.pictures;
    const { data, dims } = asArray(picture, "picture");
    if (dims.length !== 2 || dims[0] !== height || dims[1] !== width) {
      throw new InputError(`picture must be (${height}, ${width}), got shape (${dims.join(", ")})`);
    }
    const ink = Float32Array.from(/** @type {Iterable<any>} */ (data), Number);
    if (!ink.every((value) => value >= 0 && value <= 1)) {
      // NaN too
      const [least, most] = [ink.reduce((a, b) => Math.min(a, b)), ink.reduce((a, b) => Math.max(a, b))];
      throw new InputError(`picture must have ink 0..1, got ${written(least)}..${written(most)}`);
    }
    return ink;
  }
}

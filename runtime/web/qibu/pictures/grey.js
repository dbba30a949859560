/** Greys that a picture is made of. */

import { asArray } from "../core/arrays.js";
import { InputError } from "../core/errors.js";
import { written } from "../core/words.js";

/**
 * Take greys as rows of numbers.
 *
 * @param {import("../core/arrays.js").ArrayLike} grey (height, width) numbers 0..1
 * @returns {import("./grid.js").Grid}
 * @throws {InputError} grey has another shape or range
 */
export function checkedGrey(grey) {
  const { data, dims, type } = asArray(grey, "grey");
  if (dims.length !== 2 || data.length === 0) {
    throw new InputError(
      `grey must be (height, width) floats, got ${type} (${dims.join(", ")})`,
    );
  }
  const values = Float32Array.from(/** @type {Iterable<any>} */ (data), Number);
  if (!values.every((value) => value >= 0 && value <= 1)) {
    const [least, most] = [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))];
    throw new InputError(`grey must be 0..1, got ${written(least)}..${written(most)}`);
  }
  return { height: dims[0], width: dims[1], data: values };
}

/**
 * Take what a canvas shows as greys, as Python takes a picture's file: colours weighed as in ITU-R 601,
 * what is transparent laid on white, or on black if all that can be seen of it is light.
 *
 * @param {{data: ArrayLike<number>, width: number, height: number}} image RGBA, 0..255, as
 *   `getImageData` gives it
 * @returns {import("../core/arrays.js").Tensor} (height, width) float32, 0 black to 1 white
 */
export function greyOf({ data, width, height }) {
  const size = width * height;
  const grey = new Float32Array(size);
  let solid = 0;
  for (let i = 0; i < size; i++) {
    const [red, green, blue] = [data[4 * i], data[4 * i + 1], data[4 * i + 2]];
    grey[i] = ((red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16) / 255;
    solid = Math.max(solid, data[4 * i + 3]);
  }
  let darkest = 2; // of what can be seen
  for (let i = 0; i < size; i++) {
    const alpha = data[4 * i + 3];
    if (alpha > 0 && alpha >= solid / 2) darkest = Math.min(darkest, grey[i]);
  }
  const paper = darkest > 0.5 && darkest <= 1 ? 0 : 1;
  for (let i = 0; i < size; i++) grey[i] = paper + (grey[i] - paper) * (data[4 * i + 3] / 255);
  return { type: "float32", data: grey, dims: [height, width] };
}

/** Pictures brought to another size; the same steps as in Python. */

import { areaWeights, grid } from "./grid.js";

/** @typedef {import("./grid.js").Grid} Grid */

/**
 * Bring a picture to a size, shrunk by area and enlarged linearly; its own size stays as it is.
 *
 * @param {Grid} picture values 0..1; not modified
 * @param {number} height
 * @param {number} width
 * @returns {Grid} values 0..1
 */
export function scaled(picture, height, width) {
  if (picture.height === height && picture.width === width) return picture;
  const whole = resized(picture, height, width);
  // sums of weights may round to a little over 1
  whole.data.forEach((value, i) => (whole.data[i] = Math.min(Math.max(value, 0), 1)));
  return whole;
}

/**
 * @param {Grid} ink
 * @param {number} height
 * @param {number} width
 */
export function resized(ink, height, width) {
  const [down, across] = [areaWeights(ink.height, height), areaWeights(ink.width, width)];
  const rows = grid(height, ink.width);
  for (let y = 0; y < height; y++) {
    for (let old = 0; old < ink.height; old++) {
      const weight = down[y][old];
      if (!weight) continue;
      for (let x = 0; x < ink.width; x++) {
        rows.data[y * ink.width + x] += weight * ink.data[old * ink.width + x];
      }
    }
  }
  const whole = grid(height, width);
  whole.data.forEach((_, i) => {
    const [row, weights] = [Math.floor(i / width) * ink.width, across[i % width]];
    whole.data[i] = weights.reduce((sum, weight, x) => sum + weight * rows.data[row + x], 0);
  });
  return whole;
}

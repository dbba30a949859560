/** The paper under the ink, read off a picture's border. */

import { median } from "./grid.js";

const ROUNDS = 10;

/**
 * Fit a quadratic surface to the border; one colour stays exactly that.
 *
 * @param {import("./grid.js").Grid} grey
 * @param {number[]} edge the indices of the border's pixels
 * @returns {Float32Array} the paper's grey under every pixel
 */
export function paperOf({ height, width, data }, edge) {
  const border = edge.map((i) => data[i]);
  const surface = median(border);
  if (border.every((value) => value === border[0])) {
    return new Float32Array(data.length).fill(surface);
  }
  const along = (/** @type {number} */ place, /** @type {number} */ size) =>
    size > 1 ? -1 + (2 * place) / (size - 1) : -1;
  const terms = (/** @type {number} */ i) => {
    const [y, x] = [along(Math.floor(i / width), height), along(i % width, width)];
    return [1, y, x, y * y, x * y, x * x];
  };
  const design = edge.map(terms);
  /** @type {number[]} */
  let factors = [];
  let fitted = border.map(() => surface);
  for (let round = 0; round < ROUNDS; round++) {
    // ink that runs over the border is far from the paper and so weighs little
    const weights = border.map((value, i) => 1 / (1 + ((value - fitted[i]) / 0.1) ** 2));
    factors = leastSquares(design, border, weights);
    fitted = design.map((row) => dot(row, factors));
  }
  return Float32Array.from(data, (_, i) => dot(terms(i), factors));
}

/** @param {number[]} a @param {number[]} b */
const dot = (a, b) => a.reduce((sum, value, i) => sum + value * b[i], 0);

/**
 * Solve the normal equations; a term that the others already give gets the factor 0.
 *
 * @param {number[][]} design
 * @param {number[]} values
 * @param {number[]} weights of the rows, before they are squared
 */
function leastSquares(design, values, weights) {
  const n = design[0].length;
  const rows = Array.from({ length: n }, () => new Array(n + 1).fill(0));
  design.forEach((row, k) => {
    const weight = weights[k] ** 2;
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) rows[i][j] += weight * row[i] * row[j];
      rows[i][n] += weight * row[i] * values[k];
    }
  });
  const used = new Set();
  const pivots = new Array(n).fill(-1);
  for (let column = 0; column < n; column++) {
    let best = -1;
    for (let i = 0; i < n; i++) {
      const larger = best < 0 || Math.abs(rows[i][column]) > Math.abs(rows[best][column]);
      if (!used.has(i) && larger) best = i;
    }
    if (Math.abs(rows[best][column]) < 1e-12 * design.length) continue;
    used.add(best);
    pivots[column] = best;
    for (let i = 0; i < n; i++) {
      if (i === best) continue;
      const share = rows[i][column] / rows[best][column];
      for (let j = column; j <= n; j++) rows[i][j] -= share * rows[best][j];
    }
  }
  return pivots.map((row, column) => (row < 0 ? 0 : rows[row][n] / rows[row][column]));
}

/** Pictures as rows of numbers, and what is measured in them. */

/** @typedef {{height: number, width: number, data: Float32Array}} Grid */

/**
 * @param {number} height
 * @param {number} width
 * @returns {Grid}
 */
export const grid = (height, width) => ({ height, width, data: new Float32Array(height * width) });

/** Round halves to the even number, as Python does. @param {number} value */
export function roundEven(value) {
  const near = Math.round(value);
  return Math.abs(value % 1) === 0.5 && near % 2 ? near - 1 : near;
}

/** @param {number[]} values */
export const median = (values) => percentile(values, 50);

/** @param {number[]} values @param {number} share 0..100, linear between two values */
export function percentile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  const place = ((sorted.length - 1) * share) / 100;
  const below = Math.floor(place);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (sorted[above] - sorted[below]) * (place - below);
}

/**
 * Average a picture down until its longer side is at most `side`.
 *
 * @param {Grid} picture
 * @param {number} side
 */
export function shrunk(picture, side) {
  const factor = Math.ceil(Math.max(picture.height, picture.width) / side);
  if (factor === 1) return picture;
  const { height, width, data } = picture;
  const small = grid(Math.ceil(height / factor), Math.ceil(width / factor));
  const counts = new Float32Array(small.data.length);
  data.forEach((value, i) => {
    const cell = Math.floor(i / width / factor) * small.width + Math.floor((i % width) / factor);
    small.data[cell] += value;
    counts[cell]++;
  });
  small.data.forEach((sum, i) => (small.data[i] = sum / counts[i]));
  return small;
}

/** Find the smallest box that holds all that isn't 0. @param {Grid} picture */
export function boxOf({ height, width, data }) {
  const box = { top: height, bottom: 0, left: width, right: 0 };
  data.forEach((value, i) => {
    if (!value) return;
    const [y, x] = [Math.floor(i / width), i % width];
    box.top = Math.min(box.top, y);
    box.bottom = Math.max(box.bottom, y + 1);
    box.left = Math.min(box.left, x);
    box.right = Math.max(box.right, x + 1);
  });
  return box;
}

/** @param {Grid} picture */
export function cropped(picture) {
  const { top, bottom, left, right } = boxOf(picture);
  const part = grid(bottom - top, right - left);
  for (let y = top; y < bottom; y++) {
    const row = picture.data.subarray(y * picture.width + left, y * picture.width + right);
    part.data.set(row, (y - top) * part.width);
  }
  return part;
}

/** @param {Grid} picture @param {number} border */
export function padded(picture, border) {
  const wide = grid(picture.height + 2 * border, picture.width + 2 * border);
  for (let y = 0; y < picture.height; y++) {
    const row = picture.data.subarray(y * picture.width, (y + 1) * picture.width);
    wide.data.set(row, (y + border) * wide.width + border);
  }
  return wide;
}

/**
 * Give at each place the highest value of the square around it.
 *
 * @param {Grid} picture
 * @param {number} radius
 */
export function highestAround(picture, radius) {
  const { height, width } = picture;
  let values = picture.data;
  for (const [step, size] of [
    [width, height],
    [1, width],
  ]) {
    const next = new Float32Array(values.length);
    for (let i = 0; i < values.length; i++) {
      const place = Math.floor(i / step) % size;
      let highest = 0;
      for (let d = -Math.min(radius, place); d <= Math.min(radius, size - 1 - place); d++) {
        highest = Math.max(highest, values[i + d * step]);
      }
      next[i] = highest;
    }
    values = next;
  }
  return { height, width, data: values };
}

/**
 * Number each group of touching cells by its highest index plus 1; 0 where nothing is lit.
 *
 * @param {Grid} mass
 * @returns {Float32Array}
 */
export function blots({ height, width, data }) {
  /** @type {Float32Array} */
  let numbers = Float32Array.from(data, (value, i) => (value > 0 ? i + 1 : 0));
  for (;;) {
    const spread = highestAround({ height, width, data: numbers }, 1).data;
    spread.forEach((_, i) => data[i] > 0 || (spread[i] = 0));
    if (spread.every((number, i) => number === numbers[i])) return numbers;
    numbers = spread;
  }
}

/** Row and column of the centre of mass. @param {Grid} ink */
export function centreOfMass({ width, data }) {
  let [total, down, across] = [0, 0, 0];
  data.forEach((value, i) => {
    total += value;
    down += value * Math.floor(i / width);
    across += value * (i % width);
  });
  return [down / total, across / total];
}

/**
 * Weigh `size` old pixels for `wanted` new ones: by area, or linearly when enlarging.
 *
 * @param {number} size
 * @param {number} wanted
 * @returns {number[][]}
 */
export function areaWeights(size, wanted) {
  const scale = size / wanted;
  const half = Math.max(scale, 1) / 2;
  return Array.from({ length: wanted }, (_, place) => {
    const centre = (place + 0.5) * scale;
    const weights = Array.from({ length: size }, (_, old) =>
      Math.max(Math.min(centre + half, old + 1) - Math.max(centre - half, old), 0),
    );
    const sum = weights.reduce((a, b) => a + b);
    return weights.map((weight) => weight / sum);
  });
}

/** From drawn or photographed ink to a digit as MNIST has them; the same steps as in Python. */

import { InputError } from "../core/errors.js";
import { checkedGrey } from "./grey.js";
import {
  blots,
  boxOf,
  centreOfMass,
  cropped,
  grid,
  highestAround,
  median,
  padded,
  percentile,
  roundEven,
  shrunk,
} from "./grid.js";
import { paperOf } from "./paper.js";
import { resized } from "./scaling.js";

/** @typedef {import("./grid.js").Grid} Grid */

export const SIDE = 28;
const INK_SIDE = 20; // the longer side of the ink's box; so measured in all of MNIST's pictures
const CENTRE = 14; // row and column of the centre of mass, counted from 0; measured too
const WORKING_SIDE = 1024; // larger pictures are averaged down: a phone's noise goes with it
const COARSE_SIDE = 128; // where blots are told from strokes
const THIN = 0.7; // stroke widths in MNIST's pixels: its thinnest digit's,
const PEN = 1.8; // and its median's

/**
 * Bring drawn or photographed ink to MNIST's size, place and contrast.
 *
 * @param {import("../core/arrays.js").ArrayLike} grey (height, width) numbers 0..1, higher is lighter,
 *   any size; not modified
 * @returns {import("../core/arrays.js").Tensor} (28, 28) float32, ink 0..1
 * @throws {InputError} grey has another shape or range, or shows no ink
 */
export function toMnist(grey) {
  const { contrast, noise } = contrastOf(shrunk(checkedGrey(grey), WORKING_SIDE));
  if (isMnist(contrast)) return tensorOf(contrast);
  const ink = cropped(widened(cropped(withoutSpecks(contrast, noise))));
  const scale = INK_SIDE / Math.max(ink.height, ink.width);
  const [height, width] = [ink.height, ink.width].map((side) =>
    Math.max(1, roundEven(scale * side)),
  );
  const scaled = resized(ink, height, width);
  const peak = scaled.data.reduce((a, b) => Math.max(a, b));
  scaled.data.forEach((value, i) => (scaled.data[i] = value / peak));
  const centre = centreOfMass(scaled);
  const place = (/** @type {number} */ middle, /** @type {number} */ side) =>
    Math.min(Math.max(roundEven(CENTRE - middle), 0), SIDE - side);
  const [top, left] = [place(centre[0], height), place(centre[1], width)];
  const digit = grid(SIDE, SIDE);
  for (let y = 0; y < height; y++) {
    const row = scaled.data.subarray(y * width, (y + 1) * width);
    digit.data.set(row, (top + y) * SIDE + left);
  }
  return tensorOf(digit);
}

/** @param {Grid} picture */
const tensorOf = ({ data }) => ({ type: "float32", data, dims: [SIDE, SIDE] });

/**
 * Give how far each pixel is from the paper towards the ink, and the paper's noise.
 *
 * @param {Grid} grey
 */
function contrastOf(grey) {
  const { height, width, data } = grey;
  const edge = [];
  for (let i = 0; i < data.length; i++) {
    const [y, x] = [Math.floor(i / width), i % width];
    if (y === 0 || x === 0 || y === height - 1 || x === width - 1) edge.push(i);
  }
  const paper = paperOf(grey, edge);
  const lighter = data.map((value, i) => value - paper[i]);
  const noise = 1.4826 * median(edge.map((i) => Math.abs(lighter[i]))); // a normal's sigma
  const farthest = lighter.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const sum = lighter.reduce((s, value) => (Math.abs(value) > farthest / 2 ? s + value : s), 0);
  const sign = sum > 0 ? 1 : -1;
  const contrast = grid(height, width);
  lighter.forEach((value, i) => (contrast.data[i] = Math.min(Math.max(sign * value, 0), 1)));
  return { contrast, noise };
}

/** @param {Grid} contrast */
function isMnist(contrast) {
  const { height, width, data } = contrast;
  if (height !== SIDE || width !== SIDE || Math.max(...data) < 0.99) return false;
  const box = boxOf(contrast);
  if (box.top === 0 || box.left === 0 || box.bottom === SIDE || box.right === SIDE) return false;
  const away = Math.max(...centreOfMass(contrast).map((middle) => Math.abs(middle - CENTRE)));
  return Math.max(box.bottom - box.top, box.right - box.left) === INK_SIDE && away <= 0.5;
}

/**
 * Scale the ink to 1 and keep the blots that are dark enough and not tiny.
 *
 * @param {Grid} contrast
 * @param {number} noise
 */
function withoutSpecks(contrast, noise) {
  const { height, width, data } = contrast;
  const peak = data.reduce((a, b) => Math.max(a, b));
  const least = Math.max(0.08, 6 * noise);
  if (peak < least) {
    throw new InputError(
      `there is no ink: the contrast is ${peak.toFixed(2)}, wanted over ${least.toFixed(2)}`,
    );
  }
  const level = percentile(Array.from(data).filter((value) => value > peak / 2), 90);
  const faint = Math.max(0.15 * level, 4 * noise);
  const ink = grid(height, width);
  data.forEach((value, i) => (ink.data[i] = value < faint ? 0 : Math.min(value / level, 1)));
  const cell = Math.ceil(Math.max(height, width) / COARSE_SIDE);
  const coarse = grid(Math.ceil(height / cell), Math.ceil(width / cell));
  const dark = new Float32Array(coarse.data.length);
  const cellOf = (/** @type {number} */ i) =>
    Math.floor(i / width / cell) * coarse.width + Math.floor((i % width) / cell);
  ink.data.forEach((value, i) => {
    coarse.data[cellOf(i)] += value;
    dark[cellOf(i)] = Math.max(dark[cellOf(i)], value);
  });
  const numbers = blots(coarse);
  /** @type {Map<number, {mass: number, darkest: number}>} */
  const known = new Map();
  numbers.forEach((number, i) => {
    const blot = known.get(number) ?? { mass: 0, darkest: 0 };
    blot.mass += coarse.data[i];
    blot.darkest = Math.max(blot.darkest, dark[i]);
    known.set(number, blot);
  });
  const largest = Math.max(...[...known.values()].map((blot) => blot.mass));
  ink.data.forEach((_, i) => {
    const blot = /** @type {{mass: number, darkest: number}} */ (known.get(numbers[cellOf(i)]));
    if (blot.mass < 0.05 * largest || blot.darkest <= 0.5) ink.data[i] = 0;
  });
  return ink;
}

/**
 * Widen strokes that would fade when shrunk.
 *
 * @param {Grid} ink cropped to its box
 */
function widened(ink) {
  const pixel = Math.max(ink.height, ink.width) / INK_SIDE; // one of MNIST's pixels
  const mask = padded(ink, 1);
  let [area, edges] = [0, 0];
  mask.data.forEach((value, i) => {
    const inside = value > 0.5;
    if (inside) area++;
    if ((i + 1) % mask.width && inside !== mask.data[i + 1] > 0.5) edges++;
    if (i + mask.width < mask.data.length && inside !== mask.data[i + mask.width] > 0.5) edges++;
  });
  const width = (2 * area) / edges;
  if (width >= THIN * pixel) return ink;
  const radius = roundEven((PEN * pixel - width) / 2);
  return highestAround(padded(ink, radius), radius);
}

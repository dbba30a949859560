/** Which axis of a state, and of the data, is the batch, and how the other free axes begin. */

import { InputError } from "./errors.js";
import { BATCH, TIME } from "./words_of_ports.js";
import { quoted, tupled } from "./words.js";

/**
 * @typedef {import("./port.js").Port} Port
 * @typedef {import("./port.js").StatePair} StatePair
 * @typedef {"batch" | number | null} AxisWish
 * @typedef {string | number | null} Axis
 * @typedef {number | readonly number[]} Start one length, or one for each free axis but the batch
 */

const WORD = /[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+/g;

/** @param {Axis} axis */
const wordsOf = (axis) =>
  typeof axis === "string" ? (axis.match(WORD) ?? []).map((word) => word.toLowerCase()) : [];

/** Say whether a free axis's symbol is a word for the batch. @param {Axis} axis */
export const speaksOfBatch = (axis) => wordsOf(axis).some((word) => BATCH.has(word));

/** Say whether a free axis's symbol is a word for time, or for how long a cache is.
 * @param {Axis} axis
 */
export const speaksOfTime = (axis) =>
  wordsOf(axis).some((word) => TIME.has(word)) && !speaksOfBatch(axis);

/**
 * Find the batch axis of each state, and the length with which its other free axes begin.
 *
 * @param {readonly Port[]} states the graph's inputs that are state
 * @param {readonly Port[]} data its other inputs
 * @param {Record<string, readonly AxisWish[]>} [wishes] what the caller says of a state's axes; it goes
 *   before every rule
 * @returns {Map<string, {batch_axis: number | null, start: Start}>} by state. An axis that grows begins
 *   at 0; two or more that no symbol tells apart begin at 1, so that the first state broadcasts.
 * @throws {InputError} `wishes` names no state, or contradicts a state's shape or itself
 */
export function findAxes(states, data, wishes = {}) {
  const unknown = Object.keys(wishes).find((name) => !states.some((port) => port.name === name));
  if (unknown !== undefined) {
    const names = states.map(({ name }) => name).join(", ") || "none";
    throw new InputError(`axes names ${quoted(unknown)}, which is no state input; there are: ${names}`);
  }
  const shared = batchSymbols(states, data);
  return new Map(
    states.map((port) => {
      const wish = Object.hasOwn(wishes, port.name) ? wishes[port.name] : null;
      return [port.name, axesOf(port, data, shared, wish)];
    }),
  );
}

/**
 * @param {Port} port
 * @param {readonly Port[]} data
 * @param {ReadonlySet<string>} shared
 * @param {readonly AxisWish[] | null} wish
 */
function axesOf(port, data, shared, wish) {
  const said = wish === null ? port.axes.map(() => null) : Array.from(wish);
  checkWish(port, said);
  const freeAxes = port.shape.flatMap((size, axis) => (size === null ? [axis] : []));
  const unsaid = freeAxes.filter((axis) => said[axis] === null);
  const wished = said.indexOf("batch");
  const batch_axis = wished >= 0 ? wished : batchAxis(port, unsaid, data, shared);
  const growing = freeAxes.filter((axis) => axis !== batch_axis);
  const starts = growing.map((axis) => {
    const length = said[axis];
    if (typeof length === "number") return length;
    return growing.length === 1 || speaksOfTime(port.axes[axis]) ? 0 : 1;
  });
  const start = new Set(starts).size < 2 ? (starts[0] ?? 0) : starts;
  return { batch_axis, start };
}

/** @param {Port} port @param {readonly AxisWish[]} said */
function checkWish(port, said) {
  const wanted = `axes of ${quoted(port.name)} must be one of 'batch', a length or None for each of ${port}`;
  const all = tupled(said.map(quoted));
  if (said.length !== port.axes.length) throw new InputError(`${wanted}; got ${said.length}: ${all}`);
  if (said.filter((wish) => wish === "batch").length > 1) {
    throw new InputError(`${wanted}, 'batch' once; got ${all}`);
  }
  said.forEach((wish, axis) => {
    const isLength = Number.isInteger(wish) && Number(wish) >= 0;
    if (wish !== null && wish !== "batch" && !isLength) {
      throw new InputError(`${wanted}; got ${quoted(wish)} for axis ${axis}`);
    }
    const size = port.shape[axis];
    if (wish !== null && size !== null && wish !== size) {
      throw new InputError(`${wanted}; axis ${axis} is fixed to ${size}, got ${quoted(wish)}`);
    }
  });
}

/** @param {Axis} axis @returns {axis is string} */
const isSymbol = (axis) => typeof axis === "string";

/**
 * Give the symbols that stand for the batch: words for it, else what leads the data.
 *
 * @param {readonly Port[]} states
 * @param {readonly Port[]} data
 */
function batchSymbols(states, data) {
  const symbols = [...data, ...states].flatMap(({ axes }) => axes.filter(isSymbol));
  const spoken = symbols.filter(speaksOfBatch);
  const leading = data.map(({ axes }) => axes[0] ?? null).filter(isSymbol);
  return new Set(spoken.length ? spoken : leading.filter((axis) => !speaksOfTime(axis)));
}

/**
 * @param {Port} port
 * @param {readonly number[]} free
 * @param {readonly Port[]} data
 * @param {ReadonlySet<string>} shared
 * @returns {number | null}
 */
function batchAxis(port, free, data, shared) {
  const { axes } = port;
  const usual = usualAxis(axes.length);
  const named = free.filter((axis) => shared.has(/** @type {string} */ (axes[axis])));
  if (named.length) return usual !== null && named.includes(usual) ? usual : named[0];
  const odd = free.filter((axis) => !speaksOfTime(axes[axis]));
  const leads = data.some((p) => p.axes.length > 1 && p.shape[0] === null && !speaksOfTime(p.axes[0]));
  if (usual !== null && odd.includes(usual) && (usual === 0 || !odd.includes(0))) return usual;
  if (leads && odd.includes(0)) return 0;
  // layers stacked before the batch: (2, batch, heads, past, size)
  return leads && odd.includes(1) && axes.length > 3 ? 1 : null;
}

/** Where a state has its batch: (batch, hidden) and (layers, batch, hidden). @param {number} rank */
const usualAxis = (rank) => [null, 0, 0, 1][rank] ?? null;

/**
 * Say which axis of each data input is the batch.
 *
 * @param {readonly Port[]} inputs of the graph; the states among them tell more, and may be left out
 * @param {readonly StatePair[]} pairs its states
 * @returns {Map<string, number | null>} an axis by data input; null where it is fixed or can't be told:
 *   the first axis of sequence-first data is time
 */
export function batchAxesOfData(inputs, pairs) {
  const carried = new Map(pairs.map((pair) => [pair.input, pair]));
  const data = inputs.filter(({ name }) => !carried.has(name));
  const states = inputs.filter(({ name }) => carried.has(name));
  const shared = batchSymbols(states, data);
  for (const { name, axes } of states) {
    const axis = carried.get(name)?.batch_axis ?? null;
    const symbol = axis === null ? null : axes[axis];
    if (isSymbol(symbol)) shared.add(symbol);
  }
  return new Map(data.map((port) => [port.name, batchOfData(port, shared)]));
}

/** @param {Port} port @param {ReadonlySet<string>} shared @returns {number | null} */
function batchOfData({ axes }, shared) {
  const axis = axes.findIndex((symbol) => shared.has(/** @type {string} */ (symbol)));
  if (axis >= 0) return axis;
  return axes.length && axes[0] === null ? 0 : null;
}

/**
 * Give the one number of sequences that a graph takes.
 *
 * @param {readonly Port[]} inputs of the graph; the states among them may be left out
 * @param {readonly StatePair[]} pairs its states
 * @returns {number | null} null where the batch is free or nothing tells it
 */
export function fixedBatch(inputs, pairs) {
  const carried = new Set(pairs.map(({ input }) => input));
  const data = inputs.filter(({ name, axes }) => !carried.has(name) && axes.length > 1);
  const early = data.map(earlySize);
  if (pairs.some((pair) => pair.batch_axis !== null)) {
    const isFree = [...batchAxesOfData(inputs, pairs).values()].some((axis) => axis !== null);
    return !isFree && early.length && early.every((size) => size === 1) ? 1 : null;
  }
  const held = new Set(
    pairs
      .filter(({ shape }) => shape.length > 1)
      .flatMap(({ shape }) =>
        lateSizes(shape).filter((size) => size === 1 || agrees(size, shape.length, data)),
      ),
  );
  if (held.size === 1) return [...held][0];
  const isUnlike = early.some((size) => size && size !== 1);
  return pairs.length && !held.size && !isUnlike ? 1 : null;
}

/** Give a data input's size where its batch is: first, or behind the time. @param {Port} port */
const earlySize = ({ axes, shape }) => shape[axes.length > 2 && speaksOfTime(axes[0]) ? 1 : 0];

/** Give a state's sizes where its batch may be. @param {readonly (number | null)[]} shape */
function lateSizes(shape) {
  const usual = usualAxis(shape.length);
  const sizes = usual === null ? shape.slice(0, 2) : [shape[usual]];
  return sizes.filter((size) => size !== null);
}

/**
 * Say whether some data has this size for its batch too: a matrix is no batch of 64.
 *
 * @param {number} size
 * @param {number} rank
 * @param {readonly Port[]} data
 */
const agrees = (size, rank, data) =>
  // (layers, batch, hidden) beside (time, batch, features)
  (rank === 3 && data.some(({ axes, shape }) => axes.length === 3 && shape[1] === size)) ||
  data.some((port) => earlySize(port) === size);

/** Pairing by shape alone, where an exporter's names tell nothing. */

import { fitsExactly } from "./matching.js";
import { isNobodys, readings } from "./names.js";
import { hasStateNoun } from "./nouns.js";

/**
 * @typedef {import("./names.js").Side} Side
 * @typedef {import("./port.js").Port} Port
 */

/** Say whether a name has a state's noun, directions aside. @param {Port} port @param {Side} side */
export const looksLikeState = (port, side) =>
  readings(port.name, side)
    .filter(({ glued, directions }) => !glued || !directions.length)
    .some(
      ({ words, indices, directions }) =>
        hasStateNoun(words, indices) || directions.includes("past") || directions.includes("present"),
    );

/**
 * Pair what names leave open and exactly one output fits.
 *
 * Either one name is a state's and the other nobody's, or all names are nobody's and no state
 * has been found by name: then the graph's first input is the data.
 *
 * @param {readonly Port[]} inputs
 * @param {readonly Port[]} outputs
 * @param {ReadonlyMap<string, string>} chosen
 * @returns {Map<string, string>}
 */
export function pairsByShape(inputs, outputs, chosen) {
  const given = [...chosen.values()];
  const ins = inputs.filter((port) => !chosen.has(port.name));
  const outs = outputs.filter((port) => !given.includes(port.name));
  let pairs = alone(ins, outs).filter(([a, b]) => isOneAState(a, b));
  if (pairs.length === outs.length) pairs = []; // what is left would give nothing
  return chosen.size || pairs.length ? named(pairs) : unnamed(ins, outs);
}

/** @param {[Port, Port][]} pairs */
const named = (pairs) =>
  new Map(pairs.map(([a, b]) => /** @type {[string, string]} */ ([a.name, b.name])));

/**
 * Give each input and output that have their type and axes for themselves.
 *
 * @param {readonly Port[]} ins
 * @param {readonly Port[]} outs
 */
function alone(ins, outs) {
  return ins.flatMap((a) => {
    const like = outs.filter((b) => fitsExactly(a, b));
    const isAlone = like.length === 1 && ins.filter((port) => fitsExactly(port, a)).length === 1;
    return isAlone ? [/** @type {[Port, Port]} */ ([a, like[0]])] : [];
  });
}

/** @param {Port} a @param {Port} b */
const isOneAState = (a, b) =>
  (looksLikeState(a, "in") && isNobodys(b.name)) || (isNobodys(a.name) && looksLikeState(b, "out"));

/** @param {readonly Port[]} ins @param {readonly Port[]} outs @returns {Map<string, string>} */
function unnamed(ins, outs) {
  if (ins.length < 2) return new Map();
  const [data, ...further] = ins;
  const others = further.filter((port) => isNobodys(port.name));
  const given = outs.filter((port) => isNobodys(port.name));
  const byShape = alone(others, outs);
  const candidates = byShape.length ? byShape : aloneByNumber(others, given);
  const pairs = candidates.filter(
    ([a, b]) => given.includes(b) && isUnlike(a, data, outs) && !contradict(a, b),
  );
  const rest = outs.filter((port) => !pairs.some(([, b]) => b === port));
  // two more of one shape are states too for all we know
  const isPaired = (/** @type {Port} */ port) => pairs.some(([a]) => a === port);
  const torn = others.some((a) => !isPaired(a) && rest.some((b) => fitsExactly(a, b)));
  return rest.length && !torn ? named(pairs) : new Map();
}

/**
 * Pair input_2 with output_2 where every one of them fits.
 *
 * @param {readonly Port[]} ins
 * @param {readonly Port[]} outs
 */
function aloneByNumber(ins, outs) {
  /** @type {Map<string, Port>} */
  const numbered = new Map();
  for (const b of outs) {
    const number = numberOf(b);
    if (number !== null) numbered.set(number, b);
  }
  const pairs = ins.flatMap((a) => {
    const b = numbered.get(numberOf(a) ?? "");
    return b ? [/** @type {[Port, Port]} */ ([a, b])] : [];
  });
  return pairs.length === ins.length && pairs.every(([a, b]) => fitsExactly(a, b)) ? pairs : [];
}

/** Give the number of an input_2 or output_2, not that of a layer. @param {Port} port */
function numberOf({ name }) {
  const side = name.toLowerCase().startsWith("in") ? "in" : "out";
  const bare = readings(name, side).find(({ words, indices }) => !words.length && indices.length);
  return bare ? bare.indices.join() : null;
}

/** @param {Port} a @param {Port} b */
function contradict(a, b) {
  const [one, other] = [numberOf(a), numberOf(b)];
  return one !== null && other !== null && one !== other;
}

/**
 * Say whether a port can be told from the data: by rank, or by sharing none of its sizes.
 *
 * @param {Port} a
 * @param {Port} data
 * @param {readonly Port[]} outs
 */
function isUnlike(a, data, outs) {
  if (a.shape.reduce((/** @type {number} */ product, size) => product * (size || 1), 1) < 2) return false;
  if (outs.some((b) => fitsExactly(data, b))) return a.axes.length > data.axes.length;
  const shares = a.axes.some((size) => size !== 1 && data.axes.includes(size));
  return a.axes.length !== data.axes.length || !shares;
}

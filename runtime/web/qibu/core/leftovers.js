/** What looks like a state and has been left over: the reason to ask instead of guessing. */

import { fits, fitsExactly, sameFamily } from "./matching.js";
import { MOMENT, isNobodys, readings } from "./names.js";
import { Kind, hasStateNoun, isData } from "./nouns.js";
import { looksLikeState } from "./shapes.js";
import { CARRIED, CONSTANT, KEYS, PARTS, SHORT, STATE, STEP_IN, STEP_OUT } from "./words_of_ports.js";

/**
 * @typedef {import("./matching.js").Match} Match
 * @typedef {import("./names.js").Side} Side
 * @typedef {import("./port.js").Port} Port
 * @typedef {{directions: string, words: readonly string[]}} Built how a name is built
 */

const STEP = { in: STEP_IN, out: STEP_OUT };

/** Inputs and outputs in doubt, and the pairs that they may be. */
export class Leftovers {
  /** @type {Port[]} */
  inputs = [];
  /** @type {Port[]} */
  outputs = [];
  /** @type {Map<string, string>} */
  perhaps = new Map();

  get some() {
    return this.inputs.length + this.outputs.length > 0;
  }

  /** Note an input, an output, or the two as a possible pair.
   * @param {Port | null} a @param {Port | null} b
   */
  add(a, b) {
    if (a && !this.inputs.includes(a)) this.inputs.push(a);
    if (b && !this.outputs.includes(b)) this.outputs.push(b);
    const isNew = a && b && ![...this.perhaps.values()].includes(b.name) && !this.perhaps.has(a.name);
    if (isNew) this.perhaps.set(a.name, b.name);
  }
}

/**
 * Find what may be state and isn't paired.
 *
 * That is: what the names can't decide; two whose names agree and whose noun says nothing; an
 * input with a state's noun that an output can be fed back into; a state's noun with a direction;
 * and the brothers of what was paired.
 *
 * @param {readonly Port[]} inputs
 * @param {readonly Port[]} outputs
 * @param {ReadonlyMap<string, string>} chosen
 * @param {readonly Match[]} matches
 * @param {readonly Match[]} undecided
 */
export function findLeftovers(inputs, outputs, chosen, matches, undecided) {
  const left = new Leftovers();
  for (const { input, output } of undecided) left.add(input, output);
  const given = [...chosen.values()];
  let ins = inputs.filter(({ name }) => !chosen.has(name));
  let outs = outputs.filter(({ name }) => !given.includes(name));
  const near = [...matches]
    .sort((a, b) => a.cost - b.cost)
    .filter((match) => match.fits && ins.includes(match.input) && outs.includes(match.output));
  for (const match of near) {
    // data is named as what came out before: prev_action, action
    const isFedBack = match.kind === Kind.DATA && match.speaksOfStep[0];
    const isInDoubt = match.kind !== Kind.DATA && match.kind !== Kind.STATE;
    if (isInDoubt || isFedBack) left.add(match.input, match.output);
  }
  // also what has a state's noun and was judged to be data: activations between layers
  const through = near.filter((m) => m.kind === Kind.DATA).flatMap((m) => [m.input.name, m.output.name]);
  const mayBe = (/** @type {Port} */ port) => !through.includes(port.name) && !isConstant(port);
  [ins, outs] = [ins.filter(mayBe), outs.filter(mayBe)];
  for (const a of ins) {
    for (const b of outs) {
      if (looksLikeState(a, "in") ? mayComeBack(a, b) : answers(a, b)) left.add(a, b);
    }
  }
  const pairs = matches.filter((m) => chosen.get(m.input.name) === m.output.name);
  const [builtIn, builtOut] = [0, 1].map((side) =>
    pairs.map(({ template, words }) => ({ directions: template[side], words })),
  );
  for (const a of ins) if (isOrphan(a, "in", pairs.map((m) => m.input), builtIn)) left.add(a, null);
  for (const b of outs) if (isOrphan(b, "out", pairs.map((m) => m.output), builtOut)) left.add(null, b);
  return left;
}

/** Say whether an output may be what becomes of a state. @param {Port} a @param {Port} b */
function mayComeBack(a, b) {
  if (fits(a, b) && (looksLikeState(b, "out") || isNobodys(b.name))) return true;
  const isBetweenLayers = isActivation(a.name) && a.name.toLowerCase().includes("states");
  const words = undirected(b, "out");
  return fitsAlone(a, b) && !isBetweenLayers && !(words.length && isData(words));
}

/** Say whether two that share a shape are more than that: the output is said to be new.
 * @param {Port} a @param {Port} b
 */
function answers(a, b) {
  const data = isData(undirected(a, "in")) || isData(undirected(b, "out"));
  const directed = readings(b.name, "out").some(isDirected);
  return directed && !data && fitsAlone(a, b);
}

/** @param {Port} a @param {Port} b */
const fitsAlone = (a, b) => fitsExactly(a, b) && a.shape.some((size) => size === null || size > 1);

/** @param {{directions: readonly string[]}} reading */
const isDirected = ({ directions }) => directions.some((word) => !SHORT.has(word));

/** Give a name's words without all that may be directions. @param {Port} port @param {Side} side */
function undirected({ name }, side) {
  const plain = readings(name, side).filter(
    ({ glued, directions }) => !glued && !directions.some((word) => SHORT.has(word)),
  );
  return plain.reduce((best, one) => (one.directions.length > best.directions.length ? one : best)).words;
}

/**
 * Say whether a port must be a state although nothing answers it.
 *
 * @param {Port} port an input or output that isn't paired
 * @param {Side} side which of the two
 * @param {readonly Port[]} paired those of its side that are
 * @param {readonly Built[]} built how their names are built
 */
function isOrphan(port, side, paired, built) {
  if (isDirectedState(port, side) || isBrother(port, paired, side)) return true;
  const words = undirected(port, side);
  const all = readings(port.name, side);
  if (paired.length && side === "in" && CARRIED.has(words.at(-1) ?? "")) return !isActivation(port.name);
  if (paired.length && all.some(({ directions }) => directions.some((word) => STEP[side].has(word)))) {
    return !isData(words);
  }
  return all.some((reading) => {
    const directions = [...reading.directions].sort().join(" ");
    const alike = built.filter((one) => one.directions && one.directions === directions);
    // new_foo, where what is carried is called new_
    const step = reading.directions.some((w) => w === "n" || (MOMENT[side].has(w) && !SHORT.has(w)));
    const shared = alike.some((one) => one.words.some((w) => reading.words.includes(w) && !PARTS.has(w)));
    return alike.length > 0 && !isData(reading.words) && (step || shared);
  });
}

/** Say whether a name is what transformers call the data between their layers. @param {string} name */
const isActivation = (name) =>
  readings(name, "in").some(({ words }) => words.includes("hidden") && words.includes("state"));

/** Say whether a name is of what an encoder gave: it doesn't change from step to step.
 * @param {Port} port
 */
function isConstant({ name }) {
  const { words } = readings(name, "in")[0];
  const both = [...readings(name, "in"), ...readings(name, "out")];
  const directed = both.some((reading) => isDirected(reading) || reading.directions.includes("n"));
  const crosses = words.some((word) => CONSTANT.has(word));
  return crosses && (!directed || words.some((word) => KEYS.has(word)));
}

/** @param {Port} port @param {Side} side */
const isDirectedState = ({ name }, side) =>
  readings(name, side).some(
    (reading) =>
      hasStateNoun(reading.words, reading.indices) &&
      isDirected(reading) &&
      !reading.glued &&
      !isActivation(name),
  );

/**
 * Say whether a port differs from a paired one by its index only, or has its noun.
 *
 * @param {Port} port
 * @param {readonly Port[]} paired
 * @param {Side} side
 */
function isBrother(port, paired, side) {
  const own = readings(port.name, side);
  return paired.some((other) => {
    const theirs = readings(other.name, side);
    const alike = port.type === other.type && port.axes.length === other.axes.length;
    if (alike && own.some((one) => theirs.some((two) => sameFamily(one, two)))) return true;
    const nouns = own[0].words.some((word) => STATE.has(word) && theirs[0].words.includes(word));
    return nouns && looksLikeState(port, side) && !isActivation(port.name);
  });
}

/**
 * Say what was found and what is left over, and what to write instead.
 *
 * @param {readonly Port[]} inputs
 * @param {readonly Port[]} outputs
 * @param {ReadonlyMap<string, string>} chosen
 * @param {Leftovers} left
 */
export function refusal(inputs, outputs, chosen, left) {
  const found = [...chosen].map(([name, output]) => `${name} → ${output}`).join(", ");
  const begin = chosen.size ? `states left over beside ${found}: ` : "no state found: ";
  const listed = (/** @type {readonly Port[]} */ some, /** @type {readonly Port[]} */ all) =>
    (left.some && chosen.size ? some.map(String) : all.map(({ name }) => name)).join(", ") || "none";
  const ins = listed(left.inputs, inputs);
  const outs = listed(left.outputs, outputs);
  const message = `${begin}inputs ${ins}; outputs ${outs}; `;
  const wanted = new Map([...chosen, ...left.perhaps]);
  for (const { name } of left.inputs) if (!wanted.has(name)) wanted.set(name, "…");
  if (!wanted.size) return `${message}if some carry state, say which with states={input: output}`;
  const pairs = [...wanted].map(([name, output]) => `"${name}": "${output}"`).join(", ");
  return `${message}if they carry state, say so with states={${pairs}}; leave out what doesn't`;
}

/** Which input's name belongs to which output's, and the one way to match them all. */

import { momentsOf, readings } from "./names.js";
import { Kind, hasStateNoun, kindOf } from "./nouns.js";
import { HOLDERS, SAME, STATE } from "./words_of_ports.js";

/**
 * @typedef {import("./names.js").Reading} Reading
 * @typedef {import("./nouns.js").KindValue} KindValue
 * @typedef {import("./port.js").Port} Port
 *
 * @typedef {object} Match An input and an output whose names agree but for the directions.
 * @property {Port} input
 * @property {Port} output
 * @property {KindValue} kind
 * @property {number} cost
 * @property {readonly [string, string]} template the directions: how these names are built
 * @property {readonly string[]} words
 * @property {readonly [boolean, boolean]} speaksOfStep the input's directions, the output's
 * @property {boolean} fits whether what comes out can go in
 */

// how much weaker than equal words
const [OTHER_ORDER, OTHER_WORD, HOLDER_LEFT_OUT, RENAMED, SCOPE_LEFT_OUT, NO_DIRECTION] = [3, 3, 4, 5, 6, 8];
const PARTNERS = ["cell hidden", "key value", "k v"];

/** @param {readonly unknown[]} a @param {readonly unknown[]} b */
const same = (a, b) => a.length === b.length && a.every((item, i) => item === b[i]);

/** Say whether what comes out can go in: same type, rank and known sizes.
 * @param {Port} a @param {Port} b
 */
export const fits = (a, b) =>
  a.type === b.type &&
  a.axes.length === b.axes.length &&
  a.shape.every((m, axis) => m === b.shape[axis] || m === null || b.shape[axis] === null);

/** Say whether type and axes are the same, symbols too. @param {Port} a @param {Port} b */
export const fitsExactly = (a, b) => a.type === b.type && same(a.axes, b.axes);

/** Say whether two matches' names are built alike. @param {Match} a @param {Match} b */
export const isBuiltAs = (a, b) => same(a.template, b.template);

/**
 * Give every input and output whose names agree, also where their shapes don't.
 *
 * @param {readonly Port[]} inputs
 * @param {readonly Port[]} outputs
 * @returns {Match[]}
 */
export function nameMatches(inputs, outputs) {
  /** @type {Map<string, [Port, Reading][]>} */
  const numbered = new Map();
  for (const b of outputs) {
    for (const after of readings(b.name, "out")) {
      const key = after.indices.join();
      numbered.set(key, [...(numbered.get(key) ?? []), [b, after]]);
    }
  }
  /** @type {Map<Port, Map<Port, Match>>} */
  const best = new Map(inputs.map((a) => [a, new Map()]));
  /** @type {[Port, Port][]} */
  const order = [];
  for (const a of inputs) {
    const ofInput = /** @type {Map<Port, Match>} */ (best.get(a));
    for (const before of readings(a.name, "in")) {
      const { indices } = before;
      const near = numbered.get(indices.join()) ?? [];
      const further = indices.at(-1) === "1" ? (numbered.get(indices.slice(0, -1).join()) ?? []) : [];
      for (const [b, after] of [...near, ...further]) {
        const match = matchOf(a, before, b, after);
        if (!match) continue;
        const old = ofInput.get(b);
        if (!old) order.push([a, b]);
        const isNearer = old && (match.cost < old.cost || (match.cost === old.cost && match.kind > old.kind));
        if (!old || isNearer) ofInput.set(b, match);
      }
    }
  }
  return order.map(([a, b]) => /** @type {Match} */ (best.get(a)?.get(b)));
}

/**
 * @param {Port} a
 * @param {Reading} before
 * @param {Port} b
 * @param {Reading} after
 * @returns {Match | null}
 */
function matchOf(a, before, b, after) {
  const far = distance(before, after);
  if (far === null || a.name === b.name) return null;
  const [earlier, later] = [momentsOf(before), momentsOf(after)];
  let kind = kindOf(before.words, before.indices, earlier, later);
  if (kind === Kind.UNKNOWN && same(before.directions, ["input"]) && same(after.directions, ["output"])) {
    kind = Kind.DATA; // a part's own input and output: decoder_input, decoder_output
  }
  const undirected = [before, after].filter(({ directions }) => !directions.length).length;
  if (undirected === 2 && !(kind === Kind.STATE && fitsExactly(a, b))) return null;
  return {
    input: a,
    output: b,
    kind,
    cost: before.cost + after.cost + far + (undirected === 2 ? NO_DIRECTION : undirected),
    template: [[...before.directions].sort().join(" "), [...after.directions].sort().join(" ")],
    words: [...new Set(before.words)],
    speaksOfStep: [earlier.length > 0, later.length > 0],
    fits: fits(a, b),
  };
}

/**
 * Say how far two readings are apart; null where they contradict each other.
 *
 * @param {Reading} before
 * @param {Reading} after
 */
function distance(before, after) {
  const directed = before.directions.length > 0 || after.directions.length > 0;
  const [left, right] = [before.words, after.words];
  if (!same(before.indices, after.indices)) {
    // two ports can't share a name: an exporter numbers the second, state.1 → state
    const renamed = same(left, right) && same(before.indices, [...after.indices, "1"]);
    return renamed && !directed ? RENAMED : null;
  }
  if (same(left, right)) return directed ? 0 : null;
  if (same([...left].sort(), [...right].sort())) return OTHER_ORDER;
  const [sameLeft, sameRight] = [synonyms(left), synonyms(right)];
  if (same(sameLeft, sameRight)) return OTHER_WORD;
  const [bareLeft, bareRight] = [sameLeft, sameRight].map((words) => words.filter((word) => !HOLDERS.has(word)));
  const step = before.directions.includes("past") && after.directions.includes("present");
  if (same(bareLeft, bareRight) && (bareLeft.length || step)) {
    return hasStateNoun([...left, ...right]) || step ? HOLDER_LEFT_OUT : null;
  }
  const shared = sameLeft.filter((word) => sameRight.includes(word));
  const isOneInOther = [sameLeft, sameRight].some((words) => words.every((word) => shared.includes(word)));
  return isOneInOther && directed && shared.some((word) => STATE.has(word)) ? SCOPE_LEFT_OUT : null;
}

/** @param {readonly string[]} words */
const synonyms = (words) => words.map((word) => (Object.hasOwn(SAME, word) ? SAME[word] : word));

/**
 * Say whether two names differ by nothing but their index, or by h and c, key and value.
 *
 * @param {Reading} one
 * @param {Reading} other
 */
export function sameFamily(one, other) {
  if (one.directions.length > 0 !== other.directions.length > 0) return false;
  if (same(one.words, other.words)) {
    return one.words.length > 0 || momentsOf(one).some((word) => word === "past" || word === "present");
  }
  if (one.words.length !== other.words.length) return false;
  const theirs = synonyms(other.words);
  const different = synonyms(one.words).flatMap((word, i) =>
    word === theirs[i] ? [] : [[word, theirs[i]].sort().join(" ")],
  );
  return different.length === 1 && PARTNERS.includes(different[0]);
}

/**
 * Match inputs and outputs one to one, the closest names first.
 *
 * @param {readonly Match[]} matches
 * @returns {{chosen: Map<string, string>, undecided: Match[]}} {input: output}, and the matches among
 *   which the names can't decide
 */
export function assign(matches) {
  /** @type {Map<string, string>} */
  const chosen = new Map();
  /** @type {Match[]} */
  const undecided = [];
  const costs = [...new Set(matches.map(({ cost }) => cost))].sort((a, b) => a - b);
  for (const wanted of costs) {
    const taken = new Set([...chosen.keys(), ...undecided.map(({ input }) => input.name)]);
    const takenOut = new Set([...chosen.values(), ...undecided.map(({ output }) => output.name)]);
    const level = matches.filter(
      ({ cost, input, output }) => cost === wanted && !taken.has(input.name) && !takenOut.has(output.name),
    );
    for (const group of connected(level)) {
      const pairs = largest(group);
      const isOnly = [...pairs].every((edge) => largest(group, edge).size < pairs.size);
      if (isOnly) for (const [input, output] of pairs) chosen.set(input, output);
      else undecided.push(...group);
    }
  }
  return { chosen, undecided };
}

/** Put matches that share a port, directly or through others, into one group.
 * @param {readonly Match[]} matches
 */
function connected(matches) {
  /** @type {Match[][]} */
  let groups = [];
  for (const match of matches) {
    const touches = (/** @type {Match[]} */ group) =>
      group.some(({ input, output }) => input === match.input || output === match.output);
    const touching = groups.filter(touches);
    groups = [...groups.filter((group) => !touches(group)), [...touching.flat(), match]];
  }
  return groups;
}

/**
 * Find a largest one-to-one matching, by augmenting paths.
 *
 * @param {readonly Match[]} matches
 * @param {readonly [string, string]} [without]
 * @returns {Map<string, string>}
 */
function largest(matches, without) {
  /** @type {Map<string, string[]>} */
  const options = new Map();
  for (const { input, output } of matches) {
    if (without && without[0] === input.name && without[1] === output.name) continue;
    options.set(input.name, [...(options.get(input.name) ?? []), output.name]);
  }
  /** @type {Map<string, string>} */
  const owner = new Map();
  for (const name of options.keys()) augment(name, options, owner, new Set());
  return new Map([...owner].map(([output, name]) => [name, output]));
}

/**
 * @param {string} name
 * @param {ReadonlyMap<string, string[]>} options
 * @param {Map<string, string>} owner
 * @param {Set<string>} seen
 * @returns {boolean}
 */
function augment(name, options, owner, seen) {
  for (const output of options.get(name) ?? []) {
    if (seen.has(output)) continue;
    seen.add(output);
    const holder = owner.get(output);
    if (holder === undefined || augment(holder, options, owner, seen)) {
      owner.set(output, name);
      return true;
    }
  }
  return false;
}

/** How a port's name is built: words, indices, and the words that say before or after a step. */

import {
  LAYERS,
  LETTERS_GLUED,
  MOMENT_IN,
  MOMENT_OUT,
  PLACE_IN,
  PLACE_OUT,
  PLURALS,
  SHORT,
  STEMS,
} from "./words_of_ports.js";

/**
 * @typedef {"in" | "out"} Side
 *
 * @typedef {object} Reading One way to read a name: the directions taken out, and what is left.
 * @property {readonly string[]} words
 * @property {readonly string[]} indices without zeros before them
 * @property {readonly string[]} directions
 * @property {number} cost how much was read into the name
 * @property {boolean} glued a token had to be taken apart
 */

/** The words for the way through the graph. @type {Readonly<Record<Side, Set<string>>>} */
export const PLACE = { in: PLACE_IN, out: PLACE_OUT };
/** The words for the passing of a step. @type {Readonly<Record<Side, Set<string>>>} */
export const MOMENT = { in: MOMENT_IN, out: MOMENT_OUT };

const GLUED_WORDS = [...new Set([PLACE_IN, PLACE_OUT, MOMENT_IN, MOMENT_OUT].flatMap((set) => [...set]))]
  .filter((word) => word.length > 1)
  .sort((a, b) => b.length - a.length);
const TOKEN =
  /[A-Za-z]+[123][dD](?![A-Za-z])|[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\p{Nd}+|(?:(?![A-Za-z])[\p{L}\p{Nl}\p{No}])+/gu;
const STEP_BEFORE = /(?<![a-z]{2})t_?(?:-|m|minus_?)_?1(?!\d)/gi;
const STEP_AFTER = /(?<![a-z]{2})t_?(?:\+|p|plus_?)_?1(?!\d)/gi;
const SERVING = /^serving_default_|:\d+$/g;
// what exporters call a port that nobody named: by its number, or by the layer that makes it
const NOBODYS = /^\d+$|^onnx::|\/|^(?:Stateful)?PartitionedCall/i;
const NO_MOMENTS = new Set([...PLACE_IN, ...PLACE_OUT, "0", "1", "t"]);
const MOST_CHOICES = 12; // tokens that are read in two ways
const MOST_PLACES = 5; // of directions

/** @param {string} token */
const isDecimal = (token) => /^\p{Nd}+$/u.test(token);

/** @param {string} name @returns {string[]} */
const tokensOf = (name) => (name.match(TOKEN) ?? []).map((token) => token.toLowerCase());

/** The directions that speak of a step's passing, not of the way through the graph.
 * @param {Reading} reading
 */
export const momentsOf = ({ directions }) => directions.filter((word) => !NO_MOMENTS.has(word));

/** @type {Map<string, readonly Reading[]>} */
const known = new Map();

/**
 * Give every way to read an input's or an output's name.
 *
 * @param {string} name
 * @param {Side} side
 * @returns {readonly Reading[]}
 */
export function readings(name, side) {
  const key = `${side} ${name}`;
  const found = known.get(key) ?? read(name, side);
  known.set(key, found);
  return found;
}

/** @param {string} name @param {Side} side */
function read(name, side) {
  /** @type {Map<string, Reading>} */
  const found = new Map();
  for (const [tokens, cost] of spellings(name)) {
    for (const taken of directions(tokens, side)) {
      const kept = tokens.filter((_, place) => !taken.includes(place));
      const words = kept.filter((token) => !isDecimal(token));
      const indices = kept.filter(isDecimal).map((token) => token.replace(/^0+(?=.)/, ""));
      const said = taken.map((place) => tokens[place]);
      const isShort = said.some((word) => SHORT.has(word));
      const reading = {
        words,
        indices,
        directions: said,
        cost: Math.max(0, taken.length - 1) + (isShort ? 2 : 0) + cost,
        glued: cost > 0,
      };
      const key = JSON.stringify([words, indices, said]);
      const before = found.get(key);
      if (!before || before.cost > reading.cost) found.set(key, reading);
    }
  }
  return [...found.values()];
}

/** Say whether an exporter made the name up: it then tells nothing. @param {string} name */
export function isNobodys(name) {
  const plain = name.replace(SERVING, "");
  if (NOBODYS.test(plain)) return true;
  const tokens = tokensOf(plain);
  const words = tokens.filter((token) => !isDecimal(token));
  return words.length < tokens.length && words.every((word) => LAYERS.has(word));
}

/**
 * Give the name in tokens, first as it is, then with glued words apart; and what that costs.
 *
 * @param {string} name
 * @returns {Generator<[string[], number]>}
 */
function* spellings(name) {
  const plain = name
    .replace(SERVING, "")
    .replace(STEP_BEFORE, "_tminus_")
    .replace(STEP_AFTER, "_tplus_");
  const choices = tokensOf(plain).map((token) => {
    const parts = apart(token);
    return parts ? [[token], parts] : [[token]];
  });
  const rest = choices.slice(MOST_CHOICES).map(([[token]]) => singular(token));
  for (const chosen of product(choices.slice(0, MOST_CHOICES))) {
    const split = chosen.filter((parts) => parts.length > 1).length;
    yield [joined([...chosen.flat().map(singular), ...rest]), 2 * split];
  }
}

/**
 * Give every choice of one of each, the last changing first.
 *
 * @template T
 * @param {readonly T[][]} choices
 * @returns {Generator<T[]>}
 */
function* product(choices) {
  if (!choices.length) {
    yield [];
    return;
  }
  for (const first of choices[0]) {
    for (const others of product(choices.slice(1))) yield [first, ...others];
  }
}

/** @param {string} token */
function singular(token) {
  if (Object.hasOwn(PLURALS, token)) return PLURALS[token];
  if (token.length > 3 && /(?<![sui])s$/.test(token)) return token.slice(0, -1);
  return token;
}

/** Take a key and value named together for one word: past_key_values.0.key.
 * @param {string[]} tokens
 */
function joined(tokens) {
  /** @type {string[]} */
  const found = [];
  for (const token of tokens) {
    if (token === "value" && found.at(-1) === "key") found[found.length - 1] = "kv";
    else found.push(token);
  }
  return found;
}

/**
 * Split a glued token: hn → h n, newstate → new state, spkcache → spk cache, nh → n h.
 *
 * @param {string} token
 * @returns {string[] | null}
 */
function apart(token) {
  const isWord = (/** @type {string} */ word) => STEMS.includes(word) || GLUED_WORDS.includes(word);
  if (isDecimal(token) || isWord(token) || isWord(singular(token)) || token.length < 2) return null;
  if (token === "hx" || token === "cx") return [token[0]];
  const isLetter = (/** @type {string} */ rest) => LETTERS_GLUED.includes(rest);
  if (token.length === 2 && isLetter(token[0]) && "niotxy".includes(token[1])) return [token[0], token[1]];
  if (token.length < 4 && token[0] === "n" && isLetter(token.slice(1))) return ["n", token.slice(1)];
  const isNoun = (/** @type {string} */ rest) => STEMS.includes(rest) || isLetter(rest);
  for (const word of GLUED_WORDS) {
    if (token.startsWith(word) && isNoun(token.slice(word.length))) return [word, token.slice(word.length)];
    if (token.endsWith(word) && isNoun(token.slice(0, -word.length))) return [token.slice(0, -word.length), word];
  }
  for (const stem of STEMS) {
    if (token.endsWith(stem) && token !== stem) return [token.slice(0, -stem.length), stem];
    if (token === `${stem}n` || token === `${stem}t`) return [stem, token.slice(-1)];
  }
  return null;
}

/**
 * Give every set of places that may be directions, none first.
 *
 * @param {string[]} tokens
 * @param {Side} side
 * @returns {Generator<number[]>}
 */
function* directions(tokens, side) {
  const places = tokens.flatMap((_, place) => (mayDirect(tokens, place, side) ? [place] : []));
  const some = places.slice(0, MOST_PLACES);
  for (let count = 0; count <= some.length; count++) yield* combinations(some, count);
}

/** @param {number[]} places @param {number} count @returns {Generator<number[]>} */
function* combinations(places, count) {
  if (count === 0) {
    yield [];
    return;
  }
  for (let i = 0; i + count <= places.length; i++) {
    for (const others of combinations(places.slice(i + 1), count - 1)) yield [places[i], ...others];
  }
}

/** @param {string[]} tokens @param {number} place @param {Side} side */
function mayDirect(tokens, place, side) {
  const token = tokens[place];
  const directs = (/** @type {string} */ word) => PLACE[side].has(word) || MOMENT[side].has(word);
  if (!directs(token)) return side === "in" && token === "1" && tokens[place - 1] === "t";
  const rest = tokens.slice(place + 1);
  if (isDecimal(token) || ["i", "o", "y"].includes(token)) {
    // h_0, h0_in, r1i, h0_l1; not layer_0_h
    const ofCell = ["h", "c"].includes(tokens[place - 1]) && rest.some(isDecimal);
    return place > 0 && (rest.every(directs) || ofCell);
  }
  if (token === "r") return place === 0 && rest.length > 0; // WeNet's r_att_cache
  return true;
}

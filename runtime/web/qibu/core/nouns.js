/** Which nouns in a port's name are a state's, and which are the data's. */

import {
  ALWAYS,
  COUNTERS,
  DATA,
  LETTERS,
  PLACES,
  SETTINGS,
  STATE,
  SUPPORTED,
} from "./words_of_ports.js";

/** What two ports are to each other whose names agree; the more, the surer a state. */
export const Kind = /** @type {const} */ ({
  DATA: 0,
  DOUBT: 1, // data by its noun, state by its directions: only the caller knows
  UNKNOWN: 2, // a word that says nothing
  SUPPORTED: 3,
  STATE: 4,
});

/** @typedef {typeof Kind[keyof typeof Kind]} KindValue */

/**
 * Say whether a name's words are those of a state, and their head no setting.
 *
 * @param {readonly string[]} words
 * @param {readonly string[]} [indices]
 */
export function hasStateNoun(words, indices = []) {
  const head = words.at(-1) ?? "";
  if (SETTINGS.has(head) || COUNTERS.has(head)) return false;
  if (words.some((word) => ALWAYS.has(word) || (STATE.has(word) && !DATA.has(head)))) return true;
  // a letter is a state's in h_enc and lstm_c, not in c_emb
  const isLetter = (/** @type {string} */ word) =>
    LETTERS.has(word) || (word === "r" && indices.length > 0);
  return words.some(isLetter) && (isLetter(head) || !DATA.has(head));
}

/** Say whether a name's words are those of data; of none, they are: it is but `output`.
 * @param {readonly string[]} words
 */
export function isData(words) {
  const head = words.at(-1);
  if (head === undefined) return true;
  if (words.some((word) => STATE.has(word))) return false;
  // x_lens, not processed_lens
  if (head === "len") return words.length === 1 || words.slice(0, -1).some((word) => DATA.has(word));
  return DATA.has(head) || SETTINGS.has(head);
}

/**
 * Say what a pair of names is.
 *
 * @param {readonly string[]} words what the two have in common
 * @param {readonly string[]} indices likewise
 * @param {readonly string[]} before the input's directions that speak of a step
 * @param {readonly string[]} after the output's
 * @returns {KindValue}
 */
export function kindOf(words, indices, before, after) {
  const both = before.length > 0 && after.length > 0;
  const [past, present] = [before.includes("past"), after.includes("present")];
  const head = words.at(-1);
  if (head === undefined) {
    if (both && (past || present)) return Kind.STATE;
    return both ? Kind.DOUBT : Kind.DATA;
  }
  if (hasStateNoun(words, indices)) return Kind.STATE;
  // of a robot, or how many steps there have been
  if (PLACES.has(head) && !words.some((word) => STATE.has(word))) return Kind.DOUBT;
  const counts = COUNTERS.has(head) && head !== "len";
  // the length of a cache, its mask
  if (counts || words.some((word) => STATE.has(word) || LETTERS.has(word))) return Kind.SUPPORTED;
  if (isData(words)) return both ? Kind.DOUBT : Kind.DATA;
  if (head === "len") return Kind.SUPPORTED;
  if (past && present) return Kind.STATE;
  return words.every((word) => SUPPORTED.has(word)) ? Kind.SUPPORTED : Kind.UNKNOWN;
}

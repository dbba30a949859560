/**
 * A text's state: that of the network, and the one token that stands in the text but isn't read.
 *
 * What may come next is known once that token is read; so a text goes on from its state alone.
 */

import { InputError } from "../core/errors.js";
import { StatePair } from "../core/port.js";
import { State } from "../core/state.js";
import { END } from "./vocabulary.js";

/** @typedef {import("../core/stepper.js").Stepper} Stepper */

const UNREAD = new StatePair({
  input: "tokens",
  output: "token",
  shape: [null, 1],
  dtype: "int64",
  batch_axis: 0,
});

/**
 * Join the network's state and the tokens that it hasn't read.
 *
 * @param {Stepper} stepper a text model
 * @param {State} state the network's, of one text
 * @param {readonly number[]} unread at least one; all but the last are read here
 */
export async function textState(stepper, state, unread) {
  const before = unread.slice(0, -1);
  if (before.length) [, state] = await stepper.step({ tokens: [before] }, state);
  const last = BigInt64Array.of(BigInt(/** @type {number} */ (unread.at(-1))));
  const arrays = new Map(stepper.pairs.map(({ input }) => [input, state.get(input)]));
  arrays.set(UNREAD.input, { type: "int64", data: last, dims: [1, 1] });
  return new State(arrays, [...stepper.pairs, UNREAD], stepper.model);
}

/**
 * Take a text's state apart: the network's own, and what it hasn't read.
 *
 * @param {Stepper} stepper
 * @param {import("./vocabulary.js").Vocabulary} vocabulary
 * @param {State} state
 * @returns {[State, number[]]}
 * @throws {InputError} it is another model's, of several texts, or of one that has ended
 */
export function splitState(stepper, vocabulary, state) {
  stepper.checkState(state);
  if (state.batch !== 1) {
    throw new InputError(`a text begins with the state of one, got that of ${state.batch}`);
  }
  const arrays = new Map(stepper.pairs.map(({ input }) => [input, state.get(input)]));
  const inner = new State(arrays, stepper.pairs, stepper.model);
  if (![...state.keys()].includes(UNREAD.input)) return [inner, []];
  const token = Number(state.get(UNREAD.input).data[0]);
  if (!(token >= 0 && token < vocabulary.size)) {
    throw new InputError(`the state's token must be 0..${vocabulary.size - 1}, got ${token}`);
  }
  if (vocabulary.token(token) === END) {
    throw new InputError("the state is that of a text that has ended; begin a new one without it");
  }
  return [inner, [token]];
}

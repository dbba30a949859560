/** A text that is being written: pieces as they come, and its state at each of them. */

import { InputError } from "../core/errors.js";
import { draw } from "./drawing.js";
import { chooseSeed } from "./seeded_random.js";
import { textState } from "./text_state.js";

/**
 * @typedef {import("../core/state.js").State} State
 *
 * @typedef {object} Begun
 * @property {import("../core/stepper.js").Stepper} stepper
 * @property {State} state
 * @property {readonly number[]} unread
 * @property {import("./plain_text.js").PlainText} text
 * @property {bigint} seed
 * @property {import("./sampling.js").Sampling} sampling
 * @property {string} opening what is given first
 * @property {number} skip random numbers taken before
 */

/** Gives a text in pieces of whole characters, first what it begins with. */
export class TextStream {
  #begun;
  #pieces;

  /** @param {Begun} begun */
  constructor(begun) {
    this.#begun = { ...begun };
    /** of the random numbers */
    this.seed = begun.seed;
    this.#pieces = this.#write();
  }

  [Symbol.asyncIterator]() {
    return this;
  }

  /** @returns {Promise<IteratorResult<string, void>>} */
  next() {
    return this.#pieces.next();
  }

  /** Write no more. @returns {Promise<IteratorResult<string, void>>} */
  return() {
    return this.#pieces.return(undefined);
  }

  async *#write() {
    const begun = this.#begun;
    if (begun.opening) {
      const { opening } = begun;
      begun.opening = "";
      yield opening;
    }
    const { stepper, text, sampling } = begun;
    const drawn = draw(stepper, begun.state, begun.unread, [text], [begun.seed], sampling, begun.skip);
    for await (const { tokens, state } of drawn) {
      begun.state = state;
      begun.unread = tokens;
      begun.skip++;
      if (text.piece) yield text.piece;
    }
  }

  /** What ended the text: its "length", the network's own "end" or a "stop"; null: nothing. */
  get ended() {
    return this.#begun.text.ended;
  }

  /** Give the state after all that was drawn so far: a text can begin from it, here or elsewhere. */
  state() {
    const { stepper, state, unread } = this.#begun;
    return textState(stepper, state, unread);
  }

  /**
   * Give a stream that goes on from here by itself, to the same length.
   *
   * @param {bigint | number | null} [seed] of its random numbers, from their first on; null: those that
   *   are still to come here, so that both go on alike
   * @throws {InputError} the text has ended
   */
  fork(seed = null) {
    const { text, ...begun } = this.#begun;
    if (text.done) {
      throw new InputError(`the text has ended, by its ${this.ended}; begin another`);
    }
    const again = seed === null ? {} : { seed: chooseSeed(seed), skip: 0 };
    return new TextStream({ ...begun, ...again, text: text.fork() });
  }
}

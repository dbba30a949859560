/** Writing any text with a text model. */

import { InputError, ModelFileError } from "../core/errors.js";
import { written } from "../core/words.js";
import { PlainText } from "./plain_text.js";
import { Sampling } from "./sampling.js";
import { chooseSeed } from "./seeded_random.js";
import { TextPart } from "./text_part.js";
import { splitState, textState } from "./text_state.js";
import { TextStream } from "./text_stream.js";
import { END, START } from "./vocabulary.js";

/**
 * @typedef {import("../core/state.js").State} State
 * @typedef {import("./vocabulary.js").OnUnknown} OnUnknown
 *
 * @typedef {object} TextRequest
 * @property {number} [length] how many characters are written after the start, at most
 * @property {bigint | number | null} [seed] 0..2**64-1; the same seed gives the same text, here, in
 *   Python and in C. null: a random one.
 * @property {Sampling} [sampling] how a character is drawn
 * @property {string | readonly string[] | null} [stop] a text, or several, before which it ends
 * @property {string | null} [allow] the characters that alone may be written; null: all
 * @property {string | null} [ban] characters that mustn't be
 * @property {State | null} [state] what was read before, as `read` or a stream's `state` gives it
 * @property {OnUnknown} [onUnknown] what a character of the start that the model doesn't know does
 */

export const LENGTH = 400; // characters that are written unless told otherwise

/** Writes with a text model, token by token. */
export class Writer {
  /**
   * @param {import("../core/stepper.js").Stepper} stepper
   * @throws {ModelFileError} the stepper's file is no text model
   */
  constructor(stepper) {
    if (!(stepper.part instanceof TextPart)) {
      throw new ModelFileError(`${stepper.path} is no text model that Qibu exported`);
    }
    this.stepper = stepper;
    this.vocabulary = stepper.part.vocabulary;
    this.alphabet = stepper.part.alphabet;
    this.end = this.vocabulary.has(END) ? this.vocabulary.id(END) : null;
  }

  /**
   * Give the tokens that a text begins with: `<start>`, where the model has it, and the start.
   *
   * @param {string} [start]
   * @param {OnUnknown} [onUnknown]
   * @throws {UnknownCharacterError} the start has a character that the model doesn't know
   */
  prompt(start = "", onUnknown = "fail") {
    const first = this.vocabulary.has(START) ? [this.vocabulary.id(START)] : [];
    return [...first, ...this.alphabet.encode(start, onUnknown)];
  }

  /**
   * Read a text, for others to be written after it.
   *
   * @param {string} text
   * @param {{state?: State | null, onUnknown?: OnUnknown}} [options]
   * @returns {Promise<State>} after it
   */
  async read(text, { state = null, onUnknown = "fail" } = {}) {
    return textState(this.stepper, ...this.#begin(text, state, onUnknown));
  }

  /**
   * Write a text, giving it in pieces of whole characters, the start first.
   *
   * @param {string} [start] what it begins with, or goes on with after a state
   * @param {TextRequest} [request]
   * @throws {InputError} something can't be had, before the first piece
   * @throws {UnknownCharacterError} the model doesn't know a character
   */
  stream(start = "", request = {}) {
    const { length = LENGTH, stop = null, allow = null, ban = null, onUnknown = "fail" } = request;
    if (!Number.isInteger(length) || length < 1) {
      throw new InputError(`length must be a whole number above 0, got ${written(length)}`);
    }
    const stops = typeof stop === "string" ? [stop] : [...(stop ?? [])];
    if (stops.includes("")) {
      throw new InputError("stop is empty: leave it, or give the text to stop before");
    }
    const [state, unread] = this.#begin(start, request.state ?? null, onUnknown);
    const skipped = () => this.alphabet.decode(this.alphabet.encode(start, "skip"));
    return new TextStream({
      stepper: this.stepper,
      state,
      unread,
      text: new PlainText(this.alphabet.guide(allow, ban), this.end, length, stops),
      seed: chooseSeed(request.seed),
      sampling: request.sampling ?? new Sampling(),
      opening: onUnknown === "skip" ? skipped() : start,
      skip: 0,
    });
  }

  /**
   * Write a whole text; arguments and errors as in `stream`.
   *
   * @param {string} [start]
   * @param {TextRequest} [request]
   */
  async write(start = "", request = {}) {
    const stream = this.stream(start, request);
    let text = "";
    for await (const piece of stream) text += piece;
    return { text, seed: stream.seed, ended: stream.ended };
  }

  /**
   * Give the network's state, and what it hasn't read yet, at least one token.
   *
   * @param {string} start
   * @param {State | null} state
   * @param {OnUnknown} onUnknown
   * @returns {[State, number[]]}
   */
  #begin(start, state, onUnknown) {
    if (!["fail", "skip", "replace"].includes(onUnknown)) {
      throw new InputError(`on_unknown must be fail, skip or replace, got '${onUnknown}'`);
    }
    /** @type {[State, number[]]} */
    let [inner, unread] = [this.stepper.initialState(), []];
    if (state === null) {
      unread = this.prompt(start, onUnknown);
    } else {
      [inner, unread] = splitState(this.stepper, this.vocabulary, state);
      unread.push(...this.alphabet.encode(start, onUnknown));
    }
    if (!unread.length) {
      throw new InputError(
        `${this.stepper.name} has no token ${START} for the beginning of a text; ` +
          "give what it begins with",
      );
    }
    return [inner, unread];
  }
}

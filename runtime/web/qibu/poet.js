/** Writing poems with a text model. */

import { InputError, ModelFileError } from "./errors.js";
import { FORMS, LINE_END, splitLines } from "./forms.js";
import { chooseSeed, uniformNumbers } from "./random.js";
import { Sampling } from "./sampling.js";
import { END, POEM, TITLE, authorToken, formToken, isHan } from "./vocabulary.js";
import { quoted } from "./words.js";

/**
 * @typedef {import("./arrays.js").Tensor} Tensor
 * @typedef {import("./forms.js").Form} Form
 * @typedef {import("./vocabulary.js").OnUnknown} OnUnknown
 *
 * @typedef {object} Composition A finished poem.
 * @property {string[]} lines without punctuation
 * @property {string} text with it
 * @property {string} form
 * @property {bigint} seed
 *
 * @typedef {object} Wishes
 * @property {string} [start] the first characters; punctuation is only kept where the form is free
 * @property {string | null} [author] one of the authors that the model knows, in whose manner it
 *   then writes
 * @property {string | null} [title] what the poem is about
 * @property {bigint | number | null} [seed] 0..2**64-1; the same seed gives the same poem, here and
 *   in Python. null: a random one.
 * @property {Sampling} [sampling] how a character is drawn
 * @property {OnUnknown} [onUnknown] what a character in start or title that the model doesn't know
 *   does
 */

const LONGEST = 400; // characters, where nothing else brings a poem of a free form to its end

/** Writes poems with a text model, character by character. */
export class Poet {
  #character;
  #any;

  /**
   * @param {import("./stepper.js").Stepper} stepper
   * @throws {ModelFileError} the stepper's file is no text model
   */
  constructor(stepper) {
    if (!stepper.spec?.vocabulary) {
      throw new ModelFileError(`${stepper.path} is no text model that Qibu exported`);
    }
    this.stepper = stepper;
    this.vocabulary = stepper.spec.vocabulary;
    this.#character = this.#mask(isHan);
    this.#any = this.#mask((token) => isHan(token) || LINE_END.includes(token) || token === END);
  }

  /**
   * Give a bias row (1, vocabulary): 0 where a token is allowed, -inf elsewhere.
   *
   * @param {(token: string) => boolean} allows
   * @returns {Tensor}
   */
  #mask(allows) {
    const size = this.vocabulary.size;
    const data = Float32Array.from({ length: size }, (_, number) =>
      allows(this.vocabulary.token(number)) ? 0 : -Infinity,
    );
    return { type: "float32", data, dims: [1, size] };
  }

  /**
   * List the forms (`formToken`) or authors (`authorToken`) that the model knows.
   *
   * @param {(name: string) => string} token
   */
  names(token) {
    const [before, after] = token("|").split("|");
    return this.vocabulary.controls
      .filter((control) => control.startsWith(before))
      .map((control) => control.slice(before.length, -after.length));
  }

  /**
   * Give the tokens that stand before a poem.
   *
   * @param {string | null} [form]
   * @param {string | null} [author]
   * @param {string | null} [title]
   * @param {OnUnknown} [onUnknown]
   * @throws {InputError} the model knows no such form or author
   * @throws {UnknownCharacterError} the title has a character that the model doesn't know
   */
  prompt(form = null, author = null, title = null, onUnknown = "fail") {
    const tokens = [];
    for (const [kind, value, token] of /** @type {const} */ ([
      ["form", form, formToken],
      ["author", author, authorToken],
    ])) {
      if (value === null) continue;
      if (!this.vocabulary.has(token(value))) {
        const known = this.names(token).join("、");
        throw new InputError(`the model knows no ${kind} ${quoted(value)}; it knows ${known}`);
      }
      tokens.push(this.vocabulary.id(token(value)));
    }
    if (title) tokens.push(this.vocabulary.id(TITLE), ...this.vocabulary.encode(title, onUnknown));
    return [...tokens, this.vocabulary.id(POEM)];
  }

  /**
   * Write a poem, a character at a time, punctuation included.
   *
   * @param {string} [form] a name in `FORMS`; one with a fixed shape always gets that shape
   * @param {Wishes} [wishes]
   * @returns {AsyncGenerator<string>}
   * @throws {InputError} the form, author, start or seed doesn't fit; before the first character
   * @throws {UnknownCharacterError} start or title has a character that the model doesn't know
   */
  stream(form = "七絕", { start = "", author, title, seed, sampling, onUnknown = "fail" } = {}) {
    const chosen = chooseSeed(seed);
    const prompt = this.prompt(form, author, title, onUnknown);
    const opening = this.#opening(start, FORMS[form], onUnknown);
    return this.#write(prompt, opening, FORMS[form], chosen, sampling ?? new Sampling());
  }

  /**
   * Write a whole poem; arguments and errors as in `stream`.
   *
   * @param {string} [form]
   * @param {Wishes} [wishes]
   * @returns {Promise<Composition>}
   */
  async compose(form = "七絕", wishes = {}) {
    const seed = chooseSeed(wishes.seed);
    let text = "";
    for await (const character of this.stream(form, { ...wishes, seed })) text += character;
    return { lines: splitLines(text), text, form, seed };
  }

  /**
   * Check the given characters and leave out what doesn't go into the form.
   *
   * @param {string} start
   * @param {Form} form
   * @param {OnUnknown} onUnknown
   */
  #opening(start, form, onUnknown) {
    let characters = Array.from(start);
    if (form.lineCount && form.lineLength) {
      characters = characters.filter((character) => !LINE_END.includes(character));
      const room = form.lineCount * form.lineLength;
      if (characters.length > room) {
        throw new InputError(
          `start has ${characters.length} characters, a ${form.name} has room for ${room}`,
        );
      }
    } else if (characters.length > LONGEST) {
      throw new InputError(
        `start has ${characters.length} characters, at most ${LONGEST} are read`,
      );
    }
    const known = this.vocabulary.encode(characters.join(""), onUnknown);
    const opening = known.map((number) => this.vocabulary.token(number));
    if (onUnknown === "replace" && opening.some((token) => token.length > 2)) {
      throw new InputError("start can't hold <unk>: leave unknown characters out with 'skip'");
    }
    return opening;
  }

  /**
   * @param {number[]} prompt
   * @param {string[]} opening
   * @param {Form} form
   * @param {bigint} seed
   * @param {Sampling} sampling
   * @returns {AsyncGenerator<string>}
   */
  async *#write(prompt, opening, form, seed, sampling) {
    const settings = sampling.feeds(this.vocabulary.size);
    const bias = form.lineCount ? this.#character : this.#any;
    const numbers = uniformNumbers(seed);
    let state = this.stepper.initialState();
    let pending = prompt; // tokens that the model hasn't read yet
    const given = opening.values();
    for (const mark of marks(form)) {
      let character = mark ?? given.next().value ?? null;
      if (character === null) {
        const tokens = {
          type: "int64",
          data: BigInt64Array.from(pending, BigInt),
          dims: [1, pending.length],
        };
        const uniform = {
          type: "float32",
          data: Float32Array.of(numbers.next().value),
          dims: [1],
        };
        let outputs;
        [outputs, state] = await this.stepper.advance(
          { ...settings, tokens, bias, uniform },
          state,
          ["token"],
        );
        const number = Number(outputs.token.data[0]);
        character = this.vocabulary.token(number);
        if (character === END) return;
        pending = [number];
      } else {
        pending = [...pending, this.vocabulary.id(character)];
      }
      yield character;
    }
  }
}

/**
 * Give for each position the punctuation that the form puts there, or null.
 *
 * @param {Form} form
 * @returns {Generator<string | null>}
 */
function* marks({ lineLength, lineCount }) {
  if (lineCount === null || lineLength === null) {
    for (let i = 0; i < LONGEST; i++) yield null;
    return;
  }
  for (let line = 0; line < lineCount; line++) {
    for (let i = 0; i < lineLength; i++) yield null;
    yield line % 2 ? "。" : "，";
  }
}

/** The characters that a poem model knows, and its control tokens. */

import { ModelFileError, UnknownCharacterError } from "./errors.js";
import { written } from "./words.js";

export const UNKNOWN = "<unk>";
export const TITLE = "<title>";
export const POEM = "<poem>";
export const END = "<end>";
const BASE_CONTROLS = [UNKNOWN, TITLE, POEM, END];

/** @typedef {"fail" | "skip" | "replace"} OnUnknown */

/**
 * Say whether a character counts in the measure: U+3400..U+9FFF.
 *
 * @param {string} character
 */
export function isHan(character) {
  return "\u3400" <= character && character <= "\u9fff" && character.length === 1;
}

/** Name the control token of a form. @param {string} form */
export const formToken = (form) => `<form:${form}>`;

/** Name the control token of an author. @param {string} author */
export const authorToken = (author) => `<author:${author}>`;

/**
 * Token numbers: the control tokens first, then one a character.
 *
 * A prompt reads `[form] [author] [<title> characters] <poem>`, every part in brackets optional;
 * the poem's characters follow, then `<end>`.
 */
export class Vocabulary {
  #tokens;
  #ids;
  #simplified;

  /**
   * @param {string[]} controls
   * @param {string} characters
   * @param {string} simplified the simplified twin of each character, in the same order
   */
  constructor(controls, characters, simplified) {
    const missing = BASE_CONTROLS.filter((token) => !controls.includes(token));
    if (missing.length) {
      throw new ModelFileError(`vocabulary lacks the control tokens ${written(missing)}`);
    }
    const [each, twins] = [Array.from(characters), Array.from(simplified)];
    if (each.length !== twins.length) {
      throw new ModelFileError(
        `vocabulary has ${each.length} characters but ${twins.length} simplified twins`,
      );
    }
    this.controls = controls;
    this.#simplified = twins;
    this.#tokens = [...controls, ...each];
    this.#ids = new Map(this.#tokens.map((token, number) => [token, number]));
    if (this.#ids.size !== this.#tokens.length) {
      throw new ModelFileError("vocabulary has the same token twice");
    }
  }

  /** How many tokens there are. */
  get size() {
    return this.#tokens.length;
  }

  /** Say whether a character or control token is known. @param {string} token */
  has(token) {
    return this.#ids.has(token);
  }

  /**
   * Give the number of a character or control token.
   *
   * @param {string} token one that is known
   * @returns {number}
   */
  id(token) {
    const number = this.#ids.get(token);
    if (number === undefined) throw new UnknownCharacterError(`the model doesn't know ${token}`);
    return number;
  }

  /** Give the character or control token with this number. @param {number} number */
  token(number) {
    return this.#tokens[number];
  }

  /** Give the simplified twin of a known character; any other stays. @param {string} character */
  simplify(character) {
    const number = this.#ids.get(character) ?? 0;
    return number < this.controls.length ? character : this.#simplified[number - this.controls.length];
  }

  /**
   * Turn characters into token numbers.
   *
   * @param {string} text characters, no control tokens
   * @param {OnUnknown} [onUnknown] what a character outside the vocabulary does: "fail" raises,
   *   "skip" leaves it out, "replace" puts `<unk>`
   * @returns {number[]}
   * @throws {UnknownCharacterError} names the characters that the vocabulary lacks
   */
  encode(text, onUnknown = "fail") {
    const characters = Array.from(text);
    if (onUnknown === "replace") return characters.map((c) => this.id(this.has(c) ? c : UNKNOWN));
    const unknown = [...new Set(characters.filter((c) => !this.has(c)))].sort(byCodePoint);
    if (unknown.length && onUnknown === "fail") {
      throw new UnknownCharacterError(
        `the model doesn't know ${unknown.join("、")}; leave them out, or say what to do with ` +
          "them: on_unknown='skip' or 'replace' (command line: --unknown skip)",
      );
    }
    return characters.filter((c) => this.has(c)).map((c) => this.id(c));
  }

  /**
   * Turn token numbers into characters; control tokens give nothing.
   *
   * @param {Iterable<number>} numbers
   * @param {{simplified?: boolean}} [options]
   */
  decode(numbers, { simplified = false } = {}) {
    const characters = [...numbers].filter((n) => n >= this.controls.length).map((n) => this.token(n));
    return characters.map((c) => (simplified ? this.simplify(c) : c)).join("");
  }

  /**
   * Rebuild a vocabulary from what stands in a model file.
   *
   * @param {{controls: string[], characters: string, simplified: string}} values
   */
  static fromJson(values) {
    return new Vocabulary(values.controls, values.characters, values.simplified);
  }
}

/** @param {string} a @param {string} b */
function byCodePoint(a, b) {
  return (a.codePointAt(0) ?? 0) - (b.codePointAt(0) ?? 0);
}

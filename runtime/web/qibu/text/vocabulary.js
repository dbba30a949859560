/** The characters that a text model knows, and its control tokens. */

import { ModelFileError, UnknownCharacterError } from "../core/errors.js";
import { written } from "../core/words.js";

export const UNKNOWN = "<unk>";
export const START = "<start>";
export const END = "<end>";

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
 * Token numbers: the control tokens first, `<unk>` among them, then one a character.
 *
 * What other control tokens there are is a matter of what is written; many texts end in `<end>`.
 */
export class Vocabulary {
  #tokens;
  #ids;
  /** @type {Map<string, string>} */
  #twins;
  /** @type {Map<string, number[]>} */
  #readings = new Map();

  /**
   * @param {string[]} controls
   * @param {string} characters
   * @param {string} simplified the simplified twin of each character, in the same order
   */
  constructor(controls, characters, simplified) {
    if (!controls.includes(UNKNOWN)) {
      throw new ModelFileError(
        `vocabulary lacks the control token ${UNKNOWN}, which stands for what it doesn't know; ` +
          `it has ${written(controls)}`,
      );
    }
    const [each, twins] = [Array.from(characters), Array.from(simplified)];
    if (each.length !== twins.length) {
      throw new ModelFileError(
        `vocabulary has ${each.length} characters but ${twins.length} simplified twins`,
      );
    }
    this.controls = controls;
    this.#tokens = [...controls, ...each];
    this.#ids = new Map(this.#tokens.map((token, number) => [token, number]));
    if (this.#ids.size !== this.#tokens.length) {
      throw new ModelFileError("vocabulary has the same token twice");
    }
    this.#twins = new Map(each.map((character, place) => [character, twins[place]]));
    twins.forEach((twin, place) => {
      const numbers = this.#readings.get(twin) ?? [];
      this.#readings.set(twin, [...numbers, place + controls.length]);
    });
    for (const character of each) {
      if (!this.#readings.has(character)) this.#readings.set(character, [this.id(character)]);
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

  /**
   * Write a text in simplified characters, one for each.
   *
   * @param {string} text
   */
  simplify(text) {
    return Array.from(text, (character) => this.#twins.get(character) ?? character).join("");
  }

  /**
   * Turn characters of either script into token numbers, commonest first.
   *
   * A text in which some character is traditional alone is taken to be so altogether; else a
   * character may be the simplified one of several.
   *
   * @param {string} text
   * @param {OnUnknown} [onUnknown]
   * @returns {number[][]}
   * @throws {UnknownCharacterError} as in `encode`
   */
  read(text, onUnknown = "fail") {
    if (this.simplify(text) !== text) return this.encode(text, onUnknown).map((n) => [n]);
    const characters = Array.from(text);
    if (onUnknown === "fail") wantKnown(characters, this.#readings);
    if (onUnknown === "replace") {
      return characters.map((c) => this.#readings.get(c) ?? [this.id(UNKNOWN)]);
    }
    return characters.flatMap((c) => {
      const numbers = this.#readings.get(c);
      return numbers ? [numbers] : [];
    });
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
    if (onUnknown === "fail") wantKnown(characters, this.#ids);
    return characters.filter((c) => this.has(c)).map((c) => this.id(c));
  }

  /**
   * Turn token numbers into characters; control tokens give nothing.
   *
   * @param {Iterable<number>} numbers
   * @param {{simplified?: boolean}} [options]
   */
  decode(numbers, { simplified = false } = {}) {
    const characters = Array.from(numbers).filter((number) => number >= this.controls.length);
    const text = characters.map((number) => this.token(number)).join("");
    return simplified ? this.simplify(text) : text;
  }

  /**
   * Rebuild a vocabulary from what stands in a model file.
   *
   * @param {{controls: string[], characters: string, simplified?: string}} values
   */
  static fromJson({ controls, characters, simplified = characters }) {
    return new Vocabulary(controls, characters, simplified);
  }
}

/**
 * @param {string[]} characters
 * @param {ReadonlyMap<string, unknown>} known
 */
function wantKnown(characters, known) {
  const unknown = [...new Set(characters.filter((character) => !known.has(character)))];
  unknown.sort((a, b) => (a.codePointAt(0) ?? 0) - (b.codePointAt(0) ?? 0));
  if (unknown.length) {
    throw new UnknownCharacterError(
      `the model doesn't know ${unknown.join("、")}; leave them out, or say what to do with ` +
        "them: on_unknown='skip' or 'replace' (command line: --unknown skip)",
    );
  }
}

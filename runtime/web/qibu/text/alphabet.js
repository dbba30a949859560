/** What the tokens of a text stand for: characters, or the bytes of UTF-8. */

import { InputError, ModelFileError } from "../core/errors.js";
import { quoted } from "../core/words.js";
import { Utf8Rows, isWhole } from "./utf8.js";
import { END } from "./vocabulary.js";

/**
 * @typedef {import("./vocabulary.js").OnUnknown} OnUnknown
 * @typedef {import("./vocabulary.js").Vocabulary} Vocabulary
 * @typedef {"char" | "byte"} Unit
 *
 * @typedef {object} Guide One text on its way: what may be drawn next, and the characters of it.
 * @property {Float32Array} row the bias of the next draw (vocabulary,); nobody writes in it
 * @property {(token: number) => string} take goes on with a token; gives the character that it ends,
 *   or "" within one
 * @property {() => Guide} fork gives a guide of its own that stands where this one does
 *
 * @typedef {object} Alphabet How a text becomes tokens, and tokens a text.
 * @property {(text: string, onUnknown?: OnUnknown) => number[]} encode
 * @property {(tokens: readonly number[]) => string} decode control tokens give nothing
 * @property {(allow?: string | null, ban?: string | null) => Guide} guide sets out on a text: with
 *   the characters that alone may be drawn, and those that mustn't
 */

const BYTES = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte)).join("");

/**
 * Give the alphabet of a vocabulary.
 *
 * @param {Vocabulary} vocabulary
 * @param {Unit} unit
 * @returns {Alphabet}
 * @throws {ModelFileError} it is said to be of bytes, and its characters aren't all bytes in order
 */
export function alphabetOf(vocabulary, unit) {
  if (unit === "char") return new Characters(vocabulary);
  const characters = vocabulary.decode(Array.from({ length: vocabulary.size }, (_, token) => token));
  if (characters !== BYTES) {
    throw new ModelFileError(
      "a vocabulary of bytes has the 256 characters U+0000..U+00FF in order, this one has " +
        `${Array.from(characters).length} others; export the run anew with \`qibu export\``,
    );
  }
  return new Bytes(vocabulary);
}

/** A token is a character. */
class Characters {
  /** @param {Vocabulary} vocabulary */
  constructor(vocabulary) {
    this.vocabulary = vocabulary;
  }

  /** @param {string} text @param {OnUnknown} [onUnknown] */
  encode(text, onUnknown = "fail") {
    return this.vocabulary.encode(text, onUnknown);
  }

  /** @param {readonly number[]} tokens */
  decode(tokens) {
    return this.vocabulary.decode(tokens);
  }

  /** @param {string | null} [allow] @param {string | null} [ban] @returns {Guide} */
  guide(allow = null, ban = null) {
    const { vocabulary } = this;
    const row = new Float32Array(vocabulary.size).fill(-Infinity);
    if (allow === null) row.fill(0, vocabulary.controls.length);
    else for (const token of vocabulary.encode(allow)) row[token] = 0;
    for (const token of vocabulary.encode(ban ?? "", "skip")) row[token] = -Infinity;
    if (!row.some(Number.isFinite)) throw nothingLeft(allow, ban);
    if (vocabulary.has(END)) row[vocabulary.id(END)] = 0;
    /** @type {Guide} */
    const guide = { row, take: (token) => vocabulary.token(token), fork: () => guide };
    return guide;
  }
}

/** A token is a byte of UTF-8; only whole characters come out, and only such as there are. */
class Bytes {
  /** @param {Vocabulary} vocabulary */
  constructor(vocabulary) {
    this.vocabulary = vocabulary;
    this.first = vocabulary.controls.length;
  }

  /** @param {string} text @param {OnUnknown} [onUnknown] */
  encode(text, onUnknown = "fail") {
    const odd = Array.from(text).findIndex((character) => /^[\ud800-\udfff]$/.test(character));
    if (odd >= 0 && onUnknown === "fail") {
      throw new InputError(
        `character ${odd + 1} of the text is half of one, which is no character of Unicode`,
      );
    }
    const given = onUnknown === "skip" ? text.replace(/\p{Surrogate}/gu, "") : text.replace(/\p{Surrogate}/gu, "?");
    return Array.from(new TextEncoder().encode(given), (byte) => byte + this.first);
  }

  /** @param {readonly number[]} tokens */
  decode(tokens) {
    const bytes = tokens.filter((token) => token >= this.first).map((token) => token - this.first);
    return new TextDecoder("utf-8", { ignoreBOM: true }).decode(Uint8Array.from(bytes));
  }

  /** @param {string | null} [allow] @param {string | null} [ban] @returns {Guide} */
  guide(allow = null, ban = null) {
    const { vocabulary, first } = this;
    const end = vocabulary.has(END) ? vocabulary.id(END) : null;
    const rows = new Utf8Rows(first, end, vocabulary.size, allow, ban);
    if (!rows.anyLeft) throw nothingLeft(allow, ban);
    return new ByteGuide(rows, first, []);
  }
}

/** @implements {Guide} */
class ByteGuide {
  #rows;
  #first;
  #begun;

  /** @param {Utf8Rows} rows @param {number} first @param {readonly number[]} begun */
  constructor(rows, first, begun) {
    this.#rows = rows;
    this.#first = first;
    this.#begun = begun;
    this.row = rows.after(begun);
  }

  /** @param {number} token */
  take(token) {
    const begun = [...this.#begun, token - this.#first];
    const whole = isWhole(begun);
    this.#begun = whole ? [] : begun;
    this.row = this.#rows.after(this.#begun);
    return whole ? new TextDecoder("utf-8", { ignoreBOM: true }).decode(Uint8Array.from(begun)) : "";
  }

  fork() {
    return new ByteGuide(this.#rows, this.#first, this.#begun);
  }
}

/** @param {string | null} allow @param {string | null} ban */
function nothingLeft(allow, ban) {
  const said = Object.entries({ allow, ban }).filter(([, text]) => text !== null);
  const told = said.map(([name, text]) => `${name} ${quoted(text)}`).join(" and ");
  return new InputError(`no character is left to draw with ${told}; allow some`);
}

/** Classes of characters in a model's vocabulary, as bias rows that its sampler reads. */

import { END, isHan } from "../text/vocabulary.js";
import { LEVEL, OBLIQUE } from "./tables.js";

/**
 * @typedef {import("./tables.js").VerseTables} VerseTables
 * @typedef {(token: number) => boolean} Test
 *
 * @typedef {"any" | "couplet" | "free" | "toned" | "level" | "oblique"} ClassName any: a Chinese
 *   character; couplet: the same, or the end; free: the same, or punctuation; toned: a character
 *   whose tone is known
 */

/** The classes of one vocabulary; each row is made when it is first asked for. */
export class Classes {
  /** @type {Map<string, Float32Array>} */
  #rows = new Map();
  /** @type {Map<string, Set<number>>} */
  #rhymes = new Map();
  /** @type {Map<number, Map<number, number>>[]} a token, what follows it: its tone; the other's */
  #words = [new Map(), new Map()];

  /**
   * @param {import("../text/vocabulary.js").Vocabulary} vocabulary
   * @param {VerseTables} tables
   */
  constructor(vocabulary, tables) {
    this.vocabulary = vocabulary;
    this.tables = tables;
    const tokens = Array.from({ length: vocabulary.size }, (_, number) => vocabulary.token(number));
    this.isHan = tokens.map((token) => isHan(token) && token !== tables.lost);
    /** @type {(readonly string[])[]} the rhyme groups of each token, as Tang poets use it */
    this.groups = tokens.map((token, number) =>
      this.isHan[number] ? tables.usedRhymesOf(token) : [],
    );
    /** @type {number[]} of all its readings */
    this.allTones = tokens.map((token, number) => (this.isHan[number] ? tables.toneOf(token) : 0));
    /** @type {number[]} as it is used */
    this.tones = tokens.map((token, number) =>
      this.isHan[number] ? tables.usualToneOf(token) : 0,
    );
    for (const [place, words] of tables.words.entries()) {
      for (const [word, tone] of words) {
        const [one, other] = Array.from(word);
        if (!vocabulary.has(one) || !vocabulary.has(other)) continue;
        const token = vocabulary.id(one);
        const settled = this.#words[place].get(token) ?? new Map();
        this.#words[place].set(token, settled.set(vocabulary.id(other), tone));
      }
    }
    for (const name of tables.rhymes.keys()) this.#rhymes.set(name, new Set());
    this.groups.forEach((names, number) => {
      for (const name of names) this.#rhymes.get(name)?.add(number);
    });
    /** @type {Map<string, number[]>} the tokens that some script writes alike */
    const lots = new Map();
    tokens.forEach((token, number) => {
      const lot = lots.get(tables.unified(token));
      if (lot) lot.push(number);
      else lots.set(tables.unified(token), [number]);
    });
    /** @type {(token: number) => readonly number[]} all that some script writes as it does */
    this.alike = (token) => lots.get(tables.unified(tokens[token])) ?? [token];
    const end = vocabulary.id(END);
    /** @type {Record<ClassName, Test>} */
    this.tests = {
      any: (n) => this.isHan[n],
      couplet: (n) => this.isHan[n] || n === end,
      free: (n) => this.isHan[n] || n === end || tables.lineEnd.includes(tokens[n]),
      toned: (n) => this.tones[n] > 0,
      level: (n) => (this.tones[n] & LEVEL) > 0,
      oblique: (n) => (this.tones[n] & OBLIQUE) > 0,
    };
  }

  /**
   * Say in which tones a token is used after another; null: at the head of a line.
   *
   * @param {number | null} last
   * @param {number} token
   */
  toneAfter(last, token) {
    const settled = last === null ? undefined : this.#words[1].get(last);
    return settled?.get(token) ?? this.tones[token];
  }

  /**
   * Give the tokens that after `last` would stand against the sense, or make it do so.
   *
   * @param {number} last the token before
   * @param {number} read the tones that it is read in, as bits
   * @param {number} wanted those that may follow, as bits
   */
  against(last, read, wanted) {
    return [read, wanted].flatMap((tones, place) =>
      [...(this.#words[place].get(last) ?? [])]
        .filter(([, tone]) => !(tone & tones))
        .map(([token]) => token),
    );
  }

  /** Count the characters of a rhyme group. @param {string} group */
  knownRhymes(group) {
    return this.members(group).size;
  }

  /** Give the tokens of a rhyme group. @param {string} group @returns {ReadonlySet<number>} */
  members(group) {
    return this.#rhymes.get(group) ?? new Set();
  }

  /**
   * Give the bias row of a class; not to be modified.
   *
   * @param {ClassName} name
   */
  row(name) {
    const row = this.#rows.get(name) ?? this.makeRow(this.tests[name]);
    this.#rows.set(name, row);
    return row;
  }

  /**
   * Give a bias row: 0 where a token is allowed, -inf elsewhere.
   *
   * @param {Test} allows
   */
  makeRow(allows) {
    const row = new Float32Array(this.vocabulary.size).fill(-Infinity);
    for (let number = 0; number < row.length; number++) if (allows(number)) row[number] = 0;
    return row;
  }
}

/** The forms, patterns, tones and rhymes of Chinese verse, as Python's `verse_tables` gives them. */

import { InputError, ModelFileError } from "../core/errors.js";
import { quoted } from "../core/words.js";

const FORMAT = 1;
export const LEVEL = 1; // the tones of regulated verse; a character may have both
export const OBLIQUE = 2;

/**
 * @typedef {object} Form How long the lines of a form of verse are and how many there are.
 * @property {string} name
 * @property {number | null} lineLength characters; null: lines of unequal length
 * @property {number | null} lineCount null: free
 * @property {boolean} regulated 近體: tone patterns and one level rhyme
 * @property {string} control what a model calls the forms of this shape
 *
 * @typedef {object} Pattern A tone pattern: 平起 or 仄起 by the second character, first line rhymed.
 * @property {string} name
 * @property {boolean} rhymedFirst
 * @property {number} start in the cycle of the kinds of line
 *
 * @typedef {object} RhymeGroup The characters that rhyme with one another, named by the first.
 * @property {string} name
 * @property {string} tone "level", "rising", "departing" or "entering"
 * @property {string} characters
 */

/** What a program needs to keep the rules of verse, and nothing of any model. */
export class VerseTables {
  #names;
  /** @type {Map<string, string[]>} */
  #groups = new Map();
  /** @type {Map<string, number>} a character of two tones: the one that it mostly has */
  #usual;
  /** @type {Map<string, string>} a character: the first of those that some script writes as it */
  #alike;
  /** @type {Map<string, string>} the characters of a group that poets hardly rhymed so */
  #rare = new Map();
  /** @type {Map<string, string>} */
  #asked = new Map();

  /** @param {any} document what `qibu export --web` writes as verse.json */
  constructor(document) {
    if (document?.format !== FORMAT) {
      throw new ModelFileError(
        `the verse tables have format ${quoted(document?.format)}, want ${FORMAT}; ` +
          "make them anew with `qibu export --web`",
      );
    }
    /** @type {string} */
    this.lineEnd = document.line_end;
    /** @type {string} looks like a character and stands for one that is lost */
    this.lost = document.lost;
    /** @type {string[]} after odd and after even lines */
    this.marks = document.marks;
    /** @type {number} before the network may end a poem of any number of lines */
    this.fewestLines = document.fewest_lines;
    /** @type {number} characters, where nothing else brings a poem to its end */
    this.longest = document.longest;
    /** @type {number} a network chooses among groups with so many words for every one needed */
    this.choice = document.choice;
    /** @type {number} nats off for a character each time that it stands there, unless wished */
    this.repetition = document.repetition;
    /** @type {number} nats a character, in the ranking of poems */
    this.repetitionCost = document.repetition_cost;
    /** @type {Map<string, Form>} */
    this.forms = new Map(
      document.forms.map((/** @type {any} */ form) => [
        form.name,
        {
          name: form.name,
          lineLength: form.line_length,
          lineCount: form.line_count,
          regulated: form.regulated,
          control: form.control,
        },
      ]),
    );
    /** @type {number} */
    this.fewestExtendedLines = document.fewest_extended_lines;
    /** @type {number} of a form whose number of lines is free */
    this.longestLines = document.longest_lines;
    /** @type {Record<string, Record<string, string[]>>} by line length, then kind */
    this.lines = document.lines;
    /** @type {string} how the kinds of line follow one another */
    this.cycle = document.cycle;
    /** @type {Record<string, string>} what the first line is if it rhymes */
    this.rhymedFirst = document.rhymed_first;
    /** @type {Record<string, Pattern[]>} by line length */
    this.patterns = Object.fromEntries(
      Object.entries(document.patterns).map(([length, patterns]) => [
        length,
        patterns.map((/** @type {any} */ { name, rhymed_first, start }) => ({
          name,
          rhymedFirst: rhymed_first,
          start,
        })),
      ]),
    );
    /** @type {Map<string, RhymeGroup>} all 106, in traditional order */
    this.rhymes = new Map();
    for (const { name, tone, characters, rare, asked_by } of document.rhymes) {
      this.rhymes.set(name, { name, tone, characters });
      this.#rare.set(name, rare);
      for (const character of characters) {
        const groups = this.#groups.get(character) ?? [];
        groups.push(name);
        this.#groups.set(character, groups);
      }
      for (const character of asked_by) this.#asked.set(character, name);
    }
    this.#usual = new Map(
      [LEVEL, OBLIQUE].flatMap((tone) =>
        Array.from(document.usual[tone], (character) => [character, tone]),
      ),
    );
    /** @type {Map<string, number>[]} words: the tone of their first character, of their second */
    this.words = document.words.map(
      (/** @type {Record<number, string[]>} */ words) =>
        new Map([LEVEL, OBLIQUE].flatMap((tone) => words[tone].map((word) => [word, tone]))),
    );
    this.#alike = new Map(
      document.alike.flatMap((/** @type {string} */ lot) => {
        const characters = Array.from(lot);
        return characters.map((character) => [character, characters[0]]);
      }),
    );
    this.levelRhymes = [...this.rhymes.values()]
      .filter((group) => group.tone === "level")
      .map((group) => group.name);
    /** @type {Record<string, string>} */
    this.#names = document.simplified_names;
  }

  /** Give the same character for all that some script writes as one. @param {string} character */
  unified(character) {
    return this.#alike.get(character) ?? character;
  }

  /** Write the name of a form or pattern in traditional characters. @param {string} name */
  traditional(name) {
    return Array.from(name, (character) => this.#names[character] ?? character).join("");
  }

  /**
   * Name the rhyme groups that a character stands in, in traditional order.
   *
   * @param {string} character
   * @returns {readonly string[]}
   */
  rhymesOf(character) {
    return this.#groups.get(character) ?? [];
  }

  /**
   * Name the groups of `rhymesOf` but those in which Tang poets hardly rhymed the character.
   *
   * @param {string} character
   */
  usedRhymesOf(character) {
    return this.rhymesOf(character).filter((name) => !this.#rare.get(name)?.includes(character));
  }

  /**
   * Say which tones a character's readings have: 0 unknown, 1 level, 2 oblique, 3 both.
   *
   * @param {string} character
   */
  toneOf(character) {
    let tone = 0;
    for (const name of this.rhymesOf(character)) {
      tone |= this.rhymes.get(name)?.tone === "level" ? LEVEL : OBLIQUE;
    }
    return tone;
  }

  /**
   * Say which tones poets use a character in; a word that it stands in may say otherwise: `words`.
   *
   * @param {string} character
   */
  usualToneOf(character) {
    return this.#usual.get(character) ?? this.toneOf(character);
  }

  /**
   * Name the rhyme group with this name, or else that of this character.
   *
   * @param {string} wish
   * @throws {InputError} there is no such group
   */
  findRhyme(wish) {
    if (this.rhymes.has(wish)) return wish;
    const names = this.rhymesOf(wish);
    const level = names.find((name) => this.levelRhymes.includes(name));
    const found = this.#asked.get(wish) ?? level ?? names[0];
    if (found === undefined) {
      throw new InputError(
        `rhyme ${quoted(wish)} is no rhyme group and no character of one; ` +
          `take one of ${this.levelRhymes.join(" ")}, or a character that rhymes with it`,
      );
    }
    return found;
  }
}

/** The tone patterns of regulated verse, and the paths that they leave open. */

import { InputError } from "../core/errors.js";
import { quoted } from "../core/words.js";
import { LEVEL, OBLIQUE } from "./tables.js";

/**
 * @typedef {import("./tables.js").Pattern} Pattern
 * @typedef {import("./tables.js").VerseTables} VerseTables
 * @typedef {[pattern: Pattern, rest: string]} Path a pattern still possible, and what remains of a
 *   line under it
 */

/** @type {Record<string, number>} */
const MARKS = { 平: LEVEL, 仄: OBLIQUE, 中: LEVEL | OBLIQUE };

/**
 * Give the kind of a line, counted from 0.
 *
 * @param {VerseTables} tables
 * @param {Pattern} pattern
 * @param {number} line
 */
export function kindOf(tables, pattern, line) {
  const kind = tables.cycle[(pattern.start + line) % tables.cycle.length];
  return line === 0 && pattern.rhymedFirst ? tables.rhymedFirst[kind] : kind;
}

/**
 * Give the patterns of a line length whose names hold a wish, such as 平起 or 首句入韻.
 *
 * @param {VerseTables} tables
 * @param {number} length
 * @param {string | null} [wish]
 * @returns {Pattern[]}
 * @throws {InputError} none does
 */
export function findPatterns(tables, length, wish) {
  const wanted = tables.traditional(wish ?? "");
  const found = tables.patterns[length].filter((pattern) => pattern.name.includes(wanted));
  if (!found.length) {
    const names = tables.patterns[length].map((pattern) => pattern.name).join("、");
    throw new InputError(
      `pattern must be one of ${names}, or a part such as 平起, got ${quoted(wish)}`,
    );
  }
  return found;
}

/** A place in a poem: what the characters before it leave open there. */
export class Place {
  /**
   * @param {VerseTables} tables
   * @param {number} length of a line
   * @param {number} line
   * @param {Path[]} paths
   */
  constructor(tables, length, line, paths) {
    this.tables = tables;
    this.length = length;
    this.line = line;
    this.paths = paths;
    /** The tones that may stand here. */
    this.tones = paths.reduce((tones, [, rest]) => tones | MARKS[rest[0]], 0);
    this.endsLine = paths.every(([, rest]) => rest.length === 1);
  }

  /** Names of the patterns that are still possible. */
  get patterns() {
    return [...new Set(this.paths.map(([pattern]) => pattern.name))];
  }

  /**
   * Give the next place once a character of this tone stands here.
   *
   * A tone that doesn't fit leaves open what was open: so does a user's own character.
   *
   * @param {number} tone
   * @returns {Place}
   */
  after(tone) {
    const fitting = this.paths.filter(([, rest]) => MARKS[rest[0]] & tone);
    const paths = fitting.length ? fitting : this.paths;
    if (this.endsLine) {
      const patterns = [...new Set(paths.map(([pattern]) => pattern))];
      return firstPlace(this.tables, this.length, patterns, this.line + 1);
    }
    /** @type {Path[]} */
    const rests = paths.map(([pattern, rest]) => [pattern, rest.slice(1)]);
    return new Place(this.tables, this.length, this.line, rests);
  }
}

/**
 * Give the first place of a line, counted from 0, with these patterns still possible.
 *
 * @param {VerseTables} tables
 * @param {number} length
 * @param {Pattern[]} patterns
 * @param {number} [line]
 */
export function firstPlace(tables, length, patterns, line = 0) {
  const paths = patterns.flatMap((pattern) => {
    const ways = tables.lines[length][kindOf(tables, pattern, line)];
    return ways.map((way) => /** @type {Path} */ ([pattern, way]));
  });
  return new Place(tables, length, line, paths);
}

/** One poem under way: what may stand at its next place. */

import { END } from "../text/vocabulary.js";
import { firstPlace } from "./patterns.js";
import { LEVEL, OBLIQUE } from "./tables.js";

/**
 * @typedef {import("./classes.js").Classes} Classes
 * @typedef {import("./classes.js").ClassName} ClassName
 * @typedef {"rhyme" | "first rhyme" | "first oblique" | "first"} RhymingName classes made for each
 *   poem
 * @typedef {[name: ClassName, group: ""] | [name: RhymingName, group: string]} Key
 *
 * @typedef {object} Brief What a poem is to be, in the terms of one vocabulary.
 * @property {import("./tables.js").Form} form
 * @property {Map<string, number[]>} given by "line,position": one token, or a choice
 * @property {number[][]} opening the same for a form without lines
 * @property {string | null} rhyme null: the network's choice, or none where tones are free
 * @property {readonly string[]} openRhymes what it may choose from
 * @property {import("./tables.js").Pattern[]} patterns of a regulated form
 * @property {number} repetition nats off for a character, each time that it stands there already
 * @property {boolean} inLines false: nothing is kept to
 */

/** The way of one poem through its form. */
export class PoemInProgress {
  /**
   * @param {Brief} brief
   * @param {Classes} classes
   */
  constructor(brief, classes) {
    this.brief = brief;
    this.classes = classes;
    /** @type {number[]} */
    this.tokens = [];
    this.done = false;
    this.logProbability = 0; // of the characters drawn
    this.drawn = 0;
    this.end = classes.vocabulary.id(END);
  }

  /** The rhyme group, once there is one. @returns {string | null} */
  get rhyme() {
    return this.brief.rhyme;
  }

  /** The tone pattern, once only one is possible. @returns {string | null} */
  get pattern() {
    return null;
  }

  /**
   * Give the token that stands next, or a bias row to draw it with: the next of the opening, then a
   * row that allows everything.
   *
   * @returns {number | Float32Array}
   */
  slot() {
    const here = this.tokens.length;
    if (here < this.brief.opening.length) return this.choose(this.brief.opening[here]);
    return this.classes.row("free");
  }

  /**
   * Go on with a token, to the end that the network sets.
   *
   * @param {number} token
   * @param {(() => Float32Array) | null} _logits those that it was drawn from, if it was
   */
  accept(token, _logits) {
    if (token === this.end) {
      this.done = true;
      return;
    }
    this.tokens.push(token);
    this.done = this.tokens.length >= this.classes.tables.longest;
  }

  /** @param {number[]} choice */
  choose(choice) {
    return choice.length === 1 ? choice[0] : this.classes.makeRow((n) => choice.includes(n));
  }
}

/** A poem in lines of one length, punctuated; 古風 as it stands, with the end at a couplet. */
class LinedPoem extends PoemInProgress {
  line = 0;
  position = 0;
  /** @type {number[][]} */
  #lines = [[]];
  /** @type {number[]} what is less likely by now, once for each time */
  #used = [];
  /** @type {number | null} the character before, in the same line */
  last = null;
  /** @type {Set<number>} */
  #rhymeWords = new Set();
  /** @type {Map<string, {name: string, row: Float32Array}>} */
  #rows = new Map();

  /** @param {Brief} brief @param {Classes} classes */
  constructor(brief, classes) {
    super(brief, classes);
    this.length = brief.form.lineLength ?? 0;
    this.repetition = Math.fround(brief.repetition); // as the rows hold it
    this.marks = classes.tables.marks.map((mark) => classes.vocabulary.id(mark));
  }

  /** Give a mark after a line, a character that is given, or the row of the class here. */
  slot() {
    if (this.position === this.length) return this.marks[this.line % 2];
    const choice = this.brief.given.get(`${this.line},${this.position}`);
    if (choice) return this.choose(choice);
    const row = this.bySense(this.#row(this.key()));
    return this.position === this.length - 1 ? this.#withoutOldLines(row) : row;
  }

  /**
   * Go on with a character or a mark; the end counts at a couplet only.
   *
   * @param {number} token
   * @param {(() => Float32Array) | null} logits
   */
  accept(token, logits) {
    if (token === this.end) {
      this.done = true;
      return;
    }
    this.tokens.push(token);
    if (this.position === this.length) {
      this.line++;
      this.position = 0;
      this.#lines.push([]);
      const wanted = this.brief.form.lineCount;
      const atCouplet = this.line % 2 === 0;
      this.done =
        this.line === wanted || (wanted === null && atCouplet && this.tokens.length >= this.classes.tables.longest);
      return;
    }
    this.pass(token, logits);
    this.#lines[this.#lines.length - 1].push(token);
    this.position++;
    this.#noteUse(token);
  }

  /** Name the class of the next character. @returns {Key} */
  key() {
    if (this.rhyme && this.#endsCouplet()) return ["rhyme", this.rhyme];
    const { fewestLines } = this.classes.tables;
    const mayEnd = !this.position && this.line >= fewestLines && this.line % 2 === 0;
    return [mayEnd && this.brief.form.lineCount === null ? "couplet" : "any", ""];
  }

  /**
   * Take note of what a character says of the rest of the poem.
   *
   * @param {number} token
   * @param {(() => Float32Array) | null} _logits
   */
  pass(token, _logits) {
    if (this.rhyme && this.#endsCouplet()) this.keepFromRhymes(token);
  }

  /** Let no character of two tones stand against its sense. @param {Float32Array} row */
  bySense(row) {
    return row;
  }

  #endsCouplet() {
    return this.position === this.length - 1 && this.line % 2 === 1;
  }

  /** Let no later rhyme be this word. @param {number} token */
  keepFromRhymes(token) {
    for (const alike of this.classes.alike(token)) {
      this.#rhymeWords.add(alike);
      for (const { name, row } of this.#rows.values()) {
        if (!(name in this.classes.tests)) row[alike] = -Infinity;
      }
    }
  }

  /** @param {Key} key */
  #row([name, group]) {
    const known = this.#rows.get(`${name} ${group}`);
    if (known) return known.row;
    const row = this.#makeRow(name, group);
    for (const token of this.#used) row[token] -= this.repetition;
    this.#rows.set(`${name} ${group}`, { name, row });
    return row;
  }

  /** @param {Key[0]} name @param {string} group */
  #makeRow(name, group) {
    if (name in this.classes.tests) return this.classes.row(/** @type {ClassName} */ (name)).slice();
    const members = (group ? [group] : this.brief.openRhymes).map((g) => this.classes.members(g));
    const rhymes = (/** @type {number} */ n) =>
      members.some((set) => set.has(n)) && !this.#rhymeWords.has(n);
    if (name === "rhyme") return this.classes.makeRow(rhymes);
    const { allTones } = this.classes;
    return this.classes.makeRow(
      (n) =>
        (name !== "first oblique" && allTones[n] === LEVEL && rhymes(n)) ||
        (name !== "first rhyme" && allTones[n] === OBLIQUE),
    );
  }

  /** Make a character less likely from the next place but one: 悠悠 stays possible.
   * @param {number} token
   */
  #noteUse(token) {
    if (this.last !== null) this.#takeOff(this.last);
    this.last = token;
    if (this.position === this.length) {
      this.#takeOff(token);
      this.last = null;
    }
  }

  /** @param {number} token */
  #takeOff(token) {
    this.#used.push(token);
    for (const { row } of this.#rows.values()) row[token] -= this.repetition;
  }

  /** Keep a line from being one that stands there already. @param {Float32Array} row */
  #withoutOldLines(row) {
    const now = this.#lines[this.#lines.length - 1].join();
    const same = this.#lines.slice(0, -1).filter((line) => line.slice(0, -1).join() === now);
    if (!same.length) return row;
    const changed = row.slice();
    for (const line of same) changed[line[line.length - 1]] = -Infinity;
    return changed;
  }
}

/** A poem that keeps a tone pattern and one level rhyme. */
class RegulatedPoem extends LinedPoem {
  #place;
  #rhyme;
  #read = 0; // the tones that the character before may be read in

  /** @param {Brief} brief @param {Classes} classes */
  constructor(brief, classes) {
    super(brief, classes);
    this.#place = firstPlace(classes.tables, this.length, brief.patterns);
    this.#rhyme = brief.rhyme;
  }

  /** The rhyme group, once there is one. */
  get rhyme() {
    return this.#rhyme;
  }

  /** The tone pattern, once only one is possible. */
  get pattern() {
    const names = this.#place.patterns;
    return names.length === 1 ? names[0] : null;
  }

  /** @returns {Key} */
  key() {
    const { tones, endsLine } = this.#place;
    const both = tones === (LEVEL | OBLIQUE);
    if (endsLine && !this.line) {
      // two tones would leave open whether the first line rhymes
      const name = both ? "first" : tones === LEVEL ? "first rhyme" : "first oblique";
      return [name, this.#rhyme ?? ""];
    }
    if (endsLine && tones === LEVEL) return ["rhyme", this.#rhyme ?? ""];
    return [both ? "toned" : tones === LEVEL ? "level" : "oblique", ""];
  }

  /**
   * @param {number} token
   * @param {(() => Float32Array) | null} logits
   */
  pass(token, logits) {
    let tone = this.classes.toneAfter(this.last, token);
    if (this.#place.endsLine && this.#place.tones & LEVEL) {
      const allowed = this.#rhyme ? [this.#rhyme] : this.brief.openRhymes;
      const groups = this.classes.groups[token].filter((group) => allowed.includes(group));
      if (groups.length) {
        tone = LEVEL;
        this.#rhyme = this.#choose(groups, logits);
        this.keepFromRhymes(token);
      }
    }
    this.#read = tone & this.#place.tones || tone;
    this.#place = this.#place.after(tone);
  }

  /** @param {Float32Array} row */
  bySense(row) {
    if (this.last === null) return row;
    const against = this.classes.against(this.last, this.#read, this.#place.tones);
    if (!against.length) return row;
    const changed = row.slice();
    for (const token of against) changed[token] = -Infinity;
    return changed;
  }

  /**
   * Give the group that the network likes best, of those in which a character stands.
   *
   * @param {string[]} groups
   * @param {(() => Float32Array) | null} logits
   */
  #choose(groups, logits) {
    if (groups.length === 1 || !logits) return groups[0];
    const values = logits();
    const sums = groups.map((group) => {
      let sum = 0;
      for (const token of this.classes.members(group)) sum += Math.exp(values[token]);
      return sum;
    });
    return groups[sums.indexOf(Math.max(...sums))];
  }
}

/**
 * Set out on a poem.
 *
 * @param {Brief} brief
 * @param {Classes} classes
 * @returns {PoemInProgress}
 */
export function startPoem(brief, classes) {
  if (brief.patterns.length) return new RegulatedPoem(brief, classes);
  return brief.inLines ? new LinedPoem(brief, classes) : new PoemInProgress(brief, classes);
}

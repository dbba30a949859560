/** A finished poem, and which of several is the best. */

import { splitLines } from "./forms.js";

const SIGNATURE = "七步"; // who wrote a poem, in whosever manner

/**
 * Give what stands above a poem in an author's manner, and by whom it is: 擬杜甫 七步.
 *
 * @param {string} author
 * @param {boolean} simplified
 */
export function headingOf(author, simplified) {
  return `${simplified ? "拟" : "擬"}${author} ${SIGNATURE}`;
}

/** A finished poem. */
export class Composition {
  /**
   * @param {object} poem
   * @param {string} poem.text with punctuation, in the script that was wished
   * @param {string} poem.traditional the same as the model wrote it
   * @param {import("./tables.js").Form} poem.shape
   * @param {bigint} poem.seed with `bestOf`, the seed of the one that was chosen
   * @param {string | null} poem.pattern of a regulated form
   * @param {string | null} poem.rhyme the rhyme group, where there is one
   * @param {number} poem.meanLogProbability nats a character, of those that the network chose
   * @param {string | null} poem.heading of one in an author's manner, in the script that was wished
   */
  constructor({ text, traditional, shape, seed, pattern, rhyme, meanLogProbability, heading }) {
    this.text = text;
    this.traditional = traditional;
    this.shape = shape;
    this.seed = seed;
    this.pattern = pattern;
    this.rhyme = rhyme;
    this.meanLogProbability = meanLogProbability;
    this.heading = heading;
    Object.freeze(this);
  }

  /** Name of the form. */
  get form() {
    return this.shape.name;
  }

  /** The lines without punctuation. */
  get lines() {
    return splitLines(this.text);
  }

  /** Give a couplet a line, as Tang poems are printed. */
  toString() {
    return this.text.replace(/[。？！；]/g, "$&\n").replace(/^\n+|\n+$/g, "");
  }
}

/**
 * Choose the likeliest, less what it repeats.
 *
 * @param {readonly Composition[]} compositions at least one
 * @param {number} repetitionCost nats a character
 */
export function best(compositions, repetitionCost) {
  const scores = compositions.map((poem) => {
    const characters = Array.from(poem.lines.join(""));
    const repeated = characters.length - new Set(characters).size;
    return poem.meanLogProbability - (repetitionCost * repeated) / Math.max(1, characters.length);
  });
  return compositions[scores.indexOf(Math.max(...scores))];
}

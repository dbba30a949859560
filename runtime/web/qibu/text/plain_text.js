/** One text in progress that goes where the network leads it, to its length or its end. */

import { lengthOf } from "../core/words.js";

/**
 * @typedef {import("./alphabet.js").Guide} Guide
 * @typedef {"length" | "end" | "stop"} Ended by which of them a text is done
 */

/** A text; each token that it accepts gives the `piece` that may be shown by now. */
export class PlainText {
  #guide;
  #end;

  /**
   * @param {Guide} guide what may be drawn
   * @param {number | null} end the token that ends a text, if there is one
   * @param {number} length characters at most
   * @param {readonly string[]} [stops] texts before which it ends; a beginning of one is held back
   * @param {string} [held] what is held back already
   */
  constructor(guide, end, length, stops = [], held = "") {
    this.#guide = guide;
    this.#end = end;
    this.left = length;
    this.stops = stops;
    this.held = held;
    this.piece = "";
    /** @type {Ended | null} */
    this.ended = null;
  }

  /** Whether nothing comes any more. */
  get done() {
    return this.ended !== null;
  }

  /** Give a text of its own that stands where this one does, between two characters. */
  fork() {
    return new PlainText(this.#guide.fork(), this.#end, this.left, this.stops, this.held);
  }

  /** Give the bias row to draw the next token with. */
  slot() {
    return this.#guide.row;
  }

  /** Go on with a token that was drawn. @param {number} token */
  accept(token) {
    this.piece = "";
    if (token === this.#end) {
      this.ended = "end";
      this.piece = this.#release();
      return;
    }
    const character = this.#guide.take(token);
    if (!character) return;
    this.left--;
    this.held += character;
    const found = this.stops.filter((stop) => this.held.endsWith(stop));
    if (found.length) {
      this.ended = "stop";
      const [longest] = found.sort((a, b) => lengthOf(b) - lengthOf(a));
      this.piece = this.held.slice(0, this.held.length - longest.length);
      this.held = "";
    } else if (!this.left) {
      this.ended = "length";
      this.piece = this.#release();
    } else {
      const beginning = this.#beginningOfAStop();
      this.piece = this.held.slice(0, this.held.length - beginning.length);
      this.held = beginning;
    }
  }

  #beginningOfAStop() {
    const characters = Array.from(this.held);
    for (let place = 0; place < characters.length; place++) {
      const rest = characters.slice(place).join("");
      if (this.stops.some((stop) => stop.startsWith(rest))) return rest;
    }
    return "";
  }

  #release() {
    const text = this.held;
    this.held = "";
    return text;
  }
}

/** Writing poems with a text model. */

import { InputError, ModelFileError } from "../core/errors.js";
import { draw } from "../text/drawing.js";
import { chooseSeed } from "../text/seeded_random.js";
import { Sampling, logSoftmax } from "../text/sampling.js";
import { Writer } from "../text/writer.js";
import { Classes } from "./classes.js";
import { Composition, best, headingOf } from "./composition.js";
import { startPoem } from "./poem_in_progress.js";
import { VerseTables } from "./tables.js";
import { makeBrief } from "./request.js";
import { authorToken, formToken } from "../text/vocabulary.js";
import { BASE_CONTROLS, POEM, TITLE } from "./controls.js";
import { quoted, written } from "../core/words.js";

/**
 * @typedef {import("./poem_in_progress.js").PoemInProgress} PoemInProgress
 * @typedef {import("../text/vocabulary.js").OnUnknown} OnUnknown
 *
 * @typedef {object} Drawing
 * @property {bigint | number | null} [seed] 0..2**64-1; the same seed gives the same poem, here and
 *   in Python. null: a random one.
 * @property {Sampling} [sampling] how a character is drawn
 *
 * @typedef {import("./request.js").Wishes & Drawing} Request
 */

const BATCH = 64; // poems written at once
const MOST = 10_000; // poems asked for at once

/** Writes poems with a text model, character by character. */
export class Poet {
  /**
   * @param {import("../core/stepper.js").Stepper} stepper
   * @param {VerseTables | object} tables of verse: what `qibu export --web` writes as verse.json
   * @throws {ModelFileError} the stepper's file is no text model
   */
  constructor(stepper, tables) {
    this.writer = new Writer(stepper);
    this.stepper = stepper;
    this.vocabulary = this.writer.vocabulary;
    const missing = BASE_CONTROLS.filter((token) => !this.vocabulary.has(token));
    if (missing.length) {
      throw new ModelFileError(
        `${stepper.path}: vocabulary lacks the control tokens ${written(missing)} of a poem model`,
      );
    }
    this.tables = tables instanceof VerseTables ? tables : new VerseTables(tables);
    this.classes = new Classes(this.vocabulary, this.tables);
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

  /** List the authors in whose manner the model writes. */
  get authors() {
    return this.names(authorToken);
  }

  /**
   * Give the tokens that stand before a poem.
   *
   * @param {string | null} [form] what the model calls it, `Form.control`
   * @param {string | null} [author] a name in either script
   * @param {string | null} [title] characters in either script; of several traditional ones the
   *   commonest is read
   * @param {OnUnknown} [onUnknown] what a character of the title that the model doesn't know does
   * @returns {number[]}
   * @throws {InputError} the model knows no such form or author
   * @throws {UnknownCharacterError} the title has a character that the model doesn't know
   */
  prompt(form = null, author = null, title = null, onUnknown = "fail") {
    const { vocabulary } = this;
    const tokens = [];
    for (const [kind, value, token] of /** @type {const} */ ([
      ["form", form, formToken],
      ["author", author, authorToken],
    ])) {
      if (value === null) continue;
      const names = this.names(token);
      const wanted = vocabulary.simplify(value);
      const name = names.find((known) => vocabulary.simplify(known) === wanted);
      if (name === undefined) {
        throw new InputError(
          `the model knows no ${kind} ${quoted(value)}; it knows ${names.join("、")}`,
        );
      }
      tokens.push(vocabulary.id(token(name)));
    }
    if (title) {
      tokens.push(vocabulary.id(TITLE));
      for (const choice of vocabulary.read(title, onUnknown)) tokens.push(choice[0]);
    }
    return [...tokens, vocabulary.id(POEM)];
  }

  /**
   * Write a poem, a character at a time, punctuation included.
   *
   * @param {string} [form] the name of a form in either script
   * @param {Request} [request]
   * @returns {AsyncGenerator<string>}
   * @throws {InputError} a wish can't be had, before the first character
   * @throws {UnknownCharacterError} a wish has a character that the model doesn't know
   */
  stream(form = "七絕", { seed, sampling, ...wishes } = {}) {
    const chosen = chooseSeed(seed);
    const { prompt, brief } = this.#plan(form, wishes);
    const written = this.#write(prompt, [startPoem(brief, this.classes)], [chosen], sampling, false);
    return this.#spell(written, wishes.script !== "traditional");
  }

  /**
   * Write a whole poem; arguments and errors as in `stream`.
   *
   * @param {string} [form]
   * @param {Request & {bestOf?: number}} [request] bestOf: write so many, of seeds that follow one
   *   another, and give the best: the likeliest, less what it repeats
   * @returns {Promise<Composition>}
   */
  async compose(form = "七絕", { bestOf = 1, ...request } = {}) {
    const poems = await this.composeMany(bestOf, form, request);
    return best(poems, this.tables.repetitionCost);
  }

  /**
   * Write several poems side by side, of the seeds from `seed` on; as `compose` otherwise.
   *
   * @param {number} count
   * @param {string} [form]
   * @param {Request} [request]
   * @returns {Promise<Composition[]>}
   */
  async composeMany(count, form = "七絕", { seed, sampling, ...wishes } = {}) {
    if (!Number.isInteger(count) || count < 1 || count > MOST) {
      throw new InputError(`the number of poems must be 1..${MOST}, got ${count}`);
    }
    const first = chooseSeed(seed);
    const seeds = Array.from({ length: count }, (_, i) => BigInt.asUintN(64, first + BigInt(i)));
    const { prompt, brief } = this.#plan(form, wishes);
    const poems = [];
    for (let start = 0; start < count; start += BATCH) {
      const some = seeds.slice(start, start + BATCH);
      const going = some.map(() => startPoem(brief, this.classes));
      const written = this.#write(prompt, going, some, sampling, true);
      while (!(await written.next()).done);
      poems.push(...going.map((poem, i) => this.#finish(poem, some[i], wishes)));
    }
    return poems;
  }

  /**
   * @param {string} form
   * @param {import("./request.js").Wishes} wishes
   */
  #plan(form, wishes) {
    const brief = makeBrief(form, wishes, this.classes);
    const { author, title, onUnknown } = wishes;
    return { brief, prompt: this.prompt(brief.form.control, author, title, onUnknown) };
  }

  /**
   * @param {AsyncGenerator<number[]>} written
   * @param {boolean} simplified
   * @returns {AsyncGenerator<string>}
   */
  async *#spell(written, simplified) {
    for await (const tokens of written) {
      // of the control tokens only the end can come, and that is no character
      const text = this.vocabulary.decode(tokens, { simplified });
      if (text) yield text;
    }
  }

  /**
   * @param {PoemInProgress} poem
   * @param {bigint} seed
   * @param {import("./request.js").Wishes} wishes
   */
  #finish(poem, seed, { script, author }) {
    const { vocabulary } = this;
    const traditional = vocabulary.decode(poem.tokens);
    const simplified = script !== "traditional";
    const named = this.authors.find((name) => vocabulary.simplify(name) === vocabulary.simplify(author ?? ""));
    return new Composition({
      text: simplified ? vocabulary.simplify(traditional) : traditional,
      traditional,
      shape: poem.brief.form,
      seed,
      pattern: poem.pattern,
      rhyme: poem.rhyme,
      meanLogProbability: poem.logProbability / Math.max(1, poem.drawn),
      heading: named ? headingOf(simplified ? vocabulary.simplify(named) : named, simplified) : null,
    });
  }

  /**
   * Take poems of one brief through their form side by side.
   *
   * @param {number[]} prompt
   * @param {PoemInProgress[]} poems
   * @param {bigint[]} seeds
   * @param {Sampling | undefined} sampling
   * @param {boolean} scored
   * @returns {AsyncGenerator<number[]>} the tokens that the poems go on with
   */
  async *#write(prompt, poems, seeds, sampling, scored) {
    const texts = scored ? poems.map((poem) => this.#scored(poem)) : poems;
    const state = this.stepper.initialState(poems.length);
    const drawn = draw(this.stepper, state, prompt, texts, seeds, sampling ?? new Sampling());
    for await (const { tokens } of drawn) yield tokens;
  }

  /**
   * Have a poem add up the log-probabilities of the Chinese characters that are drawn for it.
   *
   * @param {PoemInProgress} poem
   * @returns {import("../text/drawing.js").TextInProgress}
   */
  #scored(poem) {
    const { isHan } = this.classes;
    return {
      get done() {
        return poem.done;
      },
      slot: () => poem.slot(),
      accept: (token, logits) => {
        if (logits !== null && isHan[token]) {
          poem.logProbability += logSoftmax(logits(), token);
          poem.drawn++;
        }
        poem.accept(token, logits);
      },
    };
  }
}

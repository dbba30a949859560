/** Writing texts side by side: what may stand next, a draw, and on. */

import { uniformNumbers } from "./seeded_random.js";

/**
 * @typedef {import("../core/arrays.js").Tensor} Tensor
 * @typedef {import("../core/state.js").State} State
 * @typedef {() => Float32Array} Logits (vocabulary,), read only when somebody asks
 *
 * @typedef {object} TextInProgress A text on its way to its end.
 * @property {boolean} done whether nothing comes any more
 * @property {() => number | Float32Array} slot gives the token that stands next, or the bias row to
 *   draw it with
 * @property {(token: number, logits: Logits | null) => void} accept goes on with a token; one that
 *   was drawn brings the logits it was drawn from
 *
 * @typedef {object} Drawn
 * @property {number[]} tokens that the texts went on with; that of a text that was done before means
 *   nothing
 * @property {State} state of the network, before it reads them
 */

/**
 * Take texts to their end, a token each at a time.
 *
 * @param {import("../core/stepper.js").Stepper} stepper a text model
 * @param {State} state where to begin, one sequence a text
 * @param {readonly number[]} prompt what stands before each text
 * @param {readonly TextInProgress[]} texts alike in that where one forces a token, all that go on do
 * @param {readonly bigint[]} seeds of the random numbers, one a text
 * @param {import("./sampling.js").Sampling} sampling
 * @param {number} [skip] how many draws of those numbers were taken before
 * @returns {AsyncGenerator<Drawn>} after the texts have gone on
 */
export async function* draw(stepper, state, prompt, texts, seeds, sampling, skip = 0) {
  const size = stepper.part.vocabulary.size;
  const batch = texts.length;
  const settings = sampling.feeds(size);
  const numbers = seeds.map((seed) => uniformNumbers(seed, skip));
  const bias = new Float32Array(batch * size);
  let pending = texts.map(() => [...prompt]); // tokens that the model hasn't read yet
  while (texts.some((text) => !text.done)) {
    const slots = texts.map((text) => (text.done ? null : text.slot()));
    // a place that is given is so in every text that goes on
    const drawn = slots.every((slot) => typeof slot !== "number");
    /** @type {number[]} */
    let tokens;
    /** @type {(place: number) => Float32Array} */
    let logitsOf = () => new Float32Array();
    if (drawn) {
      slots.forEach((row, place) => {
        if (row !== null) bias.set(/** @type {Float32Array} */ (row), place * size);
      });
      /** @type {Record<string, Tensor>} */
      const feeds = {
        ...settings,
        tokens: {
          type: "int64",
          data: BigInt64Array.from(pending.flat(), BigInt),
          dims: [batch, pending[0].length],
        },
        bias: { type: "float32", data: bias, dims: [batch, size] },
        uniform: {
          type: "float32",
          data: Float32Array.from(numbers, (random) => random.next().value),
          dims: [batch],
        },
      };
      let outputs;
      [outputs, state] = await stepper.advance(feeds, state, ["token", "logits"]);
      tokens = Array.from(/** @type {BigInt64Array} */ (outputs.token.data), Number);
      const logits = /** @type {Float32Array} */ (outputs.logits.data);
      logitsOf = (place) => logits.subarray(place * size, (place + 1) * size);
      pending = tokens.map((token) => [token]);
    } else {
      tokens = slots.map((slot) => (typeof slot === "number" ? slot : 0));
      pending = pending.map((old, place) => [...old, tokens[place]]);
    }
    texts.forEach((text, place) => {
      if (!text.done) text.accept(tokens[place], drawn ? () => logitsOf(place) : null);
    });
    yield { tokens, state };
  }
}

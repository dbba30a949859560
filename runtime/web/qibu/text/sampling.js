/** How a character is drawn. */

import { InputError } from "../core/errors.js";

/** @typedef {import("../core/arrays.js").Tensor} Tensor */

/**
 * How a character is drawn from the model's probabilities.
 *
 * The `topK` most probable are kept (0: all), of these the fewest that together have at least the
 * probability `topP`; `topK: 1` always takes the most probable.
 */
export class Sampling {
  /** @param {{temperature?: number, topK?: number, topP?: number}} [options] */
  constructor({ temperature = 0.8, topK = 64, topP = 0.9 } = {}) {
    if (!(temperature > 0 && temperature < Infinity)) {
      throw new InputError(
        `temperature must be above 0, got ${temperature}; ` +
          "for the most probable character use top_k=1",
      );
    }
    if (!(topK >= 0) || !Number.isInteger(topK)) {
      throw new InputError(`top_k must be 0 (all) or above, got ${topK}`);
    }
    if (!(topP > 0 && topP <= 1)) {
      throw new InputError(`top_p must be above 0 and at most 1, got ${topP}`);
    }
    this.temperature = temperature;
    this.topK = topK;
    this.topP = topP;
    Object.freeze(this);
  }

  /**
   * Give the sampler's inputs by name.
   *
   * @param {number} vocabularySize
   * @returns {Record<string, Tensor>}
   */
  feeds(vocabularySize) {
    const topK = Math.min(this.topK || vocabularySize, vocabularySize);
    return {
      temperature: { type: "float32", data: Float32Array.of(this.temperature), dims: [1] },
      top_k: { type: "int64", data: BigInt64Array.of(BigInt(topK)), dims: [1] },
      top_p: { type: "float32", data: Float32Array.of(this.topP), dims: [1] },
    };
  }
}

/**
 * Give ln of the probability of one token.
 *
 * @param {Float32Array} logits (vocabulary,)
 * @param {number} token
 */
export function logSoftmax(logits, token) {
  const highest = logits.reduce((a, b) => Math.max(a, b));
  const sum = logits.reduce((total, value) => total + Math.exp(value - highest), 0);
  return logits[token] - highest - Math.log(sum);
}

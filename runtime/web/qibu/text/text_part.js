/** The text part of a model file: its vocabulary, and the network that it is of. */

import { ModelFileError } from "../core/errors.js";
import { readRecurrentPart } from "../core/recurrent_part.js";
import { checkSchema } from "../core/schema.js";
import { quoted } from "../core/words.js";
import { alphabetOf } from "./alphabet.js";
import { checkTextInputs } from "./sampler_inputs.js";
import { schema } from "./text.schema.js";
import { Vocabulary } from "./vocabulary.js";

/** @typedef {import("../core/port.js").Port} Port */

export const INPUTS = ["tokens", "bias", "temperature", "top_k", "top_p", "uniform"];
export const OUTPUTS = ["token", "logits"];

/** What a text model's file says beyond what every file does. */
export class TextPart {
  /**
   * @param {import("../core/recurrent_part.js").RecurrentPart} network
   * @param {Vocabulary} vocabulary
   * @param {import("./alphabet.js").Unit} unit what a token stands for
   */
  constructor(network, vocabulary, unit) {
    this.network = network;
    this.vocabulary = vocabulary;
    this.unit = unit;
    this.alphabet = alphabetOf(vocabulary, unit);
  }
}

/**
 * Read the part and hold it against the graph.
 *
 * @param {import("../core/model_file.js").ModelSpec} spec
 * @param {ReadonlyMap<string, Port>} _inputs
 * @param {ReadonlyMap<string, Port>} outputs
 * @throws {ModelFileError} it is broken, or the vocabulary has another size than the logits
 */
export function readTextPart(spec, _inputs, outputs) {
  checkSchema(spec.part, schema, `${quoted("qibu")}.${spec.task}`);
  const vocabulary = Vocabulary.fromJson(spec.part.vocabulary);
  const logits = /** @type {Port} */ (outputs.get("logits"));
  if (logits.shape.at(-1) !== vocabulary.size) {
    throw new ModelFileError(
      `metadata contradicts the graph: the vocabulary has ${vocabulary.size} tokens, ` +
        `logits are ${logits}`,
    );
  }
  return new TextPart(readRecurrentPart(spec), vocabulary, spec.part.unit ?? "char");
}

/** Give what checks token numbers and what the sampler is told. @param {TextPart} part */
export const textFeedsCheck =
  ({ vocabulary }) =>
  (/** @type {Record<string, import("../core/arrays.js").Tensor>} */ feeds) =>
    checkTextInputs(feeds, vocabulary.size);

/** What a model file says of itself: one JSON document under one metadata key. */

import { ModelFileError } from "./errors.js";
import { Vocabulary } from "../text/vocabulary.js";
import { quoted, written } from "./words.js";

export const KEY = "qibu";
const FORMAT_VERSION = 1;
const REQUIRED = [
  "task",
  "cell",
  "num_layers",
  "hidden_size",
  "streaming",
  "states",
  "weights_sha256",
  "vocabulary",
];

/**
 * @typedef {object} StatePair A state's way through the graph: in by one name, out by the other.
 * @property {string} input
 * @property {string} output
 * @property {(number | null)[]} shape null is the batch, or another free size
 * @property {number} initial
 * @property {string} dtype such as "float32"
 */

/** Everything that a model file carries besides its graph, under the names that it uses. */
export class ModelSpec {
  /** @param {Record<string, any>} document */
  constructor(document) {
    /** @type {"text" | "digits"} */
    this.task = document.task;
    /** @type {string} */
    this.cell = document.cell;
    /** @type {number} */
    this.num_layers = document.num_layers;
    /** @type {number} */
    this.hidden_size = document.hidden_size;
    /** @type {boolean} false: whole sequences only */
    this.streaming = document.streaming;
    /** @type {StatePair[]} */
    this.states = document.states.map((/** @type {Partial<StatePair>} */ pair) => ({
      initial: 0,
      dtype: "float32",
      ...pair,
    }));
    /** @type {string} of the float32 weights, also when they were quantised afterwards */
    this.weights_sha256 = document.weights_sha256;
    /** @type {Record<string, number>} inputs that may be left out */
    this.defaults = document.defaults ?? {};
    /** @type {Vocabulary | null} */
    this.vocabulary = document.vocabulary && Vocabulary.fromJson(document.vocabulary);
    /** @type {Record<string, unknown>} */
    this.preprocessing = document.preprocessing ?? {};
    /** @type {Record<string, unknown>} */
    this.training = document.training ?? {};
    /** @type {Record<string, unknown>} */
    this.quality = document.quality ?? {};
    /** @type {string | null} */
    this.quantization = document.quantization ?? null;
  }

  /**
   * Read the document.
   *
   * @param {string} text
   * @throws {ModelFileError} it isn't JSON, is of a newer format, or lacks or contradicts itself
   */
  static fromJson(text) {
    let document;
    try {
      document = JSON.parse(text);
    } catch (error) {
      throw new ModelFileError(`${quoted(KEY)} metadata isn't JSON: ${error}`, { cause: error });
    }
    if (typeof document !== "object" || document === null || Array.isArray(document)) {
      throw new ModelFileError(
        `${quoted(KEY)} metadata must be a JSON object, got ${quoted(text.slice(0, 40))}`,
      );
    }
    const version = document.format_version;
    if (!Number.isInteger(version) || version < 1) {
      throw new ModelFileError(
        `${quoted(KEY)} metadata has format_version ${quoted(version)}, want 1`,
      );
    }
    if (version > FORMAT_VERSION) {
      throw new ModelFileError(
        `the file has format version ${version}, this Qibu reads up to ${FORMAT_VERSION}: ` +
          "pip install --upgrade qibu",
      );
    }
    const missing = REQUIRED.find((name) => !(name in document));
    if (missing !== undefined || !Array.isArray(document.states)) {
      throw new ModelFileError(
        `${quoted(KEY)} metadata lacks or misnames a field: ${quoted(missing ?? "states")}; ` +
          "make the file anew with `qibu export`",
      );
    }
    const spec = new ModelSpec(document);
    spec.check();
    return spec;
  }

  /**
   * Check what needs no graph.
   *
   * @throws {ModelFileError} a value is out of its range, or two contradict each other
   */
  check() {
    if (this.task !== "text" && this.task !== "digits") {
      throw new ModelFileError(`task must be 'text' or 'digits', got ${quoted(this.task)}`);
    }
    for (const name of /** @type {const} */ (["num_layers", "hidden_size"])) {
      if (!Number.isInteger(this[name]) || this[name] < 1) {
        throw new ModelFileError(
          `${name} must be a whole number above 0, got ${quoted(this[name])}`,
        );
      }
    }
    if ((this.task === "text") !== (this.vocabulary !== null)) {
      throw new ModelFileError(
        `task ${quoted(this.task)} contradicts the vocabulary given or missing`,
      );
    }
    if (this.streaming !== this.states.length > 0) {
      throw new ModelFileError(
        `streaming ${written(this.streaming)} contradicts ${this.states.length} states`,
      );
    }
    for (const pair of this.states) {
      const wanted = [this.num_layers, null, this.hidden_size];
      if (pair.shape.length !== 3 || pair.shape.some((size, axis) => size !== wanted[axis])) {
        throw new ModelFileError(
          `state ${quoted(pair.input)} has shape ${written(pair.shape)}, ` +
            `want [${this.num_layers}, null, ${this.hidden_size}]`,
        );
      }
    }
  }
}

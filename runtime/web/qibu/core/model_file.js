/** What a model file says of itself: one JSON document under one metadata key. */

import { ModelFileError } from "./errors.js";
import { upgradeFormat1 } from "./format_1.js";
import { schema } from "./model_file.schema.js";
import { unpack } from "./packed.js";
import { StatePair } from "./port.js";
import { checkSchema } from "./schema.js";
import { grouped, lengthOf, quoted, sized, written } from "./words.js";

/**
 * @typedef {import("./packed.js").Packed} Packed
 *
 * @typedef {object} PortNote What is known of an input or output beyond its type and sizes.
 * @property {string} description
 * @property {string} unit
 * @property {readonly string[]} labels of the places along the last axis
 * @property {number | null} time_axis
 * @property {number | null} batch_axis
 *
 * @typedef {object} GoldenTrace A file's own test: what went in from the initial state of one
 *   sequence, and what came out.
 * @property {readonly {inputs: Record<string, Packed>, outputs: Record<string, Packed>}[]} steps
 * @property {Record<string, Packed>} states after the last step, by output name
 * @property {number} tolerance of values up to 1, and as a share of larger ones
 */

export const KEY = "qibu";
const FORMAT_VERSION = 2;
const LONGEST = 64_000_000; // characters of a document
const WHERE = quoted(KEY);

/** Everything that a model file carries besides its graph, under the names that it uses. */
export class ModelSpec {
  /** @param {Record<string, any>} document of format 2, that the schema has passed */
  constructor(document) {
    /** @type {number} of the file that was read */
    this.format_version = document.format_version;
    /** @type {string} */
    this.description = document.description ?? "";
    /** @type {string | null} the application that it was made for; null: somebody's own */
    this.task = document.task ?? null;
    /** @type {Readonly<Record<string, any>>} the task's own part of the document */
    this.part = partOf(document, this.task);
    /** @type {boolean} false: whole sequences only */
    this.streaming = document.streaming;
    /** @type {readonly StatePair[]} */
    this.states = document.states.map(readState);
    /** @type {Readonly<Record<string, PortNote>>} */
    this.ports = mapped(document.ports, readNote);
    /** @type {Readonly<Record<string, number>>} inputs that may be left out */
    this.defaults = document.defaults ?? {};
    /** @type {string | null} of the float32 weights, also when they were quantised afterwards */
    this.weights_sha256 = document.weights_sha256 ?? null;
    /** @type {number | null} trained numbers */
    this.parameters = document.parameters ?? null;
    /** @type {string | null} */
    this.quantization = document.quantization ?? null;
    /** @type {Record<string, unknown>} */
    this.training = document.training ?? {};
    /** @type {Record<string, unknown>} */
    this.quality = document.quality ?? {};
    /** @type {GoldenTrace | null} */
    this.trace = document.trace === undefined ? null : readTrace(document.trace);
  }

  /**
   * Read the document; fields that this version doesn't know are passed over.
   *
   * @param {string} text
   * @throws {ModelFileError} it isn't JSON, is of a newer format, or lacks or contradicts itself
   */
  static fromJson(text) {
    const given = read(text);
    const document = given.format_version === 1 ? upgradeFormat1(given) : given;
    checkSchema(document, schema, WHERE);
    const spec = new ModelSpec({ ...document, format_version: given.format_version });
    spec.check();
    return spec;
  }

  /**
   * Check what needs no graph.
   *
   * @throws {ModelFileError} two values contradict each other
   */
  check() {
    const taken = Object.keys(schema.properties);
    if (taken.includes(this.task ?? "")) {
      throw new ModelFileError(
        `task ${quoted(this.task)} is the name of a field of the document's own; choose one ` +
          `besides ${taken.join(", ")}`,
      );
    }
    if (this.streaming !== this.states.length > 0) {
      throw new ModelFileError(
        `streaming ${written(this.streaming)} contradicts ${this.states.length} states`,
      );
    }
    for (const kind of /** @type {const} */ (["input", "output"])) {
      const names = this.states.map((pair) => pair[kind]).sort();
      const twice = names.find((name, place) => name === names[place + 1]);
      if (twice !== undefined) {
        throw new ModelFileError(`states names ${kind} ${quoted(twice)} twice`);
      }
    }
    this.states.forEach(checkPair);
  }
}

/** @param {StatePair} pair */
function checkPair(pair) {
  const { input, shape, batch_axis, growing, start, initial } = pair;
  if (batch_axis !== null && shape[batch_axis] !== null) {
    throw new ModelFileError(
      `state ${quoted(input)} has no free axis ${batch_axis} for its batch: ` +
        `its shape is ${sized(shape)}`,
    );
  }
  if (typeof start !== "number" && start.length !== growing.length) {
    throw new ModelFileError(
      `state ${quoted(input)} has ${start.length} lengths to begin with, ` +
        `its shape ${sized(shape)} takes ${growing.length}`,
    );
  }
  if (typeof initial === "number") return;
  const wanted = pair.shapeFor(1).reverse();
  const sizes = [...initial.dims].reverse();
  const fits =
    sizes.length <= wanted.length && sizes.every((size, i) => size === 1 || size === wanted[i]);
  if (!fits) {
    throw new ModelFileError(
      `state ${quoted(input)} has an initial array ${sized(initial.dims)}, ` +
        `which can't be broadcast to ${sized(shape)}`,
    );
  }
}

/** @param {string} text @returns {Record<string, any>} */
function read(text) {
  if (text.length > LONGEST && lengthOf(text) > LONGEST) {
    throw new ModelFileError(
      `${WHERE} metadata has ${grouped(lengthOf(text))} characters, at most ${grouped(LONGEST)}`,
    );
  }
  let document;
  try {
    document = JSON.parse(text);
  } catch (error) {
    throw new ModelFileError(`${WHERE} metadata isn't JSON: ${error}`, { cause: error });
  }
  if (typeof document !== "object" || document === null || Array.isArray(document)) {
    throw new ModelFileError(
      `${WHERE} metadata must be a JSON object, got ${quoted(text.slice(0, 40))}`,
    );
  }
  const version = document.format_version;
  if (!Number.isInteger(version) || version < 1) {
    throw new ModelFileError(
      `${WHERE} metadata has format_version ${quoted(version)}, want 1..${FORMAT_VERSION}`,
    );
  }
  if (version > FORMAT_VERSION) {
    throw new ModelFileError(
      `the file has format version ${version}, this Qibu reads up to ${FORMAT_VERSION}: ` +
        "pip install --upgrade qibu",
    );
  }
  return document;
}

/** @param {Record<string, any>} document @param {string | null} task */
function partOf(document, task) {
  const part = task !== null && Object.hasOwn(document, task) ? document[task] : {};
  if (typeof part !== "object" || part === null || Array.isArray(part)) {
    throw new ModelFileError(`${WHERE}.${task} must be object, got ${written(part).slice(0, 60)}`);
  }
  return part;
}

/** @param {Record<string, any>} values */
function readState(values) {
  const { initial, batch_axis = null } = values;
  const isArray = typeof initial === "object";
  return new StatePair({
    .../** @type {any} */ (values),
    batch_axis,
    initial: isArray ? unpack(initial, `${WHERE}.states.initial`).array() : initial,
  });
}

/** @param {Partial<PortNote>} note @returns {PortNote} */
const readNote = ({ description = "", unit = "", labels = [], time_axis, batch_axis }) => ({
  description,
  unit,
  labels,
  time_axis: time_axis ?? null,
  batch_axis: batch_axis ?? null,
});

/** @param {any} trace @returns {GoldenTrace} */
function readTrace({ steps, states, tolerance }) {
  const arrays = (/** @type {Record<string, any>} */ of) =>
    mapped(of, (packed, name) => unpack(packed, `${WHERE}.trace.${name}`));
  return {
    steps: steps.map((/** @type {any} */ step) => ({
      inputs: arrays(step.inputs),
      outputs: arrays(step.outputs),
    })),
    states: arrays(states),
    tolerance,
  };
}

/**
 * @template T, U
 * @param {Record<string, T>} values
 * @param {(value: T, name: string) => U} make
 * @returns {Record<string, U>}
 */
const mapped = (values = {}, make) =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, make(value, name)]));

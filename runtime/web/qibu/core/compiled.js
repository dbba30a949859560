/**
 * Models that `qibu export --web` compiled: one WebAssembly file with code, weights and metadata.
 *
 * It computes one step of one sequence, on arrays at fixed places of its memory.
 */

import { DTYPES, sizeOf } from "./arrays.js";
import { ModelFileError } from "./errors.js";
import { OnnxFile } from "./onnx_file.js";
import { Port } from "./port.js";
import { firstLine, refusal } from "./refusal.js";
import { quoted } from "./words.js";

/**
 * @typedef {import("./arrays.js").Tensor} Tensor
 *
 * @typedef {object} Place Where an input or output lies.
 * @property {string} name
 * @property {string} type
 * @property {readonly (number | string | null)[]} axes
 * @property {number | null} batch which axis is the batch
 * @property {number | null} time 1 where the axis behind the batch is the time
 * @property {string} array what the file calls it
 *
 * @typedef {object} About What stands in the file's custom section.
 * @property {string} model the SHA-256 of the model file that it was made of
 * @property {string} document that model file's metadata
 * @property {readonly Place[]} inputs
 * @property {readonly Place[]} outputs
 * @property {Readonly<Record<string, string>>} states output by input
 *
 * @typedef {{module: WebAssembly.Module, about: About, content: OnnxFile}} Compiled
 */

const SECTION = "qibu";
const MAGIC = "\0asm";

/** @param {Uint8Array} file */
export const isCompiled = (file) => String.fromCharCode(...file.subarray(0, 4)) === MAGIC;

/**
 * Read what a compiled model says of itself.
 *
 * @param {Uint8Array} file
 * @param {string} path
 * @returns {Promise<Compiled>}
 * @throws {ModelFileError} it is broken, or no model of Qibu's
 */
export async function readCompiled(file, path) {
  let module;
  try {
    module = await WebAssembly.compile(/** @type {BufferSource} */ (file));
  } catch (error) {
    throw new ModelFileError(`${path} is WebAssembly that doesn't run: ${firstLine(error)}`, {
      cause: error,
    });
  }
  const [section] = WebAssembly.Module.customSections(module, SECTION);
  if (section === undefined) {
    throw new ModelFileError(
      `${path} is WebAssembly without a section ${quoted(SECTION)}; \`qibu export --web\` writes models`,
    );
  }
  /** @type {About} */
  const about = JSON.parse(new TextDecoder().decode(section));
  const content = new OnnxFile();
  content.inputs = about.inputs.map(portOf);
  content.outputs = about.outputs.map(portOf);
  content.metadata.set(SECTION, about.document);
  return { module, about, content };
}

/** @param {Place} place */
const portOf = ({ name, type, axes }) => new Port(name, type, axes);

/**
 * Make a compiled model ready to run.
 *
 * @param {Compiled} compiled
 * @returns {Promise<import("./providers.js").Opened>}
 */
export async function openCompiled({ module, about, content }) {
  const { exports } = await WebAssembly.instantiate(module, {});
  let step = /** @type {Step | null} */ (new Step(/** @type {any} */ (exports), about));
  return {
    provider: "wasm",
    inputs: content.inputs,
    outputs: content.outputs,
    run: async (feeds, fetches) => {
      try {
        if (step === null) throw new Error("the model was released");
        return step.run(feeds, fetches);
      } catch (error) {
        throw refusal(feeds, error);
      }
    },
    release: async () => {
      step = null; // its memory goes with it
    },
  };
}

/**
 * @typedef {Place & {values: any, dims: readonly number[]}} Lying a place and the memory there: of one
 *   step of one sequence, so that free axes are 1
 */

/** Takes sequences through the step, one after another. */
class Step {
  #exports;
  #inputs;
  #outputs;
  #carried;

  /** @param {any} exports @param {About} about */
  constructor(exports, { inputs, outputs, states }) {
    this.#exports = exports;
    const lying = (/** @type {readonly Place[]} */ places) =>
      new Map(places.map((place) => [place.name, lyingAt(exports, place)]));
    this.#inputs = lying(inputs);
    this.#outputs = lying(outputs);
    this.#carried = Object.entries(states).map(([input, output]) => ({
      before: /** @type {Lying} */ (this.#inputs.get(input)).values,
      after: /** @type {Lying} */ (this.#outputs.get(output)).values,
    }));
  }

  /**
   * @param {Record<string, Tensor>} feeds every input
   * @param {readonly string[]} fetches
   * @returns {Record<string, Tensor>}
   */
  run(feeds, fetches) {
    const batch = this.#sizeOf("batch", feeds);
    const time = this.#sizeOf("time", feeds);
    const wanted = fetches.map((name) => {
      const place = /** @type {Lying} */ (this.#outputs.get(name));
      const dims = place.dims.map((size, axis) => (axis === place.batch ? batch : size));
      const data = new DTYPES[place.type].array(sizeOf(dims));
      return { place, tensor: { type: place.type, data, dims } };
    });
    for (let sequence = 0; sequence < batch; sequence++) {
      this.#advance(feeds, sequence, time);
      for (const { place, tensor } of wanted) {
        const data = /** @type {any} */ (tensor.data);
        eachRun(tensor.dims, place.batch, sequence, (from, to, at) =>
          data.set(place.values.subarray(at, at + to - from), from),
        );
      }
    }
    return Object.fromEntries(wanted.map(({ place, tensor }) => [place.name, tensor]));
  }

  /** @param {Record<string, Tensor>} feeds @param {number} sequence @param {number} time */
  #advance(feeds, sequence, time) {
    for (let step = 0; step < time; step++) {
      for (const [name, { values, batch, time: timed }] of this.#inputs) {
        if (step && timed === null) continue; // states too: they come from the step before
        const data = /** @type {any} */ (feeds[name].data);
        let { dims } = feeds[name];
        let at = sequence;
        if (timed !== null) {
          dims = [dims[0] * time, ...dims.slice(2)];
          at = sequence * time + step;
        }
        eachRun(dims, batch, at, (from, to, into) => values.set(data.subarray(from, to), into));
      }
      if (step) for (const { before, after } of this.#carried) before.set(after);
      this.#exports.step();
    }
    const status = this.#exports.finish?.() ?? 0;
    if (status) throw new Error(this.#message(status));
  }

  /**
   * Give how long an axis is in all that have it.
   *
   * @param {"batch" | "time"} kind
   * @param {Record<string, Tensor>} feeds
   */
  #sizeOf(kind, feeds) {
    let size = 1;
    let first = true;
    for (const [name, place] of this.#inputs) {
      const axis = place[kind];
      if (axis === null) continue;
      const found = feeds[name].dims[axis];
      if (!first && found !== size) throw new Error(`${name} has a ${kind} of ${found}, not ${size}`);
      [size, first] = [found, false];
    }
    return size;
  }

  /** @param {number} status */
  #message(status) {
    const bytes = new Uint8Array(this.#exports.memory.buffer, this.#exports.qibu_message(status));
    return new TextDecoder().decode(bytes.slice(0, bytes.indexOf(0)));
  }
}

/** @param {any} exports @param {Place} place @returns {Lying} */
function lyingAt(exports, place) {
  const dims = place.axes.map((size) => (typeof size === "number" ? size : 1));
  const Kind = /** @type {any} */ (DTYPES[place.type].array);
  const values = new Kind(exports.memory.buffer, exports[place.array].value, sizeOf(dims));
  return { ...place, dims, values };
}

/**
 * Walk through the runs of values that one sequence has in an array of several.
 *
 * @param {readonly number[]} dims
 * @param {number | null} axis of the sequences; null: all have the same
 * @param {number} sequence
 * @param {(from: number, to: number, at: number) => void} visit where a run begins and ends, and
 *   where it lies among the sequence's own values
 */
function eachRun(dims, axis, sequence, visit) {
  const length = sizeOf(axis === null ? dims : dims.slice(axis + 1));
  const apart = axis === null ? length : length * dims[axis];
  const all = sizeOf(dims);
  const first = axis === null ? 0 : length * sequence;
  for (let from = first, at = 0; from < all; from += apart, at += length) visit(from, from + length, at);
}

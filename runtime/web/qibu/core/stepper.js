/** Stepping any ONNX model whose state goes in and comes out. */

import { DTYPES, asArray, castTo, full } from "./arrays.js";
import { checkTextInputs } from "../text/sampler_inputs.js";
import { InputError, ModelFileError, NotStreamingError } from "./errors.js";
import { readMetadata } from "./onnx_file.js";
import { crc32 } from "./npz.js";
import { Port, findPairs } from "./pairing.js";
import { openSession } from "./providers.js";
import { KEY, ModelSpec } from "./model_file.js";
import { State, tensorsOf } from "./state.js";
import { quoted, written } from "./words.js";

/**
 * @typedef {import("./arrays.js").Tensor} Tensor
 * @typedef {import("./arrays.js").ArrayLike} ArrayLike
 * @typedef {import("./model_file.js").StatePair} StatePair
 */

/** @type {Record<string, [string[], string[]]>} */
const TASK_PORTS = {
  text: [
    ["tokens", "bias", "temperature", "top_k", "top_p", "uniform"],
    ["token", "logits"],
  ],
  digits: [["rows"], ["probabilities"]],
};

/** A model file, ready to be stepped; it keeps no state of its own. `Stepper.open` gives one. */
export class Stepper {
  #runtime;
  #session;
  /** @type {Promise<unknown>} */
  #last = Promise.resolve();
  #defaults;

  /**
   * @param {string} path
   * @param {string} model
   * @param {ModelSpec | null} spec
   * @param {Awaited<ReturnType<typeof openSession>>} opened
   * @param {Record<string, string>} [states]
   */
  constructor(path, model, spec, opened, states) {
    this.#runtime = opened.runtime;
    this.#session = opened.session;
    /** Where the file came from; "model" for bytes. */
    this.path = path;
    /** What the file says of itself, or null. */
    this.spec = spec;
    /** SHA-256 of the weights, or of the whole file where it says nothing of itself. */
    this.model = model;
    /** The provider that runs: "wasm" or "webgpu". */
    this.provider = opened.provider;
    const inputs = ports(opened.session.inputMetadata);
    const outputs = ports(opened.session.outputMetadata);
    if (spec) checkGraph(spec, inputs, outputs, path);
    /** @type {readonly StatePair[]} its states */
    this.pairs = spec && !states ? spec.states : findPairs(inputs, outputs, states);
    const carried = new Set(this.pairs.flatMap((pair) => [`i ${pair.input}`, `o ${pair.output}`]));
    /** The other inputs, by name. */
    this.inputs = byName(inputs.filter((port) => !carried.has(`i ${port.name}`)));
    /** The other outputs, by name. */
    this.outputs = byName(outputs.filter((port) => !carried.has(`o ${port.name}`)));
    this.#defaults = spec?.defaults ?? {};
  }

  /**
   * Open a model file.
   *
   * @param {string | URL | Uint8Array | ArrayBuffer} source a URL, or the bytes of an ONNX file; one
   *   without Qibu's metadata is stepped by the names of its states
   * @param {object} [options]
   * @param {string} [options.provider] "wasm", "webgpu" or "auto"; one that can't be had is a
   *   `ProviderError`
   * @param {Record<string, string>} [options.states] {input: output} for a file whose names leave
   *   a doubt
   * @throws {ModelFileError} the file is missing or broken, has no state, or contradicts itself
   */
  static async open(source, { provider = "wasm", states } = {}) {
    const fromAddress = typeof source === "string" || source instanceof URL;
    const path = fromAddress ? String(source) : "model";
    const file = fromAddress ? await fetchFile(path) : new Uint8Array(source);
    let spec = null;
    try {
      const document = readMetadata(file).get(KEY);
      if (document !== undefined) spec = ModelSpec.fromJson(document);
    } catch (error) {
      if (!(error instanceof ModelFileError)) throw error;
      throw new ModelFileError(`${path}: ${error.message}`, { cause: error });
    }
    const model = spec ? spec.weights_sha256 : await digestOf(file);
    return new Stepper(path, model, spec, await openSession(file, path, provider), states);
  }

  /**
   * Give the state before the first step for a number of sequences.
   *
   * @param {number} [batch]
   * @throws {NotStreamingError} the model reads whole sequences only
   * @throws {InputError} batch is below 1
   */
  initialState(batch = 1) {
    this.#wantStreaming();
    if (!Number.isInteger(batch) || batch < 1) {
      throw new InputError(`batch must be a whole number above 0, got ${quoted(batch)}`);
    }
    const arrays = this.pairs.map((pair) => {
      const dims = pair.shape.map((size) => size ?? batch);
      return [pair.input, full(dims, pair.initial, pair.dtype)];
    });
    return new State(Object.fromEntries(arrays), this.pairs, this.model);
  }

  /**
   * Advance: a time axis longer than 1 reads that many steps at once.
   *
   * @param {Record<string, ArrayLike>} inputs every input but the states, by name; none is
   *   modified. Inputs for which the file has defaults may be left out.
   * @param {State} state what `initialState` or the last `step` gave; not modified
   * @returns {Promise<[Record<string, Tensor>, State]>} the outputs but the states, by name, and
   *   the state for the next step
   * @throws {NotStreamingError} the model reads whole sequences only
   * @throws {InputError} an input is missing, unknown, NaN, or has a wrong shape, type or batch
   */
  async step(inputs, state) {
    this.#wantStreaming();
    this.checkState(state);
    const feeds = this.#check(inputs, state.batch);
    return this.advance(feeds, state, Object.keys(this.outputs));
  }

  /**
   * Advance without the checks of `step`, for inputs that are known to be right.
   *
   * @param {Record<string, Tensor>} feeds every input but the states
   * @param {State} state
   * @param {readonly string[]} wanted the outputs to give
   * @returns {Promise<[Record<string, Tensor>, State]>}
   */
  async advance(feeds, state, wanted) {
    const carried = this.pairs.map((pair) => pair.output);
    const results = await this.#run({ ...feeds, ...Object.fromEntries(tensorsOf(state)) }, [
      ...wanted,
      ...carried,
    ]);
    const arrays = this.pairs.map((pair) => [pair.input, results[pair.output]]);
    const outputs = wanted.map((name) => [name, results[name]]);
    return [
      Object.fromEntries(outputs),
      new State(Object.fromEntries(arrays), this.pairs, this.model),
    ];
  }

  /**
   * Read whole sequences from the initial state and forget the state after.
   *
   * @param {Record<string, ArrayLike>} inputs as in `step`
   * @returns {Promise<Record<string, Tensor>>} the outputs but the states, by name
   */
  async run(inputs) {
    const batch = this.#batchOf(inputs);
    if (this.pairs.length) return (await this.step(inputs, this.initialState(batch)))[0];
    return this.#run(this.#check(inputs, batch), Object.keys(this.outputs));
  }

  /** Refuse the state of another model with an `InputError`. @param {State} state */
  checkState(state) {
    if (!(state instanceof State)) {
      throw new InputError("state must be what `initialState` or the last `step` gave");
    }
    if (state.model !== this.model) {
      throw new InputError(
        `the state belongs to another model: weights ${state.model.slice(0, 12)}, ` +
          `${basename(this.path)} has ${this.model.slice(0, 12)}`,
      );
    }
  }

  /** Give back the memory of the model; it can't be stepped after. */
  async release() {
    await this.#session.release();
  }

  /**
   * @param {Record<string, Tensor>} feeds
   * @param {readonly string[]} fetches
   * @returns {Promise<Record<string, Tensor>>}
   */
  async #run(feeds, fetches) {
    const { Tensor } = this.#runtime;
    const tensors = Object.fromEntries(
      Object.entries(feeds).map(([name, { type, data, dims }]) => [
        name,
        new Tensor(/** @type {any} */ (type), /** @type {any} */ (data), dims),
      ]),
    );
    // onnxruntime-web can't run a session twice at a time
    const run = this.#last.then(() => this.#session.run(tensors, fetches));
    this.#last = run.catch(() => {});
    return /** @type {any} */ (await run);
  }

  #wantStreaming() {
    if (!this.pairs.length) {
      throw new NotStreamingError(
        `${basename(this.path)} can't be stepped: its ${this.spec?.cell} network is ` +
          "bidirectional and reads the sequence from its end as well; " +
          "give it the whole sequence with `run`",
      );
    }
  }

  /** @param {Record<string, ArrayLike>} inputs */
  #batchOf(inputs) {
    for (const [name, port] of Object.entries(this.inputs)) {
      if (name in inputs && port.shape.length && port.shape[0] === null) {
        return asArray(inputs[name], name).dims[0] ?? 1;
      }
    }
    return 1;
  }

  /**
   * @param {Record<string, ArrayLike>} inputs
   * @param {number} batch
   */
  #check(inputs, batch) {
    const unknown = Object.keys(inputs).find((name) => !(name in this.inputs));
    if (unknown !== undefined) {
      const known = Object.keys(this.inputs).join(", ");
      throw new InputError(`no input ${quoted(unknown)}; there are ${known}`);
    }
    /** @type {Record<string, Tensor>} */
    const feeds = {};
    for (const [name, port] of Object.entries(this.inputs)) {
      if (inputs[name] !== undefined) {
        feeds[name] = fit(inputs[name], port, batch, this.spec !== null);
      } else if (name in this.#defaults) {
        const dims = port.shape.map((size) => size ?? batch);
        feeds[name] = full(dims, this.#defaults[name], port.type);
      } else {
        throw new InputError(`input ${port} is missing`);
      }
    }
    if (this.spec?.vocabulary) checkTextInputs(feeds, this.spec.vocabulary.size);
    return feeds;
  }
}

/**
 * Check one input against its port.
 *
 * @param {ArrayLike} value
 * @param {Port} port
 * @param {number} batch
 * @param {boolean} batchFirst
 * @returns {Tensor}
 */
function fit(value, port, batch, batchFirst) {
  if (!(port.type in DTYPES)) throw new InputError(`input ${port} has a type that can't be fed`);
  const array = asArray(value, port.name);
  /** @type {(number | string)[]} */
  const sizes = port.shape.map((size) => size ?? "any");
  if (batchFirst && port.shape.length && port.shape[0] === null) sizes[0] = batch;
  const { dims } = array;
  const fits = dims.length === sizes.length && sizes.every((s, i) => s === "any" || s === dims[i]);
  const empty = dims.includes(0);
  if (!fits || empty) {
    throw new InputError(
      `input ${quoted(port.name)} must be ${written(sizes)} ${port.type}, ` +
        `got shape ${written([...dims])}${empty ? ": it is empty" : ""}`,
    );
  }
  const tensor = castTo(array, port.type);
  if (tensor === null) {
    throw new InputError(`input ${quoted(port.name)} must be ${port.type}, got ${array.type}`);
  }
  const nan = port.type.startsWith("float") ? tensor.data.findIndex(Number.isNaN) : -1;
  if (nan >= 0) {
    throw new InputError(`input ${quoted(port.name)} has NaN at ${written(placeOf(nan, dims))}`);
  }
  return tensor;
}

/** @param {number} index @param {readonly number[]} dims */
function placeOf(index, dims) {
  const place = [];
  for (const size of [...dims].reverse()) {
    place.unshift(index % size);
    index = Math.floor(index / size);
  }
  return place;
}

/** @param {readonly import("onnxruntime-web").InferenceSession.ValueMetadata[]} values */
function ports(values) {
  return values.map((value) =>
    value.isTensor ? new Port(value) : new Port({ name: value.name, type: "no tensor" }),
  );
}

/** @param {Port[]} list @returns {Record<string, Port>} */
const byName = (list) => Object.fromEntries(list.map((port) => [port.name, port]));

/** @param {string} path */
const basename = (path) => path.split(/[?#]/)[0].split("/").pop() || path;

/**
 * Hold the metadata against the graph.
 *
 * @param {ModelSpec} spec
 * @param {Port[]} inputs
 * @param {Port[]} outputs
 * @param {string} path
 */
function checkGraph(spec, inputs, outputs, path) {
  const [ins, outs] = [byName(inputs), byName(outputs)];
  const [wantedIns, wantedOuts] = TASK_PORTS[spec.task];
  const contradiction = `${path}: metadata contradicts the graph: `;
  for (const [kind, found, names] of /** @type {const} */ ([
    ["input", Object.keys(ins), [...wantedIns, ...spec.states.map((pair) => pair.input)]],
    ["output", Object.keys(outs), [...wantedOuts, ...spec.states.map((pair) => pair.output)]],
  ])) {
    const [wanted, got] = [[...names].sort().join(", "), [...found].sort().join(", ")];
    if (wanted !== got) {
      throw new ModelFileError(`${contradiction}${kind}s should be ${wanted}, the graph has ${got}`);
    }
  }
  for (const pair of spec.states) {
    for (const port of [ins[pair.input], outs[pair.output]]) {
      if (port.type !== pair.dtype || port.shape.join() !== pair.shape.join()) {
        throw new ModelFileError(
          `${contradiction}state ${quoted(pair.input)} should be ` +
            `${written(pair.shape)} ${pair.dtype}, the graph has ${port}`,
        );
      }
    }
  }
  if (spec.vocabulary && outs.logits.shape.at(-1) !== spec.vocabulary.size) {
    throw new ModelFileError(
      `${contradiction}the vocabulary has ${spec.vocabulary.size} tokens, ` +
        `logits are ${outs.logits}`,
    );
  }
  const odd = Object.keys(spec.defaults).filter((name) => !(name in ins)).sort();
  if (odd.length) {
    throw new ModelFileError(`${contradiction}defaults for no input ${written(odd)}`);
  }
}

/** @param {string} address */
async function fetchFile(address) {
  let answer;
  try {
    answer = await fetch(address);
  } catch (error) {
    throw new ModelFileError(`no model file ${quoted(address)}`, { cause: error });
  }
  if (!answer.ok) throw new ModelFileError(`no model file ${quoted(address)}: ${answer.status}`);
  return new Uint8Array(await answer.arrayBuffer());
}

/** @param {Uint8Array} file */
async function digestOf(file) {
  // a page over plain HTTP has no SHA-256
  if (!globalThis.crypto?.subtle) return `crc32-${crc32(file).toString(16)}`;
  const digest = await crypto.subtle.digest("SHA-256", /** @type {BufferSource} */ (file));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

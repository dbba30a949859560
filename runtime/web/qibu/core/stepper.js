/** Stepping any ONNX model whose state goes in and comes out. */

import { findApplication } from "./applications.js";
import { asArray, castTo, copyOf } from "./arrays.js";
import { batchAxesOfData, fixedBatch } from "./axes.js";
import { InputError, NotStreamingError } from "./errors.js";
import { Feed, Feeds } from "./feeds.js";
import { readPart } from "./graph_check.js";
import { digestOf } from "./identity.js";
import { KEY, ModelSpec } from "./model_file.js";
import { loadModel, withPath } from "./model_source.js";
import { findPairs } from "./pairing.js";
import { openSession } from "./providers.js";
import { State, tensorsOf } from "./state.js";
import { quoted } from "./words.js";

/**
 * @typedef {import("./applications.js").Application} Application
 * @typedef {import("./arrays.js").ArrayLike} ArrayLike
 * @typedef {import("./arrays.js").Tensor} Tensor
 * @typedef {import("./model_source.js").Loaded} Loaded
 * @typedef {import("./model_source.js").Source} Source
 * @typedef {import("./port.js").Port} Port
 * @typedef {import("./port.js").StatePair} StatePair
 * @typedef {import("./providers.js").Opened} Opened
 *
 * @typedef {object} StepperOptions
 * @property {string} [provider] "wasm", "webgpu" or "auto"; one that can't be had is a
 *   `ProviderError`
 * @property {Record<string, string>} [states] {input: output} for a file whose names leave a doubt
 * @property {Record<string, readonly import("./axes.js").AxisWish[]>} [axes] {state input: what its axes
 *   are} for a file whose shapes leave a doubt: of each axis "batch", the length that it begins with
 *   (0 for a cache that grows), or null
 * @property {Record<string, Source>} [externalData] {name: bytes or URL} of the side files that hold
 *   a model's weights; for a model with a URL they are fetched beside it unless given
 */

const RECURRENT = ["RNN", "GRU", "LSTM"];

/** A model file, ready to be stepped; it keeps no state of its own. `Stepper.open` gives one. */
export class Stepper {
  #opened;
  #feeds;
  /** @type {Promise<unknown>} */
  #last = Promise.resolve();

  /**
   * @param {Loaded} loaded
   * @param {Opened} opened
   * @param {string} model
   * @param {ModelSpec | null} spec
   * @param {Application | null} application
   * @param {StepperOptions} options
   */
  constructor(loaded, opened, model, spec, application, { states, axes }) {
    this.#opened = opened;
    /** Where the file came from; "model" for bytes. */
    this.path = loaded.path;
    /** Its URL, or null. */
    this.address = loaded.address;
    /** What the file says of itself, or null. */
    this.spec = spec;
    /** What is known of the file's task, or null. */
    this.application = application;
    /** The SHA-256 of all that was loaded, weights in side files included. */
    this.model = model;
    /** The provider that runs: "wasm" or "webgpu". */
    this.provider = opened.provider;
    const { inputs, outputs } = opened;
    /** What the application reads in the file's part for it, or null. @type {any} */
    this.part = spec && readPart(spec, application, byName(inputs), byName(outputs));
    /** @type {readonly StatePair[]} its states */
    this.pairs = spec && !states ? spec.states : findPairs(inputs, outputs, states, axes);
    const carriedIn = new Set(this.pairs.map((pair) => pair.input));
    const carriedOut = new Set(this.pairs.map((pair) => pair.output));
    /** The other inputs, by name. @type {Record<string, Port>} */
    this.inputs = Object.fromEntries(byName(inputs.filter(({ name }) => !carriedIn.has(name))));
    /** The other outputs, by name. @type {Record<string, Port>} */
    this.outputs = Object.fromEntries(byName(outputs.filter(({ name }) => !carriedOut.has(name))));
    /** The batch axis of each input, or null. @type {ReadonlyMap<string, number | null>} */
    this.batchAxes = this.#findBatchAxes(inputs);
    /** The batch that the file fixes, or null. */
    this.fixedBatch = fixedBatch(inputs, this.pairs);
    this.#feeds = this.#makeFeeds(loaded.content);
  }

  /**
   * Open a model file.
   *
   * @param {Source} source a URL, or the bytes of an ONNX file, or of what `qibu export --web` compiled
   *   of one; a file without Qibu's metadata is stepped by the names of its states
   * @param {StepperOptions} [options]
   * @throws {ModelFileError} the file is missing or broken, has no state, or contradicts itself
   * @throws {InputError} `states`, `axes` or `externalData` names what the model lacks
   */
  static async open(source, options = {}) {
    const { provider = "wasm", externalData = {} } = options;
    const loaded = await loadModel(source, externalData);
    const document = loaded.content?.metadata.get(KEY);
    const spec =
      document === undefined ? null : withPath(loaded.path, () => ModelSpec.fromJson(document));
    const [opened, model, application] = await Promise.all([
      openSession(loaded, provider),
      loaded.compiled?.about.model ??
        digestOf([loaded.file, ...loaded.sideFiles.map(({ data }) => data)]),
      findApplication(spec),
    ]);
    try {
      const make = () => new Stepper(loaded, opened, model, spec, application, options);
      return withPath(loaded.path, make);
    } catch (error) {
      await opened.release();
      throw error;
    }
  }

  /**
   * Give the state before the first step for a number of sequences.
   *
   * @param {number} [batch] how many; of a file that fixes the number, 1 stands for that
   * @throws {NotStreamingError} the model reads whole sequences only
   * @throws {InputError} batch is below 1, or the file fixes another
   */
  initialState(batch = 1) {
    this.#wantStreaming();
    const rows = this.#wantBatch(batch);
    const arrays = this.pairs.map((pair) => /** @type {const} */ ([pair.input, pair.initialTensor(rows)]));
    return new State(new Map(arrays), this.pairs, this.model);
  }

  /**
   * Give a state that holds one's own arrays.
   *
   * @param {Record<string, ArrayLike>} arrays one for each state, by input name; copied
   * @throws {NotStreamingError} the model reads whole sequences only
   * @throws {InputError} one is missing, unknown, or has a wrong shape, type or batch
   */
  stateFrom(arrays) {
    this.#wantStreaming();
    const names = this.pairs.map((pair) => pair.input);
    const unknown = Object.keys(arrays).find((name) => !names.includes(name));
    if (unknown !== undefined) {
      throw new InputError(`no state ${quoted(unknown)}; there are ${names.join(", ")}`);
    }
    /** @type {Map<string, Tensor>} */
    const copied = new Map();
    for (const { input, dtype } of this.pairs) {
      if (!Object.hasOwn(arrays, input)) continue;
      const array = asArray(arrays[input], `state ${quoted(input)}`);
      const tensor = castTo(array, dtype);
      if (tensor === null) {
        throw new InputError(`state ${quoted(input)} must be ${dtype}, got ${array.type}`);
      }
      copied.set(input, copyOf(tensor));
    }
    const state = new State(copied, this.pairs, this.model);
    this.#wantBatch(state.batch);
    return state;
  }

  /**
   * Advance: a time axis longer than 1 reads that many steps at once.
   *
   * @param {Record<string, ArrayLike>} inputs every input but the states, by name; none is
   *   modified. Inputs for which the file has defaults may be left out.
   * @param {State} state what `initialState`, `stateFrom` or the last `step` gave; not modified
   * @returns {Promise<[Record<string, Tensor>, State]>} the outputs but the states, by name, and
   *   the state for the next step
   * @throws {NotStreamingError} the model reads whole sequences only
   * @throws {InputError} an input is missing, unknown, NaN, or has a wrong shape, type or batch
   * @throws {RunError} the graph refuses the inputs
   */
  async step(inputs, state) {
    this.#wantStreaming();
    this.checkState(state);
    const feeds = this.#feeds.fit(inputs, state.batch);
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
    const all = { ...feeds, ...Object.fromEntries(tensorsOf(state)) };
    const results = await this.#run(all, [...wanted, ...carried]);
    const arrays = this.pairs.map(({ input, output }) => /** @type {const} */ ([input, results[output]]));
    const after = new State(new Map(arrays), this.pairs, this.model);
    if (after.batch !== state.batch) {
      throw new InputError(
        `inputs of ${after.batch} sequences met a state of ${state.batch}; ` +
          `begin with initial_state(${after.batch})`,
      );
    }
    return [Object.fromEntries(wanted.map((name) => [name, results[name]])), after];
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
    return this.#run(this.#feeds.fit(inputs, batch), Object.keys(this.outputs));
  }

  /** Refuse the state of another model with an `InputError`. @param {State} state */
  checkState(state) {
    if (!(state instanceof State)) {
      throw new InputError("state must be what `initialState` or the last `step` gave");
    }
    if (state.model !== this.model) {
      throw new InputError(
        `the state belongs to another model: ${state.model.slice(0, 12)}, ` +
          `${this.name} has ${this.model.slice(0, 12)}`,
      );
    }
  }

  /** The file's name for messages. */
  get name() {
    return this.path.split(/[?#]/)[0].split("/").pop() || this.path;
  }

  /** Give back the memory of the model; it can't be stepped after. */
  async release() {
    await this.#opened.release();
  }

  /**
   * @param {Record<string, Tensor>} feeds
   * @param {readonly string[]} fetches
   */
  #run(feeds, fetches) {
    // onnxruntime-web can't run a session twice at a time
    const run = this.#last.then(() => this.#opened.run(feeds, fetches));
    this.#last = run.catch(() => {});
    return run;
  }

  #wantStreaming() {
    if (!this.pairs.length) {
      throw new NotStreamingError(
        `${this.name} can't be stepped: its network is bidirectional or reads the sequence from ` +
          "its end in another way; give it the whole sequence with `run`",
      );
    }
  }

  /** @param {number} batch @returns {number} */
  #wantBatch(batch) {
    if (!Number.isInteger(batch) || batch < 1) {
      throw new InputError(`batch must be a whole number above 0, got ${quoted(batch)}`);
    }
    if (this.fixedBatch !== null && batch === 1) return this.fixedBatch;
    if (this.fixedBatch !== null && batch !== this.fixedBatch) {
      throw new InputError(
        `batch must be ${this.fixedBatch}, which ${this.name} fixes, got ${batch}; ` +
          "export it with a free batch to step others",
      );
    }
    return batch;
  }

  /** Give the batch axis of each input: as the file says, else as names and sizes tell.
   * @param {readonly Port[]} inputs all of the graph
   */
  #findBatchAxes(inputs) {
    const found = batchAxesOfData(inputs, this.pairs);
    for (const [name, { batch_axis }] of Object.entries(this.spec?.ports ?? {})) {
      if (found.has(name) && batch_axis !== null) found.set(name, batch_axis);
    }
    return found;
  }

  /** @param {Loaded["content"]} content */
  #makeFeeds(content) {
    const operators = content?.operators ?? new Map(RECURRENT.map((name) => [name, 1]));
    // an empty input to onnxruntime's recurrent operators ends the process
    const takesEmpty = !this.application && !RECURRENT.some((name) => operators.has(name));
    const defaults = new Map(Object.entries(this.spec?.defaults ?? {}));
    const feeds = Object.values(this.inputs).map((port) => {
      const batchAxis = this.batchAxes.get(port.name) ?? null;
      const feed = new Feed(port, { batchAxis, takesEmpty, default: defaults.get(port.name) });
      return /** @type {const} */ ([port.name, feed]);
    });
    return new Feeds(new Map(feeds), this.application?.feedsCheck?.(this.part));
  }

  /** @param {Record<string, ArrayLike>} inputs */
  #batchOf(inputs) {
    for (const [name, axis] of this.batchAxes) {
      if (axis === null || !Object.hasOwn(inputs, name)) continue;
      const { dims } = asArray(inputs[name], `input ${quoted(name)}`);
      return dims.length > axis ? dims[axis] : 1;
    }
    return 1;
  }
}

/** @param {readonly Port[]} list */
const byName = (list) => new Map(list.map((port) => [port.name, port]));

/** State as a value: it can be kept, forked, saved, stacked and split; nothing changes it. */

import { copyOf, sizeOf } from "./arrays.js";
import { InputError } from "./errors.js";
import { readNpz, writeNpz } from "./npz.js";
import { quoted, written } from "./words.js";

/** @typedef {import("./arrays.js").Tensor} Tensor */
/** @typedef {import("./model_file.js").StatePair} StatePair */

const HEADER = "__qibu__";

/** @type {(state: State) => ReadonlyMap<string, Tensor>} */
let tensorsOf;

/**
 * The state of a model between two steps, by input name; its arrays can't be changed from outside.
 *
 * Keeping an older state is a rewind, stepping one state twice is a fork.
 */
export class State {
  /** @type {Map<string, Tensor>} */
  #tensors = new Map();

  static {
    tensorsOf = (state) => state.#tensors;
  }

  /**
   * @param {Record<string, Tensor>} arrays become the state's own
   * @param {readonly StatePair[]} pairs
   * @param {string} model SHA-256 of the weights, so that another model's state is noticed
   */
  constructor(arrays, pairs, model) {
    this.pairs = pairs;
    this.model = model;
    const batches = new Set();
    for (const pair of pairs) {
      const tensor = arrays[pair.input];
      if (tensor === undefined) {
        throw new InputError(
          `state lacks ${quoted(pair.input)}; it has ${Object.keys(arrays).join(", ")}`,
        );
      }
      const { dims, type } = tensor;
      const fits =
        dims.length === pair.shape.length &&
        pair.shape.every((size, axis) => size === null || size === dims[axis]) &&
        tensor.data.length === sizeOf(dims);
      if (!fits || type !== pair.dtype) {
        throw new InputError(
          `state ${quoted(pair.input)} must be ` +
            `${written(pair.shape.map((size) => size ?? "batch"))} ${pair.dtype}, ` +
            `got ${written(dims)} ${type}`,
        );
      }
      pair.shape.forEach((size, axis) => size === null && batches.add(dims[axis]));
      this.#tensors.set(pair.input, tensor);
    }
    if (batches.size > 1) {
      const sizes = [...batches].sort((a, b) => a - b);
      throw new InputError(`state has arrays of different batches: ${written(sizes)}`);
    }
    /** @type {number} how many sequences it is the state of */
    this.batch = batches.size ? [...batches][0] : 1;
    Object.freeze(this);
  }

  /** Name the state inputs. */
  keys() {
    return this.#tensors.keys();
  }

  /**
   * Give a copy of one array.
   *
   * @param {string} name a state input
   * @returns {Tensor}
   */
  get(name) {
    const tensor = this.#tensors.get(name);
    if (!tensor) throw new InputError(`state lacks ${quoted(name)}; it has ${[...this.keys()].join(", ")}`);
    return copyOf(tensor);
  }

  toString() {
    const sizes = [...this.#tensors].map(([name, { dims }]) => `${name} ${written([...dims])}`);
    return `State(${sizes.join(", ")})`;
  }

  /** @param {(pair: StatePair) => Tensor} make */
  #with(make) {
    const arrays = Object.fromEntries(this.pairs.map((pair) => [pair.input, make(pair)]));
    return new State(arrays, this.pairs, this.model);
  }

  /** Give the same state in memory of its own. */
  copy() {
    return this.#with((pair) => this.get(pair.input));
  }

  /**
   * Give every sequence `count` times, side by side: batch times `count`.
   *
   * @param {number} count
   * @throws {InputError} count is below 1, or the graph fixes the batch
   */
  fork(count) {
    if (!(count >= 1) || !Number.isInteger(count)) {
      throw new InputError(`count must be at least 1, got ${count}`);
    }
    const rows = Array.from({ length: this.batch * count }, (_, row) => Math.floor(row / count));
    return this.#with((pair) => take([/** @type {Tensor} */ (this.#tensors.get(pair.input))], pair, rows.map((row) => [0, row])));
  }

  /** Give one state a sequence, each of batch 1. */
  split() {
    return Array.from({ length: this.batch }, (_, row) =>
      this.#with((pair) => take([/** @type {Tensor} */ (this.#tensors.get(pair.input))], pair, [[0, row]])),
    );
  }

  /**
   * Join the states of one model into one batch, in the order given.
   *
   * @param {readonly State[]} states
   * @returns {State}
   * @throws {InputError} there is none, or they belong to different models
   */
  static stack(states) {
    if (!states.length) throw new InputError("stack needs at least one state, got none");
    const [first] = states;
    for (const other of states) {
      if (other.model !== first.model || JSON.stringify(other.pairs) !== JSON.stringify(first.pairs)) {
        throw new InputError(
          "stack needs states of one model, " +
            `got ${first.model.slice(0, 12)} and ${other.model.slice(0, 12)}`,
        );
      }
    }
    const rows = states.flatMap((state, place) =>
      Array.from({ length: state.batch }, (_, row) => /** @type {[number, number]} */ ([place, row])),
    );
    return first.#with((pair) => {
      const parts = states.map((state) => /** @type {Tensor} */ (state.#tensors.get(pair.input)));
      return take(parts, pair, rows);
    });
  }

  /**
   * Give the state as the bytes of an `.npz` file, the same that Python's `State.save` writes.
   *
   * @returns {Uint8Array}
   */
  save() {
    const pairs = this.pairs.map(({ input, output, shape, initial, dtype }) => ({
      input,
      output,
      shape,
      initial,
      dtype,
    }));
    /** @type {Map<string, Tensor | string>} */
    const contents = new Map([[HEADER, JSON.stringify({ model: this.model, pairs })]]);
    for (const [name, tensor] of this.#tensors) contents.set(name, tensor);
    return writeNpz(contents);
  }

  /**
   * Read what `save` gave, here or in Python.
   *
   * @param {Uint8Array} bytes
   * @throws {InputError} the bytes aren't a saved state
   */
  static load(bytes) {
    try {
      const content = readNpz(bytes);
      const header = JSON.parse(/** @type {string} */ (content.get(HEADER)));
      content.delete(HEADER);
      return new State(Object.fromEntries(/** @type {any} */ (content)), header.pairs, header.model);
    } catch (error) {
      const reason = error instanceof Error ? error.message : error;
      throw new InputError(`the bytes are not a saved state: ${reason}`, { cause: error });
    }
  }
}

/**
 * Gather rows along the batch axis.
 *
 * @param {Tensor[]} parts
 * @param {StatePair} pair
 * @param {(readonly [number, number] | number[])[]} rows which part and which row of it
 * @returns {Tensor}
 */
function take(parts, pair, rows) {
  const axis = pair.shape.indexOf(null);
  if (axis < 0) {
    throw new InputError(
      `state ${quoted(pair.input)} has a fixed shape ${written(pair.shape)}, no batch`,
    );
  }
  const { type, dims, data } = parts[0];
  const [outer, inner] = [sizeOf(dims.slice(0, axis)), sizeOf(dims.slice(axis + 1))];
  const taken = /** @type {Tensor["data"]} */ (
    new /** @type {new (size: number) => any} */ (data.constructor)(outer * rows.length * inner)
  );
  for (let block = 0; block < outer; block++) {
    rows.forEach(([part, row], place) => {
      const source = parts[part];
      const start = (block * source.dims[axis] + row) * inner;
      const values = /** @type {any} */ (source.data.subarray(start, start + inner));
      taken.set(values, (block * rows.length + place) * inner);
    });
  }
  return { type, data: taken, dims: dims.map((size, i) => (i === axis ? rows.length : size)) };
}

export { tensorsOf };

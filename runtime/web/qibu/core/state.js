/** State as a value: it can be kept, forked, saved, stacked and split; nothing changes it. */

import { copyOf, sizeOf } from "./arrays.js";
import { InputError } from "./errors.js";
import { StatePair } from "./port.js";
import { decode, encode, fromNpz, toNpz } from "./state_bytes.js";
import { quoted, sized, tupled, written } from "./words.js";

/** @typedef {import("./arrays.js").Tensor} Tensor */

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
   * @param {Record<string, Tensor> | ReadonlyMap<string, Tensor>} arrays become the state's own
   * @param {readonly (StatePair | ConstructorParameters<typeof StatePair>[0])[]} pairs
   * @param {string} model the SHA-256 of the model, so that another model's state is noticed
   */
  constructor(arrays, pairs, model) {
    const given = arrays instanceof Map ? arrays : new Map(Object.entries(arrays));
    /** @type {readonly StatePair[]} */
    this.pairs = pairs.map((pair) => (pair instanceof StatePair ? pair : new StatePair(pair)));
    this.model = model;
    /** @type {number | null} */
    let batch = null;
    for (const pair of this.pairs) {
      const { input, batch_axis } = pair;
      const tensor = given.get(input);
      if (tensor === undefined) {
        const names = [...given.keys()].join(", ");
        throw new InputError(`state lacks ${quoted(input)}; it has ${names || "none"}`);
      }
      if (!fits(tensor, pair)) {
        throw new InputError(
          `state ${quoted(input)} must be ${written(pair.wanted)} ${pair.dtype}, ` +
            `got ${sized(tensor.dims)} ${tensor.type}`,
        );
      }
      if (batch_axis !== null) {
        const here = tensor.dims[batch_axis];
        if (batch !== null && here !== batch) {
          throw new InputError(`state has arrays of different batches: ${batch} and ${here}`);
        }
        batch = here;
      }
      this.#tensors.set(input, tensor);
    }
    /** @type {number} how many sequences it is the state of */
    this.batch = batch ?? 1;
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
    const sizes = [...this.#tensors].map(([name, { dims }]) => `${name} ${sized(dims)}`);
    return `State(${sizes.join(", ")})`;
  }

  /** @param {(pair: StatePair, tensor: Tensor) => Tensor} make */
  #with(make) {
    const arrays = this.pairs.map((pair) => {
      const tensor = /** @type {Tensor} */ (this.#tensors.get(pair.input));
      return /** @type {[string, Tensor]} */ ([pair.input, make(pair, tensor)]);
    });
    return new State(new Map(arrays), this.pairs, this.model);
  }

  /** Give the same state in memory of its own. */
  copy() {
    return this.#with((_, tensor) => copyOf(tensor));
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
    return this.#with((pair, tensor) => take([tensor], axisOf(pair), rows.map((row) => [0, row])));
  }

  /**
   * Give one state a sequence, each of batch 1.
   *
   * @throws {InputError} the graph fixes the batch
   */
  split() {
    return Array.from({ length: this.batch }, (_, row) =>
      this.#with((pair, tensor) => take([tensor], axisOf(pair), [[0, row]])),
    );
  }

  /**
   * Join the states of one model into one batch, in the order given.
   *
   * @param {readonly State[]} states
   * @returns {State}
   * @throws {InputError} there is none, they belong to different models, the graph fixes the batch,
   *   or caches of different lengths don't join
   */
  static stack(states) {
    if (!states.length) throw new InputError("stack needs at least one state, got none");
    const [first] = states;
    const other = states.find((state) => !isOfOneModel(state, first));
    if (other !== undefined) {
      throw new InputError(
        "stack needs states of one model, " +
          `got ${first.model.slice(0, 12)} and ${other.model.slice(0, 12)}`,
      );
    }
    const rows = states.flatMap((state, place) =>
      Array.from({ length: state.batch }, (_, row) => /** @type {[number, number]} */ ([place, row])),
    );
    return first.#with((pair) => {
      const axis = axisOf(pair);
      const parts = states.map((state) => /** @type {Tensor} */ (state.#tensors.get(pair.input)));
      wantOneLength(parts, pair, axis);
      return take(parts, axis, rows);
    });
  }

  /** @returns {import("./state_bytes.js").Parts} */
  #parts() {
    return { arrays: this.#tensors, pairs: [...this.pairs], model: this.model };
  }

  /**
   * Give the state as bytes, the same as Python's: versioned, with the model's digest and a checksum.
   *
   * @returns {Uint8Array}
   */
  toBytes() {
    return encode(this.#parts());
  }

  /**
   * Read what `toBytes` gave, here or in Python.
   *
   * @param {Uint8Array} bytes
   * @throws {InputError} the bytes are no state, of a newer version, cut short or altered
   */
  static fromBytes(bytes) {
    const { arrays, pairs, model } = decode(bytes);
    return new State(arrays, pairs, model);
  }

  /**
   * Give the state as the bytes of an `.npz` file, the same that Python's `State.save` writes.
   *
   * @returns {Uint8Array}
   */
  save() {
    return toNpz(this.#parts());
  }

  /**
   * Read what `save` gave, here or in Python.
   *
   * @param {Uint8Array} bytes
   * @throws {InputError} the bytes aren't a saved state
   */
  static load(bytes) {
    try {
      const { arrays, pairs, model } = fromNpz(bytes);
      return new State(arrays, pairs, model);
    } catch (error) {
      const reason = error instanceof Error ? error.message : error;
      throw new InputError(`the bytes are not a saved state: ${reason}`, { cause: error });
    }
  }
}

/** @param {State} a @param {State} b */
const isOfOneModel = (a, b) =>
  a.model === b.model &&
  a.pairs.length === b.pairs.length &&
  a.pairs.every((pair, place) => pair.equals(b.pairs[place]));

/** @param {Tensor} tensor @param {StatePair} pair */
const fits = ({ type, dims, data }, { shape, dtype }) =>
  type === dtype &&
  dims.length === shape.length &&
  shape.every((size, axis) => size === null || size === dims[axis]) &&
  data.length === sizeOf(dims);

/** @param {StatePair} pair */
function axisOf(pair) {
  if (pair.batch_axis === null) {
    throw new InputError(
      `state ${quoted(pair.input)} has no batch axis: its shape is ${written(pair.wanted)}`,
    );
  }
  return pair.batch_axis;
}

/** @param {Tensor[]} parts @param {StatePair} pair @param {number} axis */
function wantOneLength(parts, pair, axis) {
  const shapes = new Map(
    parts.map(({ dims }) => dims.filter((_, i) => i !== axis)).map((dims) => [dims.join(), dims]),
  );
  if (shapes.size < 2) return;
  const sorted = [...shapes.values()].sort((a, b) => {
    const first = a.findIndex((size, i) => size !== b[i]);
    return a[first] - b[first];
  });
  throw new InputError(
    `state ${quoted(pair.input)} has different lengths, [${sorted.map(tupled).join(", ")}]: ` +
      "states stack after equally many steps only",
  );
}

/**
 * Gather rows along an axis.
 *
 * @param {Tensor[]} parts
 * @param {number} axis
 * @param {(readonly [number, number] | number[])[]} rows which part and which row of it
 * @returns {Tensor}
 */
function take(parts, axis, rows) {
  const { type, dims, data } = parts[0];
  const [outer, inner] = [sizeOf(dims.slice(0, axis)), sizeOf(dims.slice(axis + 1))];
  const taken = new /** @type {any} */ (data.constructor)(outer * rows.length * inner);
  for (let block = 0; block < outer; block++) {
    rows.forEach(([part, row], place) => {
      const source = parts[part];
      const start = (block * source.dims[axis] + row) * inner;
      const target = (block * rows.length + place) * inner;
      if (Array.isArray(source.data)) {
        for (let i = 0; i < inner; i++) taken[target + i] = source.data[start + i];
      } else {
        taken.set(/** @type {any} */ (source.data.subarray(start, start + inner)), target);
      }
    });
  }
  return { type, data: taken, dims: dims.map((size, i) => (i === axis ? rows.length : size)) };
}

export { tensorsOf };

/**
 * States as bytes and as files, the same as Python's; neither holds anything that runs.
 *
 * Bytes: `QSTA`, a version (1), the model's SHA-256 (32 bytes), the number of arrays; for each the
 * names in and out (a length and UTF-8), numpy's type (a length and ASCII), the batch axis (255:
 * none), the rank, and of each axis its size (4 bytes) and whether it is free (1); then the values,
 * row after row; at last the first 8 bytes of the SHA-256 of all before. Numbers are little-endian.
 */

import { DTYPES, bytesOf, isNumeric, sizeOf } from "./arrays.js";
import { InputError } from "./errors.js";
import { readNpz, writeNpz } from "./npz.js";
import { StatePair } from "./port.js";
import { hexOf, sha256 } from "./sha256.js";
import { quoted, written } from "./words.js";

/**
 * @typedef {import("./arrays.js").Tensor} Tensor
 * @typedef {{arrays: Map<string, Tensor>, pairs: StatePair[], model: string}} Parts
 */

const MAGIC = "QSTA";
const VERSION = 1;
const HEAD = 5; // bytes of both
const DIGEST = 32;
const CHECKSUM = 8;
const NO_BATCH = 255;
const HEADER = "__qibu__";

/**
 * Give a state's bytes.
 *
 * @param {Parts} state
 * @returns {Uint8Array}
 * @throws {InputError} an array holds texts, or the model has no digest
 */
export function encode({ arrays, pairs, model }) {
  if (!/^[0-9a-f]{64}$/.test(model)) {
    throw new InputError(`the model of a state must be a SHA-256, got ${quoted(model)}`);
  }
  const out = new Writer();
  out.bytes(new TextEncoder().encode(MAGIC));
  out.number(VERSION, 1);
  for (let at = 0; at < model.length; at += 2) out.number(parseInt(model.slice(at, at + 2), 16), 1);
  out.number(pairs.length, 2);
  for (const { input, output, batch_axis, shape } of pairs) {
    const tensor = wantNumbers(arrays, input);
    for (const text of [input, output, tensor.type]) out.text(text);
    out.number(batch_axis ?? NO_BATCH, 1);
    out.number(tensor.dims.length, 1);
    tensor.dims.forEach((size, axis) => {
      out.number(size, 4);
      out.number(shape[axis] === null ? 1 : 0, 1);
    });
  }
  for (const { input } of pairs) {
    const { buffer, byteOffset, byteLength } = /** @type {ArrayBufferView} */ (arrays.get(input)?.data);
    out.bytes(new Uint8Array(buffer, byteOffset, byteLength));
  }
  out.bytes(sha256(out.whole()).subarray(0, CHECKSUM));
  return out.whole();
}

/**
 * Read what `encode` gave, here or in Python.
 *
 * @param {Uint8Array} data
 * @returns {Parts}
 * @throws {InputError} the bytes are no state, of a newer version, cut short or altered
 */
export function decode(data) {
  const begin = String.fromCharCode(...data.subarray(0, MAGIC.length));
  if (begin !== MAGIC) {
    throw new InputError(`a state's bytes begin with b'${MAGIC}', got ${asBytes(begin)}`);
  }
  if (data[MAGIC.length] !== VERSION) {
    throw new InputError(
      `the state has version ${data[MAGIC.length] ?? 0}, this Qibu reads ${VERSION}: ` +
        "pip install --upgrade qibu",
    );
  }
  const content = data.subarray(0, Math.max(0, data.length - CHECKSUM));
  const checksum = data.subarray(-CHECKSUM);
  if (hexOf(sha256(content).subarray(0, CHECKSUM)) !== hexOf(checksum)) {
    throw new InputError("the state's bytes are cut short or altered: their checksum is another");
  }
  try {
    return readContent(content);
  } catch (error) {
    const reason = error instanceof Error ? error.message : error;
    throw new InputError(`the state's bytes contradict themselves: ${reason}`, { cause: error });
  }
}

/** Write bytes as Python does. @param {string} latin */
const asBytes = (latin) =>
  `b'${latin.replace(/[^ -~]/g, (c) => `\\x${hexOf(Uint8Array.of(c.charCodeAt(0)))}`)}'`;

/** @param {Uint8Array} content @returns {Parts} */
function readContent(content) {
  const from = new Reader(content, HEAD);
  const model = hexOf(from.bytes(DIGEST));
  /** @type {[StatePair, number[]][]} */
  const found = [];
  for (let left = from.number(2); left > 0; left--) {
    const [input, output, dtype] = [from.text(), from.text(), from.text()];
    const [axis, rank] = [from.number(1), from.number(1)];
    const sizes = Array.from({ length: rank }, () => [from.number(4), from.number(1)]);
    const shape = sizes.map(([size, isFree]) => (isFree ? null : size));
    const batch_axis = axis === NO_BATCH ? null : axis;
    found.push([new StatePair({ input, output, shape, dtype, batch_axis }), sizes.map(([size]) => size)]);
  }
  const arrays = new Map();
  for (const [{ input, dtype }, dims] of found) {
    if (!isNumeric(dtype)) throw new Error(`type ${quoted(dtype)}`);
    const size = sizeOf(dims) * bytesOf(dtype);
    if (size > from.left) throw new Error(`${quoted(input)} wants ${size} bytes`);
    const { buffer } = from.bytes(size).slice();
    arrays.set(input, { type: dtype, data: new /** @type {any} */ (DTYPES[dtype].array)(buffer), dims });
  }
  if (from.left) throw new Error(`${from.left} bytes are left over`);
  return { arrays, pairs: found.map(([pair]) => pair), model };
}

/**
 * Give a state as the bytes of an `.npz` file.
 *
 * @param {Parts} state
 * @returns {Uint8Array}
 * @throws {InputError} an array holds texts
 */
export function toNpz({ arrays, pairs, model }) {
  const headers = pairs.map(({ input, output, shape, dtype, batch_axis }) => {
    wantNumbers(arrays, input);
    return { input, output, shape, dtype, batch_axis };
  });
  const header = JSON.stringify({ model, pairs: headers });
  return writeNpz(new Map([[HEADER, /** @type {Tensor | string} */ (header)], ...arrays]));
}

/**
 * Read what `toNpz` gave, or Python's `State.save` wrote.
 *
 * @param {Uint8Array} bytes
 * @returns {Parts}
 * @throws {Error} the bytes aren't a saved state
 */
export function fromNpz(bytes) {
  const content = readNpz(bytes);
  const header = content.get(HEADER);
  content.delete(HEADER);
  if (typeof header !== "string") throw new Error(`it has no ${HEADER}`);
  const { model, pairs } = JSON.parse(header);
  if (typeof model !== "string") throw new Error(`model must be a text, got ${written(model)}`);
  const arrays = /** @type {Map<string, Tensor>} */ (content);
  return { arrays, pairs: pairs.map(readPair), model };
}

/** @param {any} values */
function readPair({ input, output, dtype, shape, batch_axis }) {
  if (!shape.every((/** @type {unknown} */ size) => size === null || Number.isInteger(size))) {
    throw new Error(`shape must be whole numbers, got ${written(shape)}`);
  }
  // files from before states could have any shape: the one free axis is the batch
  const axis = batch_axis === undefined ? shape.indexOf(null) : (batch_axis ?? -1);
  if (axis !== -1 && !(Number.isInteger(axis) && axis >= 0 && axis < shape.length)) {
    throw new Error(`batch_axis must be an axis of ${written(shape)}, got ${written(axis)}`);
  }
  if (![input, output, dtype].every((name) => typeof name === "string")) {
    throw new Error(`names must be texts, got ${written([input, output, dtype])}`);
  }
  return new StatePair({ input, output, shape, dtype, batch_axis: axis === -1 ? null : axis });
}

/** @param {Map<string, Tensor>} arrays @param {string} name */
function wantNumbers(arrays, name) {
  const tensor = /** @type {Tensor} */ (arrays.get(name));
  if (!isNumeric(tensor.type)) {
    throw new InputError(`state ${quoted(name)} holds texts, which can't be kept`);
  }
  return tensor;
}

/** Gathers bytes. */
class Writer {
  /** @type {Uint8Array[]} */
  #parts = [];

  /** @param {Uint8Array} bytes */
  bytes(bytes) {
    this.#parts.push(bytes);
  }

  /** @param {number} value @param {1 | 2 | 4} size in bytes */
  number(value, size) {
    if (value >= 256 ** size) throw new InputError(`${value} doesn't fit into ${size} bytes`);
    this.#parts.push(Uint8Array.from({ length: size }, (_, place) => (value / 256 ** place) & 255));
  }

  /** @param {string} text */
  text(text) {
    const encoded = new TextEncoder().encode(text);
    this.number(encoded.length, 2);
    this.bytes(encoded);
  }

  whole() {
    const whole = new Uint8Array(this.#parts.reduce((size, part) => size + part.length, 0));
    let at = 0;
    for (const part of this.#parts) {
      whole.set(part, at);
      at += part.length;
    }
    return whole;
  }
}

/** Takes bytes one after another. */
class Reader {
  #content;
  #at;

  /** @param {Uint8Array} content @param {number} at */
  constructor(content, at) {
    this.#content = content;
    this.#at = at;
  }

  get left() {
    return this.#content.length - this.#at;
  }

  /** @param {number} count */
  bytes(count) {
    if (count > this.left) throw new Error(`${count} bytes are wanted, ${this.left} are left`);
    this.#at += count;
    return this.#content.subarray(this.#at - count, this.#at);
  }

  /** @param {1 | 2 | 4} size */
  number(size) {
    return this.bytes(size).reduceRight((value, byte) => value * 256 + byte, 0);
  }

  text() {
    return new TextDecoder("utf-8", { fatal: true }).decode(this.bytes(this.number(2)));
  }
}

/** The arrays that cross Qibu's public faces: a flat typed array, its type and its sizes. */

import { InputError } from "./errors.js";

/**
 * @typedef {Float32Array | Float64Array | BigInt64Array | Int32Array | Int8Array | Uint8Array} Data
 * @typedef {{type: string, data: Data, dims: readonly number[]}} Tensor as onnxruntime-web's own
 * @typedef {number | bigint | boolean} Scalar
 * @typedef {Scalar | readonly Scalar[] | readonly (readonly Scalar[])[] |
 *   readonly (readonly (readonly Scalar[])[])[]} Nested
 * @typedef {Tensor | {data: Data, dims: readonly number[]} | Nested} ArrayLike
 */

/**
 * What holds the elements of each type, and what the type is called in an ONNX graph.
 *
 * @type {Readonly<Record<string, {array: new (size: number) => Data, port: string}>>}
 */
export const DTYPES = {
  float32: { array: Float32Array, port: "tensor(float)" },
  float64: { array: Float64Array, port: "tensor(double)" },
  int64: { array: BigInt64Array, port: "tensor(int64)" },
  int32: { array: Int32Array, port: "tensor(int32)" },
  int8: { array: Int8Array, port: "tensor(int8)" },
  uint8: { array: Uint8Array, port: "tensor(uint8)" },
  bool: { array: Uint8Array, port: "tensor(bool)" },
};

/** @param {readonly number[]} dims */
export const sizeOf = (dims) => dims.reduce((product, size) => product * size, 1);

/**
 * Give an array with one value everywhere.
 *
 * @param {readonly number[]} dims
 * @param {number} value
 * @param {string} type
 * @returns {Tensor}
 */
export function full(dims, value, type) {
  const data = new DTYPES[type].array(sizeOf(dims));
  if (data instanceof BigInt64Array) data.fill(BigInt(value));
  else data.fill(value);
  return { type, data, dims };
}

/** @param {Tensor} tensor @returns {Tensor} */
export const copyOf = ({ type, data, dims }) => ({ type, data: data.slice(), dims: [...dims] });

/** @param {Data} data */
export function typeOf(data) {
  const name = data.constructor.name.replace("Array", "").replace("Big", "").toLowerCase();
  return name;
}

/**
 * Read an array that may be nested lists of numbers.
 *
 * @param {ArrayLike} value not modified
 * @param {string} name for messages
 * @returns {{data: Data | Scalar[], dims: readonly number[], type: string}} nested lists have the
 *   type "int64", "float64" or "bool", as numpy would say
 * @throws {InputError} the lists are ragged, or it is no array
 */
export function asArray(value, name) {
  if (typeof value === "object" && value !== null && "data" in value && "dims" in value) {
    const { data, dims } = value;
    if (!ArrayBuffer.isView(data) || data.length !== sizeOf(dims)) {
      throw new InputError(
        `input '${name}' must have data of size ${sizeOf(dims)} for [${dims.join(", ")}], ` +
          `got ${data?.length}`,
      );
    }
    return { data, dims, type: "type" in value ? value.type : typeOf(data) };
  }
  /** @type {number[]} */
  const dims = [];
  for (let level = value; Array.isArray(level); level = level[0]) dims.push(level.length);
  const data = flatten(value, dims, name);
  if (data.every((item) => typeof item === "boolean")) return { data, dims, type: "bool" };
  const whole = data.every((item) => typeof item === "bigint" || Number.isInteger(Number(item)));
  return { data, dims, type: whole ? "int64" : "float64" };
}

/**
 * @param {any} value
 * @param {number[]} dims
 * @param {string} name
 * @returns {Scalar[]}
 */
function flatten(value, dims, name) {
  const [size, ...rest] = dims;
  if (size === undefined) {
    if (["number", "bigint", "boolean"].includes(typeof value)) return [value];
    throw new InputError(`input '${name}' must be an array of numbers, got ${typeof value}`);
  }
  if (!Array.isArray(value) || value.length !== size) {
    throw new InputError(`input '${name}' must be an array with rows of one length`);
  }
  return value.flatMap((item) => flatten(item, rest, name));
}

const KINDS = /** @type {const} */ (["bool", "uint", "int", "float"]);

/** @param {string} type */
const kindOf = (type) => KINDS.findIndex((kind) => type.startsWith(kind));

/**
 * Convert an array to a type of the same or a higher kind, as numpy's "same_kind" does.
 *
 * @param {{data: Data | Scalar[], dims: readonly number[], type: string}} array
 * @param {string} wanted
 * @returns {Tensor | null} null where that would lose the kind: a fraction to a whole number
 */
export function castTo(array, wanted) {
  const { data, dims, type } = array;
  if (type === wanted && ArrayBuffer.isView(data)) return { type, data, dims };
  if (kindOf(type) > kindOf(wanted)) return null;
  const cast = new DTYPES[wanted].array(data.length);
  for (let i = 0; i < data.length; i++) {
    cast[i] = cast instanceof BigInt64Array ? BigInt(data[i]) : Number(data[i]);
  }
  return { type: wanted, data: cast, dims };
}

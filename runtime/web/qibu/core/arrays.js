/** The arrays that cross Qibu's public faces: a flat typed array, its type and its sizes. */

import { InputError } from "./errors.js";
import { fromHalf, toHalf } from "./float16.js";
import { sized } from "./words.js";

/**
 * @typedef {Float32Array | Float64Array | BigInt64Array | BigUint64Array | Int32Array | Uint32Array |
 *   Int16Array | Uint16Array | Int8Array | Uint8Array} Numbers
 * @typedef {Numbers | string[]} Data
 * @typedef {{type: string, data: Data, dims: readonly number[]}} Tensor as onnxruntime-web's own; of
 *   type "float16" data are a Float16Array, or the bits in a Uint16Array; of "bool" a Uint8Array
 * @typedef {number | bigint | boolean | string} Scalar
 * @typedef {Scalar | readonly Scalar[] | readonly (readonly Scalar[])[] |
 *   readonly (readonly (readonly Scalar[])[])[]} Nested
 * @typedef {Tensor | {data: Data, dims: readonly number[]} | Nested} ArrayLike
 * @typedef {{data: Data | Scalar[], dims: readonly number[], type: string}} Loose an array that may
 *   still have to be converted
 */

const HalfArray = /** @type {Uint16ArrayConstructor} */ (
  /** @type {any} */ (globalThis).Float16Array ?? Uint16Array
);
const HAS_HALVES = HalfArray !== Uint16Array;

/**
 * What holds the elements of each type, and what the type is called in an ONNX graph.
 *
 * @type {Readonly<Record<string, {array: new (size: number) => Data, name: string}>>}
 */
export const DTYPES = {
  float32: { array: Float32Array, name: "float" },
  float64: { array: Float64Array, name: "double" },
  float16: { array: HalfArray, name: "float16" },
  int8: { array: Int8Array, name: "int8" },
  int16: { array: Int16Array, name: "int16" },
  int32: { array: Int32Array, name: "int32" },
  int64: { array: BigInt64Array, name: "int64" },
  uint8: { array: Uint8Array, name: "uint8" },
  uint16: { array: Uint16Array, name: "uint16" },
  uint32: { array: Uint32Array, name: "uint32" },
  uint64: { array: BigUint64Array, name: "uint64" },
  bool: { array: Uint8Array, name: "bool" },
  string: { array: /** @type {any} */ (Array), name: "string" },
};

/** @param {readonly number[]} dims */
export const sizeOf = (dims) => dims.reduce((product, size) => product * size, 1);

/** Say how many bytes an element has. @param {string} type one with numbers */
export const bytesOf = (type) =>
  /** @type {any} */ (DTYPES[type].array).BYTES_PER_ELEMENT;

/** Say whether a type is of numbers. @param {string} type */
export const isNumeric = (type) => Object.hasOwn(DTYPES, type) && type !== "string";

/**
 * Put a value as an array of a type holds it.
 *
 * @param {Scalar} value
 * @param {string} type
 * @returns {any}
 */
function element(value, type) {
  if (type === "string") return value;
  if (type.endsWith("int64")) return BigInt(typeof value === "number" ? Math.trunc(value) : value);
  if (type === "bool") return Number(value) ? 1 : 0;
  if (type === "float16" && !HAS_HALVES) return toHalf(Number(value));
  return Number(value);
}

/**
 * Give an array with one value everywhere.
 *
 * @param {readonly number[]} dims
 * @param {number} value
 * @param {string} type
 * @returns {Tensor}
 */
export function full(dims, value, type) {
  const data = /** @type {any} */ (new DTYPES[type].array(sizeOf(dims)));
  return { type, data: data.fill(element(value, type)), dims };
}

/** @param {Tensor} tensor @returns {Tensor} */
export const copyOf = ({ type, data, dims }) => ({ type, data: data.slice(), dims: [...dims] });

/**
 * Give elements as values that can be counted with: halves are no longer bits.
 *
 * @param {Tensor} tensor
 * @returns {Data}
 */
export const valuesOf = ({ type, data }) =>
  type === "float16" && data instanceof Uint16Array ? Float32Array.from(data, fromHalf) : data;

/** @param {unknown} data @returns {string} */
function typeOf(data) {
  if (Array.isArray(data)) return "string";
  if (data instanceof Uint8ClampedArray) return "uint8";
  const name = /** @type {object} */ (data).constructor.name;
  return name.replace("Array", "").replace("Big", "").toLowerCase();
}

/** @type {Readonly<Record<string, string>>} types whose elements another type's array may hold */
const HELD_AS = { bool: "uint8", float16: "uint16" };

/**
 * Read an array that may be nested lists.
 *
 * @param {ArrayLike} value not modified
 * @param {string} label for messages
 * @returns {Loose} nested lists have the type "int64", "float64", "bool" or "string", as numpy would
 *   say
 * @throws {InputError} the lists are ragged, or it is no array
 */
export function asArray(value, label) {
  if (typeof value === "object" && value !== null && "data" in value && "dims" in value) {
    return checked(value, label);
  }
  /** @type {number[]} */
  const dims = [];
  for (let level = value; Array.isArray(level); level = level[0]) dims.push(level.length);
  const data = flatten(value, dims, label);
  return { data, dims, type: typeOfList(data) };
}

/**
 * @param {{type?: string, data: Data, dims: readonly number[]}} array
 * @param {string} label
 * @returns {Loose}
 */
function checked({ type, data, dims }, label) {
  const isList = ArrayBuffer.isView(data) || Array.isArray(data);
  const areSizes = Array.isArray(dims) && dims.every((size) => Number.isInteger(size) && size >= 0);
  if (!isList || !areSizes || data.length !== sizeOf(dims)) {
    const wanted = areSizes ? sizeOf(dims) : "what dims say";
    throw new InputError(
      `${label} must have data of size ${wanted} for [${dims}], got ${isList ? data.length : typeof data}`,
    );
  }
  const held = typeOf(data);
  if (type !== undefined && type !== held && HELD_AS[type] !== held) {
    throw new InputError(`${label} says that it is ${type}, but its data are ${held}`);
  }
  return { data, dims, type: type ?? held };
}

/** @param {Scalar[]} data */
function typeOfList(data) {
  if (!data.length) return "float64";
  if (data.every((item) => typeof item === "boolean")) return "bool";
  if (data.every((item) => typeof item === "string")) return "string";
  const whole = data.every((item) => typeof item === "bigint" || Number.isInteger(Number(item)));
  if (!whole) return "float64";
  return data.some((item) => /** @type {number} */ (item) >= 2 ** 63) ? "uint64" : "int64";
}

/**
 * @param {any} value
 * @param {number[]} dims
 * @param {string} label
 * @returns {Scalar[]}
 */
function flatten(value, dims, label) {
  const [size, ...rest] = dims;
  if (size === undefined) {
    if (["number", "bigint", "boolean", "string"].includes(typeof value)) return [value];
    throw new InputError(`${label} must be an array of numbers, got ${typeof value}`);
  }
  if (!Array.isArray(value) || value.length !== size) {
    throw new InputError(`${label} must be an array with rows of one length`);
  }
  return value.flatMap((item) => flatten(item, rest, label));
}

const KINDS = /** @type {const} */ (["bool", "uint", "int", "float"]);

/** @param {string} type */
const kindOf = (type) => KINDS.findIndex((kind) => type.startsWith(kind));

/** Say whether a type is of whole numbers. @param {string} type */
export const isWhole = (type) => kindOf(type) === 1 || kindOf(type) === 2;

/**
 * Convert an array to a type of the same or a higher kind, as numpy's "same_kind" does.
 *
 * @param {Loose} array
 * @param {string} wanted
 * @param {boolean} [anyWhole] whether whole numbers of either kind will do, to be held against it
 * @returns {Tensor | null} null where that would lose the kind: a fraction to a whole number
 */
export function castTo(array, wanted, anyWhole = false) {
  const { data, dims, type } = array;
  const Wanted = DTYPES[wanted].array;
  if (type === wanted) {
    if (data instanceof Wanted) return { type, data: /** @type {Data} */ (data), dims };
    if (type === "float16" && data instanceof Uint16Array) {
      const halves = new /** @type {any} */ (HalfArray)(data.buffer, data.byteOffset, data.length);
      return { type, data: halves, dims };
    }
  }
  const whole = anyWhole && isWhole(type) && isWhole(wanted);
  const lost = !whole && kindOf(type) > kindOf(wanted);
  if ((type === "string") !== (wanted === "string") || lost) return null;
  return convert(array, wanted);
}

/**
 * Convert an array to any other type of numbers.
 *
 * @param {Loose} array
 * @param {string} wanted
 * @returns {Tensor}
 */
function convert({ type, data, dims }, wanted) {
  const values = valuesOf(/** @type {Tensor} */ ({ type, data, dims }));
  const cast = /** @type {any} */ (new DTYPES[wanted].array(values.length));
  for (let i = 0; i < values.length; i++) cast[i] = element(values[i], wanted);
  return { type: wanted, data: cast, dims };
}

/**
 * Repeat an array along axes of size 1 and new ones before its own, until it has a shape.
 *
 * @param {Tensor} tensor
 * @param {readonly number[]} dims
 * @param {string} type
 * @returns {Tensor}
 */
export function broadcastTo(tensor, dims, type) {
  const { data } = convert(tensor, type);
  const strides = dims.map((_, axis) => {
    const own = axis - (dims.length - tensor.dims.length);
    return own < 0 || tensor.dims[own] === 1 ? 0 : sizeOf(tensor.dims.slice(own + 1));
  });
  const whole = /** @type {any} */ (new DTYPES[type].array(sizeOf(dims)));
  const place = dims.map(() => 0);
  for (let i = 0; i < whole.length; i++) {
    whole[i] = data[place.reduce((at, step, axis) => at + step * strides[axis], 0)];
    for (let axis = dims.length - 1; axis >= 0 && ++place[axis] === dims[axis]; axis--) place[axis] = 0;
  }
  return { type, data: whole, dims };
}

/**
 * Say where in an array a flat index is.
 *
 * @param {number} index
 * @param {readonly number[]} dims
 */
export function placeOf(index, dims) {
  const place = [];
  for (const size of [...dims].reverse()) {
    place.unshift(index % size);
    index = Math.floor(index / size);
  }
  return sized(place);
}

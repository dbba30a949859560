/** Arrays as numpy's `.npz`: a ZIP archive of uncompressed `.npy` files. */

import { DTYPES, sizeOf } from "./arrays.js";
import { tupled } from "./words.js";

/** @typedef {import("./arrays.js").Tensor} Tensor */

/** @type {Readonly<Record<string, string>>} */
const DESCRIPTIONS = {
  float16: "<f2",
  float32: "<f4",
  float64: "<f8",
  int8: "|i1",
  int16: "<i2",
  int32: "<i4",
  int64: "<i8",
  uint8: "|u1",
  uint16: "<u2",
  uint32: "<u4",
  uint64: "<u8",
  bool: "|b1",
};
const MAGIC = "\x93NUMPY\x01\x00";
const ENTRY = 0x04034b50;
const DIRECTORY = 0x02014b50;
const END = 0x06054b50;
const END_SIZE = 22;
const UTF_8 = 0x800; // what an entry's flags say of its name
const latin = (/** @type {string} */ text) => Uint8Array.from(text, (c) => c.charCodeAt(0));
const text = (/** @type {Uint8Array} */ bytes) => String.fromCharCode(...bytes);

/**
 * @param {ReadonlyMap<string, Tensor | string>} arrays by name
 * @returns {Uint8Array}
 */
export function writeNpz(arrays) {
  /** @type {Uint8Array[]} */
  const parts = [];
  /** @type {Uint8Array[]} */
  const directory = [];
  let offset = 0;
  for (const [key, value] of arrays) {
    const [name, content] = [new TextEncoder().encode(`${key}.npy`), writeNpy(value)];
    // version, flags, method, time, date (1980-01-01), checksum, sizes, name and extra lengths
    const common = numbers(
      [2, 20], [2, UTF_8], [2, 0], [2, 0], [2, 33], [4, crc32(content)],
      [4, content.length], [4, content.length], [2, name.length], [2, 0],
    );
    parts.push(numbers([4, ENTRY]), common, name, content);
    directory.push(
      numbers([4, DIRECTORY], [2, 20]), common,
      numbers([2, 0], [2, 0], [2, 0], [4, 0], [4, offset]), name,
    );
    offset += 4 + common.length + name.length + content.length;
  }
  const size = directory.reduce((sum, part) => sum + part.length, 0);
  const count = arrays.size;
  const end = numbers([4, END], [2, 0], [2, 0], [2, count], [2, count], [4, size], [4, offset], [2, 0]);
  return joined([...parts, ...directory, end]);
}

/**
 * @param {Uint8Array} bytes
 * @returns {Map<string, Tensor | string>} by name
 * @throws {Error} it is no such archive, or is damaged
 */
export function readNpz(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength); // not Node's Buffer
  const end = bytes.length - END_SIZE;
  if (end < 0 || view.getUint32(end, true) !== END) throw new Error("no .npz file, or cut off");
  const count = view.getUint16(end + 10, true);
  let at = view.getUint32(end + 16, true);
  const arrays = new Map();
  for (let entry = 0; entry < count; entry++) {
    if (view.getUint32(at, true) !== DIRECTORY) throw new Error("its directory is damaged");
    if (view.getUint16(at + 10, true) !== 0) throw new Error("it is compressed");
    const checksum = view.getUint32(at + 16, true);
    const size = view.getUint32(at + 20, true);
    const nameLength = view.getUint16(at + 28, true);
    const rest = view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
    const local = view.getUint32(at + 42, true);
    const encoded = bytes.subarray(at + 46, at + 46 + nameLength);
    const name = new TextDecoder().decode(encoded).replace(/\.npy$/, "");
    const start = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
    const content = bytes.slice(start, start + size);
    if (crc32(content) !== checksum) throw new Error(`${name} is damaged`);
    arrays.set(name, readNpy(content));
    at += 46 + nameLength + rest;
  }
  return arrays;
}

/** @param {Tensor | string} value a tensor of numbers */
function writeNpy(value) {
  const isText = typeof value === "string";
  const points = isText ? Array.from(value, (c) => c.codePointAt(0) ?? 0) : [];
  const data = isText ? Uint32Array.from(points) : /** @type {ArrayBufferView} */ (value.data);
  const dims = isText ? [] : value.dims;
  const description = isText ? `<U${points.length}` : DESCRIPTIONS[value.type];
  const header = `{'descr': '${description}', 'fortran_order': False, 'shape': ${tupled(dims)}, }`;
  const length = Math.ceil((MAGIC.length + 2 + header.length + 1) / 64) * 64 - MAGIC.length - 2;
  const padded = latin(`${header.padEnd(length - 1)}\n`);
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return joined([latin(MAGIC), numbers([2, length]), padded, bytes]);
}

/**
 * @param {Uint8Array} bytes
 * @returns {Tensor | string}
 */
function readNpy(bytes) {
  if (text(bytes.subarray(0, MAGIC.length)) !== MAGIC) throw new Error("no .npy of version 1.0");
  const length = bytes[8] + 256 * bytes[9];
  const header = text(bytes.subarray(10, 10 + length));
  const description = /'descr': '([^']+)'/.exec(header)?.[1];
  const shape = /'shape': \(([\d, ]*)\)/.exec(header)?.[1];
  if (!description || shape === undefined || !header.includes("'fortran_order': False")) {
    throw new Error(`an array that can't be read: ${header.trim()}`);
  }
  const content = bytes.slice(10 + length);
  if (/^<U\d+$/.test(description)) {
    const points = new Uint32Array(content.buffer).filter((point) => point);
    return Array.from(points, (point) => String.fromCodePoint(point)).join("");
  }
  const type = Object.keys(DESCRIPTIONS).find((name) => DESCRIPTIONS[name] === description);
  if (!type) throw new Error(`an array of type ${description}`);
  const dims = shape.split(",").filter((size) => size.trim()).map(Number);
  const data = new /** @type {any} */ (DTYPES[type].array)(content.buffer);
  if (data.length !== sizeOf(dims)) throw new Error("an array is cut off");
  return { type, data, dims };
}

/** Little-endian numbers of 2 or 4 bytes. @param {[2 | 4, number][]} values */
function numbers(...values) {
  const bytes = values.flatMap(([size, value]) =>
    Array.from({ length: size }, (_, place) => (value >>> (8 * place)) & 255),
  );
  return Uint8Array.from(bytes);
}

/** @param {Uint8Array[]} parts */
function joined(parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

/** The checksum of ZIP. @param {Uint8Array} bytes */
export function crc32(bytes) {
  let value = 0xffffffff;
  for (const byte of bytes) value = CRC_TABLE[(value ^ byte) & 255] ^ (value >>> 8);
  return ~value >>> 0;
}

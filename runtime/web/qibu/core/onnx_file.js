/**
 * What an ONNX file says, read without running it and without a protobuf library.
 *
 * A file from a stranger is only walked through; weights in other files are only named. The field
 * numbers are those of onnx.proto.
 */

import { ModelFileError } from "./errors.js";
import { LARGEST, Port } from "./port.js";

const MAX_PARTS = 400_000; // fields of messages; the largest third-party files tried have under 50,000
const MAX_DEPTH = 24; // of graphs in branches and loops
const [VARINT, FIXED64, BYTES, FIXED32] = [0, 1, 2, 5];
// TensorProto.DataType's numbers
/** @type {Readonly<Record<number, string>>} */
const TYPES = {
  1: "float32", 2: "uint8", 3: "int8", 4: "uint16", 5: "int16", 6: "int32", 7: "int64",
  8: "string", 9: "bool", 10: "float16", 11: "float64", 12: "uint32", 13: "uint64",
};
const CUT = "it is no ONNX file, or one that is cut short";

/** What was found in a file. */
export class OnnxFile {
  producer = "";
  opset = 0;
  /** @type {Port[]} */
  inputs = [];
  /** @type {Port[]} */
  outputs = [];
  /** @type {Map<string, string>} */
  metadata = new Map();
  /** @type {Map<string, number>} how many nodes of each there are */
  operators = new Map();
  /** How many numbers are stored in the file. */
  weights = 0;
  /** @type {Set<string>} */
  weightNames = new Set();
  /** @type {Set<string>} that hold weights, as the file names them */
  sideFiles = new Set();
}

/**
 * Read what a file says of itself; weights are passed over.
 *
 * @param {Uint8Array} file the whole file
 * @returns {OnnxFile}
 * @throws {ModelFileError} it is no ONNX file, is damaged, too deep or too finely cut
 */
export function readOnnx(file) {
  return new Walk().model(file);
}

/** Read the metadata of an ONNX file: text by key. @param {Uint8Array} file the whole file */
export const readMetadata = (file) => readOnnx(file).metadata;

/** @param {Uint8Array} file */
export const isOrtFormat = (file) => String.fromCharCode(...file.subarray(4, 8)) === "ORTM";

/** Walks through protobuf messages and counts their parts. */
class Walk {
  found = new OnnxFile();
  #parts = 0;

  /** @param {Uint8Array} file */
  model(file) {
    const { found } = this;
    let graphs = 0;
    for (const [number, value] of this.#fields(file)) {
      if (number === 2) found.producer = text(value);
      else if (number === 7) {
        graphs++;
        this.#graph(message(value), 0);
      } else if (number === 8) this.#opset(message(value));
      else if (number === 14) {
        const entry = new Map(this.#fields(message(value)));
        found.metadata.set(strictText(entry.get(1)), strictText(entry.get(2)));
      } else if (number === 25) {
        // a function of the model's own
        for (const [part, node] of this.#fields(message(value))) {
          if (part === 7) this.#node(message(node), 1);
        }
      }
    }
    if (graphs !== 1 || !found.outputs.length) {
      const count = `${graphs} graphs, ${found.outputs.length} outputs`;
      throw new ModelFileError(`it is no ONNX model: ${count}`);
    }
    found.inputs = found.inputs.filter((port) => !found.weightNames.has(port.name));
    return found;
  }

  /**
   * Give each field's number and value; numbers as they are, all else as bytes.
   *
   * @param {Uint8Array} bytes
   * @returns {Generator<[number, number | Uint8Array]>}
   */
  *#fields(bytes) {
    let at = 0;
    while (at < bytes.length) {
      if (++this.#parts > MAX_PARTS) {
        throw new ModelFileError(`the file has more than ${MAX_PARTS} parts`);
      }
      let key, size;
      [key, at] = varint(bytes, at);
      const kind = key % 8;
      const number = Math.floor(key / 8);
      if (kind === VARINT) {
        let value;
        [value, at] = varint(bytes, at);
        yield [number, value];
        continue;
      }
      if (kind === BYTES) [size, at] = varint(bytes, at);
      else if (kind === FIXED32 || kind === FIXED64) size = kind === FIXED32 ? 4 : 8;
      else {
        throw new ModelFileError(`it is no ONNX file: part of kind ${kind}, wanted 0, 1, 2, 5`);
      }
      if (at + size > bytes.length) throw new ModelFileError(CUT);
      yield [number, bytes.subarray(at, at + size)];
      at += size;
    }
  }

  /** @param {Uint8Array} bytes */
  #opset(bytes) {
    const entry = new Map(this.#fields(bytes));
    const domain = text(entry.get(1) ?? new Uint8Array());
    if (domain === "" || domain === "ai.onnx") this.found.opset = Number(entry.get(2) ?? 0);
  }

  /** @param {Uint8Array} bytes @param {number} depth */
  #graph(bytes, depth) {
    if (depth > MAX_DEPTH) {
      throw new ModelFileError(`the file nests graphs more than ${MAX_DEPTH} deep`);
    }
    for (const [number, value] of this.#fields(bytes)) {
      if (number === 1) this.#node(message(value), depth);
      else if (number === 5) this.#tensor(message(value));
      else if (number === 15) this.#sparse(message(value));
      else if (number === 11 && depth === 0) this.found.inputs.push(this.#port(message(value)));
      else if (number === 12 && depth === 0) this.found.outputs.push(this.#port(message(value)));
    }
  }

  /** @param {Uint8Array} bytes @param {number} depth */
  #node(bytes, depth) {
    const { operators } = this.found;
    for (const [number, value] of this.#fields(bytes)) {
      if (number === 4) operators.set(text(value), (operators.get(text(value)) ?? 0) + 1);
      else if (number === 5) {
        for (const [part, content] of this.#fields(message(value))) {
          if (part === 5 || part === 10) this.#tensor(message(content));
          else if (part === 6 || part === 11) this.#graph(message(content), depth + 1);
          else if (part === 22 || part === 23) this.#sparse(message(content));
        }
      }
    }
  }

  /** @param {Uint8Array} bytes */
  #sparse(bytes) {
    for (const [number, value] of this.#fields(bytes)) {
      if (number === 1 || number === 2) this.#tensor(message(value));
    }
  }

  /** @param {Uint8Array} bytes */
  #tensor(bytes) {
    let size = 1;
    for (const [number, value] of this.#fields(bytes)) {
      if (number === 1) for (const length of numbers(value)) size *= length;
      else if (number === 8) this.found.weightNames.add(text(value));
      else if (number === 13) {
        const entry = new Map(this.#fields(message(value)));
        const [key, name] = [1, 2].map((part) => text(entry.get(part) ?? new Uint8Array()));
        if (key === "location") this.found.sideFiles.add(name);
      }
    }
    this.found.weights += size;
  }

  /** @param {Uint8Array} bytes */
  #port(bytes) {
    let name = "";
    let kind = 0;
    /** @type {(number | string | null)[]} */
    let sizes = [];
    for (const [number, value] of this.#fields(bytes)) {
      if (number === 1) name = text(value);
      else if (number === 2) {
        for (const [part, tensor] of this.#fields(message(value))) {
          if (part !== 1) continue; // sequences and maps have no sizes
          for (const [inner, content] of this.#fields(message(tensor))) {
            if (inner === 1 && typeof content === "number") kind = content;
            else if (inner === 2) {
              sizes = Array.from(this.#fields(message(content)), ([, size]) => this.#size(message(size)));
            }
          }
        }
      }
    }
    return new Port(name, TYPES[kind] ?? `type ${kind}`, sizes);
  }

  /** @param {Uint8Array} bytes */
  #size(bytes) {
    for (const [number, value] of this.#fields(bytes)) {
      if (number === 1 && typeof value === "number") return value <= LARGEST ? value : null;
      if (number === 2) return text(value) || null;
    }
    return null;
  }
}

/**
 * @param {Uint8Array} bytes
 * @param {number} at
 * @returns {[number, number]} the number, past 2**53 not to the last digit, and what comes after it
 */
function varint(bytes, at) {
  let value = 0;
  for (let scale = 1; scale < 2 ** 70 && at < bytes.length; scale *= 128) {
    const byte = bytes[at++];
    value += (byte & 127) * scale;
    if (byte < 128) return [value, at];
  }
  throw new ModelFileError(CUT);
}

/** @param {number | Uint8Array} value */
function message(value) {
  if (typeof value === "number") {
    throw new ModelFileError("it is no ONNX file: a number stands where a message should");
  }
  return value;
}

const lenient = new TextDecoder();
const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** @param {number | Uint8Array} value */
const text = (value) => lenient.decode(message(value));

/** @param {number | Uint8Array} [value] */
function strictText(value = new Uint8Array()) {
  try {
    return strict.decode(message(value));
  } catch (error) {
    if (error instanceof ModelFileError) throw error;
    throw new ModelFileError("its metadata isn't UTF-8", { cause: error });
  }
}

/** @param {number | Uint8Array} value @returns {Generator<number>} */
function* numbers(value) {
  if (typeof value === "number") {
    yield value;
    return;
  }
  for (let at = 0; at < value.length; ) {
    let number;
    [number, at] = varint(value, at); // packed
    yield number;
  }
}

/** What stands beside the graph in an ONNX file, read without a protobuf library. */

import { ModelFileError } from "./errors.js";

// onnx.proto: ModelProto.metadata_props is field 14, of entries with key 1 and value 2
const METADATA_PROPS = 14;
const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;

/**
 * Read the metadata of an ONNX file.
 *
 * @param {Uint8Array} file the whole file
 * @returns {Map<string, string>} text by key
 * @throws {ModelFileError} the bytes are no protobuf message, or are cut off
 */
export function readMetadata(file) {
  const found = new Map();
  for (const [field, value] of fields(file)) {
    if (field !== METADATA_PROPS) continue;
    const entry = new Map(fields(value));
    const decode = new TextDecoder("utf-8", { fatal: true });
    const text = [1, 2].map((part) => decode.decode(entry.get(part) ?? new Uint8Array()));
    found.set(text[0], text[1]);
  }
  return found;
}

/**
 * Walk over a message's fields; those that hold numbers are passed over.
 *
 * @param {Uint8Array} message
 * @returns {Generator<[number, Uint8Array]>} field number and bytes
 */
function* fields(message) {
  let at = 0;

  function varint() {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      if (at >= message.length || scale > 2 ** 63) throw broken();
      const byte = message[at++];
      value += (byte & 127) * scale; // past 2**53 inexact, which only skipped numbers are
      if (byte < 128) return value;
    }
  }

  while (at < message.length) {
    const tag = varint();
    const kind = tag % 8;
    if (kind === VARINT) varint();
    else if (kind === FIXED64) at += 8;
    else if (kind === FIXED32) at += 4;
    else if (kind === BYTES) {
      const size = varint();
      if (at + size > message.length) throw broken();
      yield [Math.floor(tag / 8), message.subarray(at, at + size)];
      at += size;
    } else throw broken();
  }
  if (at > message.length) throw broken();
}

function broken() {
  return new ModelFileError("the file is no ONNX model, or is cut off");
}

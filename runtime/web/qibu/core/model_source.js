/** Everything that a model is loaded from: its file, and the side files that hold its weights. */

import { isCompiled, readCompiled } from "./compiled.js";
import { InputError, ModelFileError } from "./errors.js";
import { OnnxFile, isOrtFormat, readOnnx } from "./onnx_file.js";
import { quoted } from "./words.js";

/**
 * @typedef {string | URL | Uint8Array | ArrayBuffer} Source a URL, or bytes
 * @typedef {Record<string, Source>} ExternalData by the names that the model file has for them
 *
 * @typedef {object} Loaded
 * @property {string} path where the file came from; "model" for bytes
 * @property {string | null} address its URL, or null for bytes
 * @property {Uint8Array} file
 * @property {OnnxFile | null} content what the file says; null of onnxruntime's own format, which
 *   keeps all in one file
 * @property {{path: string, data: Uint8Array}[]} sideFiles in the order of their names
 * @property {import("./compiled.js").Compiled | null} compiled where the file is WebAssembly
 */

/**
 * Fetch what isn't here yet.
 *
 * @param {Source} source
 * @param {ExternalData} externalData
 * @returns {Promise<Loaded>}
 * @throws {ModelFileError} a file is missing, or the model is no ONNX file
 * @throws {InputError} `externalData` names what the model hasn't
 */
export async function loadModel(source, externalData) {
  const address = addressOf(source);
  const path = address ?? "model";
  const file = await bytesOf(source, (where) => `no model file ${where}`);
  const compiled = isCompiled(file) ? await readCompiled(file, path) : null;
  const content = compiled
    ? compiled.content
    : withPath(path, () => (isOrtFormat(file) ? null : readOnnx(file)));
  const names = [...(content?.sideFiles ?? [])].sort();
  const odd = Object.keys(externalData).find((name) => !names.includes(name));
  if (odd !== undefined) {
    const known = names.length ? `in ${names.join(", ")}` : "in its own file";
    throw new InputError(`externalData names ${quoted(odd)}; the model's weights lie ${known}`);
  }
  const sources = names.map((name) => externalData[name] ?? beside(address, name, path));
  const data = await Promise.all(
    sources.map((side, i) =>
      bytesOf(side, (where) => `${path}: its weights' file ${quoted(names[i])} is missing: ${where}`),
    ),
  );
  return {
    path,
    address,
    file,
    content,
    sideFiles: names.map((name, i) => ({ path: name, data: data[i] })),
    compiled,
  };
}

/**
 * Give the URL of a file that lies beside another, or in a folder there.
 *
 * @param {string} address of the other
 * @param {string} name
 */
export function addressBeside(address, name) {
  const encoded = name.split("/").map(encodeURIComponent).join("/");
  return address.replace(/[^/?#]*([?#].*)?$/, encoded);
}

/**
 * Do something, and put a path before the words of its error.
 *
 * @template T
 * @param {string} path
 * @param {() => T} act
 * @returns {T}
 */
export function withPath(path, act) {
  try {
    return act();
  } catch (error) {
    if (!(error instanceof ModelFileError)) throw error;
    const Kind = /** @type {typeof ModelFileError} */ (error.constructor);
    throw new Kind(`${path}: ${error.message}`, { cause: error });
  }
}

/** @param {Source} source */
const addressOf = (source) =>
  typeof source === "string" || source instanceof URL ? String(source) : null;

/** @param {string | null} address @param {string} name @param {string} path */
function beside(address, name, path) {
  const isInside = !/^[/\\]|^[a-z]+:/i.test(name) && !name.split(/[/\\]/).includes("..");
  if (!isInside) {
    throw new ModelFileError(
      `${path}: its weights' file ${quoted(name)} lies outside the model's folder`,
    );
  }
  if (address === null) {
    throw new ModelFileError(
      `${path}: its weights' file ${quoted(name)} is missing; ` +
        `give its bytes: {externalData: {${quoted(name)}: …}}`,
    );
  }
  return addressBeside(address, name);
}

/**
 * @param {Source} source
 * @param {(where: string) => string} missing what the error says
 * @returns {Promise<Uint8Array>}
 */
async function bytesOf(source, missing) {
  const address = addressOf(source);
  if (address === null) return new Uint8Array(/** @type {Uint8Array} */ (source));
  let answer;
  try {
    answer = await fetch(address);
  } catch (error) {
    throw new ModelFileError(missing(quoted(address)), { cause: error });
  }
  if (!answer.ok) throw new ModelFileError(missing(`${quoted(address)}: ${answer.status}`));
  return new Uint8Array(await answer.arrayBuffer());
}

/** What Python computed, in the folder that QIBU_EXPECTED names; tests/web/ writes it. */

import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { DigitReader, Poet, Stepper, load } from "../qibu/index.js";

const folder = process.env.QIBU_EXPECTED;
if (!folder) throw new Error("run `pytest tests/web`, which sets QIBU_EXPECTED");

/** @param {string} name */
export const read = (name) => readFileSync(join(/** @type {string} */ (folder), name));
/** @param {string} name */
export const place = (name) => join(/** @type {string} */ (folder), name);
export const expected = JSON.parse(read("expected.json").toString("utf-8"));
/** @param {string} name */
export const model = (name) => readFileSync(join(expected.paths.models, `${name}.onnx`));

/** A bundled model as the page has it: compiled, or null where nothing can be. @param {string} name */
export function compiled(name) {
  const place = join(expected.paths.site, "models", `${name}.wasm`);
  return existsSync(place) ? readFileSync(place) : null;
}
/** @type {any[]} the golden traces of all bundled models */
export const traces = readdirSync(expected.paths.traces)
  .filter((name) => name.endsWith(".json"))
  .map((name) => JSON.parse(readFileSync(join(expected.paths.traces, name), "utf-8")))
  .flatMap((trace) => {
    const file = compiled(trace.model.replace(/\.onnx$/, ""));
    return file ? [trace, { ...trace, model: `${trace.model}, compiled`, compiled: file }] : [trace];
  });

/** Open the model that a trace is of. @param {any} trace */
export const openTraced = ({ model, compiled = null }) =>
  load(compiled ?? readFileSync(join(expected.paths.models, model)), { verse: expected.verse });

/** @type {Map<string, Promise<Poet | DigitReader>>} */
const opened = new Map();

/** @param {string} name */
function open(name) {
  const known = opened.get(name) ?? load(compiled(name) ?? model(name), { verse: expected.verse });
  opened.set(name, known);
  return known;
}

/**
 * Open one of the files of tests/web/stranger_files.py.
 *
 * @param {string} name
 * @param {import("../qibu/core/stepper.js").StepperOptions} [options]
 */
export const openStranger = (name, options) => Stepper.open(read(`strangers/${name}.onnx`), options);

/** @returns {Promise<Poet>} */
export const openPoet = () => /** @type {any} */ (open("poem"));

/** @returns {Promise<DigitReader>} */
export const openReader = () => /** @type {any} */ (open("digits"));

/**
 * How far two lists of numbers are apart, relative above 1.
 *
 * @param {Iterable<number>} found
 * @param {number[]} wanted
 */
export function difference(found, wanted) {
  const values = Array.from(found);
  if (values.length !== wanted.length) return Infinity;
  return Math.max(
    ...values.map((value, i) => Math.abs(value - wanted[i]) / Math.max(1, Math.abs(wanted[i]))),
  );
}

/** A tensor's elements as plain numbers. @param {import("../qibu/core/arrays.js").Tensor} tensor */
export const numbersOf = ({ data }) =>
  Array.from(/** @type {Iterable<number | bigint>} */ (data), Number);

/** Opening a model for what it was made for. */

import { Stepper } from "./core/stepper.js";

/**
 * Open a model for what it was made for.
 *
 * @param {import("./core/model_source.js").Source} model a URL, or the bytes of an ONNX file
 * @param {object} [options]
 * @param {string} [options.provider] "wasm", "webgpu" or "auto"
 * @param {Record<string, import("./core/model_source.js").Source>} [options.externalData] {name: bytes
 *   or URL} of the side files that hold a model's weights; for a model with a URL they are fetched
 *   beside it unless given
 * @param {object | string | URL} [options.verse] the tables of verse for a text model, or their URL;
 *   for a model with a URL it is verse.json beside it unless given
 * @returns {Promise<any>} what the application of the file's task makes of it, such as a `Poet` or a
 *   `Reader`; a `Stepper` where the file names no task, or one of which nothing is known
 * @throws {ModelFileError} there is no such model, or the file is broken
 * @throws {ProviderError} the provider can't be had
 */
export async function load(model, options = {}) {
  const { provider, externalData, ...others } = options;
  const stepper = await Stepper.open(model, { provider, externalData });
  return stepper.application === null ? stepper : stepper.application.open(stepper, others);
}

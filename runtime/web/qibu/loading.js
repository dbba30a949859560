/** Opening a model for what it was made for. */

import { ModelFileError } from "./errors.js";
import { Poet } from "./poet.js";
import { DigitReader } from "./reader.js";
import { Stepper } from "./stepper.js";

/**
 * Open a model for what it was made for.
 *
 * @param {string | URL | Uint8Array | ArrayBuffer} model a URL, or the bytes of an exported file
 * @param {{provider?: string}} [options] provider: "wasm", "webgpu" or "auto"
 * @returns {Promise<Poet | DigitReader>} a `Poet` for a text model, a `DigitReader` for a digits
 *   model
 * @throws {ModelFileError} there is no such model, or the file isn't one that Qibu exported
 * @throws {ProviderError} the provider can't be had
 */
export async function load(model, options) {
  const stepper = await Stepper.open(model, options);
  if (stepper.spec === null) {
    throw new ModelFileError(
      `${stepper.path} has no 'qibu' metadata, so its task is unknown: ` +
        "step it with qibu.Stepper, or export it with `qibu export`",
    );
  }
  return stepper.spec.task === "text" ? new Poet(stepper) : new DigitReader(stepper);
}

/** Opening a model for what it was made for. */

import { ModelFileError } from "./core/errors.js";
import { Poet } from "./verse/poet.js";
import { DigitReader } from "./pictures/digit_reader.js";
import { Stepper } from "./core/stepper.js";
import { quoted } from "./core/words.js";

/**
 * Open a model for what it was made for.
 *
 * @param {string | URL | Uint8Array | ArrayBuffer} model a URL, or the bytes of an exported file
 * @param {object} [options]
 * @param {string} [options.provider] "wasm", "webgpu" or "auto"
 * @param {object | string | URL} [options.verse] the tables of verse for a text model, or their URL;
 *   for a model with a URL it is verse.json beside it unless given
 * @returns {Promise<Poet | DigitReader>} a `Poet` for a text model, a `DigitReader` for a digits
 *   model
 * @throws {ModelFileError} there is no such model, or the file isn't one that Qibu exported
 * @throws {ProviderError} the provider can't be had
 */
export async function load(model, { provider, verse } = {}) {
  const stepper = await Stepper.open(model, { provider });
  if (stepper.spec === null) {
    throw new ModelFileError(
      `${stepper.path} has no 'qibu' metadata, so its task is unknown: ` +
        "step it with qibu.Stepper, or export it with `qibu export`",
    );
  }
  if (stepper.spec.task === "digits") return new DigitReader(stepper);
  const hasAddress = typeof model === "string" || model instanceof URL;
  verse ??= hasAddress ? String(model).replace(/[^/?#]*([?#].*)?$/, "verse.json") : undefined;
  if (typeof verse === "string" || verse instanceof URL) verse = await fetchTables(String(verse));
  if (verse === undefined) {
    throw new ModelFileError(
      "a text model needs the tables of verse: load(model, {verse}); `qibu export --web` writes them",
    );
  }
  return new Poet(stepper, verse);
}

/** @param {string} address @returns {Promise<object>} */
async function fetchTables(address) {
  try {
    const answer = await fetch(address);
    if (!answer.ok) throw new Error(String(answer.status));
    return await answer.json();
  } catch (error) {
    throw new ModelFileError(
      `no tables of verse ${quoted(address)} (${error}); write them with \`qibu export --web\``,
      { cause: error },
    );
  }
}

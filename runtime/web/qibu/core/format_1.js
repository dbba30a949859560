/** The first format of a model file's document, read for good. */

import { ModelFileError } from "./errors.js";
import { quoted } from "./words.js";

const OF_THE_TASK = ["cell", "num_layers", "hidden_size", "vocabulary", "preprocessing"];

/**
 * Give a document of format 1 as one of format 2.
 *
 * There every state was (layers, batch, hidden) with the batch free, and what belongs to the task
 * stood beside the rest.
 *
 * @param {Record<string, any>} document
 * @returns {Record<string, any>}
 * @throws {ModelFileError} it lacks or misnames a field
 */
export function upgradeFormat1(document) {
  const { task, states } = wantFields(document, ["task", "states"]);
  const part = Object.fromEntries(
    OF_THE_TASK.filter((name) => says(document[name])).map((name) => [name, document[name]]),
  );
  if (!Array.isArray(states)) throw misnamed("'states'");
  const upgraded = states.map((pair) => {
    const { shape } = wantFields(pair, ["shape"]);
    const batch_axis = Array.isArray(shape) ? shape.indexOf(null) : -1;
    if (batch_axis < 0) throw misnamed("None is not in list");
    return { dtype: "float32", ...pair, batch_axis };
  });
  return { ...document, format_version: 2, states: upgraded, [task]: part };
}

/** Say whether a field says anything: a part that is empty doesn't. @param {unknown} value */
const says = (value) =>
  typeof value === "object" && value !== null ? Object.keys(value).length > 0 : Boolean(value);

/** @param {any} values @param {string[]} names @returns {Record<string, any>} */
function wantFields(values, names) {
  const missing = names.find((name) => !Object.hasOwn(Object(values), name));
  if (missing !== undefined) throw misnamed(quoted(missing));
  return values;
}

/** @param {string} what */
const misnamed = (what) =>
  new ModelFileError(
    `'qibu' metadata lacks or misnames a field: ${what}; make the file anew with \`qibu export\``,
  );

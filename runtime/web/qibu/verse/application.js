/** The application of verse, as the registry knows it. */

import { ModelFileError } from "../core/errors.js";
import { addressBeside } from "../core/model_source.js";
import { quoted } from "../core/words.js";
import { INPUTS, OUTPUTS, readTextPart, textFeedsCheck } from "../text/text_part.js";
import { BASE_CONTROLS } from "./controls.js";
import { Poet } from "./poet.js";

/**
 * Make a poet.
 *
 * @param {import("../core/stepper.js").Stepper} stepper
 * @param {{verse?: object | string | URL}} options the tables of verse, or their URL; for a model with
 *   a URL it is verse.json beside it unless given
 */
async function open(stepper, { verse }) {
  if (stepper.address !== null) verse ??= addressBeside(stepper.address, "verse.json");
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

/** @type {import("../core/applications.js").Application} */
export const APPLICATION = {
  task: "text",
  open,
  inputs: INPUTS,
  outputs: OUTPUTS,
  readPart: readTextPart,
  feedsCheck: textFeedsCheck,
  takes: ({ part }) => {
    const controls = part?.vocabulary?.controls;
    return Array.isArray(controls) && BASE_CONTROLS.every((token) => controls.includes(token));
  },
};

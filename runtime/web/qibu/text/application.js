/** The application of any text, as the registry knows it. */

import { INPUTS, OUTPUTS, readTextPart, textFeedsCheck } from "./text_part.js";
import { Writer } from "./writer.js";

/** @type {import("../core/applications.js").Application} */
export const APPLICATION = {
  task: "text",
  open: (stepper) => new Writer(stepper),
  inputs: INPUTS,
  outputs: OUTPUTS,
  readPart: readTextPart,
  feedsCheck: textFeedsCheck,
};

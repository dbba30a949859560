/** The application of pictures that are read row by row, as the registry knows it. */

import { readRecurrentPart } from "../core/recurrent_part.js";
import { checkSchema } from "../core/schema.js";
import { quoted } from "../core/words.js";
import { DigitReader } from "./digit_reader.js";
import { schema } from "./digits.schema.js";

const TASK = "digits";

/** @type {import("../core/applications.js").Application} */
export const APPLICATION = {
  task: TASK,
  open: (stepper) => new DigitReader(stepper),
  inputs: ["rows"],
  outputs: ["probabilities"],
  readPart: (spec) => {
    checkSchema(spec.part, schema, `${quoted("qibu")}.${TASK}`);
    return readRecurrentPart(spec);
  },
};

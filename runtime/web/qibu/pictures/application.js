/** The application of pictures that are read row by row, as the registry knows it. */

import { checkSchema } from "../core/schema.js";
import { quoted } from "../core/words.js";
import { schema } from "./digits.schema.js";
import { readPicturePart } from "./picture_format.js";
import { Reader } from "./reader.js";

const TASK = "digits";

/** @type {import("../core/applications.js").Application} */
export const APPLICATION = {
  task: TASK,
  open: (stepper) => new Reader(stepper),
  inputs: ["rows"],
  outputs: ["probabilities"],
  readPart: (spec, inputs, outputs) => {
    checkSchema(spec.part, schema, `${quoted("qibu")}.${TASK}`);
    return readPicturePart(spec, inputs, outputs);
  },
};

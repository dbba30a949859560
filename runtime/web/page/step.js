/** The view of any file: what it says, its own trace, how long a step takes, and a walk through it. */

import { QibuError, verifyOwnTrace } from "./qibu/index.js";
import { scientific, short } from "./qibu/core/words.js";
import { tableOf } from "./facts.js";
import { Fields } from "./fields.js";
import { say, write } from "./texts.js";
import { timeStep } from "./timing.js";
import { Walk } from "./walk.js";

/** @typedef {import("./qibu/index.js").Stepper} Stepper */

/** @type {(id: string) => HTMLElement} */
const $ = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

/** How the file's own trace went. @type {{result: string, said: () => string}} */
let proof = { result: "", said: () => "" };
/** @type {() => string} */
let pace = () => "";

/** Say in the language that is chosen how the trace went and how long a step takes. */
export function describeProof() {
  $("proof").dataset.result = proof.result;
  $("proof").textContent = proof.said();
  $("pace").textContent = pace();
}

/**
 * Let a file be stepped.
 *
 * @param {Stepper} stepper
 * @param {object} about
 * @param {string} about.name of the file
 * @param {number} about.bytes
 * @param {import("./fields.js").Stepping} about.stepping
 */
export async function showStepper(stepper, { name, bytes, stepping }) {
  $("modelName").textContent = name;
  $("modelSays").textContent = stepper.spec?.description ?? "";
  $("ports").replaceChildren(...tableOf(stepper, bytes));
  const canStep = stepper.pairs.length > 0;
  $("facts").hidden = false;
  write($("facts"));
  await prove(stepper);
  if (!canStep) {
    pace = () => say("whole");
    describeProof();
    return;
  }
  const fields = new Fields(stepper, stepping);
  const walk = new Walk(stepper, fields, name);
  $("stepping").hidden = $("charts").hidden = $("again").hidden = false;
  const time = () => walk.do(() => measure(stepper, fields));
  $("again").addEventListener("click", time);
  await time();
  walk.listen();
}

/** Hold the file to its own trace. @param {Stepper} stepper */
async function prove(stepper) {
  const show = (/** @type {string} */ result, /** @type {() => string} */ said) => {
    proof = { result, said };
    describeProof();
  };
  if (!stepper.spec?.trace) return show("none", () => say("noTrace"));
  show("", () => say("checking"));
  try {
    const { steps, difference, where, tolerance } = await verifyOwnTrace(stepper);
    show("passed", () =>
      [
        `${say("passed")}${say("colon")}${steps} ${say("steps")}`,
        `${say("largest")} ${scientific(difference)} (${where})`,
        `${say("limit")} ${short(tolerance)}`,
      ].join(say("comma")),
    );
  } catch (error) {
    if (!(error instanceof QibuError)) throw error;
    show("failed", () => `${say("failed")}${say("colon")}${error.message}`);
  }
}

/** Time a step with what the fields hold. @param {Stepper} stepper @param {Fields} fields */
async function measure(stepper, fields) {
  pace = () => say("timing");
  describeProof();
  try {
    const { median, samples } = await timeStep(stepper, fields.tensors(), stepper.initialState());
    pace = () => `${say("perStep")} ${short(Number(median.toPrecision(2)))} ms${say("medianOf").replace("{}", String(samples))}`;
  } catch (error) {
    pace = () => "";
    throw error;
  } finally {
    describeProof();
  }
}

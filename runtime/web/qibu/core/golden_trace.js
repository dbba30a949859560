/** A file's own test: some steps that it carries, so that any machine can prove what it computes. */

import { valuesOf } from "./arrays.js";
import { InputError, ModelFileError, VerificationError } from "./errors.js";
import { scientific, short, sized } from "./words.js";

/**
 * @typedef {import("./arrays.js").Tensor} Tensor
 * @typedef {import("./packed.js").Packed} Packed
 * @typedef {import("./stepper.js").Stepper} Stepper
 */

/** How well a file agrees with its own trace. */
export class TraceResult {
  /**
   * @param {number} steps
   * @param {number} difference the largest, of values up to 1, else as a share
   * @param {string} where
   * @param {number} tolerance
   */
  constructor(steps, difference, where, tolerance) {
    this.steps = steps;
    this.difference = difference;
    this.where = where;
    this.tolerance = tolerance;
    Object.freeze(this);
  }

  toString() {
    return (
      `${this.steps} ${this.steps === 1 ? "step" : "steps"} as in the file's own trace: ` +
      `at most ${scientific(this.difference)} off (${this.where}; limit ${short(this.tolerance)}, ` +
      "relative above 1)"
    );
  }
}

/**
 * Hold a model to the trace that its file carries.
 *
 * @param {Stepper} stepper
 * @returns {Promise<TraceResult>}
 * @throws {ModelFileError} the file carries none, or one that its graph can't run
 * @throws {VerificationError} a value is off by more than the tolerance, or is not finite
 */
export async function verifyOwnTrace(stepper) {
  const trace = stepper.spec?.trace;
  if (!trace) {
    throw new ModelFileError(
      `${stepper.path} carries no trace to be held to; \`qibu export\` writes one`,
    );
  }
  let found;
  try {
    found = await stepThrough(stepper, trace.steps.map(({ inputs }) => whole(inputs)));
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new ModelFileError(`${stepper.path}: its own trace can't be run: ${error.message}`, {
      cause: error,
    });
  }
  let [worst, where] = [0, "nothing"];
  for (const [place, packed, tensor] of comparisons(trace, found)) {
    if (tensor === undefined || sized(tensor.dims) !== sized(packed.shape)) {
      const shape = tensor === undefined ? "none" : sized(tensor.dims);
      throw new VerificationError(`${place}: ${shape}, the trace has ${sized(packed.shape)}`);
    }
    const off = difference(packed.of(tensor), packed.values);
    if (!(off <= trace.tolerance)) {
      throw new VerificationError(
        `${place} is off by ${scientific(off)}, at most ${short(trace.tolerance)} is allowed`,
      );
    }
    if (off >= worst) [worst, where] = [off, place];
  }
  return new TraceResult(found.outputs.length, worst, where, trace.tolerance);
}

/** @param {Record<string, Packed>} inputs */
const whole = (inputs) =>
  Object.fromEntries(Object.entries(inputs).map(([name, packed]) => [name, packed.array()]));

/**
 * @param {Stepper} stepper
 * @param {Record<string, Tensor>[]} inputs of each step
 * @returns {Promise<{outputs: Record<string, Tensor>[], states: Map<string, Tensor>}>} states after
 *   the last step, by output name
 */
async function stepThrough(stepper, inputs) {
  const outputs = [];
  if (!stepper.pairs.length) {
    for (const given of inputs) outputs.push(await stepper.run(given));
    return { outputs, states: new Map() };
  }
  let state = stepper.initialState();
  for (const given of inputs) {
    let found;
    [found, state] = await stepper.step(given, state);
    outputs.push(found);
  }
  const states = stepper.pairs.map(({ input, output }) => /** @type {const} */ ([output, state.get(input)]));
  return { outputs, states: new Map(states) };
}

/**
 * @param {import("./model_file.js").GoldenTrace} trace
 * @param {Awaited<ReturnType<typeof stepThrough>>} found
 * @returns {Generator<[string, Packed, Tensor | undefined]>} what is called so, is wanted and found
 */
function* comparisons({ steps, states }, found) {
  for (const [place, { outputs }] of steps.entries()) {
    const here = new Map(Object.entries(found.outputs[place]));
    for (const [name, packed] of Object.entries(outputs)) {
      yield [`step ${place + 1}, ${name}`, packed, here.get(name)];
    }
  }
  for (const [name, packed] of Object.entries(states)) {
    yield [`${name} at the end`, packed, found.states.get(name)];
  }
}

/**
 * Give the largest difference, relative where the wanted value is above 1; NaN where one is.
 *
 * @param {ArrayLike<unknown>} found
 * @param {Tensor} tensor wanted
 */
function difference(found, tensor) {
  const wanted = /** @type {ArrayLike<unknown>} */ (valuesOf(tensor));
  if (!tensor.type.startsWith("float")) {
    // a number of a class or a token is right or wrong
    return Array.from(wanted).every((value, i) => value === found[i]) ? 0 : Infinity;
  }
  let largest = 0;
  for (let i = 0; i < wanted.length; i++) {
    const [a, b] = [Number(found[i]), Number(wanted[i])];
    const off = a === b ? 0 : Math.abs(a - b) / Math.max(1, Math.abs(b));
    if (Number.isNaN(off)) return NaN;
    largest = Math.max(largest, off);
  }
  return largest;
}

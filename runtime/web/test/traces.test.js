/** The golden traces: the same that Python and C are held to. */

import { expect, test } from "vitest";
import { ModelFileError, verifyOwnTrace } from "../qibu/index.js";
import { difference, openTraced, traces } from "./expected.js";

const poems = traces.filter(({ task }) => task === "text");
const digits = traces.filter(({ task }) => task === "digits");

/** @typedef {import("../qibu/index.js").Poet} Poet */

/** @param {any} states @param {any} state @param {any} stepper @param {number} limit */
function wantStates(states, state, stepper, limit) {
  for (const { input, output } of stepper.pairs) {
    const { shape, every, values } = states[output];
    const { data, dims } = state.get(input);
    expect([...dims]).toEqual(shape);
    const found = Array.from(data).filter((_, i) => i % every === 0);
    expect(difference(/** @type {number[]} */ (found), values)).toBeLessThanOrEqual(limit);
  }
}

test.each(poems)("$model steps as in its trace", async (trace) => {
  const { stepper, vocabulary } = /** @type {Poet} */ (await openTraced(trace));
  const { sequences, classes, tolerances } = trace;
  for (const { steps, sampling, states, text } of sequences) {
    let state = stepper.initialState();
    let written = "";
    for (const step of steps) {
      const bias = new Float32Array(vocabulary.size).fill(-Infinity);
      for (const [first, last] of classes[step.class]) bias.fill(0, first, last + 1);
      /** @type {any} */
      const inputs = {
        tokens: [step.tokens],
        bias: { data: bias, dims: [1, bias.length] },
        uniform: [step.uniform],
      };
      for (const [name, value] of Object.entries(sampling)) inputs[name] = [value];
      let outputs;
      [outputs, state] = await stepper.step(inputs, state);
      expect(Number(outputs.token.data[0])).toBe(step.token);
      const logits = step.top.tokens.map((/** @type {number} */ n) => outputs.logits.data[n]);
      expect(difference(logits, step.top.logits)).toBeLessThanOrEqual(tolerances.logits);
      if (written) written += vocabulary.decode(step.tokens.slice(1));
      written += vocabulary.decode([step.token]);
    }
    expect(text.startsWith(written)).toBe(true);
    wantStates(states, state, stepper, tolerances.states);
  }
});

test.each(digits)("$model steps as in its trace", async (trace) => {
  const { stepper } = await openTraced(trace);
  const { sequences, tolerances, ink } = trace;
  for (const { rows, probabilities, states } of sequences) {
    let state = stepper.initialState();
    for (const [place, row] of rows.entries()) {
      const pixels = Array.from(row, (pixel) => parseInt(/** @type {string} */ (pixel), 16) / ink);
      let outputs;
      [outputs, state] = await stepper.step({ rows: [[pixels]] }, state);
      const found = /** @type {Float32Array} */ (outputs.probabilities.data);
      expect(difference(found, probabilities[place])).toBeLessThanOrEqual(tolerances.probabilities);
    }
    wantStates(states, state, stepper, tolerances.states);
  }
});

test.each(traces)("$model is held to the trace that it carries", async (trace) => {
  const { stepper } = await openTraced(trace);
  if (stepper.spec?.format_version === 1) {
    await expect(verifyOwnTrace(stepper)).rejects.toThrow(ModelFileError);
    return;
  }
  const { steps, difference, tolerance } = await verifyOwnTrace(stepper);
  expect(steps).toBeGreaterThan(0);
  expect(difference).toBeLessThanOrEqual(tolerance);
});

test.each(poems)("$model writes the poems of its trace", async (trace) => {
  const poet = /** @type {Poet} */ (await openTraced(trace));
  for (const { form, start, seed, text } of trace.poems) {
    expect((await poet.compose(form, { start, seed })).traditional).toBe(text);
  }
});

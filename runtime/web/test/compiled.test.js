/** Models compiled to WebAssembly: they are those that onnxruntime-web runs, by another way. */

import { describe, expect, test } from "vitest";
import { ModelFileError, ProviderError, RunError, State, Stepper } from "../qibu/index.js";
import { compiled, difference, model } from "./expected.js";

const file = compiled("poem");
/** @param {import("../qibu/index.js").Tensor} tensor */
const values = ({ data }) => /** @type {number[]} */ (Array.from(/** @type {any} */ (data)));

/** @param {string} name */
const both = async (name) => [
  await Stepper.open(model(name)),
  await Stepper.open(/** @type {Buffer} */ (compiled(name))),
];

describe.skipIf(file === null)("a compiled model", () => {
  test("has the other's inputs, outputs, metadata, and its SHA-256", async () => {
    const [theirs, ours] = await both("poem");
    expect(ours.inputs).toEqual(theirs.inputs);
    expect(ours.outputs).toEqual(theirs.outputs);
    expect(ours.spec).toEqual(theirs.spec);
    expect(ours.model).toBe(theirs.model);
    expect(ours.provider).toBe("wasm");
  });

  test("reads several steps of several sequences at once", async () => {
    const [theirs, ours] = await both("poem");
    const inputs = {
      tokens: [[2, 60, 61], [2, 70, 71]],
      uniform: [0.3, 0.8],
      temperature: [0.9],
      top_k: [40],
      top_p: [0.95],
    };
    const [wanted, after] = await theirs.step(inputs, theirs.initialState(2));
    const [found, state] = await ours.step(inputs, ours.initialState(2));
    expect(found.token).toEqual({ ...found.token, data: wanted.token.data, dims: [2] });
    expect(found.logits.dims).toEqual([2, ours.part.vocabulary.size]);
    expect(difference(values(found.logits), values(wanted.logits))).toBeLessThanOrEqual(1e-5);
    for (const name of state.keys()) {
      const [one, other] = [state.get(name), after.get(name)];
      expect([...one.dims]).toEqual([...other.dims]);
      expect(difference(values(one), values(other))).toBeLessThanOrEqual(1e-5);
    }
  });

  test("goes on from the other's state, and leaves a state as it was", async () => {
    const [theirs, ours] = await both("digits");
    const row = Array.from({ length: 28 }, (_, i) => (i % 7) / 7);
    const [, before] = await theirs.step({ rows: [[row]] }, theirs.initialState());
    const saved = before.toBytes();
    const state = State.fromBytes(saved);
    const [{ probabilities }] = await ours.step({ rows: [[row]] }, state);
    const [wanted] = await theirs.step({ rows: [[row]] }, before);
    expect(difference(values(probabilities), values(wanted.probabilities))).toBeLessThanOrEqual(1e-5);
    expect(state.toBytes()).toEqual(saved);
  });

  test("refuses inputs that don't fit together, and settings of the sampler", async () => {
    const [, ours] = await both("poem");
    const feeds = (/** @type {number} */ batch, /** @type {number} */ temperature) => {
      const size = ours.part.vocabulary.size;
      const tensor = (/** @type {any} */ data, /** @type {number[]} */ ...dims) => ({
        type: data instanceof Float32Array ? "float32" : "int64",
        data,
        dims,
      });
      return {
        tokens: tensor(new BigInt64Array(batch), batch, 1),
        bias: tensor(new Float32Array(batch * size), batch, size),
        temperature: tensor(Float32Array.of(temperature), 1),
        top_k: tensor(BigInt64Array.of(1n), 1),
        top_p: tensor(Float32Array.of(1), 1),
        uniform: tensor(new Float32Array(batch), batch),
      };
    };
    const advance = (/** @type {number} */ batch, /** @type {number} */ temperature) =>
      ours.advance(feeds(batch, temperature), ours.initialState(2), ["token"]);
    const [{ token }] = await advance(2, 1);
    expect(token.dims).toEqual([2]);
    await expect(advance(3, 1)).rejects.toThrow(RunError);
    await expect(advance(2, 0)).rejects.toThrow("input 'temperature' must be above 0");
  });

  test("has no GPU", async () => {
    await expect(
      Stepper.open(/** @type {Buffer} */ (file), { provider: "webgpu" }),
    ).rejects.toThrow(ProviderError);
  });

  test("can't be stepped once it was released", async () => {
    const [, ours] = await both("digits");
    const state = ours.initialState();
    await ours.release();
    const rows = [[Array(28).fill(0)]];
    await expect(ours.step({ rows }, state)).rejects.toThrow("the model was released");
  });
});

test("WebAssembly that is no model, or cut short, is refused", async () => {
  const empty = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0);
  await expect(Stepper.open(empty)).rejects.toThrow("without a section 'qibu'");
  await expect(Stepper.open(empty.subarray(0, 6))).rejects.toThrow(ModelFileError);
});

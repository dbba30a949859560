import { beforeAll, expect, test } from "vitest";
import { Port, State, Stepper } from "../qibu/index.js";
import { findPairs } from "../qibu/core/pairing.js";
import { model, numbersOf, openPoet, openReader } from "./expected.js";

/** @type {Stepper} */
let stepper;
beforeAll(async () => {
  ({ stepper } = await openPoet());
});

/** @param {State} state */
const bits = (state) => [...state.keys()].map((name) => numbersOf(state.get(name)));

test("many steps at once and one by one agree to the bit", async () => {
  const [, whole] = await stepper.step({ tokens: [[60, 70, 80]] }, stepper.initialState());
  let state = stepper.initialState();
  for (const token of [60, 70, 80]) [, state] = await stepper.step({ tokens: [[token]] }, state);
  expect(bits(state)).toEqual(bits(whole));
});

test("a sequence gives the same alone and in a batch to the bit", async () => {
  const [, together] = await stepper.step({ tokens: [[60], [70]] }, stepper.initialState(2));
  const [, alone] = await stepper.step({ tokens: [[70]] }, stepper.initialState());
  expect(bits(together.split()[1])).toEqual(bits(alone));
});

test("a step leaves its state alone, so it can be forked and rewound", async () => {
  const [, state] = await stepper.step({ tokens: [[60]] }, stepper.initialState());
  const before = bits(state);
  const [one] = await stepper.step({ tokens: [[70]] }, state);
  await stepper.step({ tokens: [[80]] }, state);
  const [again] = await stepper.step({ tokens: [[70]] }, state);
  expect(bits(state)).toEqual(before);
  expect(numbersOf(one.logits)).toEqual(numbersOf(again.logits));
});

test("what a state gives away is a copy", () => {
  const state = stepper.initialState();
  state.get("h_in").data[0] = 1;
  expect(state.get("h_in").data[0]).toBe(0);
});

test("steps that are asked for at once don't disturb one another", async () => {
  const tokens = [60, 70, 80, 90];
  const start = stepper.initialState();
  const together = await Promise.all(tokens.map((t) => stepper.step({ tokens: [[t]] }, start)));
  for (const [place, token] of tokens.entries()) {
    const [, alone] = await stepper.step({ tokens: [[token]] }, start);
    expect(bits(together[place][1])).toEqual(bits(alone));
  }
});

test("a state of another model is an error", async () => {
  const other = await openReader();
  await expect(stepper.step({ tokens: [[5]] }, other.stepper.initialState())).rejects.toThrow(
    "the state belongs to another model",
  );
});

test("a provider that can't be had is an error with those that can", async () => {
  await expect(Stepper.open(model("digits"), { provider: "cuda" })).rejects.toThrow(
    "provider 'cuda' can't be had here; this onnxruntime has wasm",
  );
});

/** @param {string} name @param {(number | string)[]} shape */
const port = (name, shape = ["batch", 3]) => new Port(name, "float32", shape);

test.each([
  ["h", "hn"],
  ["state", "stateN"],
  ["h0", "next_h0"],
  ["state0", "new_state0"],
  ["past_key", "present_key"],
  ["cache_in", "cache_out"],
])("a file that says nothing of itself is paired by name: %s and %s", (into, out) => {
  const [pair] = findPairs([port("x", [1]), port(into)], [port("y", [1]), port(out)]);
  expect(pair).toMatchObject({ input: into, output: out, shape: [null, 3], batch_axis: 0 });
});

test("names that leave a doubt ask for states", () => {
  expect(() => findPairs([port("h")], [port("hn"), port("h_next")])).toThrow("states={'h': ...}");
});

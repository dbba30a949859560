import { beforeAll, expect, test } from "vitest";
import { State, Stepper } from "../qibu/index.js";
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

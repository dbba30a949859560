import { writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { InputError, State } from "../qibu/index.js";
import { expected, numbersOf, place, read } from "./expected.js";

const pairs = [{ input: "h_in", output: "h_out", shape: [2, null, 3], initial: 0, dtype: "float32" }];

/** @param {number} batch */
function make(batch) {
  const data = Float32Array.from({ length: 6 * batch }, (_, i) => i / 7);
  return new State({ h_in: { type: "float32", data, dims: [2, batch, 3] } }, pairs, "m".repeat(64));
}

/** @param {State} state */
const values = (state) => numbersOf(state.get("h_in"));

test("stacking what was split gives the same", () => {
  const state = make(4);
  expect(values(State.stack(state.split()))).toEqual(values(state));
});

test("every part of a fork is its origin", () => {
  const state = make(2);
  const parts = state.fork(3).split();
  const origins = state.split();
  expect(parts.map(values)).toEqual([0, 0, 0, 1, 1, 1].map((row) => values(origins[row])));
});

test("a saved state is the same to the bit", () => {
  const state = make(3);
  expect(values(State.load(state.save()))).toEqual(values(state));
});

test("a state saved by Python is read here, and one saved here by Python", () => {
  const state = State.load(read("state.npz"));
  for (const [name, wanted] of Object.entries(expected.state)) {
    expect(numbersOf(state.get(name))).toEqual(wanted);
  }
  writeFileSync(place("from-javascript.npz"), state.save());
});

test("a damaged file is no state", () => {
  const bytes = make(1).save();
  const flipped = bytes.map((byte, i) => (i === 400 ? byte ^ 1 : byte));
  for (const damaged of [bytes.slice(0, 200), new Uint8Array(30), flipped]) {
    expect(() => State.load(damaged)).toThrow(InputError);
  }
});

test("an array of another shape is an error", () => {
  const tensor = { type: "float32", data: new Float32Array(3), dims: [1, 1, 3] };
  expect(() => new State({ h_in: tensor }, pairs, "m")).toThrow(
    "state 'h_in' must be [2, 'batch', 3] float32, got [1, 1, 3] float32",
  );
});

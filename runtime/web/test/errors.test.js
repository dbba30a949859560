/** The same mistakes as in tests/web/conftest.py: the same class of error, the same words. */

import { beforeAll, expect, test } from "vitest";
import { DigitReader, Poet, Sampling, State, toMnist } from "../qibu/index.js";
import { expected, openPoet, openReader } from "./expected.js";

/** @type {Poet} */
let poet;
/** @type {DigitReader} */
let reader;
beforeAll(async () => {
  [poet, reader] = [await openPoet(), await openReader()];
});

/** @param {number} [batch] */
const start = (batch) => poet.stepper.initialState(batch);
/** @param {any} inputs @param {State} [state] */
const step = (inputs, state = start()) => poet.stepper.step(inputs, state);
/** @param {number} height @param {number} width @param {number} value */
const filled = (height, width, value) => ({
  data: new Float32Array(height * width).fill(value),
  dims: [height, width],
});
const tokens = [[5]];

function faint() {
  const paper = filled(50, 50, 1);
  paper.data[25 * 50 + 25] = 0.97;
  return paper;
}

/** @type {Record<string, () => unknown>} */
const mistakes = {
  batch: () => start(0),
  "unknown input": () => step({ token: [[5]] }),
  "missing input": () => step({}),
  shape: () => step({ tokens: [5] }),
  empty: () => step({ tokens: { data: new BigInt64Array(0), dims: [1, 0] } }),
  "another batch": () => step({ tokens }, start(2)),
  fraction: () => step({ tokens: [[0.5]] }),
  token: () => step({ tokens: [[999_999]] }),
  uniform: () => step({ tokens, uniform: [1.5] }),
  NaN: () => step({ tokens, temperature: [NaN] }),
  count: () => start().fork(0),
  stack: () => State.stack([]),
  "two models": () => State.stack([start(), reader.stepper.initialState()]),
  seed: () => poet.compose("七絕", { seed: 2n ** 64n }),
  form: () => poet.compose("八絕"),
  lines: () => poet.compose("五律", { lines: 10 }),
  "odd lines": () => poet.compose("七排", { lines: 11 }),
  "line length": () => poet.compose("古風", { lineLength: 1 }),
  rhyme: () => poet.compose("七絕", { rhyme: "喵" }),
  "oblique rhyme": () => poet.compose("七絕", { rhyme: "月" }),
  pattern: () => poet.compose("七絕", { pattern: "起句" }),
  "long start": () => poet.compose("七絕", { start: "春眠不覺曉處處聞啼鳥" }),
  acrostic: () => poet.compose("七絕", { acrostic: "春江" }),
  "two beginnings": () => poet.compose("七絕", { start: "花", acrostic: "春江花月" }),
  "unknown character": () => poet.compose("七絕", { start: "Qibu" }),
  author: () => poet.compose("七絕", { author: "莎士比亞" }),
  script: () => poet.compose("七絕", { script: /** @type {any} */ ("latin") }),
  "number of poems": () => poet.composeMany(0),
  temperature: () => new Sampling({ temperature: 0 }),
  top_p: () => new Sampling({ topP: 1.5 }),
  picture: () => reader.read(filled(28, 27, 0)),
  ink: () => reader.read(filled(28, 28, 1.5)),
  "no ink": () => toMnist(faint()),
};

test.each(Object.entries(expected.errors))("%s: the words are Python's", async (name, wanted) => {
  let found = "nothing";
  try {
    await mistakes[name]();
  } catch (error) {
    found = String(error);
  }
  expect(found).toBe(wanted);
});

test("every mistake is made in both languages", () => {
  expect(Object.keys(mistakes)).toEqual(Object.keys(expected.errors));
});

/** Files of somebody's own, as tests/web/stranger_files.py writes and steps them. */

import { createServer } from "node:http";
import { writeFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { DigitReader, InputError, ModelFileError, State, Stepper, VerificationError, load, register, verifyOwnTrace } from "../qibu/index.js";
import { unpack } from "../qibu/core/packed.js";
import { difference, expected, numbersOf, openStranger, place, read } from "./expected.js";

const ROUNDING = 1e-6; // of tanh in WebAssembly, in float32
const EXACT = ["cache", "begun", "types", "unnamed", "fixed"];

/** @param {any} noted @returns {import("../qibu/core/arrays.js").Tensor} */
const tensorOf = (noted) =>
  "strings" in noted
    ? { type: "string", data: noted.strings, dims: [noted.strings.length] }
    : unpack(noted, "noted").array();

/** @param {Record<string, any>} noted */
const tensorsOf = (noted) =>
  Object.fromEntries(Object.entries(noted).map(([name, one]) => [name, tensorOf(one)]));

/** @param {any} found @param {any} noted @param {boolean} exact */
function wantSame(found, noted, exact) {
  const wanted = tensorOf(noted);
  expect([found.type, [...found.dims]]).toEqual([wanted.type, [...wanted.dims]]);
  if (exact) expect(found.data).toEqual(wanted.data);
  else expect(difference(numbersOf(found), numbersOf(wanted))).toBeLessThan(ROUNDING);
}

/** @param {string} name @param {Stepper} stepper @param {number} batch */
function firstState(name, stepper, batch) {
  if (name !== "types") return stepper.initialState(batch);
  const ones = stepper.pairs.map(({ input, dtype }) => {
    if (dtype === "string") return [input, ["步"]];
    const data = { bool: Uint8Array.of(1), uint8: Uint8Array.of(1), uint16: Uint16Array.of(1), uint32: Uint32Array.of(1), uint64: BigUint64Array.of(1n) };
    return [input, dtype in data ? { type: dtype, data: /** @type {any} */ (data)[dtype], dims: [1] } : [1]];
  });
  return stepper.stateFrom(Object.fromEntries(ones));
}

test.each(Object.entries(expected.strangers))("%s steps as in Python", async (name, noted) => {
  const externalData = name === "side" ? { "side.bin": read("strangers/side.bin") } : undefined;
  const stepper = await openStranger(name, { ...noted.options, externalData });
  expect(stepper.model).toBe(noted.model);
  const exact = EXACT.includes(name);
  let state = firstState(name, stepper, noted.batch);
  for (const { inputs, outputs } of noted.steps) {
    let found;
    [found, state] = await stepper.step(tensorsOf(inputs), state);
    expect(Object.keys(found).sort()).toEqual(Object.keys(outputs).sort());
    for (const [output, wanted] of Object.entries(outputs)) wantSame(found[output], wanted, exact);
  }
  for (const [input, wanted] of Object.entries(noted.state)) wantSame(state.get(input), wanted, exact);
  if (name === "types") {
    expect(() => state.toBytes()).toThrow("state 's_string' holds texts, which can't be kept");
    return;
  }
  const bytes = new Uint8Array(read(`strangers/${name}.state`));
  expect(State.fromBytes(bytes).toBytes()).toEqual(bytes);
  if (exact) expect(state.toBytes()).toEqual(bytes);
  const loaded = State.load(read(`strangers/${name}.npz`));
  for (const [input, wanted] of Object.entries(noted.state)) wantSame(loaded.get(input), wanted, true);
  writeFileSync(place(`from-javascript-${name}.state`), state.toBytes());
  writeFileSync(place(`from-javascript-${name}.npz`), state.save());
  await stepper.step(tensorsOf(noted.steps[0].inputs), State.fromBytes(bytes));
});

test("every type of number makes a state whose bytes are read again", async () => {
  const types = ["float16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "bool"];
  const states = Object.fromEntries(types.map((type) => [`s_${type}`, `t_${type}`]));
  const state = (await openStranger("types", { states })).initialState(3);
  for (const again of [State.fromBytes(state.toBytes()), State.load(state.save())]) {
    for (const name of state.keys()) expect(again.get(name)).toEqual(state.get(name));
  }
  writeFileSync(place("from-javascript-types.state"), state.toBytes());
  writeFileSync(place("from-javascript-types.npz"), state.save());
});

test("a file whose document is of format 1 still opens for what it was made for", async () => {
  const reader = await load(read("strangers/old-digits.onnx"));
  expect([reader.constructor, reader.stepper.spec.format_version]).toEqual([DigitReader, 1]);
  const [{ picture, digit }] = expected.digits;
  expect((await reader.read(picture)).digit).toBe(digit);
  const poet = await load(read("strangers/old-text.onnx"), { verse: expected.verse });
  const [{ seed, wishes, text }] = expected.poems;
  const { form, ...others } = wishes;
  expect((await poet.compose(form, { seed, ...others })).text).toBe(text);
});

/** @type {import("node:http").Server} */
let server;
/** @type {string} */
let address;
beforeAll(async () => {
  server = createServer((request, response) => {
    try {
      response.end(read(`strangers/${decodeURI(request.url ?? "").slice(1)}`));
    } catch {
      response.statusCode = 404;
      response.end();
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(null)));
  address = `http://127.0.0.1:${/** @type {any} */ (server.address()).port}/`;
});
afterAll(() => server.close());

test("weights in a side file are fetched beside the model, and are part of what it is", async () => {
  const { model } = expected.strangers.side;
  expect((await Stepper.open(`${address}side.onnx`)).model).toBe(model);
  const weights = Uint8Array.from(read("strangers/side.bin"));
  weights[0] ^= 1;
  const other = await Stepper.open(`${address}side.onnx`, { externalData: { "side.bin": weights } });
  expect(other.model).not.toBe(model);
  const url = new URL(`${address}side.bin`);
  const bytes = await openStranger("side", { externalData: { "side.bin": url } });
  expect(bytes.model).toBe(model);
});

test("weights that aren't there are an error that says how to give them", async () => {
  await expect(openStranger("side")).rejects.toThrow(
    "model: its weights' file 'side.bin' is missing; give its bytes: {externalData: {'side.bin': …}}",
  );
  const wrong = { externalData: { "side.bin": `${address}nothing.bin` } };
  await expect(openStranger("side", wrong)).rejects.toThrow(ModelFileError);
  await expect(openStranger("gru", { externalData: { "gru.bin": new Uint8Array(1) } })).rejects.toThrow(
    "externalData names 'gru.bin'; the model's weights lie in its own file",
  );
});

test("a file is held to its own trace", async () => {
  const result = await verifyOwnTrace(await openStranger("traced"));
  expect(result.steps).toBe(3);
  expect(result.difference).toBeLessThan(1e-5);
  expect(String(result)).toMatch(/^3 steps as in the file's own trace: at most \S+ off \(.*; limit 1e-05, relative above 1\)$/);
  await expect(verifyOwnTrace(await openStranger("strict"))).rejects.toThrow(VerificationError);
});

test("a file of a task that nobody knows is just stepped", async () => {
  const stepper = await load(read("strangers/begun.onnx"));
  expect(stepper).toBeInstanceOf(Stepper);
  expect([stepper.spec.task, stepper.part]).toEqual(["someone-elses", null]);
});

test("an application of one's own opens its files", async () => {
  const application = {
    task: "someone-elses",
    inputs: ["x"],
    outputs: ["y"],
    readPart: (/** @type {any} */ spec) => spec.part.key,
    feedsCheck: (/** @type {string} */ part) => (/** @type {any} */ feeds) => {
      if (feeds.x.data[0] > 9) throw new InputError(`${part}: too much`);
    },
    open: (/** @type {Stepper} */ stepper, /** @type {any} */ { loud }) => ({ stepper, loud }),
  };
  register(application);
  register(application);
  const { stepper, loud } = await load(read("strangers/begun.onnx"), /** @type {any} */ ({ loud: true }));
  expect([stepper.part, loud]).toEqual(["value", true]);
  await expect(stepper.step({ x: [[10, 0, 0]] }, stepper.initialState())).rejects.toThrow("value: too much");
});

/** Models from elsewhere, stepped by `Stepper` and by a loop of our own: the same to the bit. */

import { readFileSync } from "node:fs";
import * as ort from "onnxruntime-web/wasm";
import { expect, test } from "vitest";
import { Stepper } from "../qibu/index.js";
import { expected } from "./expected.js";

const STEPS = 20;
const LONGEST = 4;
ort.env.wasm.numThreads = 1; // else it asks for the number of cores, in a way that Node refuses

/** Numbers that look like chance, 0..1. */
function* chance() {
  for (let seed = 7; ; seed = (seed * 48271) % 2147483647) yield seed / 2147483647;
}

/**
 * Draw what one step is given: noise, small indices, masks of ones, and the settings.
 *
 * @param {any} file
 * @param {Map<string, any>} ports
 * @param {Generator<number>} random
 */
function inputsOf(file, ports, random) {
  const length = 1 + Math.floor(random.next().value * LONGEST);
  const given = Object.entries(file.inputs).map(([name, axes]) => {
    const dims = axes.map((/** @type {number | null} */ size) => size ?? length);
    const size = dims.reduce((/** @type {number} */ a, /** @type {number} */ b) => a * b, 1);
    const { type } = ports.get(name);
    const values = Array.from({ length: size }, () => random.next().value);
    if (type === "int64") return [name, new ort.Tensor(type, BigInt64Array.from(values, (x) => BigInt(Math.floor(100 * x))), dims)];
    if (type === "bool") return [name, new ort.Tensor(type, new Uint8Array(size).fill(1), dims)];
    return [name, new ort.Tensor("float32", Float32Array.from(values, (x) => x - 0.5), dims)];
  });
  const settings = Object.entries(file.fixed).map(([name, number]) => [
    name,
    new ort.Tensor("int64", BigInt64Array.of(BigInt(number)), []),
  ]);
  return Object.fromEntries([...given, ...settings]);
}

/** @param {any} tensor */
const bitsOf = ({ type, dims, data }) => ({ type, dims: [...dims], data });

test.skipIf(expected.public.length)("no package that ships a file with state could be had", () => {});

test.each(/** @type {any[]} */ (expected.public))("$name", async (file) => {
  const bytes = readFileSync(file.path);
  const session = await ort.InferenceSession.create(bytes, { logSeverityLevel: 4 });
  const ports = new Map(session.inputMetadata.map((port) => [port.name, port]));
  const stepper = await Stepper.open(bytes, { states: file.states });
  let state = stepper.initialState(file.batch);
  /** @type {Record<string, ort.Tensor>} */
  let hand = {};
  Object.keys(file.states).forEach((name, place) => {
    const dims = file.shapes[place];
    const size = dims.reduce((/** @type {number} */ a, /** @type {number} */ b) => a * b, 1);
    hand[name] = new ort.Tensor("float32", new Float32Array(size), dims);
    expect(bitsOf(state.get(name))).toEqual(bitsOf(hand[name]));
  });
  const random = chance();
  for (let step = 0; step < STEPS; step++) {
    const given = inputsOf(file, ports, random);
    let found;
    [found, state] = await stepper.step(given, state);
    const wanted = await session.run({ ...given, ...hand });
    for (const name of Object.keys(stepper.outputs)) expect(bitsOf(found[name])).toEqual(bitsOf(wanted[name]));
    hand = Object.fromEntries(
      Object.entries(file.states).map(([input, output]) => [input, wanted[output]]),
    );
    for (const name of Object.keys(hand)) expect(bitsOf(state.get(name))).toEqual(bitsOf(hand[name]));
  }
  await session.release();
  await stepper.release();
});

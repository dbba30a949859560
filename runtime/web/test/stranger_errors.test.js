/** The same mistakes as in tests/web/stranger_mistakes.py: the same class of error, the same words. */

import { createHash } from "node:crypto";
import { beforeAll, expect, test } from "vitest";
import { State, Stepper, register, verifyOwnTrace } from "../qibu/index.js";
import { expected, openStranger } from "./expected.js";

/** @type {Record<string, Stepper>} */
const opened = {};
/** @type {State} */
let once;
/** @type {State} */
let twice;
/** @type {Uint8Array} */
let data;
beforeAll(async () => {
  for (const name of ["cache", "begun", "gru"]) opened[name] = await openStranger(name);
  opened.refusing = await openStranger("refusing", { states: { h: "h_out" } });
  const states = Object.fromEntries(["float32", "int64", "bool"].map((type) => [`s_${type}`, `t_${type}`]));
  opened.plain = await openStranger("types", { states });
  [, once] = await opened.cache.step({ x: [[1, 1]] }, opened.cache.initialState());
  [, twice] = await opened.cache.step({ x: [[1, 1]] }, once);
  data = once.toBytes();
});

/** @param {string} type @param {any} given */
const feed = (type, given) => opened.plain.step({ [`in_${type}`]: given }, opened.plain.initialState());
/** @param {number[]} dims */
const zeros = (...dims) => ({ data: new Float32Array(dims.reduce((a, b) => a * b, 1)), dims });
/** @param {string} text */
const latin = (text) => Uint8Array.from(text, (character) => character.charCodeAt(0));
/** @param {Uint8Array} content */
const sealed = (content) =>
  Uint8Array.of(...content, ...createHash("sha256").update(content).digest().subarray(0, 8));
/** @param {number} at @param {number} value */
const altered = (at, value) => data.map((byte, i) => (i === at ? value : byte));

/** @type {Record<string, () => unknown>} */
const mistakes = {
  "not held": () => feed("int8", [200, 1]),
  "not held, 64 bits": () => feed("int32", [2 ** 40, 1]),
  "unsigned below 0": () => feed("uint8", [-1, 2]),
  fraction: () => feed("int16", [0.5, 2]),
  "bool of numbers": () => feed("bool", [1, 0]),
  "half NaN": () => feed("float16", { type: "float16", data: Uint16Array.of(0x3c00, 0x7e00), dims: [2] }),
  "one too many": () => feed("float64", [1.5, 2.5, 3.5]),
  missing: () => feed("float32", [1.5, 2.5]),
  "another batch": () => opened.cache.step({ x: [[1, 1]] }, opened.cache.initialState(2)),
  "empty time": () => opened.gru.step({ x: zeros(1, 0, 3) }, opened.gru.initialState()),
  "batch as a fraction": () => opened.cache.initialState(1.5),
  "batch that the file fixes": async () => (await openStranger("fixed")).initialState(5),
  "no such state": () => opened.cache.stateFrom({ g: [[1, 1]] }),
  "a state is missing": () => opened.cache.stateFrom({}),
  "state of another rank": () => opened.cache.stateFrom({ cache: zeros(1, 2) }),
  "state of fractions": () => opened.begun.stateFrom({ count: 0.5 }),
  "states of two batches": () => opened.gru.stateFrom({ h_in: zeros(2, 1, 4) }),
  "different lengths": () => State.stack([once, twice]),
  "no batch axis": () => opened.begun.initialState().split(),
  "another model": () => opened.begun.step({ x: [[1, 1, 1]] }, once),
  refused: () => opened.refusing.step({ x: [7] }, opened.refusing.initialState()),
  "no trace": () => verifyOwnTrace(opened.cache),
  "a trace that can't be run": async () => verifyOwnTrace(await openStranger("lame")),
  "task taken": () => register({ task: "digits", open: () => null }),
  "states of no input": () => openStranger("gru", { states: { g: "h_out" } }),
  "states of no output": () => openStranger("gru", { states: { h_in: "g" } }),
  "no state's bytes": () => State.fromBytes(latin("QST\0abc")),
  "no bytes": () => State.fromBytes(new Uint8Array()),
  "a newer state": () => State.fromBytes(latin("QSTA\x02abc")),
  "cut bytes": () => State.fromBytes(data.subarray(0, -1)),
  "altered bytes": () => State.fromBytes(altered(60, 0x99)),
  "contradicting bytes": () => State.fromBytes(sealed(data.subarray(0, -12))),
};

test.each(Object.entries(expected.strangerErrors))("%s: the words are Python's", async (name, wanted) => {
  const isFile = name.startsWith("bad-");
  let found = "nothing";
  try {
    await (isFile ? openStranger(name) : mistakes[name]());
  } catch (error) {
    found = String(error);
  }
  expect(found.replace(/(refuses its inputs \(.*?\): |contradict themselves: ).*/, "$1")).toBe(wanted);
});

test("every mistake is made in both languages", () => {
  const theirs = Object.keys(expected.strangerErrors).filter((name) => !name.startsWith("bad-"));
  expect(Object.keys(mistakes)).toEqual(theirs);
});

import { expect, test } from "vitest";
import { InputError, ModelFileError, Poet, State, TextStream, Writer, load } from "../qibu/index.js";
import { expected, openPoet, openReader, place, read } from "./expected.js";
import { writeFileSync } from "node:fs";

/** @type {Map<string, Promise<Writer>>} */
const opened = new Map();

/** @param {string} name @returns {Promise<Writer>} */
function open(name) {
  const known = opened.get(name) ?? load(read(`${name}.onnx`));
  opened.set(name, known);
  return known;
}

const NAMES = ["gru-char", "lstm-byte"];

test.each(/** @type {any[]} */ (expected.texts))(
  "the text of seed $seed by $model is Python's, with $manner",
  async ({ model, manner: { start, on_unknown, ...manner }, seed, text, ended }) => {
    const writer = await open(model);
    expect(writer).toBeInstanceOf(Writer);
    const request = { ...manner, seed: BigInt(seed), onUnknown: on_unknown };
    const writing = await writer.write(start, request);
    expect([writing.text, writing.ended]).toEqual([text, ended]);
  },
);

/** @param {TextStream} stream @param {number} count */
async function take(stream, count) {
  let text = "";
  for (let piece = 0; piece < count; piece++) text += (await stream.next()).value;
  return text;
}

/** @param {TextStream} stream */
async function rest(stream) {
  let text = "";
  for await (const piece of stream) text += piece;
  return text;
}

test.each(NAMES)("%s: a fork goes on as the stream does, and another seed elsewhere", async (name) => {
  const stream = (await open(name)).stream("The ", { seed: 3, length: 80 });
  await take(stream, 12);
  const [same, other] = [stream.fork(), stream.fork(8)];
  const wanted = await rest(stream);
  expect(await rest(same)).toBe(wanted);
  expect(await rest(other)).not.toBe(wanted);
  expect(() => stream.fork()).toThrow("the text has ended, by its length");
});

test.each(NAMES)("%s: a text goes on from its state, Python's or its own", async (name) => {
  const writer = await open(name);
  const wanted = (await writer.write("The old ", { seed: 5, length: 40 })).text.slice(8);
  const theirs = State.load(read(`${name}.npz`));
  const ours = await writer.read("old ", { state: await writer.read("The ") });
  const stream = writer.stream("The old ", { seed: 1 });
  for (const state of [theirs, ours, State.load(ours.save()), await stream.state()]) {
    expect((await writer.write("", { state, seed: 5, length: 40 })).text).toBe(wanted);
  }
  writeFileSync(place(`from-javascript-${name}.npz`), ours.save());
});

test("the mistakes are Python's, in its words", async () => {
  const writer = await open("gru-char");
  const { stepper } = await openReader();
  const two = (await writer.read("The")).fork(2);
  /** @type {Record<string, () => unknown>} */
  const mistakes = {
    length: () => writer.stream("", { length: 0 }),
    stop: () => writer.stream("", { stop: "" }),
    "nothing left": () => writer.stream("", { allow: "ab", ban: "ba" }),
    unknown: () => writer.stream("龘"),
    word: () => writer.stream("", { onUnknown: /** @type {any} */ ("guess") }),
    state: () => writer.stream("", { state: stepper.initialState() }),
    states: () => writer.stream("", { state: two }),
  };
  expect(Object.keys(mistakes)).toEqual(Object.keys(expected.textErrors));
  for (const [name, mistake] of Object.entries(mistakes)) {
    let told = "";
    try {
      mistake();
    } catch (error) {
      told = error instanceof InputError ? `${error.name}: ${error.message}` : String(error);
    }
    // a file that comes as bytes has no name
    expect(told).toBe(expected.textErrors[name].replace("gru-char.onnx", "model"));
  }
});

test("a writer of poems keeps no rules, and a poet of other texts is an error", async () => {
  const writer = await open("gru-char");
  expect(() => new Poet(writer.stepper, expected.verse)).toThrow(ModelFileError);
  expect((await openPoet()).writer).toBeInstanceOf(Writer);
});

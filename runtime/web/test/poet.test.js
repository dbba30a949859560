import { beforeAll, expect, test } from "vitest";
import { DigitReader, ModelFileError, Poet, load } from "../qibu/index.js";
import { expected, model, openPoet, openReader } from "./expected.js";

/** @type {Poet} */
let poet;
beforeAll(async () => {
  poet = await openPoet();
});

/** @param {any} wishes as Python calls them */
function translated({ form, best_of, line_length, on_unknown, ...others }) {
  return [form, { ...others, bestOf: best_of ?? 1 }];
}

test.each(/** @type {any[]} */ (expected.poems))(
  "the poem of seed $seed is Python's, character by character",
  async (wanted) => {
    const { seed } = wanted;
    const [form, wishes] = translated(wanted.wishes);
    const poem = await poet.compose(form, { seed, ...wishes });
    expect(poem.text).toBe(wanted.text);
    expect(poem.traditional).toBe(wanted.traditional);
    expect(Number(poem.seed)).toBe(wanted.chosen);
    expect([poem.pattern, poem.rhyme]).toEqual([wanted.pattern, wanted.rhyme]);
    expect(poem.meanLogProbability).toBeCloseTo(wanted.mean_log_probability, 4);
  },
);

test("a stream gives the characters of the whole poem", async () => {
  let text = "";
  for await (const character of poet.stream("七絕", { seed: 5 })) text += character;
  expect(text).toBe((await poet.compose("七絕", { seed: 5 })).text);
});

test("poems written side by side are those that are written alone", async () => {
  const poems = await poet.composeMany(3, "五絕", { seed: 10 });
  const alone = await poet.compose("五絕", { seed: 12 });
  expect(poems[2].text).toBe(alone.text);
});

test("a model of digits writes no poems, and one of poems reads no digits", async () => {
  const reader = await openReader();
  expect(() => new Poet(reader.stepper, expected.verse)).toThrow(ModelFileError);
  expect(() => new DigitReader(poet.stepper)).toThrow(ModelFileError);
});

test("a text model without the tables of verse is an error that says who writes them", async () => {
  await expect(load(model("poem"))).rejects.toThrow("`qibu export --web` writes them");
});

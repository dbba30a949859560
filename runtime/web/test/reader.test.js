import { beforeAll, expect, test } from "vitest";
import { DigitReader, toMnist } from "../qibu/index.js";
import { difference, expected, numbersOf, openReader } from "./expected.js";

/** @type {DigitReader} */
let reader;
beforeAll(async () => {
  reader = await openReader();
});

// float32 here and there, with sums in another order
const TOLERANCE = 1e-4;

test.each(/** @type {any[]} */ (expected.digits))(
  "drawing %# is brought to MNIST's shape and read as in Python",
  async (drawn) => {
    const picture = toMnist(drawn.grey);
    expect(difference(numbersOf(picture), drawn.picture.flat())).toBeLessThan(TOLERANCE);
    const reading = await reader.read(drawn.picture);
    expect(reading.digit).toBe(drawn.digit);
    expect(difference(reading.probabilities, drawn.probabilities)).toBeLessThan(TOLERANCE);
    expect(reading.rows?.length).toBe(28);
  },
);

test("rows give what the whole reading gives", async () => {
  const { picture } = expected.digits[0];
  const rows = [];
  for await (const row of reader.rows(picture)) rows.push(Array.from(row));
  expect(rows).toEqual((await reader.read(picture)).rows?.map((row) => Array.from(row)));
});

import { beforeAll, expect, test } from "vitest";
import { InputError, Reader, greyOf, load, toMnist } from "../qibu/index.js";
import { difference, expected, numbersOf, openReader, read } from "./expected.js";

/** @type {Reader} */
let reader;
/** @type {Reader} */
let own;
beforeAll(async () => {
  reader = await openReader();
  own = await load(read("own.onnx"));
});

// float32 here and there, with sums in another order
const TOLERANCE = 1e-4;

test.each(/** @type {any[]} */ (expected.digits))(
  "drawing %# is brought to MNIST's shape and read as in Python",
  async (drawn) => {
    const picture = toMnist(drawn.grey);
    expect(difference(numbersOf(picture), drawn.picture.flat())).toBeLessThan(TOLERANCE);
    expect(reader.prepare(drawn.grey)).toEqual(picture);
    const reading = await reader.read(drawn.picture);
    expect([reading.digit, reading.label]).toEqual([drawn.digit, String(drawn.digit)]);
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

test("a model of own pictures says what it reads", () => {
  expect(own).toBeInstanceOf(Reader);
  expect(own.pictures).toEqual({
    height: 17,
    width: 12,
    labels: ["鞋 shoe", "<b>bag</b>", 'a "hat"'],
    preparation: "scale",
    background: 0,
  });
  expect(reader.pictures.preparation).toBe("mnist");
});

test.each(/** @type {any[]} */ (expected.ownPictures))(
  "own picture %# is scaled and read as in Python",
  async (wanted) => {
    const picture = own.prepare(wanted.grey);
    expect(picture.dims).toEqual([17, 12]);
    expect(difference(numbersOf(picture), wanted.picture.flat())).toBeLessThan(TOLERANCE);
    const reading = await own.read(wanted.picture);
    expect([reading.label, reading.index]).toEqual([wanted.label, wanted.index]);
    expect(difference(reading.probabilities, wanted.probabilities)).toBeLessThan(TOLERANCE);
    expect(reading.rows?.length).toBe(17);
  },
);

test.each(/** @type {any[]} */ (expected.pixels))("pixels %# are the greys of Python", (shown) => {
  const grey = greyOf(shown);
  expect(grey.dims).toEqual([6, 5]);
  expect(difference(numbersOf(grey), shown.grey)).toBeLessThan(1e-6);
});

test("a picture of another size is refused by the model's own", async () => {
  const zeros = { data: new Float32Array(28 * 28), dims: [28, 28] };
  const told = new InputError("picture must be (17, 12), got shape (28, 28)");
  await expect(own.read(zeros)).rejects.toThrow(told);
});

/** What ONNX files say, read by a walk: the same as Python reads. */

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { ModelFileError, Stepper, readOnnx } from "../qibu/index.js";
import { expected, model } from "./expected.js";

test.each(Object.entries(expected.onnx))("%s says here what it says in Python", (path, wanted) => {
  const found = readOnnx(readFileSync(path));
  expect({
    producer: found.producer,
    opset: found.opset,
    inputs: found.inputs.map(String),
    outputs: found.outputs.map(String),
    metadata: Object.fromEntries(
      [...found.metadata].map(([key, text]) => [key, Array.from(text).length]),
    ),
    operators: Object.fromEntries(found.operators),
    weights: found.weights,
    sideFiles: [...found.sideFiles].sort(),
  }).toEqual(wanted);
});

test("a file that is cut off is an error wherever it is cut", () => {
  const file = model("digits");
  for (const size of [0, 1, 5, 1000, file.length - 1]) {
    expect(() => readOnnx(file.subarray(0, size))).toThrow(ModelFileError);
  }
});

test("bytes that are no model are an error", async () => {
  const noise = Uint8Array.from({ length: 500 }, (_, i) => (i * 37) % 251);
  await expect(Stepper.open(noise)).rejects.toThrow(ModelFileError);
});

test("graphs in graphs end somewhere", () => {
  /** @param {number} field @param {number[]} inner */
  const part = (field, inner) => [8 * field + 2, (inner.length & 127) | 128, inner.length >> 7, ...inner];
  let graph = part(11, []);
  for (let depth = 0; depth < 30; depth++) graph = part(1, part(5, part(6, graph)));
  expect(() => readOnnx(Uint8Array.from(part(7, graph)))).toThrow("nests graphs more than 24 deep");
});

test("many small parts are too many", () => {
  const file = new Uint8Array(1_000_000).map((_, i) => (i % 2 ? 0 : 8));
  expect(() => readOnnx(file)).toThrow("more than 400000 parts");
});

import { expect, test } from "vitest";
import { ModelFileError, ModelSpec, Stepper, readMetadata } from "../qibu/index.js";
import { model } from "./expected.js";

test("the spec is read out of the model file itself", () => {
  const spec = ModelSpec.fromJson(readMetadata(model("poem")).get("qibu") ?? "");
  expect([spec.task, spec.streaming]).toEqual(["text", true]);
  expect(Array.from(spec.part.vocabulary.characters).length).toBeGreaterThan(6000);
});

test("a file that is cut off is an error wherever it is cut", () => {
  const file = model("digits");
  for (const size of [1, 5, 1000, file.length - 1]) {
    expect(() => readMetadata(file.subarray(0, size))).toThrow(ModelFileError);
  }
});

test("bytes that are no model are an error", async () => {
  const noise = Uint8Array.from({ length: 500 }, (_, i) => (i * 37) % 251);
  await expect(Stepper.open(noise)).rejects.toThrow(ModelFileError);
});

test("a newer format is an error that names the cure", () => {
  expect(() => ModelSpec.fromJson('{"format_version": 3}')).toThrow("pip install --upgrade qibu");
});

test("a spec that lacks a field is an error that names it", () => {
  expect(() => ModelSpec.fromJson('{"format_version": 1, "task": "text"}')).toThrow("'states'");
});

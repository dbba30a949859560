/** What model files say of themselves: tests/web/documents.py, judged alike in both languages. */

import { expect, test } from "vitest";
import { ModelFileError, ModelSpec, readMetadata } from "../qibu/index.js";
import { checkSchema } from "../qibu/core/schema.js";
import { schema as digitsSchema } from "../qibu/pictures/digits.schema.js";
import { schema as textSchema } from "../qibu/text/text.schema.js";
import { expected, model, numbersOf } from "./expected.js";

test("the spec is read out of the model file itself", () => {
  const spec = ModelSpec.fromJson(readMetadata(model("poem")).get("qibu") ?? "");
  expect([spec.task, spec.streaming]).toEqual(["text", true]);
  expect(Array.from(spec.part.vocabulary.characters).length).toBeGreaterThan(6000);
});

/** What tests/web/documents.py notes of a spec. @param {ModelSpec} spec */
const shown = (spec) => ({
  format_version: spec.format_version,
  task: spec.task,
  part: spec.part,
  description: spec.description,
  states: spec.states.map((pair) => [
    pair.input, pair.output, pair.shape, pair.dtype, pair.batch_axis, pair.start, pair.growing.length > 0,
  ]),
  first: spec.states.map((pair) => numbersOf(pair.initialTensor(2))),
  ports: Object.fromEntries(
    Object.entries(spec.ports).map(([name, note]) => [
      name,
      [note.description, note.unit, note.labels, note.time_axis, note.batch_axis],
    ]),
  ),
  defaults: spec.defaults,
  steps: spec.trace?.steps.length ?? 0,
});

test.each(/** @type {any[]} */ (expected.documents))("document: $name", ({ text, error, spec }) => {
  if (error === undefined) expect(shown(ModelSpec.fromJson(text))).toEqual(spec);
  else expect(() => ModelSpec.fromJson(text)).toThrow(new ModelFileError(error));
});

test.each(["", "{", '{"format_version": NaN}', "\u0000"])("%j is no JSON", (text) => {
  expect(() => ModelSpec.fromJson(text)).toThrow("'qibu' metadata isn't JSON: ");
});

test.each(/** @type {any[]} */ (expected.parts))("part: $name", ({ kind, value, error }) => {
  const schema = kind === "text" ? textSchema : digitsSchema;
  const check = () => checkSchema(value, schema, `'qibu'.${kind}`);
  if (error === null) expect(check()).toBeUndefined();
  else expect(check).toThrow(new ModelFileError(error));
});

import { expect, test } from "vitest";
import { uniformNumbers } from "../qibu/index.js";
import { expected } from "./expected.js";

test.each(Object.entries(expected.uniform))("seed %s gives Python's numbers", (seed, wanted) => {
  const numbers = uniformNumbers(BigInt(seed));
  expect(Array.from({ length: wanted.length }, () => numbers.next().value)).toEqual(wanted);
});

test("every number is exact in 32 bits", () => {
  const numbers = uniformNumbers(1);
  for (let i = 0; i < 1000; i++) {
    const { value } = numbers.next();
    expect(Math.fround(value)).toBe(value);
  }
});

/** The random numbers behind a seed, the same as in Python and C. */

import { InputError } from "../core/errors.js";

const MASK = (1n << 64n) - 1n;
const STEP = 0x9e3779b97f4a7c15n;

/**
 * Give endless numbers in [0, 1), each exact as a float32, from a seed 0..2**64-1.
 *
 * SplitMix64 (Steele, Lea & Flood 2014, https://doi.org/10.1145/2660193.2660195); the upper 24
 * bits of each number over 2**24.
 *
 * @param {bigint | number} seed
 * @param {number} [skip] how many were taken before
 * @returns {Generator<number, never>}
 */
export function* uniformNumbers(seed, skip = 0) {
  let state = (BigInt(seed) + BigInt(skip) * STEP) & MASK;
  for (;;) {
    state = (state + STEP) & MASK;
    let mixed = ((state ^ (state >> 30n)) * 0xbf58476d1ce4e5b9n) & MASK;
    mixed = ((mixed ^ (mixed >> 27n)) * 0x94d049bb133111ebn) & MASK;
    mixed ^= mixed >> 31n;
    yield Number(mixed >> 40n) / 2 ** 24;
  }
}

/**
 * Give the seed itself if it is one, or a random one for null.
 *
 * @param {bigint | number | null} [seed] beyond 2**53 only a bigint is exact
 * @returns {bigint}
 */
export function chooseSeed(seed = null) {
  if (seed === null) return BigInt(crypto.getRandomValues(new Uint32Array(1))[0]);
  const whole = typeof seed === "bigint" || Number.isSafeInteger(seed);
  if (!whole || seed < 0 || BigInt(seed) > MASK) {
    throw new InputError(`seed must be 0..2**64-1, got ${seed}`);
  }
  return BigInt(seed);
}

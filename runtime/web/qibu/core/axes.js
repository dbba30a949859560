/** Which axis of an input is the batch. */

/**
 * @typedef {import("./port.js").Port} Port
 * @typedef {import("./port.js").StatePair} StatePair
 */

/**
 * Give the batch axis of each input, or null.
 *
 * @param {readonly Port[]} inputs
 * @param {readonly StatePair[]} _pairs
 * @returns {Map<string, number | null>}
 */
export function batchAxesOfData(inputs, _pairs) {
  return new Map(
    inputs.map(({ name, shape }) => [name, shape.length && shape[0] === null ? 0 : null]),
  );
}

/**
 * Give the batch that the file fixes, or null.
 *
 * @param {readonly Port[]} _inputs
 * @param {readonly StatePair[]} _pairs
 * @returns {number | null}
 */
export function fixedBatch(_inputs, _pairs) {
  return null;
}

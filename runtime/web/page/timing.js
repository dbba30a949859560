/** How long a step takes on this device. */

const WARM_UP = 30; // steps
const SAMPLES = 300;
const SAMPLE_MS = 2; // browsers round their clock to a twentieth of that
const LONGEST_MS = 3000; // all of it, for a large model on a small device

/**
 * Time a step from a state; nothing is kept of it.
 *
 * @param {import("./qibu/index.js").Stepper} stepper
 * @param {Record<string, import("./qibu/index.js").Tensor>} inputs of one step
 * @param {import("./qibu/index.js").State} state
 * @returns {Promise<{median: number, samples: number}>} milliseconds a step
 */
export async function timeStep(stepper, inputs, state) {
  const begin = performance.now();
  let warm = 0;
  while (warm < WARM_UP && performance.now() - begin < LONGEST_MS / 3) {
    await stepper.step(inputs, state);
    warm++;
  }
  const steps = Math.max(1, Math.ceil((SAMPLE_MS * warm) / (performance.now() - begin)));
  /** @type {number[]} */
  const samples = [];
  let shown = performance.now();
  while (samples.length < SAMPLES && performance.now() - begin < LONGEST_MS) {
    const start = performance.now();
    for (let step = 0; step < steps; step++) await stepper.step(inputs, state);
    samples.push((performance.now() - start) / steps);
    if (performance.now() - shown < 30) continue;
    await new Promise((resolve) => setTimeout(resolve)); // the page stays alive
    shown = performance.now();
  }
  samples.sort((a, b) => a - b);
  return { median: samples[samples.length >> 1], samples: samples.length };
}

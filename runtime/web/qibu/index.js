/**
 * Step stateful ONNX models; write Tang poems and read digits with them, in the browser or Node.
 *
 *     import { load } from "./qibu/index.js";
 *     const poet = await load("poem.onnx");
 *     const poem = await poet.compose("七絕", { seed: 7 });
 */

export * from "./errors.js";
export { load } from "./loading.js";
export { readMetadata } from "./metadata.js";
export { toMnist } from "./pictures.js";
export { Poet } from "./poet.js";
export { availableProviders } from "./providers.js";
export { uniformNumbers } from "./random.js";
export { DigitReader } from "./reader.js";
export { Sampling } from "./sampling.js";
export { ModelSpec } from "./spec.js";
export { State } from "./state.js";
export { Stepper } from "./stepper.js";
export { Composition } from "./verse/composition.js";
export { splitLines } from "./verse/forms.js";
export { VerseTables } from "./verse/tables.js";
export { Vocabulary } from "./vocabulary.js";

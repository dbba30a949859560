/**
 * Step stateful ONNX models; write Tang poems and read digits with them, in the browser or Node.
 *
 *     import { load } from "./index.js";
 *     const poet = await load("poem.onnx");
 *     const poem = await poet.compose("七絕", { seed: 7 });
 */

export * from "./core/errors.js";
export { load } from "./loading.js";
export { readMetadata } from "./core/onnx_file.js";
export { toMnist } from "./pictures/mnist_picture.js";
export { Poet } from "./verse/poet.js";
export { availableProviders } from "./core/providers.js";
export { uniformNumbers } from "./text/seeded_random.js";
export { DigitReader } from "./pictures/digit_reader.js";
export { Sampling } from "./text/sampling.js";
export { ModelSpec } from "./core/model_file.js";
export { State } from "./core/state.js";
export { Stepper } from "./core/stepper.js";
export { Composition } from "./verse/composition.js";
export { splitLines } from "./verse/forms.js";
export { VerseTables } from "./verse/tables.js";
export { Vocabulary } from "./text/vocabulary.js";

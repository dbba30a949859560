/**
 * Step stateful ONNX models; write Tang poems or any text, and read digits or own pictures, in the browser or Node.
 *
 *     import { load } from "./qibu/index.js";
 *     const poet = await load("poem.onnx");
 *     const poem = await poet.compose("七絕", { seed: 7 });
 */

import { registerModule } from "./core/applications.js";

/**
 * @typedef {import("./core/applications.js").Application} Application
 * @typedef {import("./core/arrays.js").ArrayLike} ArrayLike
 * @typedef {import("./core/arrays.js").Tensor} Tensor
 * @typedef {import("./core/golden_trace.js").TraceResult} TraceResult
 * @typedef {import("./core/model_file.js").PortNote} PortNote
 * @typedef {import("./core/model_source.js").Source} Source
 * @typedef {import("./core/stepper.js").StepperOptions} StepperOptions
 */

export { register } from "./core/applications.js";
export * from "./core/errors.js";
export { verifyOwnTrace } from "./core/golden_trace.js";
export { ModelSpec } from "./core/model_file.js";
export { readMetadata, readOnnx } from "./core/onnx_file.js";
export { Port, StatePair } from "./core/port.js";
export { availableProviders } from "./core/providers.js";
export { State } from "./core/state.js";
export { Stepper } from "./core/stepper.js";
export { load } from "./loading.js";
export { Reader, Reader as DigitReader } from "./pictures/reader.js";
export { greyOf } from "./pictures/grey.js";
export { toMnist } from "./pictures/mnist_picture.js";
export { Sampling } from "./text/sampling.js";
export { uniformNumbers } from "./text/seeded_random.js";
export { TextStream } from "./text/text_stream.js";
export { Vocabulary } from "./text/vocabulary.js";
export { Writer } from "./text/writer.js";
export { Composition } from "./verse/composition.js";
export { splitLines } from "./verse/forms.js";
export { Poet } from "./verse/poet.js";
export { VerseTables } from "./verse/tables.js";

// the applications that come with the module: a folder each, read when a file of its task is opened
registerModule("text", () => import("./verse/application.js"));
registerModule("text", () => import("./text/application.js"));
registerModule("digits", () => import("./pictures/application.js"));

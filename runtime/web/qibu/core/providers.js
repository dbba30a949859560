/** Opening what runs a model where the caller asked for it, and nowhere else. */

import { openCompiled } from "./compiled.js";
import { ModelFileError, ProviderError } from "./errors.js";
import { firstLine, refusal } from "./refusal.js";
import { Port } from "./port.js";
import { quoted } from "./words.js";

/**
 * @typedef {Pick<typeof import("onnxruntime-web"), "env" | "InferenceSession" | "Tensor">} Runtime
 * @typedef {"wasm" | "webgpu"} Provider
 * @typedef {import("./arrays.js").Tensor} Tensor
 * @typedef {import("onnxruntime-web").InferenceSession} InferenceSession
 *
 * @typedef {object} Opened A model that can be run, by onnxruntime-web or by itself.
 * @property {Provider} provider
 * @property {readonly Port[]} inputs all of the graph
 * @property {readonly Port[]} outputs
 * @property {(feeds: Record<string, Tensor>, fetches: readonly string[]) =>
 *   Promise<Record<string, Tensor>>} run throws a `RunError` where the graph refuses its inputs, or
 *   fails on them
 * @property {() => Promise<void>} release
 */

/**
 * The builds of onnxruntime-web; the larger one is read only where it is asked for.
 *
 * @type {Readonly<Record<Provider, () => Promise<Runtime>>>}
 */
const RUNTIMES = {
  wasm: () => import("onnxruntime-web/wasm"),
  webgpu: () => import("onnxruntime-web/webgpu"),
};

/**
 * Name the providers that can be had here.
 *
 * @returns {Promise<Provider[]>}
 */
export async function availableProviders() {
  const gpu = /** @type {any} */ (globalThis.navigator)?.gpu;
  const adapter = await Promise.resolve(gpu?.requestAdapter()).catch(() => null);
  return adapter ? ["webgpu", "wasm"] : ["wasm"];
}

const QUIET = { logSeverityLevel: /** @type {const} */ (4) }; // errors reach the caller as exceptions

/** @type {Promise<unknown>} */
let opening = Promise.resolve();

/**
 * Open a model.
 *
 * @param {import("./model_source.js").Loaded} loaded
 * @param {string} provider "wasm" ("cpu" is another name for it), "webgpu" or "auto"
 * @returns {Promise<Opened>}
 * @throws {ProviderError} the provider can't be had here
 * @throws {ModelFileError} the bytes are no ONNX model, or one that doesn't run
 */
export async function openSession({ path, file, sideFiles, compiled }, provider) {
  // a step of a small network waits for a GPU longer than it computes without one
  const wanted = provider === "cpu" || provider === "auto" ? "wasm" : provider;
  if (wanted !== "wasm") await wantWebgpu(wanted, compiled !== null);
  if (compiled !== null) return openCompiled(compiled);
  const known = /** @type {Provider} */ (wanted);
  const runtime = await RUNTIMES[known]();
  runtime.env.wasm.numThreads = 1; // more need headers that a static host seldom sends
  runtime.env.logLevel = "fatal";
  // one after another: all have the side files of any that is being opened
  const open = opening.then(() =>
    runtime.InferenceSession.create(file, {
      executionProviders: [known],
      externalData: sideFiles,
      ...QUIET,
    }),
  );
  opening = open.catch(() => {});
  try {
    const session = await open;
    return {
      provider: known,
      inputs: portsOf(session.inputMetadata),
      outputs: portsOf(session.outputMetadata),
      run: (feeds, fetches) => runSession(runtime, session, feeds, fetches),
      release: () => session.release(),
    };
  } catch (error) {
    throw new ModelFileError(`${path} is not an ONNX model that runs: ${firstLine(error)}`, {
      cause: error,
    });
  }
}

/**
 * @param {Runtime} runtime
 * @param {InferenceSession} session
 * @param {Record<string, Tensor>} feeds
 * @param {readonly string[]} fetches
 * @returns {Promise<Record<string, Tensor>>}
 */
async function runSession(runtime, session, feeds, fetches) {
  const { Tensor } = runtime;
  try {
    const tensors = Object.fromEntries(
      Object.entries(feeds).map(([name, { type, data, dims }]) => [
        name,
        new Tensor(/** @type {any} */ (type), /** @type {any} */ (data), dims),
      ]),
    );
    return /** @type {any} */ (await session.run(tensors, fetches, QUIET));
  } catch (error) {
    throw refusal(feeds, error);
  }
}

/** @param {readonly import("onnxruntime-web").InferenceSession.ValueMetadata[]} values */
const portsOf = (values) =>
  values.map((value) =>
    value.isTensor ? new Port(value.name, value.type, value.shape) : new Port(value.name, "no tensor", []),
  );


/** @param {string} provider @param {boolean} isCompiled */
async function wantWebgpu(provider, isCompiled) {
  const choices = isCompiled ? ["wasm"] : await availableProviders();
  if (provider === "webgpu" && choices.includes(provider)) return;
  throw new ProviderError(
    `provider ${quoted(provider)} can't be had here; this ${isCompiled ? "compiled model" : "onnxruntime"} has ${choices.join(", ")}`,
  );
}

/** Opening an onnxruntime-web session where the caller asked for it, and nowhere else. */

import { ModelFileError, ProviderError, RunError } from "./errors.js";
import { quoted, sized } from "./words.js";

/**
 * @typedef {Pick<typeof import("onnxruntime-web"), "env" | "InferenceSession" | "Tensor">} Runtime
 * @typedef {"wasm" | "webgpu"} Provider
 * @typedef {import("./arrays.js").Tensor} Tensor
 * @typedef {import("onnxruntime-web").InferenceSession} InferenceSession
 * @typedef {{runtime: Runtime, session: InferenceSession, provider: Provider}} Opened
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
export async function openSession({ path, file, sideFiles }, provider) {
  // a step of a small network waits for a GPU longer than it computes without one
  const wanted = provider === "cpu" || provider === "auto" ? "wasm" : provider;
  if (wanted !== "wasm") await wantWebgpu(wanted);
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
    return { runtime, session: await open, provider: known };
  } catch (error) {
    throw new ModelFileError(`${path} is not an ONNX model that runs: ${firstLine(error)}`, {
      cause: error,
    });
  }
}

/**
 * Run a graph.
 *
 * @param {Opened} opened
 * @param {Record<string, Tensor>} feeds
 * @param {readonly string[]} fetches
 * @returns {Promise<Record<string, Tensor>>}
 * @throws {RunError} the graph refuses its inputs, or fails on them
 */
export async function runSession({ runtime, session }, feeds, fetches) {
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
    const fed = Object.entries(feeds).map(([name, { dims, type }]) => `${name} ${sized(dims)} ${type}`);
    throw new RunError(
      `the graph refuses its inputs (${fed.join(", ")}): ${firstLine(error).slice(0, 300)}`,
      { cause: error },
    );
  }
}

/** @param {unknown} error */
const firstLine = (error) =>
  String(error instanceof Error ? error.message : error).trim().split("\n")[0];

/** @param {string} provider */
async function wantWebgpu(provider) {
  const choices = await availableProviders();
  if (provider === "webgpu" && choices.includes(provider)) return;
  throw new ProviderError(
    `provider ${quoted(provider)} can't be had here; this onnxruntime has ${choices.join(", ")}`,
  );
}

/** Opening an onnxruntime-web session where the caller asked for it, and nowhere else. */

import { ModelFileError, ProviderError } from "./errors.js";
import { quoted } from "./words.js";

/**
 * @typedef {Pick<typeof import("onnxruntime-web"), "env" | "InferenceSession" | "Tensor">} Runtime
 * @typedef {"wasm" | "webgpu"} Provider
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

/**
 * Open a model.
 *
 * @param {Uint8Array} file
 * @param {string} path for messages
 * @param {string} provider "wasm" ("cpu" is another name for it), "webgpu" or "auto"
 * @returns {Promise<{runtime: Runtime, session: import("onnxruntime-web").InferenceSession,
 *   provider: Provider}>}
 * @throws {ProviderError} the provider can't be had here
 * @throws {ModelFileError} the bytes are no ONNX model, or one that doesn't run
 */
export async function openSession(file, path, provider) {
  // a step of a small network waits for a GPU longer than it computes without one
  const wanted = provider === "cpu" || provider === "auto" ? "wasm" : provider;
  if (wanted !== "wasm") await wantWebgpu(wanted);
  const known = /** @type {Provider} */ (wanted);
  const runtime = await RUNTIMES[known]();
  runtime.env.wasm.numThreads = 1; // more need headers that a static host seldom sends
  runtime.env.logLevel = "fatal"; // errors reach the caller as exceptions
  try {
    const session = await runtime.InferenceSession.create(file, {
      executionProviders: [known],
      logSeverityLevel: 4,
    });
    return { runtime, session, provider: known };
  } catch (error) {
    const message = String(error instanceof Error ? error.message : error).split("\n")[0];
    throw new ModelFileError(`${path} is not an ONNX model that runs: ${message}`, {
      cause: error,
    });
  }
}

/** @param {string} provider */
async function wantWebgpu(provider) {
  const choices = await availableProviders();
  if (provider === "webgpu" && choices.includes(provider)) return;
  throw new ProviderError(
    `provider ${quoted(provider)} can't be had here; this onnxruntime has ${choices.join(", ")}`,
  );
}

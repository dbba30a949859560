/** Which model a state belongs to: a digest over all that a session loads. */

import { hexOf, sha256 } from "./sha256.js";

/**
 * Give the SHA-256 of a model file and of the side files that hold its weights.
 *
 * @param {readonly Uint8Array[]} files the model file, then its side files in the order of their names
 * @returns {Promise<string>} in hexadecimal
 */
export async function digestOf(files) {
  const parts = await Promise.all(files.map(sha256Of));
  if (parts.length === 1) return parts[0];
  return hexOf(sha256(new TextEncoder().encode(parts.join(""))));
}

/** @param {Uint8Array} file */
async function sha256Of(file) {
  // a page over plain HTTP has no SHA-256
  const { subtle } = globalThis.crypto ?? {};
  if (!subtle) return hexOf(sha256(file));
  return hexOf(new Uint8Array(await subtle.digest("SHA-256", /** @type {BufferSource} */ (file))));
}

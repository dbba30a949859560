/** Saying which inputs a graph refused, whatever runs it. */

import { RunError } from "./errors.js";
import { sized } from "./words.js";

/**
 * @param {Record<string, import("./arrays.js").Tensor>} feeds
 * @param {unknown} error
 */
export function refusal(feeds, error) {
  const fed = Object.entries(feeds).map(([name, { dims, type }]) => `${name} ${sized(dims)} ${type}`);
  return new RunError(
    `the graph refuses its inputs (${fed.join(", ")}): ${firstLine(error).slice(0, 300)}`,
    { cause: error },
  );
}

/** @param {unknown} error */
export const firstLine = (error) =>
  String(error instanceof Error ? error.message : error).trim().split("\n")[0];

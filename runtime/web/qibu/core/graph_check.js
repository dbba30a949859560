/** Holding what a file says of itself against its graph. */

import { ModelFileError } from "./errors.js";
import { quoted, written } from "./words.js";

/**
 * @typedef {import("./applications.js").Application} Application
 * @typedef {import("./model_file.js").ModelSpec} ModelSpec
 * @typedef {import("./port.js").Port} Port
 * @typedef {ReadonlyMap<string, Port>} Ports
 */

const CONTRADICTION = "metadata contradicts the graph: ";

/**
 * Hold the metadata against the graph; give what the application reads of its own part.
 *
 * @param {ModelSpec} spec
 * @param {Application | null} application
 * @param {Ports} inputs
 * @param {Ports} outputs
 * @returns {any}
 * @throws {ModelFileError} they contradict each other
 */
export function readPart(spec, application, inputs, outputs) {
  wantNames(spec, application, "input", inputs);
  wantNames(spec, application, "output", outputs);
  for (const pair of spec.states) {
    const { input, output, shape, dtype } = pair;
    for (const port of /** @type {Port[]} */ ([inputs.get(input), outputs.get(output)])) {
      // what comes out of a cache may be any length
      const agrees =
        port.shape.length === shape.length &&
        port.shape.every((size, axis) => size === null || size === shape[axis]);
      if (port.type !== dtype || !agrees) {
        throw new ModelFileError(
          `${CONTRADICTION}state ${quoted(input)} should be ${written(shape)} ${dtype}, ` +
            `the graph has ${port}`,
        );
      }
    }
  }
  checkNotes(spec, inputs, outputs);
  return application?.readPart?.(spec, inputs, outputs) ?? null;
}

/**
 * @param {ModelSpec} spec
 * @param {Application | null} application
 * @param {"input" | "output"} kind
 * @param {Ports} ports
 */
function wantNames(spec, application, kind, ports) {
  const wanted = application?.[`${kind}s`] ?? [];
  const carried = spec.states.map((pair) => pair[kind]);
  const names = new Set([...(wanted.length ? wanted : ports.keys()), ...carried]);
  if (names.size !== ports.size || [...names].some((name) => !ports.has(name))) {
    const [all, found] = [[...names].sort().join(", "), [...ports.keys()].sort().join(", ")];
    throw new ModelFileError(`${CONTRADICTION}${kind}s should be ${all}, the graph has ${found}`);
  }
}

/** @param {ModelSpec} spec @param {Ports} inputs @param {Ports} outputs */
function checkNotes({ defaults, ports }, inputs, outputs) {
  const missing = Object.keys(defaults).filter((name) => !inputs.has(name));
  const odd = missing.length
    ? missing
    : Object.keys(ports).filter((name) => !inputs.has(name) && !outputs.has(name));
  if (odd.length) {
    throw new ModelFileError(`${CONTRADICTION}it has no input or output ${quoted(odd.sort()[0])}`);
  }
  for (const [name, { time_axis, batch_axis }] of Object.entries(ports)) {
    const port = /** @type {Port} */ (inputs.get(name) ?? outputs.get(name));
    for (const axis of [time_axis, batch_axis]) {
      if (axis !== null && axis >= port.axes.length) {
        throw new ModelFileError(`${CONTRADICTION}${port} has no axis ${axis}`);
      }
    }
  }
}

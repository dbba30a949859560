/** Finding the states of a graph that says nothing of itself, by the names the field uses. */

import { DTYPES } from "./arrays.js";
import { InputError, ModelFileError } from "./errors.js";
import { StatePair } from "./port.js";
import { quoted } from "./words.js";

/** @typedef {import("./port.js").Port} Port */

/**
 * An input's name gives the names that its output may have.
 *
 * @type {((name: string) => string | null)[]}
 */
const CONVENTIONS = [
  (name) => `${name}n`, // h → hn
  (name) => `${name}N`, // state → stateN
  (name) => `next_${name}`,
  (name) => `new_${name}`,
  (name) => `${name}_next`,
  (name) => `${name}_new`,
  (name) => `${name}_out`,
  (name) => (name.includes("past") ? name.replace("past", "present") : null),
  (name) => (name.endsWith("_in") ? `${name.slice(0, -3)}_out` : null),
];

/**
 * Pair state inputs with state outputs.
 *
 * @param {Port[]} inputs of the graph
 * @param {Port[]} outputs of the graph
 * @param {Record<string, string>} [states] {input: output} where the caller knows; names are then
 *   not guessed
 * @param {Record<string, readonly ("batch" | number | null)[]>} [_axes]
 * @returns {StatePair[]}
 * @throws {InputError} `states` names an input or output that the graph lacks
 * @throws {ModelFileError} names leave a doubt, or there is no pair at all
 */
export function findPairs(inputs, outputs, states, _axes) {
  const ins = new Map(inputs.map((port) => [port.name, port]));
  const outs = new Map(outputs.map((port) => [port.name, port]));
  const wanted = states ? new Map(Object.entries(states)) : guess(ins, outs);
  for (const [names, ports, kind] of /** @type {const} */ ([
    [[...wanted.keys()], ins, "input"],
    [[...wanted.values()], outs, "output"],
  ])) {
    const odd = names.find((name) => !ports.has(name));
    if (odd !== undefined) {
      const known = [...ports.keys()].join(", ");
      throw new InputError(`states names ${kind} ${quoted(odd)}; the graph has ${known}`);
    }
  }
  if (new Set(wanted.values()).size !== wanted.size) {
    const named = [...wanted].map(([a, b]) => `${quoted(a)}: ${quoted(b)}`).join(", ");
    throw new InputError(`states gives two inputs the same output: {${named}}`);
  }
  return [...wanted].map(([a, b]) =>
    pair(/** @type {Port} */ (ins.get(a)), /** @type {Port} */ (outs.get(b))),
  );
}

/**
 * @param {Map<string, Port>} ins
 * @param {Map<string, Port>} outs
 */
function guess(ins, outs) {
  /** @type {Map<string, string>} */
  const found = new Map();
  for (const [name, port] of ins) {
    const names = new Set(CONVENTIONS.map((convention) => convention(name)));
    const matches = [...outs.values()].filter((out) => names.has(out.name) && fits(port, out));
    if (matches.length > 1) {
      const doubt = matches.map((match) => match.name).sort();
      throw new ModelFileError(
        `input ${quoted(name)} may be the state of ${doubt.join(", ")}; ` +
          `say which with states={${quoted(name)}: ...}`,
      );
    }
    if (matches.length) found.set(name, matches[0].name);
  }
  for (const output of found.values()) {
    const names = [...found].filter(([, other]) => other === output).map(([name]) => name);
    if (names.length > 1) {
      throw new ModelFileError(
        `output ${quoted(output)} may be the state of ${names.join(", ")}; ` +
          "say which with states={input: output}",
      );
    }
  }
  if (!found.size) {
    throw new ModelFileError(
      `no state found: inputs ${[...ins.keys()].join(", ")}; outputs ` +
        `${[...outs.keys()].join(", ")}; ` +
        "if some carry state, say which with states={input: output}",
    );
  }
  return found;
}

/** Say whether what comes out can go in: same type, rank and known sizes.
 * @param {Port} a @param {Port} b
 */
function fits(a, b) {
  return (
    a.type === b.type &&
    a.shape.length === b.shape.length &&
    a.shape.every((m, axis) => m === b.shape[axis] || m === null || b.shape[axis] === null)
  );
}

/**
 * @param {Port} a
 * @param {Port} b
 * @returns {StatePair}
 */
function pair(a, b) {
  if (!fits(a, b)) {
    throw new ModelFileError(`state output ${b} can't be fed back into state input ${a}`);
  }
  if (!(a.type in DTYPES)) {
    throw new ModelFileError(`state input ${a} has a type that can't be stepped`);
  }
  const axis = a.shape.indexOf(null);
  const batch_axis = axis < 0 ? null : axis;
  return new StatePair({ input: a.name, output: b.name, shape: a.shape, dtype: a.type, batch_axis });
}

/** Finding a graph's states: as the caller says, else by how its names are built. */

import { isNumeric } from "./arrays.js";
import { findAxes } from "./axes.js";
import { InputError, ModelFileError } from "./errors.js";
import { isFilter, weigh } from "./evidence.js";
import { findLeftovers, refusal } from "./leftovers.js";
import { assign, fits, nameMatches } from "./matching.js";
import { Kind } from "./nouns.js";
import { StatePair } from "./port.js";
import { pairsByShape } from "./shapes.js";
import { quoted } from "./words.js";

/**
 * @typedef {import("./port.js").Port} Port
 * @typedef {ReadonlyMap<string, Port>} Ports
 */

/**
 * Pair state inputs with state outputs: all of them, or none and an error.
 *
 * @param {readonly Port[]} inputs of the graph
 * @param {readonly Port[]} outputs of the graph
 * @param {Record<string, string>} [states] {input: output} where the caller knows; names are then not
 *   read. Empty: no state.
 * @param {Record<string, readonly import("./axes.js").AxisWish[]>} [axes] {state input: what each axis
 *   is}: "batch", the length with which a free axis begins, or null for what the rules find
 * @returns {StatePair[]} in the order of `states` or of the inputs
 * @throws {InputError} `states` or `axes` names what the graph lacks, or contradicts it or itself
 * @throws {ModelFileError} names leave a doubt, there is no state, or what comes out can't go in
 */
export function findPairs(inputs, outputs, states, axes) {
  const ins = new Map(inputs.map((port) => [port.name, port]));
  const outs = new Map(outputs.map((port) => [port.name, port]));
  const chosen = states ? new Map(Object.entries(states)) : guess(inputs, outputs);
  if (states) check(chosen, ins, outs);
  const pairs = [...chosen].map(
    ([a, b]) => /** @type {[Port, Port]} */ ([ins.get(a), outs.get(b)]),
  );
  const data = inputs.filter((port) => !chosen.has(port.name));
  const found = findAxes(pairs.map(([a]) => a), data, axes);
  return pairs.map(([a, b]) => {
    const dtype = typeOf(a);
    return new StatePair({ input: a.name, output: b.name, shape: a.shape, dtype, ...found.get(a.name) });
  });
}

/** @param {ReadonlyMap<string, string>} states @param {Ports} ins @param {Ports} outs */
function check(states, ins, outs) {
  for (const [names, ports, kind] of /** @type {const} */ ([
    [[...states.keys()], ins, "input"],
    [[...states.values()], outs, "output"],
  ])) {
    const odd = names.find((name) => !ports.has(name));
    if (odd !== undefined) {
      const known = [...ports.keys()].join(", ");
      throw new InputError(`states names ${kind} ${quoted(odd)}; the graph has ${known}`);
    }
  }
  const given = [...states.values()];
  const doubled = given.find((output, place) => given.lastIndexOf(output) !== place);
  if (doubled !== undefined) {
    const names = [...states].filter(([, output]) => output === doubled).map(([name]) => name);
    throw new InputError(`states gives ${names.join(" and ")} the same output ${quoted(doubled)}`);
  }
  for (const [name, output] of states) {
    const [a, b] = /** @type {[Port, Port]} */ ([ins.get(name), outs.get(output)]);
    // a graph that says nothing of an output's rank looks like a scalar
    if (!fits(a, b) && !(a.type === b.type && !b.axes.length)) {
      throw new ModelFileError(
        `state output ${b} can't be fed back into state input ${a}: ` +
          "type, rank and known sizes must agree; give another with states={input: output}",
      );
    }
  }
}

/** @param {Port} port */
function typeOf(port) {
  if (port.type !== "string" && !isNumeric(port.type)) {
    throw new ModelFileError(`state input ${port} has a type that can't be fed`);
  }
  return port.type;
}

/** @param {readonly Port[]} inputs @param {readonly Port[]} outputs @returns {Map<string, string>} */
function guess(inputs, outputs) {
  const matches = weigh(nameMatches(inputs, outputs), inputs, outputs);
  const { chosen: byName, undecided } = assign(matches.filter((m) => m.kind === Kind.STATE && m.fits));
  const byShape = undecided.length ? new Map() : pairsByShape(inputs, outputs, byName);
  const both = new Map([...byName, ...byShape]);
  const chosen = isFilter(inputs, outputs, both) ? new Map() : both;
  const left = findLeftovers(inputs, outputs, chosen, matches, undecided);
  if (left.some || !chosen.size) throw new ModelFileError(refusal(inputs, outputs, chosen, left));
  return new Map(
    inputs.flatMap(({ name }) => {
      const output = chosen.get(name);
      return output === undefined ? [] : [/** @type {[string, string]} */ ([name, output])];
    }),
  );
}

/** The names of many graphs: the states, axes and errors that Python finds. */

import { expect, test } from "vitest";
import { Port } from "../qibu/index.js";
import { batchAxesOfData, fixedBatch } from "../qibu/core/axes.js";
import { isNobodys, readings } from "../qibu/core/names.js";
import { findPairs } from "../qibu/core/pairing.js";
import { expected } from "./expected.js";

/** @param {[string, string, (string | number | null)[]][]} noted */
const portsOf = (noted) => noted.map(([name, type, axes]) => new Port(name, type, axes));

/** What tests/web/named_graphs.py notes of a graph. @param {any} graph */
function judged({ inputs, outputs, states, axes }) {
  const [ins, outs] = [portsOf(inputs), portsOf(outputs)];
  try {
    const pairs = findPairs(ins, outs, states ?? undefined, axes ?? undefined);
    return {
      pairs: pairs.map((p) => [p.input, p.output, p.dtype, p.batch_axis, p.start]),
      batchAxes: Object.fromEntries(batchAxesOfData(ins, pairs)),
      fixedBatch: fixedBatch(ins, pairs),
    };
  } catch (error) {
    return { error: String(error) };
  }
}

/** @param {any} graph */
const wantedOf = ({ error, pairs, batchAxes, fixedBatch }) =>
  error === undefined ? { pairs, batchAxes, fixedBatch } : { error };

test("every name is read in Python's ways", () => {
  for (const [name, wanted] of Object.entries(expected.names)) {
    const read = (/** @type {"in" | "out"} */ side) =>
      readings(name, side).map((r) => [r.words, r.indices, r.directions, r.cost, r.glued]);
    expect({ name, nobodys: isNobodys(name), in: read("in"), out: read("out") }).toEqual({ name, ...wanted });
  }
});

test("states are found as in Python, or refused in its words", () => {
  expect(expected.graphs.length).toBeGreaterThan(100);
  for (const graph of expected.graphs) {
    const names = [graph.inputs, graph.outputs].map((ports) => ports.map(String).join(" ")).join(" -> ");
    expect({ names, ...judged(graph) }).toEqual({ names, ...wantedOf(graph) });
  }
});

test.each(/** @type {any[]} */ (expected.sayings))("said of a graph: $states, $axes", (graph) => {
  expect(judged(graph)).toEqual(wantedOf(graph));
});

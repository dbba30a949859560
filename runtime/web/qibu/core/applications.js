/** The one registry of applications: what is done with files of a task, found when one is opened. */

import { InputError } from "./errors.js";
import { quoted } from "./words.js";

/**
 * @typedef {import("./arrays.js").Tensor} Tensor
 * @typedef {import("./model_file.js").ModelSpec} ModelSpec
 * @typedef {import("./port.js").Port} Port
 * @typedef {import("./stepper.js").Stepper} Stepper
 *
 * @typedef {object} Application What Qibu does with the files of one task; all but `task` and `open`
 *   may be left out.
 * @property {string} task what a file's document calls it; its own part stands under the same name
 * @property {(stepper: Stepper, options: Record<string, any>) => any} open makes of a stepper what
 *   `load` gives; options are those of `load`
 * @property {readonly string[]} [inputs] besides states, what the graph has to have, by name; none:
 *   anything
 * @property {readonly string[]} [outputs] likewise
 * @property {(spec: ModelSpec, inputs: ReadonlyMap<string, Port>,
 *   outputs: ReadonlyMap<string, Port>) => any} [readPart] reads the task's own part of the document,
 *   given the graph's inputs and outputs by name; what it gives becomes `Stepper.part`. Throws a
 *   `ModelFileError` where the part is broken or contradicts the graph.
 * @property {(part: any) => (feeds: Record<string, Tensor>) => void} [feedsCheck] makes, of the part
 *   that was read, what checks the values of every step's inputs and throws an `InputError`; none:
 *   shapes and types are enough
 * @property {(spec: ModelSpec) => boolean} [takes] says whether a file of the task is of the kind that
 *   it is for, by what the file says of itself, which nobody has checked yet; none: every one is
 */

/** @type {Map<string, (Application | (() => Promise<{APPLICATION: Application}>))[]>} */
const known = new Map();

/**
 * Make an application known, from now on.
 *
 * @param {Application} application
 * @throws {InputError} another one has that task
 */
export function register(application) {
  const { task } = application;
  const others = known.get(task) ?? [application];
  if (others.length !== 1 || others[0] !== application) {
    throw new InputError(`task ${quoted(task)} has an application already; choose a new name`);
  }
  known.set(task, others);
  return application;
}

/**
 * Name a module whose `APPLICATION` is for a task, to be read when it is first asked for.
 *
 * Of several for one task, each takes its own kind of files; the first named is asked first.
 *
 * @param {string} task
 * @param {() => Promise<{APPLICATION: Application}>} read
 */
export function registerModule(task, read) {
  known.set(task, [...(known.get(task) ?? []), read]);
}

/**
 * Give the application of a file; null: nothing is known of its task, it is just stepped.
 *
 * @param {ModelSpec | null} spec
 * @returns {Promise<Application | null>}
 */
export async function findApplication(spec) {
  for (const found of (spec?.task && known.get(spec.task)) || []) {
    const application = typeof found === "function" ? (await found()).APPLICATION : found;
    if (spec !== null && (application.takes?.(spec) ?? true)) return application;
  }
  return null;
}

/** Name the tasks that have an application. */
export const tasks = () => [...known.keys()];

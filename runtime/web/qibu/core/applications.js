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
 */

/** @type {Map<string, Application | (() => Promise<{APPLICATION: Application}>)>} */
const known = new Map();

/**
 * Make an application known, from now on.
 *
 * @param {Application} application
 * @throws {InputError} another one has that task
 */
export function register(application) {
  const { task } = application;
  if (known.has(task) && known.get(task) !== application) {
    throw new InputError(`task ${quoted(task)} has an application already; choose a new name`);
  }
  known.set(task, application);
  return application;
}

/**
 * Name the module whose `APPLICATION` a task is, to be read when it is first asked for.
 *
 * @param {string} task
 * @param {() => Promise<{APPLICATION: Application}>} read
 */
export function registerModule(task, read) {
  if (!known.has(task)) known.set(task, read);
}

/**
 * Give the application of a task; null: nothing is known of it, its files are just stepped.
 *
 * @param {string | null} task
 * @returns {Promise<Application | null>}
 */
export async function findApplication(task) {
  const found = task === null ? undefined : known.get(task);
  if (typeof found !== "function") return found ?? null;
  const { APPLICATION } = await found();
  known.set(APPLICATION.task, APPLICATION);
  return APPLICATION;
}

/** Name the tasks that have an application. */
export const tasks = () => [...known.keys()];

/** Finding a form of verse by its name and sizes. */

import { InputError } from "../core/errors.js";
import { quoted } from "../core/words.js";

/** @typedef {import("./tables.js").Form} Form */

/**
 * Give a form by its name, in either script, with the free sizes as wished.
 *
 * @param {import("./tables.js").VerseTables} tables
 * @param {string} name
 * @param {number | null} [lines] number of lines, where the form leaves it free: 排律 even and from
 *   10, 古風 even
 * @param {number | null} [lineLength] characters a line, of 古風 only
 * @returns {Form}
 * @throws {InputError} there is no such form, or it has not that size
 */
export function findForm(tables, name, lines = null, lineLength = null) {
  const known = tables.forms.get(tables.traditional(name));
  if (!known) {
    const names = [...tables.forms.keys()].join("、");
    throw new InputError(`form must be one of ${names}, got ${quoted(name)}`);
  }
  let form = known;
  const extended = [...tables.forms.values()].filter(
    (other) => other.regulated && (other.lineCount ?? 0) >= tables.fewestExtendedLines,
  );
  if (form.name === "古風") {
    const length = lineLength ?? 5;
    if (!Number.isInteger(length) || length < 2 || length > 20) {
      throw new InputError(`line_length of 古風 must be 2..20, got ${length}`);
    }
    const control = extended.find((other) => other.lineLength === length)?.control ?? "雜言";
    form = { ...form, lineLength: length, control };
  } else if (lineLength !== null && lineLength !== form.lineLength) {
    throw new InputError(
      `line_length of ${form.name} is ${form.lineLength || "free"}, got ${lineLength}; ` +
        "with 古風 it can be chosen",
    );
  }
  if (lines === null || lines === form.lineCount) return form;
  if (form.lineCount && !extended.includes(known)) {
    throw new InputError(`${form.name} has ${form.lineCount} lines, got ${lines}`);
  }
  if (form.lineLength === null) {
    throw new InputError(
      `${form.name} ends where it ends; choose lines with 五古, 七古 or 古風`,
    );
  }
  const fewest = form.regulated ? tables.fewestExtendedLines : 2;
  if (!(lines >= fewest && lines <= tables.longestLines) || lines % 2) {
    throw new InputError(
      `lines of ${form.name} must be even and ${fewest}..${tables.longestLines}, got ${lines}`,
    );
  }
  return { ...form, lineCount: lines };
}

/**
 * Split a poem's text at its punctuation into lines without it.
 *
 * @param {string} text
 * @returns {string[]}
 */
export const splitLines = (text) => text.split(/[，。？！；：、]/).filter(Boolean);
